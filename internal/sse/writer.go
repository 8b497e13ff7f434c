package sse

import "bytes"

// AppendData appends a frame without a name. Each line of the payload, whatever it ends
// in, becomes a data line: a reader gets them joined by LF.
func AppendData(dst, payload []byte) []byte {
	if bytes.IndexByte(payload, '\n') >= 0 || bytes.IndexByte(payload, '\r') >= 0 {
		for end := bytes.IndexAny(payload, "\r\n"); end >= 0; end = bytes.IndexAny(payload, "\r\n") {
			dst = append(append(append(dst, "data: "...), payload[:end]...), '\n')
			if bytes.HasPrefix(payload[end:], []byte("\r\n")) {
				end++
			}
			payload = payload[end+1:]
		}
	}
	return append(append(append(dst, "data: "...), payload...), "\n\n"...)
}

// AppendEvent is AppendData with a name, which must not hold a line end.
func AppendEvent(dst []byte, event string, payload []byte) []byte {
	dst = append(append(append(dst, "event: "...), event...), '\n')
	return AppendData(dst, payload)
}
