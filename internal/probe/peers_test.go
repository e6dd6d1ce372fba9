//go:build e2e && linux

package probe

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// These tests ask servers that are none of ours, from Debian's packages.

// game is what a server is made to run: it greets, reads a name and says hello.
const game = `#!/bin/sh
printf 'Welcome to Midgaard\r\nName: '
read name
printf 'Hello %s!\r\n' "$(printf %s "$name" | tr -d '\r')"
read more
`

// program finds what fixtures/engine/peers.sh installs or unpacks.
func program(t testing.TB, name string) string {
	t.Helper()
	if path, err := filepath.Abs("../../bin/peers/usr/sbin/" + name); err == nil {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v; fetch it: sh fixtures/engine/peers.sh (apt-get install libtelnet-utils ncat socat, apt-get download inetutils-telnetd inetutils-inetd telnetd-ssl)", err)
	}
	return path
}

// start runs a server until the test ends, with all that it starts.
func start(t testing.TB, name string, args ...string) {
	t.Helper()
	server := exec.Command(program(t, name), args...)
	var out strings.Builder
	server.Stdout, server.Stderr = &out, &out
	server.WaitDelay = time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, pid := range family(server.Process.Pid) {
			syscall.Kill(pid, syscall.SIGKILL)
		}
		server.Wait()
		if t.Failed() {
			t.Logf("%s %s:\n%s", name, strings.Join(args, " "), out.String())
		}
	})
}

// family is a process and all that it has started, in sessions of their own too.
func family(pid int) []int {
	all := []int{pid}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for child := range strings.FieldsSeq(string(children)) {
		if id, err := strconv.Atoi(child); err == nil {
			all = append(all, family(id)...)
		}
	}
	return all
}

// file makes a file of a test.
func file(t testing.TB, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// pair makes a certificate for this machine, as files and as its pin. The key is
// of RSA: telnetd-ssl knows no other.
func pair(t testing.TB) (cert, key, pin string) {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate(), certificate(), &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	cert = file(t, "cert.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), 0o600)
	key = file(t, "key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})), 0o600)
	return cert, key, pinOf(&x509.Certificate{Raw: der})
}

// inetd serves a telnetd with its arguments, by a configuration of the test's own.
func inetd(t testing.TB, telnetd string, args ...string) (addr string) {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	addr = freeAddr(t)
	service := fmt.Sprintf("%s stream tcp nowait %s %s %s %s\n", addr, me.Username, program(t, telnetd), telnetd, strings.Join(args, " "))
	start(t, "inetutils-inetd", "-d", "-p"+filepath.Join(t.TempDir(), "pid"), file(t, "inetd.conf", service, 0o600))
	return addr
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// awaitPeer asks until the answer is ready, for at most ten seconds.
func awaitPeer(t testing.TB, q Question) Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	q.Record = true
	a := Await(ctx, q, Patience{})
	t.Logf("%s after %v, greeting %q, reply %q", a.Verdict(), a.Took, a.Greeting, a.Reply)
	if !a.Ready() {
		for _, e := range a.Transcript {
			t.Logf("%v %s %q", e.At, e.From, e.Text)
		}
	}
	return a
}

func TestTelnetChatd(t *testing.T) {
	addr := freeAddr(t)
	_, port, _ := net.SplitHostPort(addr)
	start(t, "telnet-chatd", port)
	for _, q := range []Question{{Addr: addr}, {Addr: addr, Expect: pattern(`name: $`)}} {
		if a := awaitPeer(t, q); !a.Ready() || a.Greeting != "Enter name:" {
			t.Error(a.Verdict())
		}
	}
	ask := Question{Addr: addr, MSSP: MSSPAsk}
	if a := Ask(t.Context(), ask); a.Reason != "no MSSP: the server refuses it" || a.Took > time.Second {
		t.Errorf("chatd answers DO MSSP by WONT, and yet: %s after %v", a.Verdict(), a.Took)
	}
	// The last, for chatd 0.21 does not survive that somebody with a name leaves.
	if a := awaitPeer(t, Question{Addr: addr, Send: []string{"ann", "hello"}, Expect: pattern("ann: hello")}); !a.Ready() {
		t.Error(a.Verdict())
	}
}

func TestInetutilsTelnetd(t *testing.T) {
	addr := inetd(t, "telnetd", "-h", "-E", file(t, "game.sh", game, 0o755))
	if a := awaitPeer(t, Question{Addr: addr, Expect: pattern(`Name: $`)}); !a.Ready() {
		t.Error(a.Verdict())
	}
	if a := awaitPeer(t, Question{Addr: addr, Send: []string{"Ann"}, Expect: pattern("Hello Ann!")}); !a.Ready() {
		t.Error(a.Verdict())
	}
}

func TestTelnetdSSL(t *testing.T) {
	cert, key, pin := pair(t)
	args := []string{"-h", "-L", file(t, "game.sh", game, 0o755), "-z", "cert=" + cert, "-z", "key=" + key}
	plain := inetd(t, "in.telnetd", args...)
	if a := awaitPeer(t, Question{Addr: plain, Expect: pattern(`Name: $`)}); !a.Ready() {
		t.Error(a.Verdict())
	}
	secured := inetd(t, "in.telnetd", append(args, "-z", "ssl", "-z", "secure")...)
	if a := awaitPeer(t, Question{Addr: secured, TLS: TLS{Pin: pin}, Expect: pattern(`Name: $`)}); !a.Ready() {
		t.Error(a.Verdict())
	}
	if a := Ask(t.Context(), Question{Addr: secured, Bound: time.Second}); a.Ready() {
		t.Errorf("asked in plain: %s", a.Verdict())
	} else {
		t.Logf("asked in plain: %s", a.Verdict())
	}
}

func TestPeersThatSpeakTLS(t *testing.T) {
	cert, key, pin := pair(t)
	authorities, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	script := file(t, "game.sh", game, 0o755)
	peers := map[string]func(addr string){
		"ncat": func(addr string) {
			host, port, _ := net.SplitHostPort(addr)
			start(t, "ncat", "--listen", "--keep-open", "--ssl", "--ssl-cert", cert, "--ssl-key", key, "--sh-exec", script, host, port)
		},
		"socat": func(addr string) {
			host, port, _ := net.SplitHostPort(addr)
			start(t, "socat", "OPENSSL-LISTEN:"+port+",bind="+host+",reuseaddr,fork,verify=0,cert="+cert+",key="+key, "EXEC:"+script)
		},
	}
	for name, serve := range peers {
		t.Run(name, func(t *testing.T) {
			addr := freeAddr(t)
			serve(addr)
			for _, secured := range []TLS{{Mode: TLSLocal}, {Mode: TLSInsecure}, {Pin: pin}, {CA: string(authorities)}} {
				q := Question{Addr: addr, TLS: secured, Send: []string{"Ann"}, Expect: pattern("Hello Ann!")}
				if a := awaitPeer(t, q); !a.Ready() {
					t.Errorf("%s: %s", secured.Mode, a.Verdict())
				}
			}
			refusals := map[string]TLS{
				"no authority that is trusted here":        {Mode: TLSSystem},
				"the certificate is not the pinned one":    {Pin: strings.Repeat("0", 64)},
				"the certificate is for midgaard.example,": {CA: string(authorities), ServerName: "thera.example"},
			}
			for reason, secured := range refusals {
				if a := Ask(t.Context(), Question{Addr: addr, TLS: secured}); !strings.HasPrefix(a.Reason, reason) {
					t.Errorf("%s", a.Verdict())
				}
			}
			plain := Question{Addr: addr, Bound: 500 * time.Millisecond}
			if a := Ask(t.Context(), plain); a.Outcome != Silent {
				t.Errorf("asked in plain: %s", a.Verdict())
			}
		})
	}
}

func TestSocat(t *testing.T) {
	addr := freeAddr(t)
	host, port, _ := net.SplitHostPort(addr)
	start(t, "socat", "TCP-LISTEN:"+port+",bind="+host+",reuseaddr,fork", "EXEC:"+file(t, "game.sh", game, 0o755))
	if a := awaitPeer(t, Question{Addr: addr, Send: []string{"Ann"}, Expect: pattern("Hello Ann!")}); !a.Ready() {
		t.Error(a.Verdict())
	}
	a := Ask(t.Context(), Question{Addr: addr, TLS: TLS{Mode: TLSLocal}})
	if want := `the server does not speak TLS: it talks plain telnet: "Welcome to Midgaard`; !strings.HasPrefix(a.Reason, want) {
		t.Errorf("asked by TLS: %s", a.Verdict())
	}
}
