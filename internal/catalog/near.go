package catalog

import (
	"slices"
	"strings"
)

// near is up to three slugs that look like the one asked for, best first. A model that
// can be called comes before one that cannot.
func (s *Snapshot) near(slug string) []string {
	type match struct {
		slug  string
		score int
	}
	asked := pairs(slug)
	var best []match
	for _, m := range s.sortedModels {
		score := alike(asked, pairs(m.Slug))
		if _, bare, _ := cutSlug(m.Slug); !strings.Contains(slug, "/") {
			score = alike(asked, pairs(bare))
		}
		if score < 50 {
			continue
		}
		if slices.ContainsFunc(s.byModel[m.Slug], func(e *Endpoint) bool { return e.Live }) {
			score += 10
		}
		best = append(best, match{m.Slug, score})
	}
	slices.SortStableFunc(best, func(a, b match) int { return b.score - a.score })
	var out []string
	for _, m := range best[:min(3, len(best))] {
		out = append(out, m.slug)
	}
	return out
}

// pairs are the neighbouring letters and digits of a name, sorted. Punctuation does not
// count: gpt4o and gpt-4o are the same.
func pairs(name string) []uint16 {
	out := make([]uint16, 0, len(name))
	var last byte
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c == '-' || c == '.' || c == '_' || c == '/' || c == ' ':
			continue
		}
		out = append(out, uint16(last)<<8|uint16(c))
		last = c
	}
	slices.Sort(out)
	return out
}

// alike is how many pairs two sorted lists share, in percent of both (the Dice
// coefficient).
func alike(a, b []uint16) int {
	if len(a)+len(b) == 0 {
		return 0
	}
	shared := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			shared, i, j = shared+1, i+1, j+1
		}
	}
	return 200 * shared / (len(a) + len(b))
}
