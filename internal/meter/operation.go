package meter

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// Bounds and estimates of the operations that are not charged by text alone.
const (
	windowTokens       = 512    // a transcriber pads short audio to its window
	tokensPerCharacter = 10     // of speech: four characters a second at 40 tokens a second
	tokensPerDrawing   = 16_384 // the most that one image takes at the providers listed
	likelyDrawing      = 4160   // a square megapixel of high quality at OpenAI
	speechBytesToken   = 100    // compressed speech at 16 kbit/s, 20 tokens a second
)

// loadOfOther is LoadOf for an operation that does not write text into a limit.
func loadOfOther(r *llm.Request, maxOutput int64) Load {
	l := Load{
		Prompt: Estimate(r.Size), Images: r.Size.Images, MediaIn: true, MediaOut: true, CacheWrites: true,
		Searches: r.Size.Searches, Characters: r.Size.Characters, AudioMillis: r.Size.AudioMillis,
	}
	switch r.From.Operation() {
	case llm.Speak:
		l.Output = max(maxOutput, times(r.Size.Characters, tokensPerCharacter))
	case llm.Transcribe:
		l.Prompt, l.Output = max(l.Prompt, l.Prompt+windowTokens), maxOutput
	case llm.Draw:
		l.Drawn = max(r.Choices, 1)
		l.Output = times(max(maxOutput, tokensPerDrawing), l.Drawn)
	}
	return l
}

// Complete is a usage of another operation than generating, with what the price list
// charges by and the upstream did not count: exact where the request says it, else an
// estimate that is marked as one. delivered is the bytes of answer.
func Complete(p *catalog.Pricing, r *llm.Request, u llm.Usage, delivered int64) llm.Usage {
	missing := u.State == llm.UsageMissing
	ours := func(n *int64, count int64, how llm.UsageState) {
		if *n == 0 && count > 0 {
			*n = count
			if missing || how == llm.UsageEstimated {
				u.State = how
			}
		}
	}
	rates := catalog.Rates{}
	if p != nil {
		rates = p.Rates
	}
	switch r.From.Operation() {
	case llm.Embed:
		if u.Prompt() == 0 {
			ours(&u.Input, Estimate(r.Size), llm.UsageEstimated)
		}
	case llm.Rerank:
		if rates.Search != nil {
			ours(&u.Searches, r.Size.Searches, llm.UsageEstimated)
		}
		if rates.Prompt > 0 && u.Prompt() == 0 {
			ours(&u.Input, Estimate(r.Size), llm.UsageEstimated)
		}
	case llm.Speak:
		ours(&u.Characters, r.Size.Characters, llm.UsageCounted)
		if missing && (rates.Prompt > 0 || rates.Completion > 0 || rates.AudioOutput != nil) {
			ours(&u.Input, Estimate(r.Size), llm.UsageEstimated)
			ours(&u.AudioOutput, perToken(delivered, speechBytesToken), llm.UsageEstimated)
		}
	case llm.Transcribe:
		if rates.AudioSecond != nil {
			ours(&u.AudioMillis, r.Size.AudioMillis, llm.UsageEstimated)
		}
		if missing && (rates.Prompt > 0 || rates.Completion > 0 || rates.AudioInput != nil) {
			ours(&u.AudioInput, Estimate(r.Size), llm.UsageEstimated)
			ours(&u.Output, perToken(delivered, answerBytesPerToken), llm.UsageEstimated)
		}
	case llm.Draw:
		ours(&u.Images, max(r.Choices, 1), llm.UsageCounted)
		if u.Completion() == 0 && (rates.Completion > 0 || rates.ImageOutput != nil) {
			ours(&u.ImageOutput, times(u.Images, likelyDrawing), llm.UsageEstimated)
			if u.Prompt() == 0 {
				ours(&u.Input, Estimate(r.Size), llm.UsageEstimated)
			}
		}
	}
	return u
}
