// Command history fills a data directory with the requests of some months, to measure on.
// docs/performance.md says how.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/history"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := history.Plan{End: time.Now().UTC(), Log: os.Stderr}
	flag.StringVar(&p.Dir, "data", "", "the directory; it is made, and must have no database")
	flag.IntVar(&p.Requests, "requests", 1_000_000, "how many; a million takes 1.5 GB")
	flag.IntVar(&p.Days, "days", 90, "that they are spread over")
	flag.Uint64Var(&p.Seed, "seed", 1, "the same makes the same")
	flag.Parse()
	if p.Dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := history.Fill(ctx, p); err != nil {
		fmt.Fprintln(os.Stderr, "history:", err)
		os.Exit(1)
	}
}
