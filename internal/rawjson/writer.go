package rawjson

import (
	"strconv"
)

// A Writer appends JSON and puts the commas itself: it looks at the last byte, which is an
// opening bracket exactly when nothing stands in the container yet. A member whose key
// has been written must get its value before the next call of Key or Elem.
type Writer struct{ B []byte }

func (w *Writer) comma() {
	if n := len(w.B); n > 0 && w.B[n-1] != '{' && w.B[n-1] != '[' {
		w.B = append(w.B, ',')
	}
}

// Key starts a member; k needs no escaping.
func (w *Writer) Key(k string) *Writer {
	w.comma()
	w.B = append(append(append(w.B, '"'), k...), '"', ':')
	return w
}

// Elem starts an element of an array.
func (w *Writer) Elem() *Writer {
	w.comma()
	return w
}

// Open appends an opening bracket.
func (w *Writer) Open(bracket byte) { w.B = append(w.B, bracket) }

// Close appends a closing bracket.
func (w *Writer) Close(bracket byte) { w.B = append(w.B, bracket) }

// Str appends a string.
func (w *Writer) Str(s string) { w.B = AppendString(w.B, s) }

// Raw appends JSON as it is.
func (w *Writer) Raw(v []byte) { w.B = append(w.B, v...) }

// Word appends true, false, null or any other JSON as it is.
func (w *Writer) Word(v string) { w.B = append(w.B, v...) }

// Int appends a whole number.
func (w *Writer) Int(n int64) { w.B = strconv.AppendInt(w.B, n, 10) }

// Float appends a finite number in its shortest form.
func (w *Writer) Float(f float64) { w.B = strconv.AppendFloat(w.B, f, 'g', -1, 64) }

// Strs appends an array of strings.
func (w *Writer) Strs(list []string) {
	w.Open('[')
	for _, s := range list {
		w.Elem().Str(s)
	}
	w.Close(']')
}
