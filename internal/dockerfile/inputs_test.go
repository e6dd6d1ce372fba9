package dockerfile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInputs(t *testing.T) {
	arg := func(v string) map[string]*string { return map[string]*string{"BASE": &v} }
	tests := map[string]struct {
		text, target string
		args         map[string]*string
		want         string // paths; images; "*" is the whole context
	}{
		"files, folders and patterns": {
			text: "FROM a\nCOPY mix.exs ./apps/ /lib /dst/\nADD [\"with space\", \"*.lock\", \"/dst\"]\n",
			want: "*.lock apps lib mix.exs with space; a",
		},
		"all of it, written in four ways": {text: "FROM a\nCOPY . /x\n", want: "*; a"},
		"./":                              {text: "FROM a\nCOPY ./ /x\n", want: "*; a"},
		"/":                               {text: "FROM a\nCOPY / /x\n", want: "*; a"},
		"by an argument":                  {text: "FROM a\nARG W\nCOPY src/$W /x\n", want: "*; a"},
		"nothing":                         {text: "FROM scratch\nRUN true\n", want: "; scratch"},
		"things that are fetched": {
			text: "FROM a\nADD https://x.org/y.tgz /\nADD git@github.com:a/b.git /b\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://x.org/z local /\n",
			want: "local; a",
		},
		"only the stages that the target needs": {
			text:   "FROM a AS one\nCOPY one /\nFROM b AS two\nCOPY two /\nFROM one AS three\nCOPY three /\n",
			target: "three", want: "one three; a",
		},
		"stages by name, by number, and images": {
			text:   "FROM a AS one\nCOPY one /\nFROM b\nCOPY two /\nFROM c AS other\nCOPY other /\nFROM scratch AS end\nCOPY --from=ONE /x /\nCOPY --from=1 /x /\nCOPY --from=nginx:1 /x /\n",
			target: "end", want: "one two; a b nginx:1 scratch",
		},
		"mounts": {
			text: "FROM a AS one\nCOPY one /\nFROM b AS end\nRUN --mount=type=bind,source=src/,target=/s --mount=type=cache,target=/c --mount=from=one,target=/o \\\n --mount=type=secret,id=x --mount=from=busybox,target=/b true\n",
			want: "one src; a b busybox",
		},
		"a bind mount of all":            {text: "FROM b\nRUN --mount=target=/s true\n", want: "*; b"},
		"a bind mount of .":              {text: "FROM b\nRUN --mount=type=bind,src=.,target=/s true\n", want: "*; b"},
		"a command that talks of one":    {text: "FROM b\nRUN echo --mount=target=/s\n", want: "; b"},
		"a base by argument":             {text: "ARG BASE=one\nFROM a AS one\nCOPY one /\nFROM b AS two\nCOPY two /\nFROM $BASE\n", want: "one; a"},
		"a base by another argument":     {text: "ARG BASE=one\nFROM a AS one\nCOPY one /\nFROM b AS two\nCOPY two /\nFROM $BASE\n", args: arg("two"), want: "two; b"},
		"an argument made of others":     {text: "ARG A=o\nARG B=${A}ne\nFROM a AS one\nCOPY one /\nFROM ${B}\n", want: "one; a"},
		"the latest stage of one name":   {text: "FROM a AS x\nCOPY one /\nFROM b AS x\nCOPY two /\nFROM x\n", want: "two; b"},
		"a stage of its own name":        {text: "FROM alpine AS alpine\nCOPY one /\n", want: "one; alpine"},
		"heredocs are no files":          {text: "FROM a\nCOPY <<EOF /x\nhello\nEOF\nRUN <<EOF\nCOPY . .\nEOF\n", want: "; a"},
		"ONBUILD may copy anything":      {text: "FROM a AS x\nONBUILD COPY . /\nFROM x\n", want: "*; a"},
		"a newer COPY may copy anything": {text: "# syntax=x\nFROM a AS x\nCOPY --new y /\nFROM x\n", want: "*; a"},
		"another escape character":       {text: "# escape=`\nARG V=1\nFROM a:`$V\n", want: "; a:$V"},
		"a target that is not there":     {text: "FROM a\nCOPY x /\n", target: "nope", want: "; "},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			in := parse(t, test.text).Inputs(test.target, test.args)
			paths := strings.Join(in.Paths, " ")
			if in.All {
				paths = "*"
			}
			if diff := cmp.Diff(test.want, paths+"; "+strings.Join(in.Images, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
