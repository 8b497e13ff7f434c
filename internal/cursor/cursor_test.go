package cursor

import (
	"bytes"
	"math"
	"testing"
)

func TestCursors(t *testing.T) {
	s, err := New(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	other, _ := New(bytes.Repeat([]byte{2}, 32))
	for _, n := range []int64{0, 1, math.MaxInt64} {
		text := s.Seal("a", n)
		if got, ok := s.Open("a", text); !ok || got != n {
			t.Errorf("%d became %d, %v", n, got, ok)
		}
		if again := s.Seal("a", n); again == text || len(again) != len(text) {
			t.Errorf("%d is %s and %s", n, text, again)
		}
		if _, ok := s.Open("b", text); ok {
			t.Error("it is good for another account")
		}
		if _, ok := other.Open("a", text); ok {
			t.Error("it is good with another secret")
		}
		for i := range text {
			changed := []byte(text)
			if changed[i] = 'A'; text[i] == 'A' {
				changed[i] = 'B'
			}
			if _, ok := s.Open("a", string(changed)); ok {
				t.Errorf("%s is good with another letter at %d", text, i)
			}
		}
	}
	for _, text := range []string{"", "3", "not base64!", s.Seal("a", 1)[1:]} {
		if _, ok := s.Open("a", text); ok {
			t.Errorf("%q is a cursor", text)
		}
	}
	if _, err := New([]byte("short")); err == nil {
		t.Error("a short secret is taken")
	}
}
