package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/dragoman-gateway/dragoman/internal/app"
	"github.com/dragoman-gateway/dragoman/internal/catalog"
)

func (c *commands) snapshot() (*catalog.Snapshot, error) {
	f, err := c.load()
	if err != nil {
		return nil, err
	}
	return app.Check(f)
}

type modelsCmd struct {
	All  bool   `help:"Also models that cannot be called yet, with what they need." env:"DRAGOMAN_MODELS_ALL"`
	Find string `arg:"" optional:"" help:"Only slugs that contain this."`
	JSON bool   `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

type modelRow struct {
	Slug      string   `json:"slug"`
	Endpoints int      `json:"endpoints"`
	Ready     int      `json:"ready"`
	Prompt    string   `json:"prompt_usd_per_million,omitempty"`
	Output    string   `json:"completion_usd_per_million,omitempty"`
	Needs     []string `json:"needs,omitempty"`
}

// Run lists models.
func (m *modelsCmd) Run(c *commands, io *streams) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	rows := []modelRow{}
	for _, model := range snap.Models() {
		if m.Find != "" && !strings.Contains(model.Slug, m.Find) {
			continue
		}
		if row := describe(snap, model); row.Ready > 0 || m.All {
			rows = append(rows, row)
		}
	}
	if m.JSON {
		return json.NewEncoder(io.out).Encode(rows)
	}
	w := tabwriter.NewWriter(io.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "MODEL\tREADY\tIN USD/M\tOUT USD/M\tNEEDS")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%d/%d\t%s\t%s\t%s\n", r.Slug, r.Ready, r.Endpoints, cmp.Or(r.Prompt, "-"), cmp.Or(r.Output, "-"), strings.Join(r.Needs, " or "))
	}
	return w.Flush()
}

func describe(snap *catalog.Snapshot, m *catalog.Model) modelRow {
	row := modelRow{Slug: m.Slug}
	var cheapest *catalog.Endpoint
	for _, e := range snap.Endpoints(m.Slug) {
		row.Endpoints++
		if e.Live {
			row.Ready++
		} else if e.Needs != "" && !slices.Contains(row.Needs, e.Needs) && len(row.Needs) < 4 {
			row.Needs = append(row.Needs, e.Needs)
		}
		if e.Pricing != nil && (cheapest == nil || e.Live && !cheapest.Live || e.Live == cheapest.Live && e.Pricing.Prompt < cheapest.Pricing.Prompt) {
			cheapest = e
		}
	}
	if row.Ready > 0 {
		row.Needs = nil
	}
	if cheapest != nil {
		row.Prompt, row.Output = (cheapest.Pricing.Prompt * 1e6).String(), (cheapest.Pricing.Completion * 1e6).String()
	}
	return row
}

type providersCmd struct {
	All  bool `help:"Also providers without a credential." env:"DRAGOMAN_PROVIDERS_ALL"`
	JSON bool `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

type providerRow struct {
	Slug   string `json:"slug"`
	Name   string `json:"name"`
	Models int    `json:"models"`
	Ready  bool   `json:"ready"`
	Needs  string `json:"needs,omitempty"`
	Base   string `json:"base_url"`
}

// Run lists providers.
func (p *providersCmd) Run(c *commands, io *streams) error {
	snap, err := c.snapshot()
	if err != nil {
		return err
	}
	bySlug := map[string]*providerRow{}
	rows := []*providerRow{}
	for _, pr := range snap.Providers() {
		row := &providerRow{Slug: pr.Slug, Name: pr.Name, Base: pr.BaseURL}
		bySlug[pr.Slug] = row
		rows = append(rows, row)
	}
	for _, e := range snap.AllEndpoints() {
		row := bySlug[e.Provider.Slug]
		row.Models++
		row.Ready = row.Ready || e.Live
		row.Needs = e.Needs
	}
	if !p.All {
		rows = slices.DeleteFunc(rows, func(r *providerRow) bool { return !r.Ready })
	}
	if p.JSON {
		return json.NewEncoder(io.out).Encode(rows)
	}
	w := tabwriter.NewWriter(io.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "PROVIDER\tNAME\tMODELS\tREADY\tNEEDS\tBASE URL")
	for _, r := range rows {
		ready := "yes"
		if !r.Ready {
			ready = "no"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%s\n", r.Slug, r.Name, r.Models, ready, r.Needs, r.Base)
	}
	return w.Flush()
}
