package route

// Variant is what the routing variants of a model's name ask for (reference §4.4). Package catalog
// reads them off the name, see Resolved.
type Variant struct {
	Sort     string `json:"sort,omitempty"`     // price throughput exacto; "" none
	Priority bool   `json:"priority,omitempty"` // priority endpoints are admitted
	Flex     bool   `json:"flex,omitempty"`     // flex endpoints are admitted
}

// The orders a client may ask for with provider.sort.
const (
	SortPrice      = "price"
	SortThroughput = "throughput"
	SortLatency    = "latency"
	SortExacto     = "exacto"
)
