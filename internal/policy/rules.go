package policy

import "iter"

// Rules are the single rules that an Effective is made of, each as one that has nothing else,
// with the layer it comes from. A price cap has no layer's name; an order is no rule.
func (e Effective) Rules() iter.Seq2[string, Effective] {
	return func(yield func(string, Effective) bool) {
		for _, r := range e.rules() {
			if !yield(r.from, r.only) {
				return
			}
		}
	}
}

type rule struct {
	from string
	only Effective
}

func (e Effective) rules() (list []rule) {
	for _, kind := range []struct {
		lists []List
		put   func(*Effective, []List)
	}{
		{e.Models, func(o *Effective, l []List) { o.Models = l }},
		{e.IgnoreModels, func(o *Effective, l []List) { o.IgnoreModels = l }},
		{e.Providers, func(o *Effective, l []List) { o.Providers = l }},
		{e.IgnoreProviders, func(o *Effective, l []List) { o.IgnoreProviders = l }},
		{e.Quantizations, func(o *Effective, l []List) { o.Quantizations = l }},
		{e.Regions, func(o *Effective, l []List) { o.Regions = l }},
	} {
		for i := range kind.lists {
			r := rule{from: kind.lists[i].From}
			kind.put(&r.only, kind.lists[i:i+1])
			list = append(list, r)
		}
	}
	return append(list, e.switches()...)
}

func (e Effective) switches() (list []rule) {
	add := func(from string, only Effective) {
		if from != "" {
			list = append(list, rule{from, only})
		}
	}
	add(e.DenyDataCollection, Effective{DenyDataCollection: e.DenyDataCollection})
	add(e.DenyPaidTraining, Effective{DenyPaidTraining: e.DenyPaidTraining})
	add(e.DenyFreeTraining, Effective{DenyFreeTraining: e.DenyFreeTraining})
	add(e.DenyFreePublication, Effective{DenyFreePublication: e.DenyFreePublication})
	add(e.ZDR, Effective{ZDR: e.ZDR})
	for g, from := range e.ZDRFor {
		var only Effective
		only.ZDRFor[g] = from
		add(from, only)
	}
	add(e.RequireParameters, Effective{RequireParameters: e.RequireParameters})
	add(e.DistillableOnly, Effective{DistillableOnly: e.DistillableOnly})
	return list
}
