package policy

import "github.com/dragoman-gateway/dragoman/internal/money"

// Merge is what is left when all layers hold.
func Merge(layers ...Layer) Effective {
	var e Effective
	for i := range layers {
		e = e.With(&layers[i])
	}
	return e
}

// With is e tightened by one more layer; e and l are not changed.
func (e Effective) With(l *Layer) Effective {
	e.Providers = with(e.Providers, l.Name, l.Providers)
	e.IgnoreProviders = with(e.IgnoreProviders, l.Name, l.IgnoreProviders)
	e.Models = with(e.Models, l.Name, l.Models)
	e.IgnoreModels = with(e.IgnoreModels, l.Name, l.IgnoreModels)
	e.Quantizations = with(e.Quantizations, l.Name, l.Quantizations)
	e.Regions = with(e.Regions, l.Name, l.Regions)
	demand(&e.DenyDataCollection, l.Name, l.DenyDataCollection)
	demand(&e.ZDR, l.Name, l.ZDR)
	for g := range e.ZDRFor {
		demand(&e.ZDRFor[g], l.Name, l.ZDRFor.Has(Group(g)))
	}
	demand(&e.DenyPaidTraining, l.Name, l.DenyPaidTraining)
	demand(&e.DenyFreeTraining, l.Name, l.DenyFreeTraining)
	demand(&e.DenyFreePublication, l.Name, l.DenyFreePublication)
	demand(&e.RequireParameters, l.Name, l.RequireParameters)
	demand(&e.DistillableOnly, l.Name, l.DistillableOnly)
	e.MaxPrice = e.MaxPrice.lower(l.MaxPrice)
	if l.Sort != "" {
		e.Sort = l.Sort
	}
	return e
}

// Sight is what of e says who may see a prompt: providers, regions, what they keep and do with
// it, in which order they are asked. What it says about models and their prices is gone.
func (e Effective) Sight() Effective {
	return Effective{
		Providers: e.Providers, IgnoreProviders: e.IgnoreProviders, Regions: e.Regions, Sort: e.Sort,
		DenyDataCollection: e.DenyDataCollection, ZDR: e.ZDR, ZDRFor: e.ZDRFor,
		DenyPaidTraining: e.DenyPaidTraining, DenyFreeTraining: e.DenyFreeTraining, DenyFreePublication: e.DenyFreePublication,
	}
}

// with appends without touching the array that old shares with another policy.
func with(old []List, from string, slugs []string) []List {
	if slugs == nil {
		return old
	}
	return append(old[:len(old):len(old)], List{from, slugs})
}

func demand(by *string, name string, wanted bool) {
	if wanted && *by == "" {
		*by = name
	}
}

func (m MaxPrice) lower(n MaxPrice) MaxPrice {
	return MaxPrice{
		Prompt:     lower(m.Prompt, n.Prompt),
		Completion: lower(m.Completion, n.Completion),
		Request:    lower(m.Request, n.Request),
		Image:      lower(m.Image, n.Image),
		Audio:      lower(m.Audio, n.Audio),
	}
}

func lower(a, b *money.Price) *money.Price {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}
