package sse

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// pieces is a source that ends each read at the next of its sizes, over and over.
type pieces struct {
	b     []byte
	sizes []byte
	at    int
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.b) == 0 {
		return 0, io.EOF
	}
	n := min(len(b), len(p.b))
	if len(p.sizes) > 0 {
		n = min(n, int(p.sizes[p.at%len(p.sizes)])+1)
		p.at++
	}
	copy(b, p.b[:n])
	p.b = p.b[n:]
	return n, nil
}

// readAll renders the frames of a stream and joins their raw bytes.
func readAll(src io.Reader, max int) (frames []string, raw []byte, err error) {
	r := NewReader(src, max)
	for {
		ready := r.Buffered()
		f, err := r.Next()
		if err != nil {
			if ready {
				return frames, raw, errors.New("a buffered frame was not there")
			}
			return frames, raw, err
		}
		frames = append(frames, show(f.Event, f.Data))
		raw = append(raw, f.Raw...)
		r.Buffered() // looks ahead; the frame must stay as it is
		if frames[len(frames)-1] != show(f.Event, f.Data) {
			return frames, raw, errors.New("looking ahead changed a frame")
		}
	}
}

func show(event, data []byte) string {
	return fmt.Sprintf("%q(%t) %q(%t)", event, event != nil, data, data != nil)
}

// reference reads a stream by the letter of the specification, all of it at hand.
func reference(in []byte) (frames []string, err error) {
	in = bytes.TrimPrefix(in, []byte("\xef\xbb\xbf"))
	in = bytes.ReplaceAll(in, []byte("\r\n"), []byte("\n"))
	lines := bytes.Split(bytes.ReplaceAll(in, []byte("\r"), []byte("\n")), []byte("\n"))
	var event, data []byte
	spoken := false
	end := func() {
		if spoken {
			frames = append(frames, show(event, data))
		}
		event, data, spoken = nil, nil, false
	}
	for _, line := range lines[:len(lines)-1] {
		if len(line) == 0 {
			end()
			continue
		}
		spoken = true
		name, value, _ := strings.Cut(string(line), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case name == "event":
			event = []byte(value)
		case name == "data" && data == nil:
			data = []byte(value)
		case name == "data":
			data = append(append(data, '\n'), value...)
		}
	}
	if len(lines[len(lines)-1]) > 0 {
		return frames, io.ErrUnexpectedEOF
	}
	end()
	return frames, io.EOF
}

var streams = []string{
	"", "\n", "\n\n\n", "data: a\n\n", "data: a\n\ndata: b\n\n", "event: e\ndata: a\n\n", "data: a\r\n\r\ndata: b\r\n\r\n",
	"data: a\r\rdata: b\r\r", "data: a\r\n\ndata: b\n\r\n", "data: a\ndata:b\ndata:  c\ndata\n\nevent\n\n", ": comment\n\nid: 1\nretry: 5\ndata:\n\n",
	"\xef\xbb\xbfdata: a\n\n", "\xef\xbbdata: a\n\n", "data: a\n", "data: a", "data: a\n\ndata: cut", "\n\ndata: a\n\n\n\ndata: b\n\n\n",
	"data: a\r", "data: a\r\n\r", "dataset: a\neventual: b\ndata : c\n\n", "event: a\nevent: b\n\n",
}

func compare(t *testing.T, in, sizes []byte) {
	t.Helper()
	frames, raw, err := readAll(&pieces{b: in, sizes: sizes}, 1<<20)
	want, wantErr := reference(in)
	if err != wantErr || !slices.Equal(frames, want) {
		t.Fatalf("%q in pieces of %v:\n got %s %v\nwant %s %v", in, sizes, frames, err, want, wantErr)
	}
	if !bytes.HasPrefix(bytes.TrimPrefix(in, []byte("\xef\xbb\xbf")), raw) {
		t.Fatalf("%q: raw bytes %q", in, raw)
	}
}

func TestReader(t *testing.T) {
	for _, s := range streams {
		for _, sizes := range [][]byte{nil, {0}, {1}, {0, 6}, {2, 0, 4}} {
			compare(t, []byte(s), sizes)
		}
	}
}

func FuzzReader(f *testing.F) {
	for _, s := range streams {
		f.Add([]byte(s), []byte{3, 0, 7})
	}
	f.Fuzz(func(t *testing.T, in, sizes []byte) { compare(t, in, sizes) })
}

func TestRawIsAllOfIt(t *testing.T) {
	const in = "\n: hi\r\n\r\ndata: a\n\nevent: e\rdata: b\r\r\ndata: c\n"
	if _, raw, err := readAll(iotest.OneByteReader(strings.NewReader(in)), 1<<10); string(raw) != in || err != io.EOF {
		t.Errorf("%q, %v", raw, err)
	}
}

func TestBound(t *testing.T) {
	frame := "data: " + strings.Repeat("x", 92) + "\n\n" // 100 bytes
	for max, want := range map[int]error{100: io.EOF, 99: nil, 6: nil} {
		frames, _, err := readAll(strings.NewReader(frame+frame), max)
		switch {
		case want == io.EOF && (err != want || len(frames) != 2):
			t.Errorf("%d: %d frames, %v", max, len(frames), err)
		case want == nil && (fault.Of(err) != fault.Broken || len(frames) != 0):
			t.Errorf("%d: %d frames, %v", max, len(frames), err)
		}
	}
}

func TestErrorsOfTheSource(t *testing.T) {
	bad := errors.New("reset")
	frames, _, err := readAll(io.MultiReader(strings.NewReader("data: a\n\ndata: b"), iotest.ErrReader(bad)), 1<<10)
	if len(frames) != 1 || err != bad {
		t.Errorf("%s %v", frames, err)
	}
	if _, _, err := readAll(idle{}, 1<<10); err != io.ErrNoProgress {
		t.Errorf("a source that gives nothing: %v", err)
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// TestNoReadWhileAFrameIsAtHand: the next read may block for minutes.
// patient is a source that is waited for.
type patient struct {
	io.Reader
	r     *Reader
	err   error
	waits int
}

func (p *patient) Wait() error {
	p.waits++
	if p.r.lent != nil {
		return errors.New("it holds a buffer")
	}
	return p.err
}

// TestHoldsNoBufferWhileItWaits, and reads the same frames.
func TestHoldsNoBufferWhileItWaits(t *testing.T) {
	big := "data: " + strings.Repeat("x", 3*initialBuffer) + "\n\n"
	in := "\xef\xbb\xbfdata: a\n\ndata: b\n\n" + big + ": c\n\ndata: d\n\n"
	for size := 1; size < 40; size++ {
		src := &patient{Reader: &pieces{b: []byte(in), sizes: []byte{byte(size)}}}
		r := NewReader(src, 1<<20)
		src.r = r
		want := NewReader(strings.NewReader(in), 1<<20)
		for {
			f, err := r.Next()
			w, wantErr := want.Next()
			if string(f.Raw) != string(w.Raw) || err != wantErr {
				t.Fatalf("pieces of %d: %q, %v; want %q, %v", size, f.Raw, err, w.Raw, wantErr)
			}
			if err != nil {
				break
			}
		}
		if src.waits == 0 {
			t.Fatal("it never waited")
		}
	}
	gone := &patient{Reader: strings.NewReader("data: a\n\n"), err: io.ErrClosedPipe}
	gone.r = NewReader(gone, 1<<20)
	if _, err := gone.r.Next(); err != io.ErrClosedPipe {
		t.Errorf("%v", err)
	}
}

func TestNoReadWhileAFrameIsAtHand(t *testing.T) {
	r := NewReader(io.MultiReader(strings.NewReader("data: a\n\ndata: b\n\n"), iotest.ErrReader(errors.New("read too early"))), 1<<10)
	for i := range 2 {
		if _, err := r.Next(); err != nil || r.Buffered() != (i == 0) {
			t.Errorf("frame %d: %v, buffered %t", i, err, r.Buffered())
		}
	}
}

func TestNoAllocations(t *testing.T) {
	r := NewReader(&endless{text: "event: e\ndata: a\ndata: b\n\ndata: c\n\n"}, 1<<10)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() { _, _ = r.Next() }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}
