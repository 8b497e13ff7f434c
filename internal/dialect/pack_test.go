package dialect

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

func TestPack(t *testing.T) {
	for _, d := range []llm.ReasoningDetail{
		{},
		{Type: llm.ReasoningEncrypted, Data: "a+/=\"\\", ID: "call_1", Format: llm.FormatGemini},
		{Type: llm.ReasoningText, Signature: "EqQB", Format: llm.FormatAnthropic},
	} {
		if got, ok := Unpack(Pack(&d)); !ok || got != d {
			t.Errorf("%+v came back as %+v, %v", d, got, ok)
		}
	}
	for _, s := range []string{"", "EqQBCkYIBRgC", "dragoman.1.", "dragoman.1.!", "dragoman.1.e30x"} {
		if _, ok := Unpack(s); ok {
			t.Errorf("%q is taken for packed", s)
		}
	}
}

// What would come back as anybody's is packed: what is opaque, and thoughts of a known maker.
func TestSigns(t *testing.T) {
	t.Parallel()
	for d, want := range map[llm.ReasoningDetail]bool{
		{Text: "t"}:                            false,
		{Text: "t", Format: llm.FormatUnknown}: false,
		{Text: "t", Format: llm.FormatGemini}:  true,
		{Signature: "s"}:                       true,
		{Data: "d"}:                            true,
		{ID: "i", Format: llm.FormatUnknown}:   true,
	} {
		if got := Signs(&d); got != want {
			t.Errorf("%+v: %t", d, got)
		}
	}
}
