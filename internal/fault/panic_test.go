package fault

import (
	"errors"
	"strings"
	"testing"
)

func TestPanicked(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"secret", errors.New("secret"), []byte("secret"), struct{ s string }{"secret"}} {
		if got := Panicked(value); strings.Contains(got, "secret") {
			t.Errorf("%T: %s", value, got)
		}
	}
	defer func() {
		if got := Panicked(recover()); got != "runtime error: index out of range [3] with length 1" {
			t.Error(got)
		}
	}()
	list, i := []int{1}, 3
	_ = list[i]
}
