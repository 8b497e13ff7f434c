package route

import "strings"

// Variant is what the routing variants of a model's name ask for (reference §4.4).
type Variant struct {
	Sort     string `json:"sort,omitempty"`     // price throughput exacto; "" none
	Priority bool   `json:"priority,omitempty"` // priority endpoints are admitted
	Flex     bool   `json:"flex,omitempty"`     // flex endpoints are admitted
}

// Split takes the routing variants off a model's name: "a/b:free:nitro" is "a/b:free"
// sorted by throughput. The last sorting variant wins; other variants stay in the slug.
func Split(model string) (slug string, v Variant) {
	colon := strings.IndexByte(model, ':')
	if colon < 0 {
		return model, v
	}
	slug = model[:colon]
	for part := range strings.SplitSeq(model[colon+1:], ":") {
		switch part {
		case "nitro":
			v.Sort, v.Priority = SortThroughput, true
		case "floor":
			v.Sort, v.Flex = SortPrice, true
		case "exacto":
			v.Sort = SortExacto
		default:
			slug += ":" + part
		}
	}
	return slug, v
}

// The orders a client may ask for with provider.sort.
const (
	SortPrice      = "price"
	SortThroughput = "throughput"
	SortLatency    = "latency"
	SortExacto     = "exacto"
)
