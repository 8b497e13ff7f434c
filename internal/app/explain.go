package app

import (
	"context"
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/config"
	"github.com/dragoman-gateway/dragoman/internal/dialect"
	"github.com/dragoman-gateway/dragoman/internal/dialect/openaichat"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/gateway"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/health"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
	"github.com/dragoman-gateway/dragoman/internal/route"
)

// explain is what would become of a chat completions request of a key.
func (a *App) explain(ctx context.Context, k *account.Key, body []byte) (*route.Preview, error) {
	return a.gateway.Explain(ctx, k, openaichat.Surface{}, body)
}

// Explain plans a request against a configuration, with nothing known of health. refusal
// says why there is no plan, when there is none.
func Explain(f *config.File, model string, body []byte, seed uint64) (d *generation.Decision, refusal string, err error) {
	snap, err := Check(f)
	if err != nil {
		return nil, "", err
	}
	var doc rawjson.Doc
	if err := doc.Parse(body); err != nil {
		return nil, "", fmt.Errorf("--request is %w", err)
	}
	var patch rawjson.Patch
	if m := doc.Root().Get("model"); m.Exists() {
		patch.Set(m, rawjson.AppendString(nil, model))
	} else {
		patch.Append(doc.Root(), "model", rawjson.AppendString(nil, model))
	}
	req, err := openaichat.Surface{}.DecodeRequest(dialect.Inbound{Body: patch.Apply(nil, body)})
	if err != nil {
		return nil, "", err
	}
	plan, err := gateway.Plan(req, snap, health.Empty, effective(&f.Config), nil, seed)
	if err != nil {
		if d := plan.Decision(); len(d.Dropped) > 0 {
			return d, fault.As(err).Message(), nil
		}
		return nil, "", err
	}
	return plan.Decision(), "", nil
}
