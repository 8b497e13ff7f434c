package eventstream

import (
	"bytes"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const bound = 1 << 20

// published are frames of the test vectors of AWS's SDKs.
var published = []struct{ name, frame, header, value, payload string }{
	{"no headers, no payload", "000000100000000005c248eb7d98c8ff", "", "", ""},
	{"no headers", "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936", "", "", "{'foo':'bar'}"},
	{"one header", "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1", "content-type", "application/json", "{'foo':'bar'}"},
}

func frameOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPublishedFrames(t *testing.T) {
	for _, c := range published {
		t.Run(c.name, func(t *testing.T) {
			frame := frameOf(t, c.frame)
			r := NewReader(iotest.OneByteReader(bytes.NewReader(frame)), bound)
			m, err := r.Next()
			if err != nil || string(m.Payload) != c.payload || string(m.Header(c.header)) != c.value {
				t.Fatalf("%q %q %v", m.Payload, m.Header(c.header), err)
			}
			if _, err := r.Next(); err != io.EOF {
				t.Errorf("after the last frame: %v", err)
			}
			var headers []Header
			if c.header != "" {
				headers = []Header{{c.header, c.value}}
			}
			if got := Append(nil, headers, []byte(c.payload)); !bytes.Equal(got, frame) {
				t.Errorf("written as %x", got)
			}
		})
	}
}

func TestHeadersOfEveryType(t *testing.T) {
	headers := "\x01a\x00" + "\x01b\x01" + "\x01c\x02x" + "\x01d\x03xx" + "\x01e\x04xxxx" + "\x01f\x05xxxxxxxx" + "\x01g\x06\x00\x02yy" +
		"\x01h\x08xxxxxxxx" + "\x01i\x09xxxxxxxxxxxxxxxx" + "\x01j\x07\x00\x03one" + "\x01j\x07\x00\x03two"
	if err := check([]byte(headers)); err != nil {
		t.Fatal(err)
	}
	m := Message{headers: []byte(headers)}
	if string(m.Header("j")) != "two" || m.Header("g") != nil || m.Header("z") != nil {
		t.Errorf("%q %q %q", m.Header("j"), m.Header("g"), m.Header("z"))
	}
	for n := range headers {
		whole := n == 0
		for _, end := range []int{3, 6, 10, 15, 22, 33, 40, 51, 70, 78} {
			whole = whole || n == end
		}
		if err := check([]byte(headers[:n])); (err == nil) != whole {
			t.Errorf("headers cut at %d: %v", n, err)
		}
	}
	if err := check([]byte("\x01a\x0a")); err != ErrHeader {
		t.Errorf("an unknown type: %v", err)
	}
}

func TestEveryByteMatters(t *testing.T) {
	whole := AppendEvent(nil, "chunk", []byte(`{"bytes":"e30="}`))
	for i := range whole {
		spoilt := bytes.Clone(whole)
		spoilt[i] ^= 0x10
		if _, err := NewReader(bytes.NewReader(spoilt), bound).Next(); err == nil {
			t.Errorf("byte %d changed, nobody noticed", i)
		}
		r := NewReader(bytes.NewReader(whole[:i]), bound)
		_, err := r.Next()
		if want := map[bool]error{true: io.EOF, false: io.ErrUnexpectedEOF}[i == 0]; err != want {
			t.Errorf("cut at byte %d: %v", i, err)
		}
		if _, again := r.Next(); again != err {
			t.Errorf("cut at byte %d: then %v", i, again)
		}
	}
}

func TestLengths(t *testing.T) {
	prelude := func(total, headers uint32) []byte {
		b := order.AppendUint32(order.AppendUint32(nil, total), headers)
		frame := Append(nil, nil, nil)
		copy(frame, b)
		return frame
	}
	for _, c := range []struct {
		name string
		in   []byte
		want error
	}{
		{"prelude changed", prelude(17, 0), ErrPrelude},
		{"zeros", make([]byte, 64), ErrPrelude},
	} {
		if _, err := NewReader(bytes.NewReader(c.in), bound).Next(); err != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	big := Append(nil, nil, make([]byte, 100))
	if _, err := NewReader(bytes.NewReader(big), len(big)-1).Next(); err == nil || !strings.Contains(err.Error(), "over the bound") {
		t.Errorf("over the bound: %v", err)
	}
	if _, err := NewReader(bytes.NewReader(big), len(big)).Next(); err != nil {
		t.Errorf("at the bound: %v", err)
	}
	wrong := bytes.Clone(big)
	order.PutUint32(wrong[4:], 101) // one more than there is
	order.PutUint32(wrong[8:], crcOf(wrong[:8]))
	if _, err := NewReader(bytes.NewReader(wrong), bound).Next(); err != ErrLength {
		t.Errorf("headers longer than the frame: %v", err)
	}
}

func TestErrorsOfTheSource(t *testing.T) {
	frame := AppendEvent(nil, "x", nil)
	broken := errors.New("reset")
	r := NewReader(io.MultiReader(bytes.NewReader(frame), iotest.ErrReader(broken)), bound)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != broken {
		t.Errorf("got %v", err)
	}
	if _, err := NewReader(idle{}, bound).Next(); err != io.ErrNoProgress {
		t.Errorf("a source that gives nothing: %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

func TestManyFrames(t *testing.T) {
	var all []byte
	for i := range 200 {
		all = AppendEvent(all, "e", bytes.Repeat([]byte{'x'}, i*37%3000))
	}
	for _, src := range []io.Reader{bytes.NewReader(all), iotest.OneByteReader(bytes.NewReader(all)), iotest.HalfReader(bytes.NewReader(all)), iotest.DataErrReader(bytes.NewReader(all))} {
		r := NewReader(src, bound)
		for i := range 200 {
			m, err := r.Next()
			if err != nil || len(m.Payload) != i*37%3000 || string(m.Event()) != "e" || string(m.Type()) != "event" {
				t.Fatalf("frame %d: %d bytes, %v", i, len(m.Payload), err)
			}
		}
		if _, err := r.Next(); err != io.EOF {
			t.Fatal(err)
		}
	}
}

func TestLargeFramesLeaveNoLargeBuffer(t *testing.T) {
	all := append(Append(nil, nil, make([]byte, 200<<10)), Append(nil, nil, nil)...)
	r := NewReader(bytes.NewReader(all), bound)
	for range 2 {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Next(); err != io.EOF || cap(r.buf) > keptRoom {
		t.Errorf("%v, %d bytes kept", err, cap(r.buf))
	}
}

func FuzzReader(f *testing.F) {
	for _, c := range published {
		f.Add(frameOf(f, c.frame))
	}
	f.Add(AppendException(AppendEvent(nil, "a", []byte("{}")), "b", nil))
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(iotest.HalfReader(bytes.NewReader(in)), bound)
		read := 0
		for {
			m, err := r.Next()
			if err != nil {
				if err == io.EOF && read != len(in) {
					t.Fatalf("the end after %d of %d bytes", read, len(in))
				}
				return
			}
			read += frameLen + len(m.headers) + len(m.Payload)
			_ = m.Event()
		}
	})
}

// FuzzRoundTrip: what is written is read.
func FuzzRoundTrip(f *testing.F) {
	f.Add("chunk", []byte("{}"))
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		m, err := NewReader(bytes.NewReader(AppendEvent(nil, name, payload)), 1<<30).Next()
		if err != nil || string(m.Event()) != name[:min(len(name), 65535)] || !bytes.Equal(m.Payload, payload) {
			t.Fatalf("%q %q %v", m.Event(), m.Payload, err)
		}
	})
}

func TestNoAllocations(t *testing.T) {
	frame := AppendEvent(nil, "contentBlockDelta", []byte(`{"delta":{"text":"Hello"}}`))
	r := NewReader(&endless{b: frame}, bound)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() {
		if m, err := r.Next(); err != nil || m.Event() == nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%.1f allocations for a frame", n)
	}
}

type endless struct {
	b  []byte
	at int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.b[e.at:])
	e.at = (e.at + n) % len(e.b)
	return n, nil
}

func BenchmarkFrame(b *testing.B) {
	frame := AppendEvent(nil, "contentBlockDelta", []byte(`{"contentBlockIndex":0,"delta":{"text":" is 15, and that is the answer."},"p":"abcdefghij"}`))
	r := NewReader(&endless{b: frame}, bound)
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		m, err := r.Next()
		if err != nil || len(m.Event()) == 0 {
			b.Fatal(err)
		}
	}
}

func crcOf(b []byte) uint32 { return crc32.ChecksumIEEE(b) }
