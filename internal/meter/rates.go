package meter

import (
	"github.com/dragoman-gateway/dragoman/internal/catalog"
	"github.com/dragoman-gateway/dragoman/internal/generation"
	"github.com/dragoman-gateway/dragoman/internal/llm"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// The classes of a charge line.
const (
	Input        = "input"
	CacheRead    = "cache_read"
	CacheWrite   = "cache_write"
	CacheWrite5m = "cache_write_5m"
	CacheWrite1h = "cache_write_1h"
	AudioInput   = "audio_input"
	ImageInput   = "image_input"
	VideoInput   = "video_input"
	InputImage   = "input_image" // by image, beside its tokens
	Output       = "output"
	Reasoning    = "reasoning"
	AudioOutput  = "audio_output"
	ImageOutput  = "image_output"
	Call         = "request" // by request
	WebSearch    = "web_search"
	Search       = "search"       // by search unit of a rerank
	Character    = "character"    // by character spoken
	AudioTime    = "audio_ms"     // by millisecond transcribed
	OutputImage  = "output_image" // by image generated
)

type side uint8

const (
	otherSide side = iota
	inputSide
	outputSide
)

// sideOf says which part of the bill shows a class.
func sideOf(class string) side {
	switch class {
	case Output, Reasoning, AudioOutput, ImageOutput, OutputImage:
		return outputSide
	case Call, WebSearch:
		return otherSide
	}
	return inputSide
}

// charges is a line for each class that was used.
func charges(r *catalog.Rates, u *llm.Usage, inputImages int64) []generation.ChargeLine {
	lines := make([]generation.ChargeLine, 0, 8)
	add := func(class string, units int64, p money.Price) {
		if units > 0 {
			lines = append(lines, generation.ChargeLine{Class: class, Units: units, Price: p})
		}
	}
	write := or(r.CacheWrite, r.Prompt)
	add(Input, u.Input, r.Prompt)
	add(CacheRead, u.CacheRead, or(r.CacheRead, r.Prompt))
	add(CacheWrite, u.CacheWrite, write)
	add(CacheWrite5m, u.CacheWrite5m, write)
	add(CacheWrite1h, u.CacheWrite1h, or(r.CacheWrite1h, write))
	add(AudioInput, u.AudioInput, or(r.AudioInput, r.Prompt))
	add(ImageInput, u.ImageInput, or(r.ImageInput, r.Prompt))
	add(VideoInput, u.VideoInput, r.Prompt)
	add(Output, u.Output, r.Completion)
	add(Reasoning, u.Reasoning, or(r.Reasoning, r.Completion))
	add(AudioOutput, u.AudioOutput, or(r.AudioOutput, r.Completion))
	add(ImageOutput, u.ImageOutput, or(r.ImageOutput, r.Completion))
	add(WebSearch, u.WebSearches, or(r.WebSearch, 0))
	addIf := func(class string, units int64, p *money.Price) {
		if p != nil {
			add(class, units, *p)
		}
	}
	addIf(Search, u.Searches, r.Search)
	addIf(Character, u.Characters, r.Character)
	addIf(AudioTime, u.AudioMillis, millisecond(r))
	addIf(OutputImage, u.Images, r.OutputImage)
	if r.Image != nil {
		add(InputImage, inputImages, *r.Image)
	}
	if r.Request != nil {
		add(Call, 1, *r.Request)
	}
	return lines
}

// millisecond is the price of a thousandth of a second, rounded up; nil for none.
func millisecond(r *catalog.Rates) *money.Price {
	if r.AudioSecond == nil {
		return nil
	}
	p := *r.AudioSecond / 1000
	if *r.AudioSecond%1000 > 0 {
		p++
	}
	return &p
}

func or(p *money.Price, unset money.Price) money.Price {
	if p != nil {
		return *p
	}
	return unset
}

// tierRates is the price list for a service tier: the priority rates when that tier was
// served and is priced, which have no prompt tiers, and otherwise the list itself.
func tierRates(p *catalog.Pricing, tier string) *catalog.Pricing {
	if p.Priority != nil && IsPriority(tier) {
		return &catalog.Pricing{Rates: *p.Priority, Free: p.Free}
	}
	return p
}

// IsPriority reports whether a service tier, asked for or served, is the priority tier
// under one of its names (reference §4.14).
func IsPriority(tier string) bool { return tier == "priority" || tier == "fast" }
