package filter

import "strings"

// Digits of a telephone number (ITU-T E.164), and the bytes one is written in.
const (
	fewestDigits = 7
	mostDigits   = 15
	longestPhone = 32
)

// phoneShape is how a telephone number is written.
type phoneShape struct {
	end    int // of the last group
	digits int
	groups int
	first  [4]int // digits of the first groups
	parens bool   // a group in parentheses
	hard   bool   // a hyphen, dot or slash between groups, and not spaces alone
}

// phoneMark looks at a '+' or '(' that may begin a telephone number.
func (s *scan) phoneMark(i int, c byte) {
	if p := s.before(i); isWord(p) || p == '+' || c == '(' && p == ')' {
		return
	}
	if n := s.at(i + 1); !isDigit(n) && !(c == '+' && n == '(') || c == '(' && s.at(s.digits(i+1, 6)) != ')' {
		s.looked(i)
		return
	}
	shape := s.shape(i)
	switch {
	case !s.ends(shape.end):
	case c == '+':
		if shape.digits >= 8 && shape.digits <= mostDigits && s.countryCode(i+1) {
			s.found(phone, i, s.extension(shape.end))
		}
	case s.national(i, shape):
		s.found(phone, i, s.extension(shape.end))
	}
	s.looked(i)
}

// phoneDigits looks at a run of digits that may begin a telephone number.
func (s *scan) phoneDigits(i, j int) {
	if p := s.before(i); p == '+' || p == '(' && s.at(j) == ')' || p == '/' && isWord(s.before(i-1)) || p == '$' || p == '#' || j-i > 12 {
		return
	}
	shape := s.shape(i)
	if shape.digits < fewestDigits || shape.digits > mostDigits || !s.ends(shape.end) {
		return
	}
	if s.national(i, shape) {
		s.found(phone, i, s.extension(shape.end))
	}
}

// shape reads groups of digits from i as far as they may be one number. Two spaces, or any
// other byte, end it.
func (s *scan) shape(i int) phoneShape {
	var p phoneShape
	open := false
	for k := i; k-i < longestPhone; {
		switch c := s.at(k); {
		case isDigit(c):
			j := s.digits(k, mostDigits+1)
			if p.groups < len(p.first) {
				p.first[p.groups] = j - k
			}
			if p.digits+j-k > mostDigits {
				return p
			}
			p.groups++
			p.digits += j - k
			p.end, k = j, j
		case c == '+' && k == i:
			k++
		case c == '(' && !open && !p.parens && isDigit(s.at(k+1)):
			open = true
			k++
		case c == ')' && open:
			open, p.parens = false, true
			k++
			if s.at(k) == '-' || s.at(k) == ' ' {
				k++
			}
		case (c == ' ' || c == '-' || c == '.' || c == '/') && (isDigit(s.at(k+1)) || c == ' ' && s.at(k+1) == '('):
			if s.full(i, &p, c) {
				return p
			}
			p.hard = p.hard || c != ' '
			k++
		case c == 0xC2 && s.at(k+1) == 0xA0 && isDigit(s.at(k+2)): // a space that does not break
			k += 2
		default:
			return p
		}
	}
	return p
}

// full reports that a number ends before a space, though digits follow: it has as many as
// its plan allows, and another number stands beside it.
func (s *scan) full(i int, p *phoneShape, sep byte) bool {
	switch s.text[i] {
	case '0':
		return false
	case '+':
		return sep == ' ' && p.digits == 11 && s.text[i+1] == '1'
	}
	return sep == ' ' && (p.digits == 10 || p.digits == 11 && p.first[0] == 1)
}

// national reports that a number written without its country is one: in the shape of the
// North American plan, or after a word that announces one.
func (s *scan) national(i int, p phoneShape) bool {
	if s.plan(i, p) {
		loose := !p.hard && !p.parens
		return !loose || !limit(s.text[i:p.end]) && !s.cue(i, isIDCue, isPhoneCue, 4)
	}
	if strings.HasPrefix(s.text[i:], "00") && p.groups >= 3 && p.digits >= 10 && s.countryCode(i+2) {
		return true
	}
	if p.digits < fewestDigits || p.digits > 13 || p.groups > 6 || p.first[0] > 12 {
		return false
	}
	if s.trunk(i, p) {
		return !s.cue(i, isIDCue|isVersionCue, isPhoneCue, 4)
	}
	return s.cue(i, isPhoneCue, isIDCue, 4)
}

// limit reports the bounds of integers of 32 bits, which have the shape of a number.
func limit(t string) bool {
	switch t {
	case "2147483647", "2147483648", "4294967295", "4294967296":
		return true
	}
	return false
}

// trunk reports groups after a trunk prefix, as in Europe: 020 7946 0958. A column of
// numbers has more of them before.
func (s *scan) trunk(i int, p phoneShape) bool {
	if s.before(i) == ' ' && isDigit(s.before(i-1)) {
		return false
	}
	return s.text[i] == '0' && s.text[i+1] != '0' && p.digits >= 9 && p.groups >= 2 && !p.hard && p.first[0] >= 2 && p.first[0] <= 5
}

// plan reports ten digits in the groups of the North American numbering plan, maybe after a
// 1: area and exchange begin with 2 to 9, and are no service code as 911.
func (s *scan) plan(i int, p phoneShape) bool {
	var d [11]byte
	n := 0
	for k := i; k < p.end && n < len(d); k++ {
		if isDigit(s.text[k]) {
			d[n] = s.text[k]
			n++
		}
	}
	at := 0
	switch {
	case p.digits == 11 && d[0] == '1' && p.groups >= 3 && p.first[0] == 1:
		at = 1
	case p.digits != 10 || p.groups != 1 && p.first[0] != 3 || p.groups > 3:
		return false
	case p.groups == 3 && p.first[1] != 3, p.groups == 2 && p.first[1] != 7:
		return false
	}
	area, exchange := d[at:at+3], d[at+3:at+6]
	if area[0] < '2' || exchange[0] < '2' || area[1] == '1' && area[2] == '1' {
		return false
	}
	return area[1] != '9' // kept for a longer plan
}

// extension is the end of the extension after a number that ends at i, i without one.
func (s *scan) extension(i int) int {
	k := i
	for range 2 {
		if c := s.at(k); c == ' ' || c == ',' {
			k++
		}
	}
	switch {
	case s.at(k) == 'x' || s.at(k) == 'X':
		k++
	case s.at(k)|0x20 == 'e' && s.at(k+1)|0x20 == 'x' && s.at(k+2)|0x20 == 't':
		for k += 3; isLetter(s.at(k)) && k-i < 14; k++ {
		}
	default:
		return i
	}
	for s.at(k) == '.' || s.at(k) == ' ' || s.at(k) == ':' {
		if k++; k-i > 16 {
			return i
		}
	}
	j := s.digits(k, 6)
	if j == k || isWord(s.at(j)) {
		return i
	}
	return j
}

// countryCode reports that the digits at i begin with a country's code (ITU-T E.164 annex).
func (s *scan) countryCode(i int) bool {
	if s.at(i) == '(' {
		i++
	}
	a, b := s.at(i), s.at(i+1)
	switch a {
	case '1', '7':
		return true
	case '2':
		return b == '0' || b == '7' || b != '8' || s.at(i+2) == '4'
	case '3', '4', '5', '6', '9':
		return true
	case '8':
		return b != '3' && b != '9'
	}
	return false
}
