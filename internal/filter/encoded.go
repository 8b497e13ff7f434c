package filter

import "encoding/base64"

// Lengths of runs that may be an encoded injection: the shortest holds a keyword and a
// little more, and no more than the longest is decoded.
const (
	shortestRun = 16
	longestRun  = 1024
)

// encoded looks at the run of base64 or hexadecimal digits that begins with text[i:j].
func (s *scan) encoded(i, j int) {
	if p := s.before(i); in64(p) {
		return
	}
	if j-i < shortestRun && !in64(s.peek(j)) {
		if j-i == 2 || j-i == 1 && isHex(s.peek(j)) {
			s.hexPairs(i)
			s.looked(i)
		}
		return
	}
	k := i
	for k-i < longestRun && in64(s.at(k)) {
		k++
	}
	if k-i == 2 {
		s.hexPairs(i)
	}
	if k-i >= shortestRun {
		s.decode(i, k)
	}
	s.looked(i)
}

func in64(c byte) bool {
	return isDigit(c) || c < 0x80 && isLetter(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '='
}

// decode looks into a run: of hexadecimal pairs, or of either alphabet of base64 (RFC 4648).
func (s *scan) decode(i, k int) {
	run := s.text[i:k]
	var room [longestRun]byte
	if n := unhex(room[:0], run); n != nil {
		if suspicious(n) {
			s.noted(injection, i, k, noteHex)
		}
		return
	}
	if out := un64(room[:0], run); out != nil && suspicious(out) {
		s.noted(injection, i, k, noteBase64)
	}
}

// unhex decodes pairs; nil when there is another byte or half a pair.
func unhex(dst []byte, run string) []byte {
	if len(run)%2 != 0 {
		return nil
	}
	for k := 0; k < len(run); k += 2 {
		if !isHex(run[k]) || !isHex(run[k+1]) {
			return nil
		}
		dst = append(dst, nibble(run[k])<<4|nibble(run[k+1]))
	}
	return dst
}

func nibble(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// un64 decodes base64 without its padding; nil when the first bytes are no text, which ends
// most looks at what is no base64 at all.
func un64(dst []byte, run string) []byte {
	for len(run) > 0 && run[len(run)-1] == '=' {
		run = run[:len(run)-1]
	}
	if len(run)%4 == 1 {
		run = run[:len(run)-1]
	}
	var plain [longestRun]byte
	for k := range len(run) {
		switch c := run[k]; c {
		case '-':
			plain[k] = '+'
		case '_':
			plain[k] = '/'
		default:
			plain[k] = c
		}
	}
	var head [12]byte
	if n, err := base64.RawStdEncoding.Decode(head[:], plain[:min(16, len(run))]); err != nil || !printable(head[:n]) {
		return nil
	}
	out := dst[:longestRun]
	n, err := base64.RawStdEncoding.Decode(out, plain[:len(run)])
	if err != nil {
		return nil
	}
	return out[:n]
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && !isBlank(c) || c >= 0x7f {
			return false
		}
	}
	return true
}

// hexPairs looks for bytes written as pairs with a space between: 69 67 6e 6f 72 65.
func (s *scan) hexPairs(i int) {
	const fewest, most = 6, 340
	if s.before(i) == ' ' && i >= 3 && isHex(s.text[i-2]) && isHex(s.text[i-3]) && !isWord(s.before(i-3)) {
		return // not the first
	}
	var room [most]byte
	out, k := room[:0], i
	for len(out) < most && isHex(s.at(k)) && isHex(s.at(k+1)) && !isWord(s.at(k+2)) {
		out = append(out, nibble(s.text[k])<<4|nibble(s.text[k+1]))
		k += 2
		if s.at(k) != ' ' {
			break
		}
		k++
	}
	if len(out) < fewest {
		return
	}
	if s.text[k-1] == ' ' {
		k--
	}
	if suspicious(out) {
		s.noted(injection, i, k, noteHex)
	}
}

// spread looks for words whose letters stand apart: i g n o r e  a l l  r u l e s. The
// letters are put together and looked at again.
func (s *scan) spread(i int) {
	const fewest, most = 8, 120
	if s.apart(i) > 0 && i > 0 && lone(s.text, i) {
		return // not the first
	}
	var room [2 * most]byte
	out, k, letters := room[:0], i, 0
	for letters < most && isLetter(s.at(k)) && s.at(k) < 0x80 && !isWord(s.at(k+1)) {
		out = append(out, s.text[k])
		letters++
		k++
		n := 0
		for n < 4 && isSpread(s.at(k+n)) {
			n++
		}
		if n == 0 || !isLetter(s.at(k+n)) || isWord(s.at(k+n+1)) {
			break
		}
		if n > 1 {
			out = append(out, ' ')
		}
		k += n
	}
	if letters >= fewest && gathered(out) {
		s.noted(injection, i, k, noteSpread)
	}
	s.looked(i)
}

func isSpread(c byte) bool { return c == ' ' || c == '.' || c == '-' || c == '_' || c == '*' }

// apart is how many bytes stand between i and a letter before it, at most four; 0 when
// there is none.
func (s *scan) apart(i int) int {
	for n := 1; n <= 4 && i-n > 0; n++ {
		if c := s.text[i-n]; !isSpread(c) {
			return 0
		} else if isLetter(s.before(i - n)) {
			return n
		}
	}
	return 0
}

// lone reports that the letter before i, and before what stands between, is by itself.
func lone(text string, i int) bool {
	for i--; i > 0 && isSpread(text[i]); i-- {
	}
	return i == 0 || !isWord(text[i-1])
}

// gathered reports an injection in letters put together. Without spaces to tell the words,
// they are split at the words that phrases are made of.
func gathered(letters []byte) bool {
	if suspicious(letters) {
		return true
	}
	var room [512]byte
	out := room[:0]
	for i := 0; i < len(letters); {
		n := longestKnown(letters[i:])
		if n == 0 {
			i++
			continue
		}
		out = append(out, letters[i:i+n]...)
		out = append(out, ' ')
		i += n
	}
	return suspicious(out)
}

// longestKnown is the length of the longest word of phrases that letters begin with.
func longestKnown(letters []byte) int {
	best, h := 0, uint64(hashSeed)
	for k := range min(len(letters), 14) {
		h = hashByte(h, letters[k])
		if k >= 1 && words.find(h).in != 0 {
			best = k + 1
		}
	}
	return best
}
