package filter

// How far a detector looks. What it decides about a match that starts at s depends on no
// byte before s-lookBack; nothing but a PEM block or a pattern is longer than MaxMatch.
const (
	lookBack = 160
	MaxMatch = 4096 // bytes of the longest match of a builtin, and of a pattern in a stream
)

// scan is one look at a text. It lives on the stack of whoever looks.
type scan struct {
	text string
	on   uint32 // builtins that look
	raws []raw  // what they found, overlapping

	// For streams: short is set by a look beyond the end of the text, and hold is the start
	// of the first thing that might be, or be longer, when more text comes.
	short bool
	hold  int
}

// raw is a match of one detector.
type raw struct {
	start, end int
	from       int // where it was seen to begin: at start, or at a word that announces it
	by         detector
	note       note
}

// Classes of bytes. A letter is one of ASCII or a part of one beyond.
const (
	plain = iota
	letter
	digit
	mark // begins something by itself
)

var class = classes()

func classes() (t [256]uint8) {
	for c := range t {
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= 0x80:
			t[c] = letter
		case c >= '0' && c <= '9':
			t[c] = digit
		}
	}
	for _, c := range "@:<[-+(" {
		t[c] = mark
	}
	return t
}

// run looks at the text from a byte on. It goes from atom to atom: a run of letters, a run
// of digits, or any other byte; a detector's verdict depends on where it begins alone, so
// that a stream may begin at any atom.
func (s *scan) run(from int) {
	text, n := s.text, len(s.text)
	for i := from; i < n; {
		switch c := text[i]; class[c] {
		case letter:
			j, h := s.letters(i)
			if j == i {
				i += symbol(text, i)
				continue
			}
			s.word(i, j, h)
			i = j
		case digit:
			j := i + 1
			for j < n && class[text[j]] == digit {
				j++
			}
			s.number(i, j)
			i = j
		case mark:
			s.mark(i, c)
			i++
		default:
			i++
		}
	}
}

// letters is the end of the run of letters at i, and its hash.
func (s *scan) letters(i int) (int, uint64) {
	text, h := s.text, uint64(hashSeed)
	for ; i < len(text); i++ {
		c := text[i]
		if class[c] != letter || c >= 0x80 && symbol(text, i) > 0 {
			break
		}
		h = (h ^ uint64(c|0x20)) * hashPrime
	}
	return i, h
}

// symbol is the length of a rune beyond ASCII that is no letter: punctuation, spaces, signs,
// emoji; 0 for a letter.
func symbol(text string, i int) int {
	size := 0
	switch c := text[i]; {
	case c == 0xC2, c == 0xC3 && i+1 < len(text) && (text[i+1] == 0x97 || text[i+1] == 0xB7):
		size = 2
	case c == 0xE2, c == 0xE3 && i+1 < len(text) && text[i+1] == 0x80,
		c == 0xEF && i+1 < len(text) && (text[i+1] == 0xBB || text[i+1] == 0xBC && i+2 < len(text) && text[i+2] < 0xA1):
		size = 3
	case c == 0xF0 && i+1 < len(text) && text[i+1] == 0x9F:
		size = 4
	}
	return min(size, len(text)-i)
}

// at is a byte at or after what is being looked at; beyond the end it is 0.
func (s *scan) at(i int) byte {
	if i >= len(s.text) {
		s.short = true
		return 0
	}
	return s.text[i]
}

// before is the byte before i, 0 at the start.
func (s *scan) before(i int) byte {
	if i <= 0 {
		return 0
	}
	return s.text[i-1]
}

func (s *scan) looks(d detector) bool { return s.on&(1<<d) != 0 }

func (s *scan) found(d detector, start, end int) {
	s.raws = append(s.raws, raw{start: start, end: end, from: start, by: d})
}

func (s *scan) noted(d detector, start, end int, n note) {
	s.raws = append(s.raws, raw{start, end, start, d, n})
}

// looked ends a look that began at start: where it met the end of the text, more may come.
func (s *scan) looked(start int) {
	if s.short {
		s.short = false
		s.hold = min(s.hold, start)
	}
}

// word hands a run of letters to the detectors that begin with one.
func (s *scan) word(i, j int, h uint64) {
	e := words.find(h)
	if s.looks(injection) {
		s.injectionWord(i, j, e)
	}
	if s.on&(1<<personName|1<<address) != 0 {
		s.properWord(i, j, h, e)
	}
	if s.looks(secrets) {
		s.secretWord(i, j)
	}
}

// number hands a run of digits to the detectors that begin with one.
func (s *scan) number(i, j int) {
	if p := s.before(i); class[p] != letter && p != '_' {
		if s.on&(1<<ipAddress|1<<card|1<<ssn|1<<phone) != 0 {
			s.numeric(i, j)
		}
		if s.looks(address) {
			s.street(i, j)
			s.looked(i)
		}
		if s.looks(secrets) {
			s.secretNumber(i, j)
		}
	}
	if s.looks(injection) {
		s.encoded(i, j)
	}
}

// mark hands any other byte to the detectors that begin with it.
func (s *scan) mark(i int, c byte) {
	switch c {
	case '@':
		if s.looks(email) {
			s.email(i)
		}
	case ':':
		if s.looks(ipAddress) {
			s.ipv6(i)
		}
	case '<', '[':
		if s.looks(injection) {
			s.tag(i, c)
		}
	case '-':
		if s.looks(secrets) {
			s.pem(i)
		}
	case '+', '(':
		if s.looks(phone) {
			s.phoneMark(i, c)
		}
	}
}

// peek is the byte at i without a claim on what comes after the end: the caller holds the
// last token of a stream anyway.
func (s *scan) peek(i int) byte {
	if i >= len(s.text) {
		return 0
	}
	return s.text[i]
}

func isLetter(c byte) bool { return class[c] == letter }
func isDigit(c byte) bool  { return class[c] == digit }
func isWord(c byte) bool   { return class[c] == letter || class[c] == digit || c == '_' }
func isUpper(c byte) bool  { return c >= 'A' && c <= 'Z' }

func isHex(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f'
}
