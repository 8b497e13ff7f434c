package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/canary"
)

// event is what go test -json tells, as cmd/test2json documents it.
type event struct {
	Action, Package, Test, Output, Key, Value string
	Elapsed                                   float64
}

// read keeps all that tests print and tells of each package as it ends.
func (l *litter) read(out io.Writer, stdout io.Reader) (failed []string) {
	file, err := os.OpenFile(filepath.Join(l.dir, printed, "stdout"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return []string{err.Error()}
	}
	defer file.Close()
	planted, looked := map[string]int{}, map[string]int{}
	for r := bufio.NewReader(stdout); ; {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return failed
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			e = event{Output: string(line)}
		}
		n, _ := strconv.Atoi(e.Value)
		switch e.Key {
		case canary.Planted:
			planted[e.Package] += n
		case canary.LookedFor:
			looked[e.Package] += n
		}
		if _, err := io.WriteString(file, e.Output); err != nil {
			failed = append(failed, err.Error())
		}
		if (e.Action == "pass" || e.Action == "fail") && e.Test == "" {
			fmt.Fprintf(out, "%-4s %-70s %6.1fs  planted %6d, looked at %6d\n", e.Action, e.Package, e.Elapsed, planted[e.Package], looked[e.Package])
			l.planted, l.looked = l.planted+planted[e.Package], l.looked+looked[e.Package]
		}
		if e.Action == "fail" && e.Test == "" {
			failed = append(failed, e.Package)
		}
	}
}

// look looks through a litter, and for core dumps below the module, and is how much it found.
func (l *litter) look(out io.Writer, module string) (finds int, err error) {
	report := func(path string, f canary.Find) {
		finds++
		fmt.Fprintf(out, "%s has %s\n", path, f)
	}
	files, size := 0, int64(0)
	for _, name := range []string{temporary, kept, printed} {
		n, bytes, err := canary.Tree(filepath.Join(l.dir, name), report)
		if err != nil {
			return finds, err
		}
		files, size = files+n, size+bytes
	}
	dumps, err := l.dumps(module)
	if err != nil {
		return finds, err
	}
	for _, path := range dumps {
		finds++
		fmt.Fprintf(out, "%s is a core dump\n", path)
	}
	fmt.Fprintf(out, "%d requests with canaries, %d answers and files looked at by tests, then %d files of %.1f MB: %d finds\n", l.planted, l.looked, files, float64(size)/1e6, finds)
	return finds, nil
}

// dumps are the core dumps that were made meanwhile where tests run.
func (l *litter) dumps(module string) (list []string, err error) {
	err = filepath.WalkDir(module, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case !d.Type().IsRegular() || d.Name() != "core" && !strings.HasPrefix(d.Name(), "core."):
			return nil
		}
		info, err := d.Info()
		if err == nil && info.ModTime().After(l.begun) && filepath.Ext(path) != ".go" {
			list = append(list, path)
		}
		return err
	})
	return list, err
}
