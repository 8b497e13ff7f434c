package dialect

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestPeek(t *testing.T) {
	t.Parallel()
	bad := errors.New("reset")
	for _, c := range []struct {
		in   io.Reader
		want string
		err  error
	}{
		{strings.NewReader(`{"a":1}`), `{"a":1}`, nil},
		{iotest.OneByteReader(strings.NewReader("\n \r\n\tdata: a\n\n")), "data: a\n\n", nil},
		{strings.NewReader("\ufeff{}"), "{}", nil},
		{strings.NewReader("\x00\x00\x01\x02"), "\x00\x00\x01\x02", nil},
		{strings.NewReader(" \n"), "", ErrEmpty},
		{io.MultiReader(strings.NewReader(" "), iotest.ErrReader(bad)), "", bad},
		{blanks{}, "", ErrForeign},
	} {
		first, body, err := Peek(c.in)
		if err != c.err {
			t.Errorf("%q: %v, want %v", c.want, err, c.err)
			continue
		}
		if err != nil {
			continue
		}
		if got, _ := io.ReadAll(body); string(got) != c.want || first != c.want[0] {
			t.Errorf("%q %q, want %q", first, got, c.want)
		}
	}
}

// blanks is white space without end.
type blanks struct{}

func (blanks) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = '\n'
	}
	return len(b), nil
}
