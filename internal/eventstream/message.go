package eventstream

import "hash/crc32"

// Message is one frame, whose checksums were right and whose headers are well-formed. It
// shares memory with its Reader.
type Message struct {
	Payload []byte
	headers []byte
}

// Header is the value of a header that holds a string; nil when there is none of the name.
// The last one of a name counts.
func (m *Message) Header(name string) []byte {
	var found []byte
	for rest := m.headers; len(rest) > 0; {
		key, typ, value, after, err := cut(rest)
		if err != nil {
			return nil
		}
		if typ == kindString && string(key) == name {
			found = value
		}
		rest = after
	}
	return found
}

// Type is the header :message-type: event, exception or error.
func (m *Message) Type() []byte { return m.Header(":message-type") }

// Event is the header :event-type.
func (m *Message) Event() []byte { return m.Header(":event-type") }

// cut takes the first header off.
func cut(b []byte) (key []byte, typ kind, value, rest []byte, err error) {
	if len(b) < 1 || b[0] == 0 || len(b) < 2+int(b[0]) {
		return nil, 0, nil, nil, ErrHeader
	}
	n := int(b[0])
	key, typ, b = b[1:1+n], b[1+n], b[2+n:]
	size := 0
	switch {
	case typ == kindBytes || typ == kindString:
		if len(b) < 2 {
			return nil, 0, nil, nil, ErrHeader
		}
		size, b = int(order.Uint16(b)), b[2:]
	case int(typ) < len(widths):
		size = widths[typ]
	default:
		return nil, 0, nil, nil, ErrHeader
	}
	if len(b) < size {
		return nil, 0, nil, nil, ErrHeader
	}
	return key, typ, b[:size], b[size:], nil
}

// check reads all headers once.
func check(headers []byte) error {
	for len(headers) > 0 {
		var err error
		if _, _, _, headers, err = cut(headers); err != nil {
			return err
		}
	}
	return nil
}

// A Header is one to be written: a string by its name.
type Header struct{ Name, Value string }

// Append writes a frame. Names longer than 255 and values longer than 65535 bytes are cut:
// the format has no room for more.
func Append(dst []byte, headers []Header, payload []byte) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, preludeLen)...)
	for _, h := range headers {
		name, value := h.Name[:min(len(h.Name), 255)], h.Value[:min(len(h.Value), 65535)]
		dst = append(append(dst, byte(len(name))), name...)
		dst = append(order.AppendUint16(append(dst, kindString), uint16(len(value))), value...)
	}
	order.PutUint32(dst[at+4:], uint32(len(dst)-at-preludeLen))
	dst = append(dst, payload...)
	order.PutUint32(dst[at:], uint32(len(dst)-at+crcLen))
	order.PutUint32(dst[at+8:], crc32.ChecksumIEEE(dst[at:at+8]))
	return order.AppendUint32(dst, crc32.ChecksumIEEE(dst[at:]))
}

// AppendEvent writes an event of JSON as AWS does.
func AppendEvent(dst []byte, event string, payload []byte) []byte {
	return Append(dst, []Header{{":event-type", event}, {":content-type", "application/json"}, {":message-type", "event"}}, payload)
}

// AppendException writes an exception, after which nothing follows.
func AppendException(dst []byte, exception string, payload []byte) []byte {
	return Append(dst, []Header{{":exception-type", exception}, {":content-type", "application/json"}, {":message-type", "exception"}}, payload)
}
