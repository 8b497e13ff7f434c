package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

type peopleCmd struct {
	List          peopleListCmd   `cmd:"" help:"List everybody who signs in."`
	Delete        peopleDeleteCmd `cmd:"" help:"Delete a person and disable their keys; their members stay."`
	ResetPassword peopleResetCmd  `cmd:"" help:"Print a link with which a person sets a new password."`
	Unlink        peopleUnlinkCmd `cmd:"" help:"Forget which account of an identity provider a person is; the next one with the address is."`
}

type peopleListCmd struct {
	JSON bool `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

// placeIn is an organisation and a role in it.
type placeIn struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"`
}

type personRow struct {
	ID            string    `json:"id"`
	Email         string    `json:"email"`
	Name          string    `json:"name"`
	TOTP          bool      `json:"totp"`
	Passkeys      int       `json:"passkeys"`
	Password      bool      `json:"has_password"`
	Provider      string    `json:"identity_provider"`
	Organizations []placeIn `json:"organizations"`
	Sessions      int       `json:"sessions"`
	Created       string    `json:"created_at"`
}

// Run lists people.
func (p *peopleListCmd) Run(c *commands, io *streams) error {
	var people []personRow
	if err := c.pages("/people", &people); err != nil {
		return err
	}
	if p.JSON {
		return json.NewEncoder(io.out).Encode(people)
	}
	w := tabwriter.NewWriter(io.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "E-MAIL\tNAME\tORGANIZATIONS\tSIGNS IN WITH\tSESSIONS")
	for _, r := range people {
		var places []string
		for _, o := range r.Organizations {
			places = append(places, o.Name+" ("+o.Role+")")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\n", r.Email, r.Name, strings.Join(places, ", "), strings.Join(r.ways(), ", "), r.Sessions)
	}
	return w.Flush()
}

func (r *personRow) ways() (list []string) {
	if r.Password {
		list = append(list, "password")
	}
	if r.TOTP {
		list = append(list, "code")
	}
	if r.Passkeys > 0 {
		list = append(list, "passkey")
	}
	if r.Provider != "" {
		list = append(list, r.Provider)
	}
	return list
}

// pages reads a list page by page.
func (c *commands) pages(path string, out any) (err error) {
	a, err := c.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	all := []json.RawMessage{}
	for {
		var page struct {
			Data  []json.RawMessage `json:"data"`
			Total int               `json:"total_count"`
		}
		if err := a.call("GET", fmt.Sprintf("%s?limit=100&offset=%d", path, len(all)), nil, &page); err != nil {
			return err
		}
		if all = append(all, page.Data...); len(page.Data) == 0 || len(all) >= page.Total {
			break
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, out)
}

type peopleResetCmd struct {
	Email        string `arg:"" help:"Whose password."`
	SecondFactor bool   `help:"Also take away the second factor and all passkeys, when the device is lost."`
}

// Run prints a link.
func (p *peopleResetCmd) Run(c *commands, io *streams) error {
	var out struct {
		Data struct {
			URL     string `json:"url"`
			Expires string `json:"expires_at"`
		} `json:"data"`
	}
	if err := c.change("POST", "/people/reset", map[string]any{"email": p.Email, "second_factor": p.SecondFactor}, &out); err != nil {
		return err
	}
	fmt.Fprintln(io.out, out.Data.URL)
	fmt.Fprintf(io.err, "It works once, until %s. The password there is now works on until then.\n", out.Data.Expires)
	return nil
}

type peopleUnlinkCmd struct {
	Email string `arg:"" help:"Whom."`
}

// Run unlinks a person.
func (p *peopleUnlinkCmd) Run(c *commands, io *streams) error {
	if err := c.change("POST", "/people/unlink", map[string]any{"email": p.Email}, &struct{}{}); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "Whoever the identity provider next vouches for as %s is this person.\n", p.Email)
	return nil
}

type peopleDeleteCmd struct {
	Email string `arg:"" help:"Whom."`
}

// Run deletes a person.
func (p *peopleDeleteCmd) Run(c *commands, io *streams) error {
	var people []personRow
	if err := c.pages("/people", &people); err != nil {
		return err
	}
	i := slices.IndexFunc(people, func(r personRow) bool { return strings.EqualFold(r.Email, p.Email) })
	if i < 0 {
		return fmt.Errorf("nobody signs in as %s; `dragoman people list` has everybody", p.Email)
	}
	if err := c.change("DELETE", "/people/"+people[i].ID, nil, &struct{}{}); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%s is deleted.\n", people[i].Email)
	return nil
}

// change makes one change.
func (c *commands) change(method, path string, in, out any) (err error) {
	a, err := c.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return a.call(method, path, in, out)
}

type setupTokenCmd struct{}

// Run prints the link for the first owner.
func (setupTokenCmd) Run(c *commands, io *streams) error {
	var out struct {
		Data struct {
			URL string `json:"url"`
		} `json:"data"`
	}
	if err := c.change("POST", "/setup/token", nil, &out); err != nil {
		return err
	}
	fmt.Fprintln(io.out, out.Data.URL)
	fmt.Fprintln(io.err, "Whoever opens it first becomes the owner. A link printed before works no more.")
	return nil
}

type organizationsCmd struct {
	List   organizationsListCmd   `cmd:"" help:"List organizations."`
	Create organizationsCreateCmd `cmd:"" help:"Create an organization."`
}

type organizationsListCmd struct {
	JSON bool `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

type organizationRow struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Workspace string `json:"default_workspace_id"`
	Created   string `json:"created_at"`
}

// Run lists organisations.
func (o *organizationsListCmd) Run(c *commands, io *streams) error {
	var rows []organizationRow
	if err := c.pages("/organizations", &rows); err != nil {
		return err
	}
	if o.JSON {
		return json.NewEncoder(io.out).Encode(rows)
	}
	w := tabwriter.NewWriter(io.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tCREATED")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.ID, r.Name, r.Created)
	}
	return w.Flush()
}

type organizationsCreateCmd struct {
	Name  string `arg:"" help:"What it is called."`
	Owner string `help:"E-mail address of its owner, for whom a link is printed." placeholder:"EMAIL"`
	JSON  bool   `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

// Run creates an organisation.
func (o *organizationsCreateCmd) Run(c *commands, io *streams) error {
	in := map[string]any{"name": o.Name}
	if o.Owner != "" {
		in["owner_email"] = o.Owner
	}
	var out struct {
		Data struct {
			organizationRow
			Invitation *struct {
				URL     string `json:"url"`
				Expires string `json:"expires_at"`
			} `json:"invitation"`
		} `json:"data"`
	}
	if err := c.change("POST", "/organizations", in, &out); err != nil {
		return err
	}
	if o.JSON {
		return json.NewEncoder(io.out).Encode(out.Data)
	}
	fmt.Fprintln(io.out, out.Data.ID)
	if i := out.Data.Invitation; i != nil {
		fmt.Fprintf(io.out, "%s\n", i.URL)
		fmt.Fprintf(io.err, "Give the link to %s: it works once, until %s.\n", o.Owner, i.Expires)
	}
	return nil
}
