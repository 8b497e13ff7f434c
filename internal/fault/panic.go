package fault

import (
	"fmt"
	"runtime"
)

// Panicked is what a log may say of the value of a panic: the runtime's own words, which hold
// no data, or else its type alone. What a library panics with may have a prompt in it.
func Panicked(value any) string {
	if e, ok := value.(runtime.Error); ok {
		return e.Error()
	}
	return fmt.Sprintf("a value of type %T", value)
}
