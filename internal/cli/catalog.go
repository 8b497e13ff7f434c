package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/feed"
)

type catalogCmd struct {
	Refresh refreshCmd `cmd:"" help:"Compare a price list with the catalogue, and apply it with --apply."`
}

type refreshCmd struct {
	From   string   `arg:"" help:"File or URL: a models.dev api.json, or any OpenRouter-compatible GET /models."`
	Apply  bool     `help:"Write the changes that are not refused to the data directory; they hold from the next start." env:"DRAGOMAN_REFRESH_APPLY"`
	Accept []string `help:"Endpoint IDs whose refused change is accepted, or all." placeholder:"ID" env:"DRAGOMAN_REFRESH_ACCEPT"`
	Factor float64  `help:"A price that moves by more is refused." default:"2" env:"DRAGOMAN_REFRESH_FACTOR"`
	All    bool     `help:"Also show offers of models that the catalogue does not know." env:"DRAGOMAN_REFRESH_ALL"`
	JSON   bool     `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

// Run shows the difference and applies it when asked to.
func (r *refreshCmd) Run(c *commands, io *streams) error {
	f, err := c.load()
	if err != nil {
		return err
	}
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	offers, err := r.offers(time.Now())
	if err != nil {
		return err
	}
	changes := feed.Diff(snap, offers, r.Factor)
	for i := range changes {
		changes[i].Accepted = slices.Contains(r.Accept, changes[i].Endpoint) || slices.Contains(r.Accept, "all")
	}
	if err := r.show(io, changes); err != nil || !r.Apply {
		return err
	}
	if err := os.MkdirAll(f.Config.Data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	n, err := feed.Apply(f.Config.Data, changes, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%d changes written to %s; they hold from the next start\n", n, filepath.Join(f.Config.Data, feed.FileName))
	return nil
}

func (r *refreshCmd) offers(now time.Time) ([]feed.Offer, error) {
	if strings.Contains(r.From, "://") {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		return feed.Fetch(ctx, nil, r.From, now)
	}
	file, err := os.Open(r.From)
	if err != nil {
		return nil, fmt.Errorf("open price list: %w", err)
	}
	defer file.Close()
	return feed.Import(file, catalog.Source{Name: filepath.Base(r.From), AsOf: now.UTC().Format(time.DateOnly)})
}

func (r *refreshCmd) show(io *streams, changes []feed.Change) error {
	if r.JSON {
		return json.NewEncoder(io.out).Encode(changes)
	}
	w := tabwriter.NewWriter(io.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "CHANGE\tENDPOINT\tIN USD/M\tOUT USD/M\tFACTOR\t")
	unknown := 0
	for i := range changes {
		ch := &changes[i]
		if ch.Model == "" && !r.All {
			unknown++
			continue
		}
		state := ""
		switch {
		case ch.Refused && ch.Accepted:
			state = "accepted"
		case ch.Refused:
			state = "refused: " + ch.Why
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.2f\t%s\n", ch.Kind, ch.Endpoint, move(ch, func(p *catalog.Pricing) string { return (p.Prompt * 1e6).String() }),
			move(ch, func(p *catalog.Pricing) string { return (p.Completion * 1e6).String() }), ch.Factor, state)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if unknown > 0 {
		fmt.Fprintf(io.out, "%d offers of models that the catalogue does not know; --all shows them\n", unknown)
	}
	return nil
}

// move is a price before and after.
func move(ch *feed.Change, price func(*catalog.Pricing) string) string {
	before, after := "-", "-"
	if ch.Old != nil {
		before = price(ch.Old)
	}
	if ch.New != nil {
		after = price(ch.New)
	}
	if before == after {
		return after
	}
	return before + " → " + after
}
