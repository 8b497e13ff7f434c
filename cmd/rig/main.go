// Command rig measures what the gateway costs beside a plain reverse proxy.
// docs/performance.md explains it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/dragoman-gateway/dragoman/internal/rig"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rig:", err)
		os.Exit(1)
	}
}

type options struct {
	rig             *rig.Rig
	json            string
	markdown, check bool
}

// parse takes scenario names before the flags, after them, or in --only.
func parse(args []string, errs io.Writer) (*options, error) {
	o := &options{rig: &rig.Rig{Log: errs}}
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.rig.Only, args = append(o.rig.Only, args[0]), args[1:]
	}
	f := flag.NewFlagSet("rig", flag.ContinueOnError)
	f.SetOutput(errs)
	f.Usage = func() {
		fmt.Fprintln(errs, "usage: rig [all | chat | prompt | image | chunk | translate | latency | slow | many | start] [flags]")
		f.PrintDefaults()
	}
	f.StringVar(&o.rig.Gateway, "gateway", "bin/dragoman", "gateway program to measure")
	f.Func("only", "comma list of scenarios, or first words of their names", func(s string) error {
		o.rig.Only = append(o.rig.Only, strings.Split(s, ",")...)
		return nil
	})
	f.IntVar(&o.rig.Rounds, "rounds", 0, "rounds of each comparison; 0: 9, or 2 with --quick")
	f.BoolVar(&o.rig.Quick, "quick", false, "under a minute: for a look, not for a verdict")
	f.BoolVar(&o.rig.Noise, "noise", false, "measure the reverse proxy against itself: what differs is noise")
	f.StringVar(&o.json, "json", "", "write everything that was seen as JSON to this file (- is stdout, instead of the text)")
	f.BoolVar(&o.markdown, "markdown", false, "print tables as docs/performance.md has them")
	f.BoolVar(&o.check, "check", false, "fail when a bar is missed")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	o.rig.Only = append(o.rig.Only, f.Args()...)
	if o.rig.Rounds < 0 || o.rig.Rounds > 100 {
		return nil, errors.New("--rounds must be 0 to 100")
	}
	return o, nil
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	if ran, err := rig.Child(ctx, args, out); ran {
		return err
	}
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	report, err := o.rig.Run(ctx)
	if err != nil {
		return err
	}
	if err := o.print(report, out); err != nil {
		return err
	}
	if n := report.Missed(); o.check && n > 0 {
		return fmt.Errorf("%d of %d bars missed", n, len(report.Verdicts))
	}
	return nil
}

func (o *options) print(report *rig.Report, out io.Writer) error {
	if o.json != "" {
		raw, err := json.MarshalIndent(report, "", " ")
		if err != nil {
			return err
		}
		raw = append(raw, '\n')
		if o.json == "-" {
			_, err = out.Write(raw)
			return err
		}
		if err := os.WriteFile(o.json, raw, 0o600); err != nil {
			return err
		}
	}
	if o.markdown {
		return report.WriteMarkdown(out)
	}
	return report.Write(out)
}
