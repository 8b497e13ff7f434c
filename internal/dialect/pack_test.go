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
