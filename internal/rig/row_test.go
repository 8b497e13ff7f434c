package rig

import (
	"testing"
	"time"
)

// rounds are results of one request each, costing so many microseconds.
func rounds(us ...int) []LoadResult {
	var out []LoadResult
	for _, u := range us {
		out = append(out, LoadResult{Requests: 1, CPU: time.Duration(u) * time.Microsecond})
	}
	return out
}

func TestRatioIsTheMedianOfPairs(t *testing.T) {
	row := &Row{Name: "chat-16"}
	row.target(targetRevproxy).Rounds = rounds(100, 200, 100)
	row.target(targetGateway).Rounds = rounds(150, 220, 120)
	if got := row.ratio(); got.Median() != 1.2 || got.Min() != 1.1 || got.Max() != 1.5 {
		t.Errorf("ratios %v", got)
	}
}

func TestVerdicts(t *testing.T) {
	row := &Row{Name: "chat-16"}
	row.target(targetRevproxy).Rounds = rounds(100)
	row.target(targetGateway).Rounds = rounds(150)
	report := &Report{Rows: []*Row{row}}
	if v := judge(report); len(v) != 1 || !v[0].Kept {
		t.Errorf("1.5 under a limit of 1.6: %v", v)
	}
	row.target(targetGateway).Rounds[0].Failed = 1
	if v := judge(report); v[0].Kept {
		t.Error("a failed request does not miss the bar")
	}
	row.target(targetGateway).Rounds = rounds(170)
	report.Verdicts = judge(report)
	if report.Missed() != 1 {
		t.Error("1.7 over a limit of 1.6 is kept")
	}
	row.target(targetGateway).Rounds = nil
	if v := judge(report); v[0].Kept {
		t.Error("a bar is kept without a measurement")
	}
}

func TestLostStreamsMissTheBar(t *testing.T) {
	row := &Row{Name: "many-10000", Streams: 2}
	row.target(targetGateway).Rounds = []LoadResult{{Requests: 1}}
	if v := judge(&Report{Rows: []*Row{row}}); len(v) != 1 || v[0].Kept || v[0].Figure != 1 {
		t.Errorf("one of two streams is there: %v", v)
	}
}

func TestQuantile(t *testing.T) {
	all := []time.Duration{5, 1, 4, 2, 3}
	if quantile(all, 0.5) != 3 || quantile(all, 0.99) != 5 || quantile(nil, 0.5) != 0 {
		t.Error("quantiles are off")
	}
}
