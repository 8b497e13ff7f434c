package sse

import "testing"

// TestCut takes frames off what is at hand, whatever ends their lines.
func TestCut(t *testing.T) {
	for _, c := range []struct {
		in        string
		ended     bool
		data      string
		raw, rest string
		ok        bool
	}{
		{in: "data: a\n\nrest", data: "a", raw: "data: a\n\n", rest: "rest", ok: true},
		{in: "data: a\r\n\r\nrest", data: "a", raw: "data: a\r\n\r\n", rest: "rest", ok: true},
		{in: "data:a\rdata:b\r\rrest", data: "a\nb", raw: "data:a\rdata:b\r\r", rest: "rest", ok: true},
		{in: "data: {}\r0\n\n", data: "{}", raw: "data: {}\r0\n\n", ok: true},
		{in: ": said\n\n", raw: ": said\n\n", ok: true},
		{in: "data: a\n", rest: "data: a\n"},
		{in: "data: a\r\n\r", rest: "data: a\r\n\r"}, // an LF may follow
		{in: "data: a\r\n\r", ended: true, data: "a", raw: "data: a\r\n\r", ok: true},
		{in: "data: a\ndata: half", ended: true, data: "a", raw: "data: a\n", rest: "data: half", ok: true},
		{in: "\n\n", ended: true, rest: "\n\n"},
		{in: "", ended: true},
	} {
		f, rest, ok := Cut([]byte(c.in), c.ended)
		if string(f.Data) != c.data || string(f.Raw) != c.raw || string(rest) != c.rest || ok != c.ok {
			t.Errorf("%q ended %t: data %q, raw %q, rest %q, %t", c.in, c.ended, f.Data, f.Raw, rest, ok)
		}
	}
}

func TestTerminated(t *testing.T) {
	for in, want := range map[string]bool{
		"data: a\n\n": true, "data: a\r\n\r\n": true, "data: a\r\r": true, "data: a\r\r\n": true,
		"data: a\n": false, "data: a\r\n": false, "data: a\r": false, "data: a": false,
	} {
		if got := Terminated([]byte(in)); got != want {
			t.Errorf("%q: %t", in, got)
		}
	}
}
