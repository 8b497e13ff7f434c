package eventstream

import (
	"fmt"
	"hash/crc32"
	"io"
)

const (
	firstRoom = 4 << 10
	keptRoom  = 64 << 10 // a larger buffer goes when its frame has been read
)

// Reader reads frames. It reads ahead only what one Read of the source gives, so that a
// frame is handed on as soon as it is there.
type Reader struct {
	src  io.Reader
	max  int
	buf  []byte
	from int // where what is not read yet begins
	err  error
}

// NewReader is a Reader of frames of at most max bytes each.
func NewReader(src io.Reader, max int) *Reader { return &Reader{src: src, max: max} }

// Next is the next frame; it is valid until the next call. io.EOF comes at the end of a
// frame only, within one it is io.ErrUnexpectedEOF. Errors stay.
func (r *Reader) Next() (Message, error) {
	if r.err != nil {
		return Message{}, r.err
	}
	m, err := r.next()
	if err != nil {
		r.err, r.buf = err, nil
	}
	return m, err
}

func (r *Reader) next() (Message, error) {
	if r.from == len(r.buf) {
		r.buf, r.from = r.buf[:0], 0
		if cap(r.buf) > keptRoom {
			r.buf = nil
		}
	}
	if err := r.need(preludeLen); err != nil {
		return Message{}, err
	}
	total, err := r.total()
	if err != nil {
		return Message{}, err
	}
	if err := r.need(total); err != nil {
		return Message{}, err
	}
	frame := r.buf[r.from : r.from+total]
	r.from += total
	end := total - crcLen
	if crc32.ChecksumIEEE(frame[:end]) != order.Uint32(frame[end:]) {
		return Message{}, ErrMessage
	}
	payload := preludeLen + int(order.Uint32(frame[4:]))
	m := Message{headers: frame[preludeLen:payload], Payload: frame[payload:end]}
	return m, check(m.headers)
}

// total is the length of the frame whose prelude is there.
func (r *Reader) total() (int, error) {
	p := r.buf[r.from:]
	total, headers := uint64(order.Uint32(p)), uint64(order.Uint32(p[4:]))
	switch {
	case crc32.ChecksumIEEE(p[:8]) != order.Uint32(p[8:]):
		return 0, ErrPrelude
	case headers > maxHeaders || total < headers+frameLen:
		return 0, ErrLength
	case total > uint64(r.max):
		return 0, fmt.Errorf("eventstream: a frame of %d bytes is over the bound of %d", total, r.max)
	}
	return int(total), nil
}

// need reads until n bytes are there. The buffer grows with what comes, not with what a
// length claims.
func (r *Reader) need(n int) error {
	for idle := 0; len(r.buf)-r.from < n; {
		if r.from > 0 {
			r.buf = r.buf[:copy(r.buf, r.buf[r.from:])]
			r.from = 0
		}
		if len(r.buf) == cap(r.buf) {
			grown := make([]byte, len(r.buf), max(firstRoom, 2*cap(r.buf)))
			copy(grown, r.buf)
			r.buf = grown
		}
		got, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+got]
		switch {
		case got > 0 && len(r.buf) >= n:
			return nil // an error comes again
		case err == io.EOF && len(r.buf) > 0:
			return io.ErrUnexpectedEOF
		case err != nil:
			return err
		case got > 0:
			idle = 0
		case idle > 100:
			return io.ErrNoProgress
		default:
			idle++
		}
	}
	return nil
}
