package dialect

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"testing"
	"testing/iotest"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

func TestReadBody(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2047, 2048, 2049, 3 << 20} {
		want := bytes.Repeat([]byte("x"), n)
		for _, said := range []string{"", strconv.Itoa(n), "12", "-4", "9999999999"} {
			for _, body := range []io.Reader{bytes.NewReader(want), iotest.HalfReader(bytes.NewReader(want)), iotest.DataErrReader(bytes.NewReader(want))} {
				got, err := ReadBody(nil, Header{"Content-Length": {said}}, body)
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes, %q said: %d bytes, %v", n, said, len(got), err)
				}
			}
		}
	}
}

func TestReadBodyFails(t *testing.T) {
	t.Parallel()
	cut := errors.New("cut")
	if _, err := ReadBody(nil, nil, io.MultiReader(bytes.NewReader([]byte("{")), iotest.ErrReader(cut))); err != cut {
		t.Errorf("a body that breaks off: %v", err)
	}
	_, err := ReadBody(nil, nil, io.LimitReader(zeroes{}, MaxBody+1))
	if e, ok := errors.AsType[*fault.Error](err); !ok || e.Kind != fault.Broken {
		t.Errorf("a body that is too long: %v", err)
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { return len(p), nil }

func BenchmarkReadBody(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1200)
	h := Header{"Content-Length": {"1200"}}
	b.ReportAllocs()
	for b.Loop() {
		if got, err := ReadBody(nil, h, bytes.NewReader(body)); err != nil || len(got) != 1200 {
			b.Fatal(err)
		}
	}
}
