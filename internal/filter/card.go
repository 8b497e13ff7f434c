package filter

// longestCard is the most digits of a card's number (ISO/IEC 7812).
const longestCard = 19

// card is the end of the card's number that begins at i, 0 when there is none: groups as on
// the card or one run, of an issuer's range and length, whose check digit is right.
func (s *scan) card(i, j int) int {
	if j-i != 4 && (j-i < 12 || j-i > longestCard) {
		return 0
	}
	var number [longestCard]byte
	n := copy(number[:], s.text[i:j])
	if n == 4 {
		n, j = s.groups(number[:], i, j)
	}
	if !issued(number[:n]) || !luhn(number[:n]) || !s.ends(j) || alike(number[:n]) {
		return 0
	}
	return j
}

// groups reads the groups after the first, of one separator, in one of the shapes that are
// printed. It gives the digits and the end, 0 digits when the shape is another.
func (s *scan) groups(number []byte, i, j int) (int, int) {
	sep := s.at(j)
	if sep != ' ' && sep != '-' || s.afterGroup(i, sep) {
		return 0, j
	}
	n, shape := 4, uint32(4)
	for s.at(j) == sep && shape < 1<<16 {
		k := s.digits(j+1, 7)
		if k == j+1 || k-j-1 > 6 || n+k-j-1 > len(number) {
			break
		}
		n += copy(number[n:], s.text[j+1:k])
		shape = shape<<4 | uint32(k-j-1)
		j = k
		if shape == 0x4444 && !(s.at(j) == sep && s.digits(j+1, 4)-j-1 == 3) {
			break
		}
	}
	switch shape {
	case 0x4444, 0x465, 0x464, 0x44443:
		return n, j
	}
	return 0, j
}

// afterGroup reports that four digits and the separator stand before i: the number began
// there.
func (s *scan) afterGroup(i int, sep byte) bool {
	n := 0
	if s.before(i) == sep {
		for i--; n < 5 && isDigit(s.before(i)); i-- {
			n++
		}
	}
	return n == 4
}

// issued reports that a number is in the range of an issuer, at a length that it uses.
func issued(n []byte) bool {
	if len(n) < 12 {
		return false
	}
	six := 0
	for _, c := range n[:6] {
		six = six*10 + int(c-'0')
	}
	for _, r := range issuers {
		if six >= r.from && six <= r.to {
			return r.lengths>>len(n)&1 == 1
		}
	}
	return false
}

// issuers are ranges of the first six digits, the narrower before the wider.
var issuers = [...]struct {
	from, to int
	lengths  uint32 // bit n: n digits are in use
}{
	{222100, 272099, 1 << 16},                       // Mastercard
	{510000, 559999, 1 << 16},                       // Mastercard
	{220000, 220499, 1<<16 | 1<<17 | 1<<18 | 1<<19}, // Mir
	{400000, 499999, 1<<13 | 1<<16 | 1<<19},         // Visa
	{340000, 349999, 1 << 15},                       // American Express
	{370000, 379999, 1 << 15},                       // American Express
	{300000, 305999, 1<<14 | 1<<16},                 // Diners Club
	{360000, 369999, 1<<14 | 1<<16},                 // Diners Club
	{380000, 399999, 1<<14 | 1<<16},                 // Diners Club
	{352800, 358999, 1<<16 | 1<<19},                 // JCB
	{501800, 501899, 0xff << 12},                    // Maestro
	{502000, 502099, 0xff << 12},                    // Maestro
	{503800, 503899, 0xff << 12},                    // Maestro
	{589300, 589399, 0xff << 12},                    // Maestro
	{630400, 630499, 0xff << 12},                    // Maestro
	{675900, 676399, 0xff << 12},                    // Maestro
	{601100, 601199, 1<<16 | 1<<19},                 // Discover
	{644000, 659999, 1<<16 | 1<<19},                 // Discover
	{620000, 629999, 1<<16 | 1<<17 | 1<<18 | 1<<19}, // UnionPay
}

// luhn checks the last digit (ISO/IEC 7812-1, annex B).
func luhn(n []byte) bool {
	sum := 0
	for i, c := range n {
		d := int(c - '0')
		if (len(n)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// alike reports a number of one digit over and over.
func alike(n []byte) bool {
	for _, c := range n[1:] {
		if c != n[0] {
			return false
		}
	}
	return true
}
