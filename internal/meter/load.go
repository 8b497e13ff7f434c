package meter

import (
	"math"

	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// Load is the most that a request will use.
type Load struct {
	Prompt int64  // tokens, see Estimate
	Output int64  // tokens
	Images int64  // images in the prompt
	Tier   string // service tier asked for

	CacheWrites bool // the prompt may be written to a cache
	MediaIn     bool // audio or images in the prompt, which may have rates of their own
	MediaOut    bool // audio or images in the answer

	Searches    int64 // search units of a rerank
	Characters  int64 // spoken
	AudioMillis int64 // transcribed
	Drawn       int64 // images generated
}

// LoadOf is the load of a request each of whose answers is limited to maxOutput tokens;
// it multiplies by the number of answers itself. It takes cache writes to be possible: an
// upstream may cache on its own.
func LoadOf(r *llm.Request, maxOutput int64) Load {
	if r.From.Operation() != llm.Generate {
		return loadOfOther(r, maxOutput)
	}
	return Load{
		Prompt:      Estimate(r.Size),
		Output:      times(maxOutput, r.Written()),
		Images:      r.Size.Images,
		Tier:        r.Tier(),
		CacheWrites: true,
		MediaIn:     r.Size.Images > 0 || r.Size.Audio > 0 || r.Needs&llm.NeedAudioIn != 0,
		MediaOut:    r.Needs&(llm.NeedAudioOut|llm.NeedImageOut) != 0,
	}
}

// Ceiling is the most that the load can cost, for a hold: no usage within the load has a
// higher bill, web searches aside. The error is ErrNegative, ErrUnpriced or
// money.ErrOverflow.
func Ceiling(p *catalog.Pricing, l Load) (money.Amount, error) {
	if p == nil {
		return 0, ErrUnpriced
	}
	if l.Prompt < 0 || l.Output < 0 || l.Images < 0 || l.Searches < 0 || l.Characters < 0 || l.AudioMillis < 0 || l.Drawn < 0 {
		return 0, ErrNegative
	}
	highest, err := rateCeiling(&p.Rates, l)
	if err != nil {
		return 0, err
	}
	// The prompt may turn out shorter than estimated, so every tier up to it may apply.
	for i := range p.Tiers {
		if l.Prompt <= p.Tiers[i].AbovePrompt {
			break
		}
		if highest, err = higher(highest, &p.Tiers[i].Rates, l); err != nil {
			return 0, err
		}
	}
	if p.Priority != nil && IsPriority(l.Tier) {
		return higher(highest, p.Priority, l)
	}
	return highest, nil
}

func higher(than money.Amount, r *catalog.Rates, l Load) (money.Amount, error) {
	a, err := rateCeiling(r, l)
	return max(a, than), err
}

func rateCeiling(r *catalog.Rates, l Load) (money.Amount, error) {
	in, out := max(r.Prompt, or(r.CacheRead, 0)), max(r.Completion, or(r.Reasoning, 0))
	if l.CacheWrites {
		in = max(in, or(r.CacheWrite, 0), or(r.CacheWrite1h, 0))
	}
	if l.MediaIn {
		in = max(in, or(r.AudioInput, 0), or(r.ImageInput, 0))
	}
	if l.MediaOut {
		out = max(out, or(r.AudioOutput, 0), or(r.ImageOutput, 0))
	}
	var s money.Sum
	s.AddUnits(l.Prompt, in)
	s.AddUnits(l.Output, out)
	s.AddUnits(l.Images, or(r.Image, 0))
	s.AddUnits(1, or(r.Request, 0))
	s.AddUnits(l.Searches, or(r.Search, 0))
	s.AddUnits(l.Characters, or(r.Character, 0))
	s.AddUnits(l.AudioMillis, or(millisecond(r), 0))
	s.AddUnits(l.Drawn, or(r.OutputImage, 0))
	return s.Amount()
}

// AffordableOutput is the most output tokens, at most l.Output, with which the load's
// ceiling is within available; 0 when that pays for none.
func AffordableOutput(p *catalog.Pricing, l Load, available money.Amount) int64 {
	affordable := func(output int64) bool {
		l.Output = output
		c, err := Ceiling(p, l)
		return err == nil && c <= available
	}
	most := l.Output
	if most <= 0 || affordable(most) {
		return max(most, 0)
	}
	least := int64(0) // affordable, or nothing is
	for most-least > 1 {
		if half := least + (most-least)/2; affordable(half) {
			least = half
		} else {
			most = half
		}
	}
	return least
}

// times is a × b for counts, at the largest int64 instead of overflowing.
func times(a, b int64) int64 {
	if a <= 0 || b <= 0 {
		return 0
	}
	if a > math.MaxInt64/b {
		return math.MaxInt64
	}
	return a * b
}
