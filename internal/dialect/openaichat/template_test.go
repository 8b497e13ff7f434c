package openaichat

import (
	"fmt"
	"strings"
	"testing"
)

// FuzzTemplate: a frame read by the template comes out as it does when it is parsed.
func FuzzTemplate(f *testing.F) {
	f.Add("hello", "pad", `,"usage":null`, true)
	f.Add(`a\u00e9\n`, "", "", false)
	f.Add(`"}],"usage":{},"x":["`, "p\"", `,"system_fingerprint":null`, true)
	f.Add("\xff\x00", `\`, `,"error":null`, false)
	f.Fuzz(func(t *testing.T, text, pad, tail string, crlf bool) {
		make := func(text, pad string) string {
			s := fmt.Sprintf("data: {\"id\":\"a\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},\"finish_reason\":null}]%s,\"obfuscation\":\"%s\"}\n\n", text, tail, pad)
			if crlf {
				s = strings.ReplaceAll(s, "\n", "\r\n")
			}
			return s
		}
		first, second := make("seed", "xyz"), make(text, pad)
		both := relayed(Quirks{}, strings.NewReader(first+second), true)
		alone := relayed(Quirks{}, strings.NewReader(second), true)
		lead := relayed(Quirks{}, strings.NewReader(first), true)
		if both.frames != lead.frames+alone.frames {
			t.Fatalf("with a template %q\nparsed %q", both.frames, lead.frames+alone.frames)
		}
		if both.text != lead.text+alone.text {
			t.Fatalf("counted %d, want %d + %d", both.text, lead.text, alone.text)
		}
	})
}
