package gateway

import (
	"encoding/json"
	"net/url"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/policy"
	"github.com/dragoman-gateway/dragoman/internal/receipt"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// leaves notes a call that takes something of the request out of the gateway, when the
// client wants a receipt: before it is made, so that one which fails is in the receipt too.
func (x *exchange) leaves(step *route.Step, host string, body [][]byte) {
	if !x.receipt {
		return
	}
	e := step.Endpoint
	out := receipt.Egress{Kind: "inference", Host: host, Provider: e.Provider.Slug, Endpoint: e.ID, Region: e.Region, BYOK: step.Own != "", Declared: declared(e.Data)}
	for _, own := range x.own() {
		if own.ID == step.Own && own.KeepsNothing != nil {
			out.Declared.Retains = map[bool]string{true: "no", false: "yes"}[*own.KeepsNothing]
			out.Declared.Source = "the account, of its credential"
		}
	}
	for _, b := range body {
		out.Sent += int64(len(b))
	}
	x.egress = append(x.egress, out)
}

// fetched notes media that were got by URL: who serves them learns of the request.
func (x *exchange) fetched(link string, size int) {
	if !x.receipt {
		return
	}
	host := ""
	if u, err := url.Parse(link); err == nil {
		host = u.Host
	}
	x.egress = append(x.egress, receipt.Egress{Kind: "media", Host: host, Received: int64(size)})
}

// came notes how much the last call brought.
func (x *exchange) came(status int, n int64) {
	if len(x.egress) > 0 {
		last := &x.egress[len(x.egress)-1]
		last.Received += n
		if status != 0 {
			last.Status = status
		}
	}
}

func declared(d catalog.DataPolicy) *receipt.Declared {
	word := [...]string{catalog.Unknown: "unknown", catalog.Yes: "yes", catalog.No: "no"}
	return &receipt.Declared{Trains: word[d.Trains], Retains: word[d.Retains], Publishes: word[d.Publishes], Days: d.RetentionDays, Source: d.Source.Name, AsOf: d.Source.AsOf}
}

// sign makes the receipt, which is stored with the record. "" when none is wanted, or when it
// cannot be made; why is in the log.
func (x *exchange) sign() string {
	if !x.receipt || x.g.Receipts == nil {
		return ""
	}
	asked, err := policy.FromRequest(&x.req.Routing)
	if err != nil {
		asked = policy.Layer{Name: policy.RequestLayer} // routing has refused the request before
	}
	r := receipt.Receipt{
		Version: receipt.Version, Generation: x.rec.ID, Account: x.key.Account, Workspace: x.key.Workspace, Key: string(x.key.Subject()),
		Issued: x.g.Now().UTC(), Egress: x.egress, Stored: receipt.Stored{Metadata: true, Content: x.keepsContent(), Opaque: x.g.Keep != nil && !x.zdr()},
	}
	if d := x.plan.Decision(); d != nil {
		r.Catalog = d.Catalog
	}
	if r.Policy, err = json.Marshal(x.policy.With(&asked)); err == nil && len(x.rec.Filtered) > 0 {
		r.Filtered, err = json.Marshal(x.rec.Filtered)
	}
	var doc []byte
	if err == nil {
		doc, err = receipt.Sign(x.g.Receipts, &r)
	}
	if err != nil {
		x.g.Log.Error("receipt not made", "generation", x.rec.ID, "err", err)
		return ""
	}
	return string(doc)
}

// keepsContent reports whether the client's surface keeps the answer for it.
func (x *exchange) keepsContent() bool {
	k, ok := x.surface.(interface{ Keeps() bool })
	return ok && k.Keeps()
}
