package anthropic

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// writer appends JSON and puts the commas itself: it looks at the last byte, which is an
// opening bracket exactly when nothing stands in the container yet. A member whose key
// has been written must get its value before the next call of key or elem.
type writer struct{ b []byte }

func (w *writer) comma() {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' {
		w.b = append(w.b, ',')
	}
}

// key starts a member; k needs no escaping.
func (w *writer) key(k string) *writer {
	w.comma()
	w.b = append(append(append(w.b, '"'), k...), '"', ':')
	return w
}

// elem starts an element of an array.
func (w *writer) elem() *writer {
	w.comma()
	return w
}

func (w *writer) open(bracket byte)  { w.b = append(w.b, bracket) }
func (w *writer) close(bracket byte) { w.b = append(w.b, bracket) }
func (w *writer) str(s string)       { w.b = rawjson.AppendString(w.b, s) }
func (w *writer) raw(v []byte)       { w.b = append(w.b, v...) }
func (w *writer) word(v string)      { w.b = append(w.b, v...) }
func (w *writer) int(n int64)        { w.b = strconv.AppendInt(w.b, n, 10) }
func (w *writer) float(f float64)    { w.b = strconv.AppendFloat(w.b, f, 'g', -1, 64) }
func (w *writer) strs(list []string) {
	w.open('[')
	for _, s := range list {
		w.elem().str(s)
	}
	w.close(']')
}
