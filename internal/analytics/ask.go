package analytics

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// Ask is a query as clients write it (reference §3.18). Absent and null are the same.
type Ask struct {
	Metrics              []string        `json:"metrics"`
	Dimensions           []string        `json:"dimensions"`
	Filters              []AskFilter     `json:"filters"`
	Granularity          string          `json:"granularity"`
	TimeRange            *AskRange       `json:"time_range"`
	OrderBy              *AskOrder       `json:"order_by"`
	Limit                *int            `json:"limit"`
	GroupLimit           *int            `json:"group_limit"`
	ClassifierDimensions json.RawMessage `json:"classifier_dimensions"`
	ClassifierFilters    json.RawMessage `json:"classifier_filters"`

	// Labels is what a label of a key says, by the hash that records name; "" nothing. It is nobody's to write.
	Labels func(key, label string) string `json:"-"`
}

// AskFilter is one condition; all of them must hold.
type AskFilter struct {
	Field        string          `json:"field"`
	Operator     string          `json:"operator"`
	Value        json.RawMessage `json:"value"`
	IncludeUnset bool            `json:"include_unset"`
}

// AskRange is a time from start, included, to end, not included.
type AskRange struct {
	Start string `json:"start"`
	End   string `json:"end"`
}

// AskOrder is what rows are sorted by.
type AskOrder struct {
	Field     string `json:"field"`
	Direction string `json:"direction"`
}

// ReadAsk decodes a request body. Members that a query does not have are ignored. Errors are
// of kind Invalid and name the member.
func ReadAsk(raw []byte) (*Ask, error) {
	a := &Ask{}
	err := json.Unmarshal(raw, a)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return nil, fault.Bad(wrong.Field, wrong.Field+" must not be a "+wrong.Value+"; its form is in /openapi.json")
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "The request body must be a JSON object")
	}
	return a, nil
}

// timeRange is the asked range, or without one the time since midnight seven days ago.
func (a *Ask) timeRange(now time.Time) (from, to time.Time, err error) {
	if a.TimeRange == nil {
		return now.Truncate(day).Add(-7 * day), now, nil
	}
	if from, err = moment("time_range.start", a.TimeRange.Start); err != nil {
		return from, to, err
	}
	if to, err = moment("time_range.end", a.TimeRange.End); err != nil {
		return from, to, err
	}
	if !from.Before(to) {
		return from, to, fault.Bad("time_range", "time_range.end must be later than time_range.start")
	}
	return from, to, nil
}

func moment(at, s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9998 {
		return t, fault.Bad(at, at+" must be a time such as 2026-03-04T00:00:00Z")
	}
	return t.UTC(), nil
}

// unclassified refuses what needs a classifier: there is none.
func (a *Ask) unclassified() error {
	for at, raw := range map[string]json.RawMessage{"classifier_dimensions": a.ClassifierDimensions, "classifier_filters": a.ClassifierFilters} {
		if len(raw) > 0 && string(raw) != "null" {
			return fault.Bad(at, at+" needs an active classifier, and this gateway has none; leave it out")
		}
	}
	return nil
}
