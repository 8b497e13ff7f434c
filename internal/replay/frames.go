package replay

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
)

// A frame is one message of an AWS event stream:
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html
type frame struct {
	headers map[string]string
	payload []byte
}

// readFrames splits an event stream; rest is false when the bytes end inside a message or a
// checksum is wrong.
func readFrames(b []byte) (out []frame, whole bool) {
	for len(b) > 0 {
		if len(b) < 16 {
			return out, false
		}
		total, heads := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
		if uint64(total) > uint64(len(b)) || uint64(heads)+16 > uint64(total) ||
			crc32.ChecksumIEEE(b[:8]) != binary.BigEndian.Uint32(b[8:]) ||
			crc32.ChecksumIEEE(b[:total-4]) != binary.BigEndian.Uint32(b[total-4:]) {
			return out, false
		}
		out = append(out, frame{frameHeaders(b[12 : 12+heads]), b[12+heads : total-4]})
		b = b[total:]
	}
	return out, true
}

// frameHeaders reads the string headers; those of another type end the reading.
func frameHeaders(b []byte) map[string]string {
	h := map[string]string{}
	for len(b) > 1 {
		n := int(b[0])
		if len(b) < n+4 || b[n+1] != 7 {
			break
		}
		size := int(binary.BigEndian.Uint16(b[n+2:]))
		if len(b) < n+4+size {
			break
		}
		h[string(b[1:n+1])] = string(b[n+4 : n+4+size])
		b = b[n+4+size:]
	}
	return h
}

// recordedFrame is a message as recordings keep it.
type recordedFrame struct {
	Headers map[string]string `json:"headers"`
	Payload json.RawMessage   `json:"payload"`
}

// writeFrames encodes messages of which only headers and payloads were kept.
func writeFrames(list []recordedFrame) []byte {
	var out []byte
	for _, f := range list {
		var h []byte
		for _, k := range []string{":event-type", ":exception-type", ":content-type", ":message-type"} {
			if v, ok := f.Headers[k]; ok {
				h = append(append(append(h, byte(len(k))), k...), 7)
				h = append(binary.BigEndian.AppendUint16(h, uint16(len(v))), v...)
			}
		}
		m := binary.BigEndian.AppendUint32(nil, uint32(16+len(h)+len(f.Payload)))
		m = binary.BigEndian.AppendUint32(m, uint32(len(h)))
		m = binary.BigEndian.AppendUint32(m, crc32.ChecksumIEEE(m))
		m = append(append(m, h...), f.Payload...)
		out = append(out, binary.BigEndian.AppendUint32(m, crc32.ChecksumIEEE(m))...)
	}
	return out
}

// text is the JSON that a message carries: its payload as the one member named like the
// event, or what InvokeModel wraps in base64.
func (f frame) text() string {
	if f.headers[":message-type"] != "event" {
		return fmt.Sprintf(`{"error":{"message":%q}}`, f.headers[":exception-type"]+" "+string(f.payload))
	}
	if f.headers[":event-type"] == "chunk" {
		var chunk struct{ Bytes string }
		if json.Unmarshal(f.payload, &chunk) == nil {
			if b, err := base64.StdEncoding.DecodeString(chunk.Bytes); err == nil {
				return string(b)
			}
		}
		return "bad chunk"
	}
	return fmt.Sprintf("{%q:%s}", f.headers[":event-type"], f.payload)
}
