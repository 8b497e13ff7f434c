package rig

import (
	"cmp"
	"fmt"
)

// A bar is a promise of the product about its speed.
type bar struct {
	scenario, says string
	limit          float64
	unit           string
	figure         func(*Row) float64
}

func ratioOf(row *Row) float64  { return row.ratio().Median() }
func memoryIn(row *Row) float64 { return row.subject().peak() }
func startOf(row *Row) float64  { return row.subject().startMS().Median() }
func lostIn(row *Row) float64   { return float64(row.Streams - row.subject().completed()) }

// bars are what must hold in one run with everything on.
var bars = append([]bar{
	{"chat-16", "a small chat costs at most 1.6 × the plain proxy", 1.6, "×", ratioOf},
	{"chat-64", "the same at 64 connections", 1.6, "×", ratioOf},
	{"prompt-200k", "a prompt of 200 KB at most 1.3 ×", 1.3, "×", ratioOf},
	{"image-2m", "an image of 2 MB at most 1.3 ×", 1.3, "×", ratioOf},
	{"chunk-paced", "a streamed chunk at most 1.15 ×", 1.15, "×", ratioOf},
	{"chunk-burst", "the same when chunks come back to back", 1.15, "×", ratioOf},
	{"translate-paced", "a translated chunk at most 1.6 ×", 1.6, "×", ratioOf},
	{"translate-burst", "the same when chunks come back to back", 1.6, "×", ratioOf},
	{"slow-1000", "1,000 slow streams in at most 100 MiB", 100, "MiB", memoryIn},
	{"many-10000", "of 10,000 streams, all open at once, none is lost", 0, "lost", lostIn},
	{"start", "first answer at most 60 ms after the start", 60, "ms", startOf},
}, routeBars()...)

// routeBars are those of clients before providers: of a chunk, and of a small request where
// that is translated.
func routeBars() (out []bar) {
	for _, s := range scenarios(false) {
		switch same := s.wire == cmp.Or(s.client, openAI); {
		case !s.named, same && !s.perChunk:
		case same:
			out = append(out, bar{s.name, s.title + ", at most 1.15 ×", 1.15, "×", ratioOf})
		case s.perChunk:
			out = append(out, bar{s.name, s.title + ", at most 1.5 ×", 1.5, "×", ratioOf})
		default:
			out = append(out, bar{s.name, s.title + ", at most 1.7 ×", 1.7, "×", ratioOf})
		}
	}
	return out
}

// A Verdict says whether a bar was kept. It is not when any request of the scenario failed.
type Verdict struct {
	Scenario, Says string
	Limit, Figure  float64
	Unit           string
	Failed         int // requests of the gateway that failed
	Kept           bool
}

// judge gives a verdict for every bar whose scenario ran.
func judge(r *Report) []Verdict {
	var out []Verdict
	for _, b := range bars {
		for _, row := range r.Rows {
			if row.Name != b.scenario {
				continue
			}
			v := Verdict{Scenario: b.scenario, Says: b.says, Limit: b.limit, Unit: b.unit, Figure: b.figure(row)}
			if row.Streams > 0 {
				v.Says += fmt.Sprintf(" (%d opened)", row.Streams) // a quick run, or few files
			}
			v.Failed, _ = row.subject().failed()
			v.Kept = v.Failed == 0 && row.subject().measured() && v.Figure <= b.limit
			out = append(out, v)
		}
	}
	return out
}
