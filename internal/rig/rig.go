package rig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// A Rig is one run. The exported fields are the caller's to set before Run.
type Rig struct {
	Gateway string    // program to measure
	Noise   bool      // measure the baseline against itself instead: what differs is noise
	Only    []string  // scenarios, or first words of their names; empty: all
	Rounds  int       // of each alternating scenario; 0: 9, or 2 when Quick
	Quick   bool      // shorter phases and fewer streams: for a look, not for a verdict
	Log     io.Writer // progress, a line per scenario; nil: none

	self             string // this program
	dir              string // everything the run writes
	measured, others int    // processors
	files            int    // open files allowed to each process
}

// starts is how often a start is measured.
const starts = 9

// Run measures every chosen scenario and returns what was seen. A scenario in which a
// process fails ends the run with an error; failed requests are part of the report.
func (r *Rig) Run(ctx context.Context) (*Report, error) {
	chosen, err := choose(scenarios(r.Quick), r.Only)
	if err != nil {
		return nil, err
	}
	if r.Gateway == "" && !r.Noise {
		return nil, errors.New("which gateway? name its program, or ask for the noise of the baseline alone")
	}
	report := &Report{Machine: machine(), Busy: busy(), Started: time.Now().UTC().Truncate(time.Second), Quick: r.Quick, Noise: r.Noise}
	if err := r.prepare(report); err != nil {
		return nil, err
	}
	defer os.RemoveAll(r.dir)
	for _, s := range chosen {
		if r.Noise && (s.wire != cmp.Or(s.client, openAI) || s.kind == starting) {
			continue // the baseline neither translates nor keeps data
		}
		row, err := r.measure(ctx, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		report.Rows = append(report.Rows, row)
		if row.Note != "" {
			report.note("%s", row.Note)
		}
		for _, t := range row.Targets {
			if n, reason := t.failed(); n > 0 {
				report.note("%s: %d requests through %s failed, the first: %s", s.name, n, t.Name, reason)
			}
		}
		if r.Log != nil {
			fmt.Fprintln(r.Log, row.line())
		}
	}
	report.Took = time.Since(report.Started).Round(time.Second)
	if !r.Noise {
		report.Verdicts = judge(report)
	}
	return report, nil
}

// prepare finds processors, limits and a directory, and notes what is not as it should be.
func (r *Rig) prepare(report *Report) error {
	var err error
	if r.self, err = os.Executable(); err != nil {
		return err
	}
	cpus, err := processors()
	if err != nil {
		return err
	}
	r.measured, r.others = cpus[0], cpus[0]
	if len(cpus) > 1 {
		r.others = cpus[1]
	} else {
		report.note("only one processor: gateway, provider and load share it, so latencies hold little")
	}
	if report.Busy > 0.5 {
		report.note("other work was running (load %.1f at the start): ratios of processor time hold, latencies do not", report.Busy)
	}
	if r.files, err = raiseFileLimit(); err != nil {
		return err
	}
	if r.Rounds == 0 {
		r.Rounds = 9
		if r.Quick {
			r.Rounds = 2
		}
	}
	r.dir, err = os.MkdirTemp("", "rig-")
	return err
}

func (r *Rig) measure(ctx context.Context, s scenario) (*Row, error) {
	row := &Row{Name: s.name, Title: s.title, PerChunk: s.perChunk, Added: s.direct}
	up, err := r.start(ctx, childUpstream, r.others, nil, r.self, childUpstream)
	if err != nil {
		return nil, err
	}
	defer up.stop()
	switch s.kind {
	case once:
		return row, r.once(ctx, s, up, row)
	case starting:
		return row, r.starts(ctx, s, up, row)
	}
	return row, r.alternate(ctx, s, up, row)
}

// alternate runs the rounds of a scenario. Every second round goes in the other order, so
// that neither side always comes after the other.
func (r *Rig) alternate(ctx context.Context, s scenario, up *process, row *Row) error {
	base, err := r.baseline(ctx, targetRevproxy, s, up)
	if err != nil {
		return err
	}
	defer base.stop()
	gw, err := r.gateway(ctx, s, up)
	if err != nil {
		return err
	}
	defer gw.stop()
	targets := []*target{base, gw}
	if s.direct {
		targets = append(targets, &target{process: up, path: s.speaks().at(s.model(), s.stream.chunks > 0), model: s.model()})
	}
	for round := range r.Rounds {
		for i := range targets {
			t := targets[i]
			if round%2 == 1 {
				t = targets[len(targets)-1-i]
			}
			if err := r.phase(ctx, s, t, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// phase sends a scenario's load to one target and adds what was seen to the row.
func (r *Rig) phase(ctx context.Context, s scenario, t *target, row *Row) error {
	name := t.name
	if t.pid == 0 {
		name = targetDirect
	}
	result, err := r.load(ctx, LoadSpec{
		Address: t.host(), Dialect: s.client, Path: t.path, Key: t.key, Body: s.body, Model: t.model, Chunks: s.stream.chunks,
		Conns: s.conns, Each: s.each, Duration: s.duration, Warm: s.warm, Every: s.every, Stagger: s.stagger,
		PID: t.pid, Memory: s.kind == once,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", name, errors.Join(err, t.alive()))
	}
	row.add(name, result)
	return t.alive()
}

// once runs a scenario on a fresh process each for baseline and gateway, one at a time,
// and watches memory.
func (r *Rig) once(ctx context.Context, s scenario, up *process, row *Row) error {
	if fit := (r.files - 200) / 2; s.conns > fit {
		row.Note = fmt.Sprintf("%s: only %d, since a process may open %d files here and a gateway needs two for each stream", s.title, fit, r.files)
		s.conns = fit
	}
	row.Streams = s.conns
	for _, open := range []func() (*target, error){
		func() (*target, error) { return r.baseline(ctx, targetRevproxy, s, up) },
		func() (*target, error) { return r.gateway(ctx, s, up) },
	} {
		if err := r.onceOn(ctx, s, open, row); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rig) onceOn(ctx context.Context, s scenario, open func() (*target, error), row *Row) error {
	t, err := open()
	if err != nil {
		return err
	}
	defer t.stop()
	idle, err := memoryOf(t.pid)
	if err != nil {
		return err
	}
	row.idle(t.name, idle)
	return r.phase(ctx, s, t, row)
}
