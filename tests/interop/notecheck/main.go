// Checks a pack's log with golang.org/x/mod, which we did not write:
//
//	notecheck PACK DIR VKEY
//
// The checkpoint opens under the verifier key, every record is in the tree by
// its proof, and the tree extends that of checkpoint.prev.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(3)
	}
}

func read(parts ...string) string {
	b, err := os.ReadFile(filepath.Join(parts...))
	must(err)
	return string(b)
}

func hashes(lines []string) []tlog.Hash {
	var out []tlog.Hash
	for _, l := range lines {
		b, err := base64.StdEncoding.DecodeString(l)
		must(err)
		var h tlog.Hash
		copy(h[:], b)
		out = append(out, h)
	}
	return out
}

// A checkpoint: origin, size, root.
func parse(text string) (int64, tlog.Hash) {
	l := strings.Split(text, "\n")
	n, err := strconv.ParseInt(l[1], 10, 64)
	must(err)
	return n, hashes(l[2:3])[0]
}

func main() {
	pack, dir, vkey := os.Args[1], os.Args[2], os.Args[3]
	v, err := note.NewVerifier(vkey)
	must(err)
	checkpoint := read(pack, "data/log", dir, "checkpoint")
	n, err := note.Open([]byte(checkpoint), note.VerifierList(v))
	must(err)
	size, root := parse(n.Text)

	names, err := filepath.Glob(filepath.Join(pack, "data/proofs", dir, "*.tlog-proof"))
	must(err)
	for _, name := range names {
		seq := strings.TrimSuffix(filepath.Base(name), ".tlog-proof")
		head, tail, _ := strings.Cut(read(name), "\n\n")
		if tail != checkpoint {
			must(fmt.Errorf("%s: another checkpoint", name))
		}
		l := strings.Split(head, "\n")
		index, err := strconv.ParseInt(strings.TrimPrefix(l[1], "index "), 10, 64)
		must(err)
		leaf := tlog.RecordHash([]byte(read(pack, "data/records", dir, seq+".json")))
		must(tlog.CheckRecord(hashes(l[2:]), size, root, index, leaf))
	}

	prev := read(pack, "data/log", dir, "checkpoint.prev")
	pn, err := note.Open([]byte(prev), note.VerifierList(v))
	must(err)
	oldSize, oldRoot := parse(pn.Text)
	head, _, _ := strings.Cut(read(pack, "data/log", dir, "consistency"), "\n\n")
	must(tlog.CheckTree(hashes(strings.Split(head, "\n")[1:]), size, root, oldSize, oldRoot))
	fmt.Printf("%d records\n", len(names))
}
