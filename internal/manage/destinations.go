package manage

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/broadcast"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/telemetry"
)

// Destinations are what management needs of the room that tells them.
type Destinations interface {
	// Open and Seal read and write a destination's configuration; Seal counts its version up.
	Open(context.Context, *account.Destination) (telemetry.Config, error)
	Seal(context.Context, *account.Destination, telemetry.Config) error
	Try(context.Context, *account.Destination) error
	Last(id string) (broadcast.Delivery, bool)
}

func (a *API) listDestinations(c *call) (any, error) {
	workspace := ""
	if ref, ok := c.params().get("workspace_id"); ok {
		w, err := a.findWorkspace(c, ref)
		if err != nil {
			return nil, err
		}
		workspace = w.ID
	}
	return paged(c, a.Directory.Destinations(a.account(c), workspace), a.destinationRow)
}

// destinationType is what can be told, and the values it is configured with.
type destinationType struct {
	Type   string             `json:"type"`
	Values []destinationValue `json:"values"`
}

type destinationValue struct {
	Name     string  `json:"name"`
	Required bool    `json:"required"`
	Secret   bool    `json:"secret"`
	Default  *string `json:"default"`
	Must     *string `json:"must_be"` // in words
}

func (a *API) listDestinationTypes(*call) (any, error) {
	rows := make([]destinationType, len(telemetry.Kinds))
	for i := range telemetry.Kinds {
		k := &telemetry.Kinds[i]
		rows[i] = destinationType{k.Name, make([]destinationValue, len(k.Fields))}
		for j := range k.Fields {
			f := &k.Fields[j]
			v := destinationValue{Name: f.Name, Required: f.Required, Secret: f.Secret, Default: present(f.Default)}
			if f.Shape != nil {
				v.Must = &f.Shape.Must
			}
			rows[i].Values[j] = v
		}
	}
	return data{rows}, nil
}

func (a *API) getDestination(c *call) (any, error) {
	d, err := a.findDestination(c)
	if err != nil {
		return nil, err
	}
	return data{a.destinationRow(d)}, nil
}

func (a *API) findDestination(c *call) (*account.Destination, error) {
	d, ok := a.Directory.Destination(a.account(c), c.PathValue("id"))
	if !ok {
		return nil, fault.New(fault.NotFound, "No observability destination has this id; list them at /observability/destinations")
	}
	return d, nil
}

func (a *API) createDestination(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	d := &account.Destination{ID: newUUID(), Account: a.account(c), Workspace: a.home(c), Created: c.now, Updated: c.now}
	for _, name := range []string{"type", "name", "config"} {
		if !b.has(name) {
			b.fail(name, "given")
		}
	}
	d.Kind = b.text("type", false)
	if b.err == nil && slices.Contains(telemetry.Unbuilt, d.Kind) {
		return nil, fault.New(fault.Unbuilt, "Destinations of the type "+d.Kind+" are not built in this version; a collector (otel-collector) can pass traces on to it")
	}
	kind := telemetry.KindOf(d.Kind)
	if kind == nil {
		b.fail("type", "one of "+strings.Join(kindNames(), ", "))
	}
	if b.has("workspace_id") {
		if d.Workspace = a.workspaceIn(c, b); d.Workspace == "" {
			b.fail("workspace_id", "the id of a workspace; list them at /workspaces")
		}
	}
	config := b.config()
	a.destination(c, b, d)
	if b.err != nil {
		return nil, b.err
	}
	if err := a.sealDestination(c, d, kind, config); err != nil {
		return nil, err
	}
	row := a.destinationRow(d)
	if err := a.change(c, a.entry(c, "destination.create", d.ID, row), func(tx *directory.Tx) error { return tx.PutDestination(d) }); err != nil {
		return nil, err
	}
	return created{data{row}}, nil
}

func kindNames() (names []string) {
	for i := range telemetry.Kinds {
		names = append(names, telemetry.Kinds[i].Name)
	}
	return names
}

// sealDestination checks a configuration and seals it into the destination.
func (a *API) sealDestination(c *call, d *account.Destination, kind *telemetry.Kind, config telemetry.Config) error {
	if _, err := kind.Target(config); err != nil {
		return fault.Bad("config", err.Error())
	}
	if err := a.Destinations.Seal(c.Context(), d, config); err != nil {
		return stored("seal the configuration of a destination", err)
	}
	return nil
}

// config takes the configuration out of the body, whose copy in the audit log must not have
// its secrets.
func (b *body) config() (c telemetry.Config) {
	const must = "an object of strings, with headers as one of them"
	var values map[string]json.RawMessage
	if !b.read("config", false, &values, must) {
		return c
	}
	delete(b.members, "config")
	c.Values = map[string]string{}
	for name, raw := range values {
		var text string
		switch {
		case name == "headers":
			if string(raw) != "null" && json.Unmarshal(raw, &c.Headers) != nil {
				b.fail("config.headers", "an object of strings")
			}
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) != nil:
			b.fail("config."+name, "a string")
		default:
			c.Values[name] = text
		}
	}
	return c
}

// destination sets what the body has, but for the configuration.
func (a *API) destination(c *call, b *body, d *account.Destination) {
	if b.has("name") {
		d.Name = b.text("name", false)
	}
	if b.has("enabled") {
		d.Disabled = !b.flag("enabled")
	}
	for name, to := range map[string]*bool{"privacy_mode": &d.Private, "broadcast_generation_cost": &d.Cost,
		"broadcast_generation_identity": &d.Identity, "broadcast_generation_request_context": &d.Context} {
		if b.has(name) {
			*to = b.flag(name)
		}
	}
	if b.has("sampling_rate") {
		d.Sampling = b.share("sampling_rate")
	}
	if b.has("regions") {
		if regions := b.texts("regions", false, 8); b.err == nil && (len(regions) == 0 || slices.ContainsFunc(regions, func(r string) bool { return r != anywhere[0] })) {
			b.fail("regions", `["global"]: this gateway has one entrance, and no region of its own`)
		}
	}
	if b.has("api_key_hashes") {
		d.Keys = a.subjects(c, b, "api_key_hashes", d.Keys)
	}
	if b.has("filter_rules") {
		d.Rules = b.rules()
	}
}

// ruleGroup is one as clients write it.
type ruleGroup struct {
	Logic string `json:"logic"`
	Rules []struct {
		Field    string          `json:"field"`
		Operator string          `json:"operator"`
		Value    json.RawMessage `json:"value,omitempty"`
	} `json:"rules"`
}

// rules are the filter rules of a destination; nil for null.
func (b *body) rules() *account.Rules {
	const must = "an object with groups of rules, or null"
	var in struct {
		Enabled *bool       `json:"enabled"`
		Groups  []ruleGroup `json:"groups"`
	}
	if !b.read("filter_rules", true, &in, must) {
		return nil
	}
	out := &account.Rules{Off: in.Enabled != nil && !*in.Enabled, Groups: []account.RuleGroup{}}
	for _, g := range in.Groups {
		group := account.RuleGroup{Any: g.Logic == "or", Rules: []account.Rule{}}
		if g.Logic != "" && g.Logic != "or" && g.Logic != "and" {
			b.fail("filter_rules", "made of groups with the logic and, or or")
		}
		for _, r := range g.Rules {
			group.Rules = append(group.Rules, account.Rule{Field: r.Field, Operator: r.Operator, Value: written(r.Value)})
		}
		out.Groups = append(out.Groups, group)
	}
	if err := telemetry.Check(out); err != nil && b.err == nil {
		b.err = fault.Bad("filter_rules", err.Error())
	}
	return out
}

// written is a string, or a number as it is written.
func written(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

func (a *API) updateDestination(c *call) (any, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	old, err := a.findDestination(c)
	if err != nil {
		return nil, err
	}
	fresh := *old // gets the new configuration, if there is one
	if b.has("config") {
		if err := a.reconfigure(c, b, &fresh); err != nil {
			return nil, err
		}
	}
	var d account.Destination
	err = a.change(c, a.entry(c, "destination.update", old.ID, nil), telling(func(tx *directory.Tx) error {
		now, ok := tx.Destination(old.Account, old.ID)
		if !ok {
			return fault.New(fault.NotFound, "The destination was deleted meanwhile")
		}
		d = *now
		if fresh.Version != old.Version {
			d.Sealed, d.Shown, d.Version = fresh.Sealed, fresh.Shown, now.Version+1
		}
		if a.destination(c, b, &d); b.err != nil {
			return b.err
		}
		d.Updated = c.now
		return tx.PutDestination(&d)
	}, func() any { return map[string]any{"reconfigured": fresh.Version != old.Version, "set": b.set()} }))
	if err != nil {
		return nil, err
	}
	return data{a.destinationRow(&d)}, nil
}

// reconfigure puts what the body says of the configuration over what there is. The secrets
// of a destination stay only as long as it is at the same host.
func (a *API) reconfigure(c *call, b *body, d *account.Destination) error {
	newer := b.config()
	if b.err != nil {
		return b.err
	}
	before, err := a.Destinations.Open(c.Context(), d)
	if err != nil {
		return stored("open the configuration of a destination", err)
	}
	kind := telemetry.KindOf(d.Kind)
	if kind.Moves(before, newer) {
		before = telemetry.Config{}
	}
	return a.sealDestination(c, d, kind, kind.Over(before, newer))
}

func (a *API) deleteDestination(c *call) (any, error) {
	d, err := a.findDestination(c)
	if err != nil {
		return nil, err
	}
	if err := a.change(c, a.entry(c, "destination.delete", d.ID, map[string]string{"type": d.Kind, "name": d.Name}), func(tx *directory.Tx) error {
		tx.DeleteDestination(d.ID)
		return nil
	}); err != nil {
		return nil, err
	}
	return gone{true}, nil
}

// testDestination makes a call without requests.
func (a *API) testDestination(c *call) (any, error) {
	d, err := a.findDestination(c)
	if err != nil {
		return nil, err
	}
	row := struct {
		OK    bool    `json:"ok"`
		Error *string `json:"error"`
	}{OK: true}
	if err := a.Destinations.Try(c.Context(), d); err != nil {
		why := err.Error()
		row.OK, row.Error = false, &why
	}
	return data{row}, nil
}

// anywhere are the regions whose requests a destination is told of.
var anywhere = []string{"global"}

// destinationRow is a destination as the API shows it: never its secrets.
type destinationRow struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Type      string            `json:"type"`
	Workspace string            `json:"workspace_id"`
	Enabled   bool              `json:"enabled"`
	Config    map[string]any    `json:"config"`
	Private   bool              `json:"privacy_mode"`
	Cost      bool              `json:"broadcast_generation_cost"`
	Identity  bool              `json:"broadcast_generation_identity"`
	Context   bool              `json:"broadcast_generation_request_context"`
	Sampling  float64           `json:"sampling_rate"`
	Regions   []string          `json:"regions"`
	Keys      []account.KeyHash `json:"api_key_hashes"`
	KeyNames  []*string         `json:"api_key_names"` // ours
	Rules     *rulesRow         `json:"filter_rules"`
	Delivery  *deliveryRow      `json:"delivery"`   // ours
	LastError *failureInfo      `json:"last_error"` // ours
	Created   string            `json:"created_at"`
	Updated   string            `json:"updated_at"`
}

// deliveryRow is how a destination was told since the gateway began.
type deliveryRow struct {
	Sent    int64   `json:"sent"`
	Dropped int64   `json:"dropped"`
	Last    *string `json:"last_call_at"`
}

type rulesRow struct {
	Enabled bool        `json:"enabled"`
	Groups  []ruleGroup `json:"groups"`
}

func (a *API) destinationRow(d *account.Destination) destinationRow {
	r := destinationRow{
		ID: d.ID, Name: d.Name, Type: d.Kind, Workspace: d.Workspace, Enabled: !d.Disabled, Config: map[string]any{},
		Private: d.Private, Cost: d.Cost, Identity: d.Identity, Context: d.Context, Sampling: d.Share(), Regions: anywhere, Keys: d.Keys, KeyNames: a.keyNames(d.Keys), Rules: newRulesRow(d.Rules),
		Created: timestamp(d.Created), Updated: timestamp(d.Updated),
	}
	var shown telemetry.Config
	if err := json.Unmarshal(d.Shown, &shown); err != nil {
		shown = telemetry.Config{} // what cannot be read is not shown
	}
	for name, v := range shown.Values {
		r.Config[name] = v
	}
	if len(shown.Headers) > 0 {
		r.Config["headers"] = shown.Headers
	}
	if last, ok := a.Destinations.Last(d.ID); ok {
		r.Delivery = &deliveryRow{last.Sent, last.Dropped, since(last.At)}
		if last.Error != "" {
			r.LastError = &failureInfo{timestamp(last.At), last.Error}
		}
	}
	return r
}

// keyNames are what keys are called, in their order; null is one that is gone.
func (a *API) keyNames(hashes []account.KeyHash) (names []*string) {
	for _, h := range hashes {
		var name *string
		if k, ok := a.Store.Key(h); ok {
			name = &k.Name
		}
		names = append(names, name)
	}
	return names
}

func newRulesRow(r *account.Rules) *rulesRow {
	if r == nil {
		return nil
	}
	out := &rulesRow{Enabled: !r.Off, Groups: []ruleGroup{}}
	for _, g := range r.Groups {
		var row ruleGroup
		if row.Logic = "and"; g.Any {
			row.Logic = "or"
		}
		row.Rules = slices.Grow(row.Rules, len(g.Rules))[:len(g.Rules)]
		for i, rule := range g.Rules {
			row.Rules[i].Field, row.Rules[i].Operator = rule.Field, rule.Operator
			row.Rules[i].Value = rawjson.AppendString(nil, rule.Value)
		}
		out.Groups = append(out.Groups, row)
	}
	return out
}
