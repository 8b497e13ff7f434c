package analytics

import (
	"math"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/money"
	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// AppendObject appends a row as a JSON object, its members in the order of the columns.
// Amounts are written digit by digit.
func (r *Result) AppendObject(dst []byte, row []any) []byte {
	w := rawjson.Writer{B: dst}
	w.Open('{')
	for i, v := range row {
		w.Elem()
		w.B = append(rawjson.AppendString(w.B, r.Columns[i]), ':') // whoever names a label names a column
		w.B = appendValue(w.B, v)
	}
	w.Close('}')
	return w.B
}

func appendValue(dst []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return rawjson.AppendString(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case money.Amount:
		return v.Append(dst)
	case float64:
		return appendFloat(dst, v)
	}
	return append(dst, "null"...)
}

// appendFloat writes what JSON can, in plain digits.
func appendFloat(dst []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(dst, "null"...)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// AppendLines appends the rows as JSON lines.
func (r *Result) AppendLines(dst []byte) []byte {
	for _, row := range r.Rows {
		dst = append(r.AppendObject(dst, row), '\n')
	}
	return dst
}

// AppendCSV appends a head and the rows as RFC 4180 has it. Null is an empty field. A text
// that a spreadsheet would take for a formula gets an apostrophe before it: clients choose
// some of the texts.
func (r *Result) AppendCSV(dst []byte) []byte {
	for i, name := range r.Columns {
		dst = appendField(dst, i, name)
	}
	dst = append(dst, '\r', '\n')
	for _, row := range r.Rows {
		for i, v := range row {
			dst = appendField(dst, i, v)
		}
		dst = append(dst, '\r', '\n')
	}
	return dst
}

func appendField(dst []byte, i int, v any) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	switch v := v.(type) {
	case nil:
		return dst
	case string:
		return appendText(dst, v)
	}
	return appendValue(dst, v)
}

func appendText(dst []byte, s string) []byte {
	quote := false
	for i := range len(s) {
		quote = quote || s[i] == '"' || s[i] == ',' || s[i] == '\r' || s[i] == '\n'
	}
	if quote {
		dst = append(dst, '"')
	}
	if s != "" {
		switch s[0] {
		case '=', '+', '-', '@', '\t', '\r':
			dst = append(dst, '\'')
		}
	}
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, s[i])
	}
	if quote {
		dst = append(dst, '"')
	}
	return dst
}
