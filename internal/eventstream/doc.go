// Package eventstream reads and writes application/vnd.amazon.eventstream, the frames in
// which AWS streams answers
// (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html, and
// "Amazon event stream" of the Smithy specification): a prelude with two lengths and a
// CRC-32 of them, headers, a payload, and a CRC-32 of everything before.
//
// Both checksums are checked, every frame is bounded, and nothing is skipped to find the
// next frame: after an error there is no more. Start with Reader and Append.
package eventstream

import (
	"encoding/binary"
	"errors"
)

const (
	preludeLen = 12 // total length, headers' length, CRC-32 of both
	crcLen     = 4
	frameLen   = preludeLen + crcLen // of a frame without headers and payload
	maxHeaders = 128 << 10           // bytes of a frame's headers, by the specification
)

// Errors of frames that are not what they say.
var (
	ErrPrelude = errors.New("eventstream: the checksum of a frame's prelude is wrong")
	ErrMessage = errors.New("eventstream: the checksum of a frame is wrong")
	ErrLength  = errors.New("eventstream: a frame's lengths contradict each other")
	ErrHeader  = errors.New("eventstream: a frame's headers are not well-formed")
)

var order = binary.BigEndian

// kind is the type of a header's value.
type kind = byte

// The types of header values.
const (
	kindTrue kind = iota
	kindFalse
	kindInt8
	kindInt16
	kindInt32
	kindInt64
	kindBytes
	kindString
	kindTimestamp
	kindUUID
)

// widths are the lengths of values of a fixed length.
var widths = [...]int{kindTrue: 0, kindFalse: 0, kindInt8: 1, kindInt16: 2, kindInt32: 4, kindInt64: 8, kindTimestamp: 8, kindUUID: 16}
