package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
)

type keysCmd struct {
	Create keysCreateCmd `cmd:"" help:"Create a key; its plaintext is shown once."`
	List   keysListCmd   `cmd:"" help:"List keys."`
}

type keysCreateCmd struct {
	Name       string `help:"What the key is for." required:"" env:"DRAGOMAN_KEY_NAME"`
	Management bool   `help:"A management key instead of an inference key." env:"DRAGOMAN_KEY_MANAGEMENT"`
	Limit      string `help:"Most that it may spend, in US dollars." placeholder:"USD" env:"DRAGOMAN_KEY_LIMIT"`
	Reset      string `help:"When the limit starts again: daily, weekly, monthly." enum:",daily,weekly,monthly" default:"" env:"DRAGOMAN_KEY_RESET"`
	JSON       bool   `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

type keyRow struct {
	Hash       string          `json:"hash"`
	Label      string          `json:"label"`
	Name       string          `json:"name"`
	Disabled   bool            `json:"disabled"`
	Usage      json.Number     `json:"usage"`
	Limit      *json.Number    `json:"limit"`
	Management bool            `json:"is_management_key"`
	Created    string          `json:"created_at"`
	Rest       json.RawMessage `json:"-"`
}

// Run creates a key.
func (k *keysCreateCmd) Run(c *commands, io *streams) (err error) {
	a, err := c.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	in := map[string]any{"name": k.Name, "is_management_key": k.Management}
	if k.Limit != "" {
		in["limit"] = json.Number(k.Limit)
	}
	if k.Reset != "" {
		in["limit_reset"] = k.Reset
	}
	var out struct {
		Data json.RawMessage `json:"data"`
		Key  string          `json:"key"`
	}
	if err := a.call("POST", "/keys", in, &out); err != nil {
		return err
	}
	if k.JSON {
		return json.NewEncoder(io.out).Encode(out)
	}
	fmt.Fprintf(io.out, "%s\n", out.Key)
	fmt.Fprintln(io.err, "Shown this once; the gateway keeps only its hash.")
	return nil
}

type keysListCmd struct {
	Management bool `help:"Management keys instead of inference keys."`
	JSON       bool `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

// Run lists keys.
func (k *keysListCmd) Run(c *commands, io *streams) (err error) {
	a, err := c.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	var out struct {
		Data []keyRow `json:"data"`
	}
	path := "/keys?include_disabled=true"
	if k.Management {
		path += "&management=true"
	}
	if err := a.call("GET", path, nil, &out); err != nil {
		return err
	}
	if k.JSON {
		return json.NewEncoder(io.out).Encode(out.Data)
	}
	w := tabwriter.NewWriter(io.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tLABEL\tUSED USD\tLIMIT USD\tSTATE\tHASH")
	for _, r := range out.Data {
		limit, state := "-", "active"
		if r.Limit != nil {
			limit = r.Limit.String()
		}
		if r.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%.12s\n", r.Name, r.Label, r.Usage, limit, state, r.Hash)
	}
	return w.Flush()
}

type creditsCmd struct {
	Show  creditsShowCmd  `cmd:"" help:"Show granted credit and usage." default:"1"`
	Grant creditsGrantCmd `cmd:"" help:"Grant credit to the account."`
}

type creditsShowCmd struct {
	JSON bool `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

// Run shows the account's credit.
func (s *creditsShowCmd) Run(c *commands, io *streams) (err error) {
	a, err := c.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return showCredits(a, io, s.JSON)
}

func showCredits(a *admin, io *streams, asJSON bool) error {
	var out struct {
		Data struct {
			Credits json.Number `json:"total_credits"`
			Usage   json.Number `json:"total_usage"`
		} `json:"data"`
	}
	if err := a.call("GET", "/credits", nil, &out); err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(io.out).Encode(out.Data)
	}
	fmt.Fprintf(io.out, "granted %s USD, used %s USD\n", out.Data.Credits, out.Data.Usage)
	return nil
}

type creditsGrantCmd struct {
	Amount string `arg:"" help:"US dollars, a decimal."`
	Ref    string `help:"A reference that makes the grant happen once." env:"DRAGOMAN_GRANT_REF"`
	Note   string `help:"Why." env:"DRAGOMAN_GRANT_NOTE"`
	JSON   bool   `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

// Run grants credit.
func (g *creditsGrantCmd) Run(c *commands, io *streams) (err error) {
	a, err := c.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	in := map[string]any{"amount": json.Number(g.Amount), "ref": g.Ref, "note": g.Note}
	if err := a.call("POST", "/credits/grant", in, &struct{}{}); err != nil {
		return err
	}
	return showCredits(a, io, g.JSON)
}
