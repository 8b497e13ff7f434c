package meter

import (
	"math"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// The declared rule by which a prompt's tokens are estimated before anyone has counted
// them. It leans high: common tokenizers take about four bytes of English text per token,
// about three of Chinese, and more where a prompt is code or markup.
const (
	bytesPerToken    = 3
	tokensPerMessage = 8
	tokensPerRequest = 16

	tokensPerImage      = 4800 // the largest an image is scaled to at the providers listed
	tokensPerFile       = 3000 // one page at least, seen and read
	fileBytesPerToken   = 6
	audioBytesPerToken  = 64  // 32 tokens per second at 16 kbit/s, base64
	videoBytesPerToken  = 100 // 300 tokens per second at 200 kbit/s, base64
	answerBytesPerToken = 4
)

// Estimate is the estimate of a prompt's tokens. Media that the prompt only refers to by
// URL counts as an image or one page; audio and video by URL are not seen.
func Estimate(s llm.Size) int64 {
	n := int64(tokensPerRequest)
	for _, part := range [...]int64{
		perToken(s.Text, bytesPerToken),
		s.Tokens,
		times(s.Messages, tokensPerMessage),
		times(s.Images, tokensPerImage),
		times(s.Files, tokensPerFile),
		perToken(s.FileData, fileBytesPerToken),
		perToken(s.Audio, audioBytesPerToken),
		perToken(s.Video, videoBytesPerToken),
	} {
		if n += part; n < 0 {
			return math.MaxInt64
		}
	}
	return n
}

// EstimateUsage is the usage of an answer that the upstream did not count: none sent, or
// the stream broke off. answerBytes is the delivered text, reasoning and tool arguments;
// frames is how many content frames carried it, each at least a token. No bytes are no
// output, whatever the frames.
func EstimateUsage(prompt, answerBytes, frames int64) llm.Usage {
	u := llm.Usage{State: llm.UsageEstimated, Input: max(prompt, 0)}
	if answerBytes > 0 {
		u.Output = max(perToken(answerBytes, answerBytesPerToken), min(frames, answerBytes))
	}
	return u
}

// perToken is bytes / rate, rounded up.
func perToken(bytes, rate int64) int64 {
	if bytes <= 0 {
		return 0
	}
	return (bytes-1)/rate + 1
}
