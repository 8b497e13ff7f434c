package audio

import (
	"bytes"
	"encoding/binary"
	"math"
)

// leastRate is the fewest bytes that a second of speech takes in any format that is
// transcribed: below 4 kbit/s there is no speech left.
const leastRate = 500

// longest is the most milliseconds that audio can last: exactly what an uncompressed WAV
// holds, else a bound by its size.
func longest(audio []byte) int64 {
	n := int64(len(audio))
	if rate := wavRate(audio); rate > 0 {
		return n*1000/rate + 1
	}
	return n * 1000 / leastRate
}

// wavRate is the bytes per second of an uncompressed WAV, 0 for anything else. The smaller
// of its two statements counts.
func wavRate(b []byte) int64 {
	if len(b) < 36 || !bytes.Equal(b[:4], []byte("RIFF")) || !bytes.Equal(b[8:16], []byte("WAVEfmt ")) {
		return 0
	}
	if codec := binary.LittleEndian.Uint16(b[20:]); codec != 1 && codec != 3 {
		return 0
	}
	samples, rate, block := binary.LittleEndian.Uint32(b[24:]), binary.LittleEndian.Uint32(b[28:]), binary.LittleEndian.Uint16(b[32:])
	said := int64(samples) * int64(block)
	return min(said, int64(rate), math.MaxInt32)
}
