package rig

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// How long a process may take to announce itself and to stop after a polite signal.
const (
	announceTimeout = 20 * time.Second
	stopTimeout     = 10 * time.Second
)

// An announcement is the line of JSON that every process under the rig prints when it is
// ready: the gateway too, with DRAGOMAN_PRINT=json.
type announcement struct {
	Address string `json:"address"` // http://host:port
	Key     string `json:"key"`     // inference key; only at a gateway's first start
}

// A process is one of the rig's children, pinned to a processor.
type process struct {
	announcement
	name  string
	cmd   *exec.Cmd
	out   *os.File // its standard output; the reader closes it
	logs  string   // file with its standard error
	ended chan struct{}
}

// spawn starts a process and does not wait for it. The environment is the same few
// variables for each: what the caller has set for other programs must not matter.
func (r *Rig) spawn(ctx context.Context, name string, processor int, extra []string, argv ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + r.dir, "TMPDIR=" + r.dir}, extra...)
	p := &process{name: name, cmd: cmd, logs: filepath.Join(r.dir, name+".log"), ended: make(chan struct{})}
	logs, err := os.Create(p.logs)
	if err != nil {
		return nil, err
	}
	defer logs.Close() // the child has its own
	cmd.Stderr = logs
	out, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	cmd.Stdout = w
	p.out = out
	if err := startPinned(cmd, processor); err != nil {
		out.Close()
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
	}()
	return p, nil
}

// start spawns a process and waits for its announcement.
func (r *Rig) start(ctx context.Context, name string, processor int, extra []string, argv ...string) (*process, error) {
	p, err := r.spawn(ctx, name, processor, extra, argv...)
	if err != nil {
		return nil, err
	}
	if err := p.announced(); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// announced waits for the line and then lets the rest of the output go by.
func (p *process) announced() error {
	got := make(chan error, 1)
	go func() {
		defer p.out.Close()
		lines := bufio.NewReader(p.out)
		line, err := lines.ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &p.announcement)
		}
		got <- err
		_, _ = io.Copy(io.Discard, lines) // until the process ends
	}()
	select {
	case err := <-got:
		if err != nil {
			return fmt.Errorf("%s did not announce itself: %w\n%s", p.name, err, p.logTail())
		}
	case <-time.After(announceTimeout):
		return fmt.Errorf("%s did not announce itself within %s\n%s", p.name, announceTimeout, p.logTail())
	}
	if u, err := url.Parse(p.Address); err != nil || u.Host == "" {
		return fmt.Errorf("%s announced %q, which is not an address", p.name, p.Address)
	}
	return nil
}

func (p *process) host() string {
	u, err := url.Parse(p.Address)
	if err != nil {
		return p.Address
	}
	return u.Host
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// alive says whether the process still runs, with the end of its log when not.
func (p *process) alive() error {
	select {
	case <-p.ended:
		return fmt.Errorf("%s ended while it was measured: %s\n%s", p.name, p.cmd.ProcessState, p.logTail())
	default:
		return nil
	}
}

// stop asks the process to end, and after stopTimeout ends it.
func (p *process) stop() {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		<-p.ended
		return
	}
	select {
	case <-p.ended:
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill() // it may have ended just now
		<-p.ended
	}
}

func (p *process) logTail() string {
	raw, err := os.ReadFile(p.logs)
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-2000):])
}
