package sse

import "bytes"

// Cut splits the first frame off bytes at hand; rest is what follows it. Without ended more
// may follow b: then ok is false until the frame is whole and its last line end sure. A
// comment is a frame with nil Data. The frame shares memory with b, but for Data of several
// lines.
func Cut(b []byte, ended bool) (f Frame, rest []byte, ok bool) {
	r := Reader{buf: b, end: len(b)}
	if ended {
		r.err = errClosed
	}
	if !r.scan() {
		if !ended || !r.p.spoken {
			return Frame{}, b, false
		}
		r.p.size = r.p.line
	}
	f = r.take(r.p.size)
	return f, b[r.start:], true
}

// Terminated reports whether a frame has its blank line: the last of a stream may have lost
// it to the end of input.
func Terminated(raw []byte) bool {
	for _, end := range [...]string{"\n\n", "\n\r\n", "\r\r", "\r\r\n", "\n\r"} {
		if bytes.HasSuffix(raw, []byte(end)) {
			return true
		}
	}
	return false
}
