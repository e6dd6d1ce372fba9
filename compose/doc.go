/*
Package compose is the domain of devenv: it loads a compose file, reads what
x-devenv says in it, and plans what to run for a profile. This page is the
architecture of the whole program.

# The flow

Read the files, decide a plan, carry it out, ask the servers, say what happened.
Each step is a package, and data only moves to the right:

	compose files                                                    stdout: the answer (text or JSON)
	     │                                                           stderr: the story (progress, warnings)
	     ▼ compose.Load (reads, decides nothing)                          ▲
	┌─────────┐  .Plan   ┌──────┐ stack.Up ┌────────────┐  probe     ┌────────┐
	│ Project │ ───────▶ │ Plan │ ───────▶ │ containers │ ─────────▶ │ Report │
	└─────────┘  (pure)  └──────┘ (engine) └────────────┘            └────────┘
	 declared             decided           observed                  told

# Rooms

	place                  what it is                                              imports of ours
	cmd/devenv             the program: a file for each command; it alone reads    all below
	                       arguments and environment, and exits
	compose                the domain: Load, Project, Plan and its causes          internal/conversation,
	                                                                               internal/dockerfile
	internal/dockerfile    the stages of a Dockerfile and what goes into each      -
	internal/telnet        the protocol: codec, options, MSSP, inflate, and how    -
	                       foreign text is made safe to show
	internal/probe         one attempt, and apart from it the patience around it   internal/telnet
	internal/conversation  what to say to a game and what to hear, from YAML;      internal/telnet
	                       the recorder that writes such files
	internal/console       a person at a keyboard, playing                         internal/telnet
	internal/engine        docker/compose/v2 and the Engine API; alone imports     compose
	                       docker/*, and touches the globals of those libraries
	internal/owner         which process something belongs to, and if it lives     -
	internal/snapshot      data of volumes on this machine: manifests, archives    -
	internal/watch         which files of this machine have changed, in bursts     -
	internal/worktree      names and ports of the folders people work in           -
	internal/procnet       who holds a port or is connected to it, as Linux tells  -
	internal/stack         the use cases: Up, Check, Smoke, Watch, Down; owns      compose, and of internal:
	                       the small interfaces that engine satisfies              conversation, owner, probe,
	                                                                               procnet, report, snapshot, watch
	internal/report        what is told: the report as text and JSON               internal/probe, internal/telnet
	fixtures               sample projects that run by hand, each owned by a test  -

Engine, probe and report never import one another. TestArrows in cmd/devenv
draws these borders. internal/stack/stacktest is the engine of the unit tests; it
and the real engine pass the same contract.

# Words

Profile (dev, prod, your own); stage (of a Dockerfile); target (Compose's
build.target: the stage to build); project (declared); plan, change, cause
(decided); container, state (observed); check (one question to one port);
greeting (what the server says first); ready (all checks of a service hold);
report; engine (what runs containers); snapshot (the data of volumes, kept here).

# The x-devenv extension

All of it is optional, and the file stays valid for docker compose.

	x-devenv:
	  default: dev                    # profile without --profile and DEVENV_PROFILE
	  ports: auto                     # see Worktrees; without it they are fixed
	  profiles:                       # dev and prod exist without being named
	    dev:  { target: builder }
	    prod: { target: runner }
	    ci:   { like: prod }          # what ci does not say, prod says

	services:
	  game:
	    build: .
	    ports:
	      - { target: 5556, published: "5556", app_protocol: telnet }
	    x-devenv:
	      profiles:
	        dev:
	          target: builder         # wins over the profile's own
	          override:               # merged as a second compose file would be
	            command: mix run --no-halt
	            volumes: [ ".:/app" ]
	      checks:                     # by container port, in quotes: Compose
	        "5556": { expect: "name", within: 30s }   # refuses numbers as keys
	        "5559": { protocol: telnet, tls: false, mssp: off }
	      smoke: [ smoke/login.yaml ] # conversations, or files that hold some
	      prepare:                    # once, before it starts
	        - { name: migrate, command: mix ecto.migrate, inputs: [ "priv/repo/migration*" ] }
	      quiesce: { command: [ "game", "hold" ], resume: [ "game", "go" ] } # around a snapshot
	      farewell: { port: "5559", say: [ secret, "shutdown 10" ], wait: 15s } # before a stop

The keys of a check:

	protocol   telnet, tcp or http; without it that of the port, else telnet
	expect     a Go regular expression on the text without escape sequences;
	           of telnet and http
	within     how long it may take to hold, such as 30s; at most 24h, without
	           it 60s
	tls        true, or { verify: local|system|none, ca: FILE, pin: SHA256,
	           server_name: NAME }; local takes any certificate on private addresses
	mssp       of telnet: auto (read where announced), off, required, ask (asked for
	           unannounced), plain (asked for by the line MSSP-REQUEST)
	variables  what MSSP must name, such as [ NAME, PLAYERS, UPTIME ], where it is
	           required or asked for
	nudge      of telnet: true sends an empty line to a server that says nothing
	path       of http

The commands of quiesce are lists, run in the running containers of the service
around a snapshot: command before, and resume afterwards, whatever has happened.

What prepare does is described below; that of a profile (profiles.dev.prepare) takes the
place of that of the service.
The farewell is said to players before their service is stopped, restarted or replaced:
by a command in the running containers, or by lines at a port for administrators, one
after each prompt or quiet moment. Players are then waited for, for wait at most.

Conversations are described in package conversation. Decoding is strict: every
unknown key, bare number and bad pattern is told at once, with file and line. As
everywhere in a compose file, a dollar is written $$.

An override really is merged as a file: the model is loaded again with it, so
that variables, relative paths, !reset and !override do what they do there. A
profile also switches on the Compose profile of its name.

# Worktrees

With x-devenv.ports: auto, or devenv up --ports auto, every published port is another
one, from 20000 to 29999: which one, folder, service and port decide, and the next that
nobody has is taken. It is remembered in $XDG_STATE_HOME/devenv/ports.json, for all
commands and for good; only --ports auto moves one that somebody else holds by now. What
--ports last said in a folder counts there, then x-devenv.ports.

Two folders of one project also need two names, which their volumes hang on. A folder
keeps the name that it has on record; each up puts it there. One without a record has
the plain name, unless another folder has it: on record, by containers that run, or,
in a linked git worktree, the main one. Then it is the plain name and some letters that
the folder decides. So no environment that is there changes its name. One given by
--project-name or COMPOSE_PROJECT_NAME is as it is given.

# Which services get a target

  - One that --target names.
  - One whose own x-devenv names a target for the profile.
  - Where the author set no build.target: one with a telnet port.
  - If these find none: the only service that is built.

Every other service is left as it is written. dev wants the stage builder and
prod the stage runner. Where the last stage has no name, prod means the last
stage; where the Dockerfile has one stage only, every profile means that. Any
other stage that does not exist is an error before anything is built.

# Why an image for each target

Docker Compose builds nothing when only build.target changes: the name of the
image does not hold the target, an image of that name exists, and the hash by
which it decides to recreate a container leaves the build section out. So the
plan gives each target an image tag of its own (game:builder, game:runner, and
game:_last for a last stage without a name), with pull_policy build, since
Compose would else ask a registry for that name; and it labels the container with
profile and target. Both images stay, so that a switch recreates only that
container, and going back builds nothing.

# When an image is stale

Package dockerfile makes a digest of what goes into a target: the text of the
stages it needs, the files of the context that these copy, as .dockerignore
leaves them, the build section, and the base images the engine has. It is kept as a label of the image, and up
builds only where it differs. Where it cannot be known (a remote context, more
than one context), the builder is asked each time, whose cache is then the
judge.

# Whose files

In dev, and profiles like it, a service that the profile decides about and that writes to a
folder of the project runs as the user who runs devenv, on Linux, with HOME=/tmp: what it
makes is theirs, and so are the folders and new volumes that it is given. The plan says so
without asking; before anything is created, the engine is asked what hinders it: a USER of the
image, files of root in a volume, in the folder or in what the image keeps in the home of root.
Then the service runs as its image says, and it is told why. Engines that map users themselves
are left alone, and so is a container that still fits either way, until down.
x-devenv.user says otherwise: image, or host, which holds in every profile whatever hinders it;
user of the service wins over both. A smoke run works on copies, and runs as images say.

# The start

Docker Compose, as a library, creates everything and starts each service with its
secrets, configs and hooks; in which order, and when, is ours. A service starts as
soon as what it depends on has happened (started, healthy, completed), all branches
side by side, driven by the engine's events.

Docker looks at a healthcheck for the first time after its interval, 30 s where the
author says nothing. So, unless the author gave a start_interval, the very command of the
healthcheck is run in the starting container out of turn, until it holds: soon
at first, with growing pauses, and for at most half of the time. Nothing of the
container or of its configuration is changed by that, and it works on every engine. check
and status do the same where Docker has not looked yet.

An interrupted up takes back what it has created; what was there before or was
replaced stays, and so do volumes.

# Prepare

Work that a service needs to have done once, such as a migration, is done when what it
depends on has happened and before it starts, in a container beside, with the image,
environment, secrets, volumes, networks and user of the service and no ports; a service
that runs is stopped for it. The command is one as that of a service is, and its
entrypoint stays. The container is gone afterwards, also after an interrupt. Another exit
code than 0 is a failure of the service, which does not start.

It is done again when the command, the ID of the image, or a file that its inputs name
has changed since it last succeeded, and with up --prepare. Inputs are files and folders
relative to the compose file's. That it is done is known by the label devenv.prepared of an
empty volume of the project, PROJECT_devenv-prepared-SERVICE-HASH: down leaves it, and
down --volumes removes it with the data. A smoke run does all, and remembers nothing.

# Ready

A service is ready when its containers run (a one-shot: has ended with 0), its
Docker healthcheck is healthy, all its checks hold, and this lasts: 100 ms for a
container of this run, or 400 ms of life where neither a check nor a
healthcheck can vouch for it. A non-zero exit fails at once; with a restart
policy the second crash does, since one may be a game that came before its
database. Unhealthy fails. Everything is driven by the engine's events; only
checks are repeated, with growing pauses, and woken by events.

Docker's userland proxy accepts connections before anybody listens behind it. So
a telnet check needs text from the server, and a tcp check a connection that
stays open. A project in which no port is said to be telnet gets tcp checks on
the published ports of the service that is built.

Where a published port does not answer, the container's own address is looked at
too, and the failure says on which side the fault is.

# A universe of its own

A smoke run brings a project up beside the developer's environment. Plan.Isolate
makes the plan for that: names, networks and volumes of its own, all with labels
that say whose they are; ports that the engine chooses; and images by their ID. What is
external or fixed (a network, a subnet, a volume at a place) is replaced by an empty
one; a container_name becomes an alias. What is mounted to be written to is a copy: of a
folder in a volume, shared by all that mounted it, of a file in the container. What
is only read stays mounted, and so do sockets and devices; a file that no container can
be given before it starts is only read. Notes tell what that changes, and what reaches
out of the universe all the same. What can have no second one (network_mode host, fixed
addresses, the containers of others, external secrets) is refused, all at once, before
anything is started.

# Secrets

No artifact of a run shows a secret. Plan.Secrets knows the values: of secrets, env
files, variables and build arguments that are called like one, what .env and the process
put anywhere in the model under such a name, what follows an option such as --password,
and of the passwords in URLs. It hides them in any text, also as a URL, JSON, YAML or
base64 writes them: from 8 letters on anywhere, from 4 on where they stand alone. Then
goes what only looks like a secret, by its name or place, as in devenv config. Configs
are no secrets.

# Watching

devenv watch does what Compose's develop.watch says, for the profile that runs. It
begins to listen before it brings the project up, so that no save is missed. What is
saved together is one burst: 50 ms without a change end it, 500 ms at the latest, and
what comes during a rebuild is one burst after it. Files are compared by what they
hold, so that a touch does nothing. .dockerignore counts, but for a file that path
names itself.

A rebuild plans anew, builds what is stale as up does, and replaces that service alone;
a file that it is for is not copied besides. A copy goes into all containers of the
service, in an archive for each trigger, and belongs to whom its target belongs; what
is deleted here is deleted there with the container's own rm. A bind mount that shows
the files, or lies over the target, leaves the copy out and the rest in force. Nothing
that goes wrong with a change ends watching, and its end finishes a replacement that
is under way.

# Players who are connected

Before down, stop, restart, a replacement by up and what watch does, the connections to the
telnet ports of a service are counted, as Linux has them in the network of the
container; where that may not be seen, MSSP is asked for PLAYERS. They are told, the
farewell is said (also where nobody can count), and on a terminal, without a farewell,
the user is asked. No farewell that goes wrong keeps a server from being stopped.

# Snapshots

What is in the named volumes of a project is saved in a folder on this machine: a
manifest, and an archive for each volume. It is written beside its place and renamed
at last. Data goes through the archive requests of the engine, to and from a container
that mounts the volume and is never started; so no image needs tools, and it works on
any engine. Its labels are those of a smoke run's, for devenv gc.

A service that writes is stopped for the save, unless its quiesce makes its files whole
until resume is run. In the order of dependencies, those go first that others do not
need any more.

A restore makes a volume anew under its name, driver, options and labels. It first saves
what is there, and keeps a journal from before the first volume is touched until after
the last is filled; while there is one that nobody works on, up refuses, and the same
restore, or that of the backup, goes on.

# Exit codes

0 done; 1 a fault of devenv; 2 usage; 3 compose file, x-devenv or Dockerfile; 4
no engine; 5 the engine could not build or start; 6 not ready, which a crash
while waiting is too; 7 teardown left something behind; 130 interrupted, or
not gone on with when asked. A command that exec, run or shell has run gives its own; a
shell that the image lacks is 127.

# Libraries

  - docker/compose/v2 v2.40.3: creates and starts as docker compose does, with no
    plugin on the machine. Its --wait is not used: it may report success when the
    time is up, takes a crash loop for running, and stops for no failure.
  - compose-go/v2 v2.9.1: the only line that the former compiles with.
  - moby/buildkit's Dockerfile parser: what is a stage to it is one to the engine.
  - fsnotify/fsnotify: what the disk tells. It is kept up; the fork of it that Compose
    depends on has stood still since 2022.
  - klauspost/compress/zstd: packs snapshots; the standard library has no zstd.
  - tonistiigi/fsutil: walks a build context as BuildKit's own client does.
  - urfave/cli/v2: commands and flags; package main arranges its arguments, since
    it reads no option after a word.
*/
package compose
