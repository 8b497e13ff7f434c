package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/dragoman-gateway/dragoman/internal/app"
	"github.com/dragoman-gateway/dragoman/internal/tuning"
)

type serveCmd struct {
	Listen string `help:"Address to listen on." env:"DRAGOMAN_LISTEN" placeholder:"ADDR"`
	Demo   *bool  `help:"Serve the demo providers (default: when no provider has a credential)." env:"DRAGOMAN_DEMO" negatable:""`
	CPU    string `help:"Write a CPU profile to this file until the end." env:"DRAGOMAN_CPU_PROFILE" placeholder:"FILE" hidden:"" name:"cpu-profile"`
	Heap   string `help:"Write a heap profile to this file at the end." env:"DRAGOMAN_HEAP_PROFILE" placeholder:"FILE" hidden:"" name:"heap-profile"`
	Print  string `help:"How the start is announced: text or json." env:"DRAGOMAN_PRINT" enum:"text,json" default:"text"`
}

// Run serves until SIGINT or SIGTERM.
func (s *serveCmd) Run(c *commands, io *streams) error {
	tuning.Apply()
	if err := leaveNoDump(io.err); err != nil {
		return err
	}
	stopProfile, err := profile(s.CPU, s.Heap)
	if err != nil {
		return err
	}
	defer stopProfile()
	f, err := c.load()
	if err != nil {
		return err
	}
	if s.Listen != "" {
		f.Config.Listen = s.Listen
	}
	if s.Demo != nil {
		f.Config.Demo = s.Demo
	}
	log, err := logger(io.err, f.Config.Log)
	if err != nil {
		return err
	}
	a, err := app.New(f, log)
	if err != nil {
		return err
	}
	ln, err := a.Listen()
	if err != nil {
		return errors.Join(err, a.Close())
	}
	first, err := a.FirstRun(context.Background())
	if err != nil {
		return errors.Join(err, ln.Close(), a.Close())
	}
	token, err := a.FirstOwner(context.Background())
	if err != nil {
		return errors.Join(err, ln.Close(), a.Close())
	}
	s.announce(io, a, ln.Addr(), first, token)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return errors.Join(a.Serve(ctx, ln), a.Close())
}

func (s *serveCmd) announce(io *streams, a *app.App, addr net.Addr, keys app.FirstKeys, token string) {
	base := "http://" + addr.String()
	setup := ""
	if token != "" {
		setup = a.PublicURL(base) + "/setup#token=" + token
	}
	if s.Print == "json" {
		_ = json.NewEncoder(io.out).Encode(map[string]any{"address": base, "key": keys.Inference, "management_key": keys.Management, "demo": a.Demo(), "setup": setup})
		return
	}
	models, providers := a.Ready()
	fmt.Fprintf(io.out, "Dragoman is listening on %s\n\n", base)
	if a.Demo() {
		fmt.Fprint(io.out, "  DEMO: no provider has a credential, so simulated providers answer.\n  Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, OPENROUTER_API_KEY, … for real ones.\n\n")
	}
	fmt.Fprintf(io.out, "  %d models ready from %d providers; try GET %s/api/v1/models\n", models, providers, base)
	if setup != "" {
		fmt.Fprintf(io.out, "\n  Set up          %s\n  Whoever opens this link first becomes the owner.\n", setup)
	}
	key := keys.Inference
	if key != "" {
		fmt.Fprintf(io.out, "\n  Inference key   %s\n  Management key  %s\n  Both are shown this once; make more with `dragoman keys create`.\n", keys.Inference, keys.Management)
	} else {
		key = "$DRAGOMAN_KEY"
		fmt.Fprint(io.out, "\n  Keys were shown at the first start; make another with `dragoman keys create --name NAME`.\n")
	}
	fmt.Fprintf(io.out, `
  curl %s/api/v1/chat/completions \
    -H "Authorization: Bearer %s" \
    -H "Content-Type: application/json" \
    -d '{"model": "%s", "messages": [{"role": "user", "content": "Hello!"}]}'

`, base, key, a.Example())
}
