package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// gateway is a running program.
type gateway struct {
	Address    string `json:"address"`
	Key        string `json:"key"`
	Management string `json:"management_key"`
	Demo       bool   `json:"demo"`

	listens string // what it announced as its address; Address is the watch's
	watch   *watch // between the gateway and everybody
	dir     string
	ready   time.Duration // from the start of the process to its announcement
	process *os.Process
	log     *transcript
	ended   chan struct{} // closed when the process has ended, with err
	err     error
}

// launch is how to start one.
type launch struct {
	dir  string // working directory, and home
	args []string
	env  []string
}

// environment is all that a program sees of ours: no credential of the developer's.
func (l launch) environment() []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + l.dir, "TMPDIR=" + os.TempDir()}, l.env...)
}

// start runs the gateway until it has said where it listens.
func start(l launch) (*gateway, error) {
	g := &gateway{dir: l.dir, log: newTranscript(), ended: make(chan struct{})}
	cmd := exec.Command(program, l.args...)
	cmd.Dir, cmd.Stderr = l.dir, g.log
	cmd.Env = append(l.environment(), "DRAGOMAN_PRINT=json")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	g.process = cmd.Process
	hello := make(chan []byte, 1)
	go func() {
		r := bufio.NewReader(out)
		line, _ := r.ReadBytes('\n') // an end without a line is an empty announcement
		hello <- line
		io.Copy(g.log, r)
		g.err = cmd.Wait()
		close(g.ended)
	}()
	select {
	case line := <-hello:
		g.ready = time.Since(began)
		if err := json.Unmarshal(line, g); err != nil {
			cmd.Process.Kill()
			return nil, fmt.Errorf("the gateway said %q: %w; its log: %s", line, err, g.log)
		}
		g.listens, g.watch = g.Address, newWatch(g.Address)
		g.Address = g.watch.URL
		return g, nil
	case <-time.After(patience):
		cmd.Process.Kill()
		return nil, fmt.Errorf("the gateway did not start; its log: %s", g.log)
	}
}

// stop asks the program to end, and it must end well. Stopping twice is once.
func (g *gateway) stop() error {
	if err := g.process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return g.wait()
}

// wait waits for the end of the program, which must be a good one.
func (g *gateway) wait() error {
	select {
	case <-g.ended:
	case <-time.After(patience):
		g.process.Kill()
		return errors.New("the gateway did not end")
	}
	if g.err != nil {
		return errors.Join(fmt.Errorf("the gateway ended with %w; its log: %s", g.err, g.log), g.watch.last(g))
	}
	return g.watch.last(g)
}

// kill ends the program without a word.
func (g *gateway) kill() error {
	err := g.process.Kill()
	<-g.ended
	return errors.Join(err, g.watch.last(g))
}

// transcript is what a program wrote, for tests that wait for a word of it.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed at the next write
}

func newTranscript() *transcript { return &transcript{more: make(chan struct{})} }

func (w *transcript) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.more)
	w.more = make(chan struct{})
	return w.text.Write(p)
}

func (w *transcript) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// await waits until the program has written word.
func (w *transcript) await(word string) error {
	limit := time.After(patience)
	for {
		w.mu.Lock()
		text, more := w.text.String(), w.more
		w.mu.Unlock()
		if strings.Contains(text, word) {
			return nil
		}
		select {
		case <-more:
		case <-limit:
			return fmt.Errorf("no %q in %s", word, text)
		}
	}
}
