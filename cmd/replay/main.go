// Command replay sends recorded provider traffic through a gateway and checks what the
// client gets. docs/replay.md explains it.
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
	"slices"
	"strings"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/replay"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

type options struct {
	recordings, apis     string
	gateway, key, binary string
	listen, configOut    string
	jsonOut              string
	lanes                int
	seed                 uint64
	min                  float64
	same, cut, everyByte bool
	cuts                 int
	cutFor               time.Duration
	logs                 string
	surface, markdown    string
	platforms            bool
}

func parseFlags(args []string, errs io.Writer) (*options, error) {
	o := &options{}
	f := flag.NewFlagSet("replay", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.recordings, "recordings", "", "directory of recordings, one folder per api (required)")
	f.StringVar(&o.apis, "api", "", "comma list of apis, all, or work: those that are no conversations; default: conversations that need no platform")
	f.StringVar(&o.gateway, "gateway", "", "URL of a running gateway; default: one is started")
	f.StringVar(&o.key, "key", "", "inference key of --gateway")
	f.StringVar(&o.binary, "dragoman", "", "gateway program to start; default: ./cmd/dragoman is built")
	f.StringVar(&o.listen, "listen", "127.0.0.1:0", "address of the upstream this tool plays")
	f.StringVar(&o.configOut, "config-out", "", "write the gateway's configuration there (- is stdout) and exit; use it with --listen and --gateway")
	f.StringVar(&o.jsonOut, "json", "", "write the whole report as JSON to this file")
	f.IntVar(&o.lanes, "lanes", 8, "exchanges at once")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the pieces and sampled cuts")
	f.Float64Var(&o.min, "min", 99, "percent of equal exchanges below which the run fails")
	f.BoolVar(&o.same, "same-dialect", false, "also check the bytes where client and upstream speak one wire (openai.chat unless --api says else)")
	f.BoolVar(&o.cut, "cut", false, "also cut every stream")
	f.IntVar(&o.cuts, "cuts", 0, "with --cut: at most so many places of each stream; 0: no bound")
	f.DurationVar(&o.cutFor, "cut-for", 0, "with --cut: for so long, and then tell what there is; 0: to the end")
	f.BoolVar(&o.everyByte, "every-byte", false, "with --cut: cut large streams at every byte as well")
	f.StringVar(&o.surface, "surface", "chat", "comma list of chat, messages, responses, gemini, or all: what to ask through")
	f.StringVar(&o.markdown, "markdown", "", "write the tables as Markdown to this file")
	f.BoolVar(&o.platforms, "platforms", false, "configure providers on bedrock, vertex and azure as such")
	f.StringVar(&o.logs, "log", "", "file for the started gateway's output; default: dropped")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if o.recordings == "" {
		return nil, errors.New("--recordings is required: the directory that holds one folder per api")
	}
	if o.lanes < 1 || o.lanes > 64 {
		return nil, errors.New("--lanes must be 1 to 64")
	}
	return o, nil
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parseFlags(args, errs)
	if err != nil {
		return err
	}
	var apis []string
	if o.apis != "" {
		apis = strings.Split(o.apis, ",")
	}
	surfaces := replay.Surfaces
	if o.surface != "all" {
		surfaces = nil
		for s := range strings.SplitSeq(o.surface, ",") {
			if !slices.Contains(replay.Surfaces, replay.Surface(s)) {
				return fmt.Errorf("--surface %q is none of chat, messages, responses, gemini, all", s)
			}
			surfaces = append(surfaces, replay.Surface(s))
		}
	}
	xs, err := replay.Load(o.recordings, apis)
	if err != nil {
		return err
	}
	up, err := replay.Listen(o.listen)
	if err != nil {
		return err
	}
	defer up.Close()
	dir, err := os.MkdirTemp("", "replay-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	config := replay.Config(xs, up, o.lanes, dir, o.platforms)
	if o.configOut != "" {
		return writeConfig(o.configOut, config, out)
	}
	gw, err := o.open(ctx, config, dir)
	if err != nil {
		return err
	}
	defer gw.Stop()
	r := &replay.Runner{Gateway: gw, Upstream: up, Lanes: o.lanes, Seed: o.seed, Surfaces: surfaces, Cuts: o.cuts, Log: errs}
	rep := &replay.Report{Outcomes: r.Run(ctx, xs, o.same)}
	if o.cut {
		cutting, stop := ctx, context.CancelFunc(func() {})
		if o.cutFor > 0 {
			cutting, stop = context.WithTimeout(ctx, o.cutFor)
		}
		rep.Cuts = r.CutAll(cutting, xs, o.everyByte)
		stop()
	}
	return o.report(rep, out)
}

func writeConfig(name string, config []byte, out io.Writer) error {
	if name == "-" {
		_, err := out.Write(config)
		return err
	}
	return os.WriteFile(name, config, 0o600)
}

func (o *options) open(ctx context.Context, config []byte, dir string) (*replay.Gateway, error) {
	if o.gateway != "" {
		return replay.Connect(o.gateway, o.key), nil
	}
	program := o.binary
	if program == "" {
		var err error
		if program, err = replay.Build(ctx, dir); err != nil {
			return nil, err
		}
	}
	logs := io.Discard
	if o.logs != "" {
		f, err := os.Create(o.logs)
		if err != nil {
			return nil, err
		}
		logs = f // open until the process ends
	}
	return replay.Start(ctx, program, config, dir, logs)
}

func (o *options) report(rep *replay.Report, out io.Writer) error {
	if o.jsonOut != "" {
		data, err := json.MarshalIndent(rep, "", " ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.jsonOut, append(data, '\n'), 0o600); err != nil {
			return err
		}
	}
	if o.markdown != "" {
		var b strings.Builder
		if err := rep.WriteMarkdown(&b); err != nil {
			return err
		}
		if err := os.WriteFile(o.markdown, []byte(b.String()), 0o600); err != nil {
			return err
		}
	}
	if err := rep.Write(out); err != nil {
		return err
	}
	if p := rep.Percent(); p < o.min {
		return fmt.Errorf("%.2f %% of the exchanges are equal, %g wanted", p, o.min)
	}
	if n := rep.Failed(); n > 0 {
		return fmt.Errorf("%d undeclared edits or bad cuts", n)
	}
	return nil
}
