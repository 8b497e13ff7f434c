package policy

// Rule is one rule of an Effective policy, to show.
type Rule struct {
	Name   string   `json:"rule"`   // allowed_providers … sort
	From   string   `json:"from"`   // the layer that says so; of several that demand the same the first
	Values []string `json:"values"` // what it names; nil for a switch
}

// groupNames are the authors that Group tells apart.
var groupNames = [groups]string{"anthropic", "google", "openai", "x-ai", "other"}

// Listed are the lists and switches of the policy, in a fixed order. Price caps and the sort
// have no layer to name: they are in MaxPrice and Sort.
func (e *Effective) Listed() []Rule {
	out := []Rule{}
	for _, l := range []struct {
		name  string
		lists []List
	}{
		{"allowed_providers", e.Providers}, {"ignored_providers", e.IgnoreProviders},
		{"allowed_models", e.Models}, {"ignored_models", e.IgnoreModels},
		{"allowed_quantizations", e.Quantizations}, {"allowed_data_regions", e.Regions},
	} {
		for _, list := range l.lists {
			out = append(out, Rule{l.name, list.From, append([]string{}, list.Slugs...)})
		}
	}
	for _, s := range []struct{ name, from string }{
		{"deny_data_collection", e.DenyDataCollection}, {"deny_paid_training", e.DenyPaidTraining},
		{"deny_free_training", e.DenyFreeTraining}, {"deny_free_publication", e.DenyFreePublication},
		{"zdr", e.ZDR}, {"require_parameters", e.RequireParameters}, {"distillable_only", e.DistillableOnly},
	} {
		if s.from != "" {
			out = append(out, Rule{s.name, s.from, nil})
		}
	}
	for g, from := range e.ZDRFor {
		if from != "" {
			out = append(out, Rule{"zdr", from, []string{groupNames[g]}})
		}
	}
	return out
}
