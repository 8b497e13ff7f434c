package policy

import (
	"errors"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// FromRequest is the layer that a request's `provider` object asks for (reference §4.2).
// The error is a *fault.Error of kind Invalid. Empty lists ask for nothing.
func FromRequest(r *llm.Routing) (Layer, error) {
	l := Layer{
		Name:               RequestLayer,
		Providers:          unlessEmpty(r.Only),
		IgnoreProviders:    unlessEmpty(r.Ignore),
		Quantizations:      unlessEmpty(r.Quantizations),
		DenyDataCollection: r.DenyDataCollection,
		ZDR:                r.ZDR,
		RequireParameters:  r.RequireParameters,
		DistillableOnly:    r.DistillableOnly,
	}
	if len(r.MaxPrice) == 0 {
		return l, nil
	}
	var err error
	l.MaxPrice, err = parseMaxPrice(r.MaxPrice)
	return l, err
}

func unlessEmpty(s []string) []string {
	if len(s) == 0 {
		return nil
	}
	return s
}

// parseMaxPrice reads USD per million tokens, per request and per image. Keys are read in
// order, so that of several mistakes the same one is reported each time.
func parseMaxPrice(in map[string]string) (MaxPrice, error) {
	var m MaxPrice
	keys := make([]string, 0, len(in))
	for k := range in {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		dst, decimals, parse := &m.Prompt, 9, money.PerMillion
		switch k {
		case "prompt":
		case "completion":
			dst = &m.Completion
		case "audio":
			dst = &m.Audio
		case "request":
			dst, decimals, parse = &m.Request, 15, money.ParsePrice
		case "image":
			dst, decimals, parse = &m.Image, 15, money.ParsePrice
		default:
			return m, fault.Bad("provider.max_price."+k, "provider.max_price has no field "+k+"; use prompt, completion, request, image or audio")
		}
		p, err := parse(cutDecimals(in[k], decimals))
		if err != nil {
			return m, notAPrice(k, err)
		}
		*dst = &p
	}
	return m, nil
}

func notAPrice(key string, err error) error {
	path := "provider.max_price." + key
	why := path + " is not a price; write a decimal number of USD such as 0.5"
	if errors.Is(err, money.ErrOverflow) {
		why = path + " is too large; leave it out for no cap"
	}
	e := fault.Bad(path, why)
	e.Err = err
	return e
}

// cutDecimals drops what is finer than a price can be: clients compute caps in binary
// floating point and send 0.30000000000000004. Cutting makes a cap lower, never higher.
func cutDecimals(s string, digits int) string {
	point := strings.IndexByte(s, '.')
	if point < 0 || len(s)-point-1 <= digits || strings.Trim(s[point+1:], "0123456789") != "" {
		return s
	}
	return s[:point+1+digits]
}
