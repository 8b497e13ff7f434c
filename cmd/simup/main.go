// Command simup plays upstream providers on this machine: OpenAI, Anthropic and Gemini
// wire formats over HTTP, with faults on request. docs/simulator.md explains it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/dragoman-gateway/dragoman/internal/simup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "simup:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. The first line of out is the URL.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("simup", flag.ContinueOnError)
	f.SetOutput(errs)
	listen := f.String("listen", "127.0.0.1:9911", "address; port 0 picks a free one")
	file := f.String("config", "", "JSON file of providers and models; without it one provider, sim")
	seed := f.Uint64("seed", 1, "of every answer, id and failure")
	invoice := f.String("invoice", "", "file that gets a JSON line for each request, synced")
	key := f.String("key", "", "what clients must show to providers that have no key of their own")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; see simup -h", f.Arg(0))
	}
	providers, err := load(*file, *key)
	if err != nil {
		return err
	}
	sim, err := simup.Listen(simup.Config{Seed: *seed, Providers: providers, InvoiceFile: *invoice}, *listen)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, sim.URL)
	for _, p := range providers {
		fmt.Fprintf(errs, "%s/%s plays %s with %d models\n", sim.URL, p.Slug, p.Name, len(p.Models))
	}
	<-ctx.Done()
	return sim.Close()
}
