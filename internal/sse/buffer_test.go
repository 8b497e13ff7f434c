package sse

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// TestBoundWhateverTheBuffer: a frame of exactly the bound passes and a larger one does
// not, wherever the bound is relative to the buffer and however the bytes come.
func TestBoundWhateverTheBuffer(t *testing.T) {
	for _, most := range []int{16, initialBuffer - 1, initialBuffer, initialBuffer + 1, 100_000} {
		fits := "data: " + strings.Repeat("x", most-8) + "\n\n"
		in := ":\n\n" + fits + fits
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"at once": iotest.DataErrReader, "by halves": iotest.HalfReader, "byte by byte": iotest.OneByteReader,
		} {
			if frames, raw, err := readAll(wrap(strings.NewReader(in)), most); len(frames) != 3 || string(raw) != in || err != io.EOF {
				t.Errorf("%d bytes %s: %d frames, %v", most, name, len(frames), err)
			}
			if frames, _, err := readAll(wrap(strings.NewReader(in)), most-1); len(frames) != 1 || fault.Of(err) != fault.Broken {
				t.Errorf("%d bytes %s, bound below: %d frames, %v", most, name, len(frames), err)
			}
		}
	}
}

func TestOpenFrameOverTheBound(t *testing.T) {
	if _, _, err := readAll(iotest.DataErrReader(strings.NewReader("data: 1234\n")), 8); fault.Of(err) != fault.Broken {
		t.Error(err)
	}
}

// TestLargeFramesLeaveNoLargeBuffer: a stream may wait for minutes after an image.
func TestLargeFramesLeaveNoLargeBuffer(t *testing.T) {
	large := "data: " + strings.Repeat("x", 512<<10) + "\n\n"
	small := iotest.OneByteReader(strings.NewReader("data: 1\n\ndata: 2\n\n"))
	r := NewReader(io.MultiReader(strings.NewReader(large), small), 1<<20)
	for _, size := range []int{len(large), 9, 9} {
		if f, err := r.Next(); err != nil || len(f.Raw) != size {
			t.Fatalf("%d bytes, %v", len(f.Raw), err)
		}
	}
	if len(r.buf) != initialBuffer {
		t.Errorf("%d bytes are held", len(r.buf))
	}
}

func TestClosed(t *testing.T) {
	r := NewReader(strings.NewReader("data: 1\n\ndata: 2\n\n"), 1<<10)
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second Close must not lend the buffer again
		r.Close()
		if r.lent != nil || r.buf != nil || r.Buffered() {
			t.Error("the buffer is still in use")
		}
		if _, err := r.Next(); !errors.Is(err, errClosed) {
			t.Error(err)
		}
	}
}

// TestLinesEndInBareCR crosses the stretches in which line ends are looked for.
func TestLinesEndInBareCR(t *testing.T) {
	var in, want strings.Builder
	for _, n := range []int{0, 1, 249, 250, 251, 5000} {
		in.WriteString("data: " + strings.Repeat("x", n) + "\r")
		want.WriteString(strings.Repeat("x", n) + "\n")
	}
	compare(t, []byte(in.String()+"\rdata: b\r\r"), nil)
	f, err := NewReader(strings.NewReader(in.String()+"\r"), 1<<20).Next()
	if err != nil || string(f.Data)+"\n" != want.String() {
		t.Errorf("%d bytes, %v", len(f.Data), err)
	}
}
