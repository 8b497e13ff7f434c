//go:build !amd64

package rawjson

// wide is false where there is no assembly: strings are looked through eight bytes at a
// step.
var wide = false

const blockSize = 64

func wideEnd(_ []byte, start int) (end int, escaped bool, from int, ok bool) {
	return 0, false, start, false
}
