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

func TestCallIDs(t *testing.T) {
	t.Parallel()
	var ids CallIDs
	if got := ids.Call("toolu_1-A"); got != "toolu_1-A" {
		t.Error(got)
	}
	a, b := ids.Call(""), ids.Call("")
	if a == b || ids.Result("") != a || ids.Result("") != b {
		t.Errorf("%q %q", a, b)
	}
	long := strings.Repeat("x", 80)
	for _, id := range []string{"", "a.b", "a b", "ü", long, "call|x"} {
		for _, most := range []int{0, 64} {
			got := PlainID(id, most)
			if got == "" || most > 0 && len(got) > most || strings.Trim(got, idLetters) != "" || PlainID(id, most) != got {
				t.Errorf("%q at most %d: %q", id, most, got)
			}
		}
	}
	if PlainID("a.b", 0) == PlainID("a:b", 0) || PlainID(long, 64) == PlainID(long+"a", 64) || PlainID(long, 0) != long {
		t.Error("different ids meet, or an id that fits is changed")
	}
}
