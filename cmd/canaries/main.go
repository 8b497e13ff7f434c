// Command canaries runs the tests with canaries in what they say and hide, and then looks
// through everything that the run leaves: what the tests print, the files that gateways kept,
// temporary files, core dumps. docs/privacy.md explains it.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "canaries:", err)
		os.Exit(1)
	}
}

// deadline is for each module's tests.
const deadline = "60m"

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("canaries", flag.ContinueOnError)
	keep := flags.Bool("keep", false, "keep the directory of what was left")
	end := flags.Bool("e2e", true, "run the end-to-end tests too, on the program that DRAGOMAN_BIN names")
	if err := flags.Parse(args); err != nil {
		return err
	}
	packages := flags.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	dir, err := os.MkdirTemp("", "c-") // short: below it gateways have sockets, whose paths are bounded
	if err != nil {
		return err
	}
	if !*keep {
		defer os.RemoveAll(dir)
	}
	l, err := prepare(dir)
	if err != nil {
		return err
	}
	failed := l.test(ctx, out, ".", packages)
	if *end {
		failed = append(failed, l.test(ctx, out, "e2e", []string{"./..."})...)
	}
	finds, err := l.look(out, ".")
	switch {
	case err != nil:
		return err
	case finds > 0:
		return fmt.Errorf("%d finds; -keep leaves the files to look at", finds)
	case len(failed) > 0:
		return fmt.Errorf("tests failed in %v", failed)
	case l.planted == 0:
		return fmt.Errorf("no canary was planted: nothing is tested")
	}
	return nil
}

// A litter is what a run leaves, in a directory of its own.
type litter struct {
	dir     string
	begun   time.Time
	planted int // requests that had a canary
	looked  int // files and answers that the tests looked through themselves
}

// The directories of a litter. What the compiler makes is not looked through: a test has its
// canaries in it.
const (
	temporary = "t"
	kept      = "kept"
	printed   = "printed"
	built     = "built"
)

func prepare(dir string) (*litter, error) {
	for _, name := range []string{temporary, kept, printed, built} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return nil, err
		}
	}
	// Core dumps are wished for: a gateway must switch them off itself.
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &limit); err != nil {
		return nil, err
	}
	limit.Cur = limit.Max
	begun := time.Now().Add(-time.Second) // the time of a file is that of a tick before
	return &litter{dir: dir, begun: begun}, syscall.Setrlimit(syscall.RLIMIT_CORE, &limit)
}

// test runs the tests of a module and is the packages that failed.
func (l *litter) test(ctx context.Context, out io.Writer, module string, packages []string) (failed []string) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-count=1", "-timeout=" + deadline, "-artifacts", "-outputdir=" + filepath.Join(l.dir, kept)}, packages...)...)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "TMPDIR="+filepath.Join(l.dir, temporary), "GOTMPDIR="+filepath.Join(l.dir, built))
	file, err := os.OpenFile(filepath.Join(l.dir, printed, "stderr"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return []string{err.Error()}
	}
	defer file.Close()
	cmd.Stderr = file
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return []string{err.Error()}
	}
	if err := cmd.Start(); err != nil {
		return []string{err.Error()}
	}
	failed = l.read(out, stdout)
	if err := cmd.Wait(); err != nil && len(failed) == 0 {
		failed = append(failed, fmt.Sprintf("%s: %v", module, err))
	}
	return failed
}
