package filter

// part is a word of a name: one capitalised run of letters, or several with hyphens and
// apostrophes between.
type part struct {
	start, end int
	is         wordClass
	initial    bool
}

// properWord hands a word to the detectors of names and places.
func (s *scan) properWord(i, j int, h uint64, e entry) {
	if s.looks(address) {
		s.place(i, j, h, e)
		s.looked(i)
	}
	if !s.looks(personName) || isWord(s.before(i)) || s.before(i) == '@' || s.before(i) == '/' {
		return
	}
	switch {
	case e.is&isTitle != 0 && isUpper(s.text[i]):
		s.titled(i, j)
	case e.is&isNameCue != 0:
		s.introduced(i, j)
	case e.is&(isGiven|isUnsure) != 0 && e.is&isNoName == 0 && s.capital(i):
		s.given(i)
	case e.is&isNoName == 0 && isUpper(s.text[i]):
		s.beforeSurname(i)
	}
	s.looked(i)
}

// capital reports an upper case letter at i, of ASCII or of Latin beyond it.
func (s *scan) capital(i int) bool {
	c := s.at(i)
	switch {
	case isUpper(c):
		return true
	case c == 0xC3:
		return s.at(i+1) < 0x9F
	case c == 0xC4 || c == 0xC5:
		return s.at(i+1)&1 == 0 && c == 0xC4 || c == 0xC5 && (s.at(i+1) == 0x81 || s.at(i+1) == 0x9A || s.at(i+1) == 0xA0 || s.at(i+1) == 0xBB || s.at(i+1) == 0xBD)
	}
	return false
}

// part is the part of a name at i; its end is i when there is none.
func (s *scan) part(i int) part {
	p := part{start: i, end: i}
	if !s.capital(i) {
		return p
	}
	j, h := s.letters(i)
	p.end, p.is = j, words.find(h).is
	if j == i+1 && s.at(j) == '.' {
		p.end, p.initial = j+1, true
		return p
	}
	if s.camel(i, j) {
		p.end = i
		return p
	}
	const longest = 40
	for c := s.at(j); j-i < longest && (c == '-' || c == '\'' || c == 0xE2 && s.at(j+1) == 0x80 && s.at(j+2) == 0x99); c = s.at(j) {
		k := j + max(symbol(s.text, j), 1)
		if !s.capital(k) {
			break
		}
		l, h2 := s.letters(k)
		if l == k {
			break
		}
		p.is = (p.is | words.find(h2).is) &^ isNoName
		j, p.end = l, l
	}
	if s.at(j) == 0 || p.end-i > longest {
		s.short = s.short || j >= len(s.text)
	}
	if c := s.at(p.end); isDigit(c) || c == '_' || c == '@' || p.end-i > longest {
		p.end = i
	}
	return p
}

// camel reports an identifier: upper case within a word, later than in McDonald and
// MacArthur.
func (s *scan) camel(i, j int) bool {
	for k := i + 1; k < j; k++ {
		if isUpper(s.text[k]) && !isUpper(s.text[k-1]) && (k-i > 3 || k+1 == j || isUpper(s.text[k+1])) {
			return true
		}
	}
	return false
}

// gap is the start of the next word of a name after i: a space, or a few; 0 when there is
// something else.
func (s *scan) gap(i int) int {
	k := i
	for ; k-i < 2 && (s.at(k) == ' ' || k == i && s.at(k) == '\t'); k++ {
	}
	if k == i {
		return 0
	}
	return k
}

// parts reads the words of a name from i: capitalised ones that may be in a name, with
// particles between, at most so many. It tells how many there were and where they end.
func (s *scan) parts(i, most int) (n, end int, is wordClass) {
	for k := i; n < most; {
		start := k
		for range 3 { // van der, de la
			if q := s.particle(start); q > 0 && n > 0 {
				start = q
			}
		}
		p := s.part(start)
		if p.end == p.start || p.is&isNoName != 0 && p.is&(isGiven|isSurname) == 0 {
			if p.end > p.start {
				is |= p.is
			}
			return n, end, is
		}
		is |= p.is
		if !p.initial {
			n++
		}
		end = p.end
		if k = s.gap(p.end); k == 0 {
			return n, end, is
		}
	}
	if p := s.part(s.gapOr(end)); p.end > p.start {
		is |= p.is & isThing
	}
	return n, end, is
}

func (s *scan) gapOr(i int) int {
	if k := s.gap(i); k > 0 {
		return k
	}
	return i
}

// particle is the start of the word after a particle at i, 0 when there is none.
func (s *scan) particle(i int) int {
	if !isLetter(s.at(i)) {
		return 0
	}
	j, h := s.letters(i)
	if words.find(h).is&isParticle == 0 {
		return 0
	}
	return s.gap(j)
}

// titled looks for the name after a title: Dr. Sarah Johnson.
func (s *scan) titled(i, j int) {
	if s.at(j) == '.' {
		j++
	}
	k := s.gap(j)
	if k == 0 {
		return
	}
	if p := s.part(k); p.is&isTitle != 0 && p.end > k { // Prof. Dr.
		return
	}
	if n, end, is := s.parts(k, 3); n > 0 && is&isThing == 0 {
		s.found(personName, i, end)
	}
}

// given looks for a surname after a given name.
func (s *scan) given(i int) {
	if s.within(i) {
		return
	}
	first := s.part(i)
	if first.end == first.start || first.initial || first.is&isThing != 0 {
		return
	}
	k := s.gap(first.end)
	if k == 0 {
		return
	}
	for range 3 {
		if q := s.particle(k); q > 0 {
			k = q
		}
	}
	n, end, is := s.parts(k, 2)
	if n == 0 || is&isThing != 0 || is&(isCountry|isState) != 0 && is&isSurname == 0 && first.is&isUnsure != 0 {
		return
	}
	if first.is&isGiven == 0 && is&isSurname == 0 {
		return
	}
	s.found(personName, i, end)
}

// within reports that the word before i already begins a name that goes on at i.
func (s *scan) within(i int) bool {
	if s.before(i) != ' ' || i < 3 || !isLetter(s.text[i-2]) {
		return false
	}
	start, end := s.wordBefore(i)
	if start == end || isWord(s.before(start)) {
		return false
	}
	_, h := (&scan{text: s.text[:end]}).letters(start)
	return words.find(h).is&isGiven != 0 && words.find(h).is&isNoName == 0 && s.capital(start) && s.text[end] == ' '
}

// beforeSurname looks for a surname after a capitalised word that no list knows, within a
// sentence: at its start every word is capitalised.
func (s *scan) beforeSurname(i int) {
	if s.opensSentence(i) {
		return
	}
	first := s.part(i)
	if first.end-first.start < 2 || first.is != 0 {
		return
	}
	k := s.gap(first.end)
	if k == 0 {
		return
	}
	if p := s.part(k); p.end > k && p.is&isSurname != 0 && p.is&isNoName == 0 {
		if n, end, is := s.parts(k, 2); n > 0 && is&isThing == 0 {
			s.found(personName, i, end)
		}
	}
}

// opensSentence reports that i begins a sentence, a line, or a word after a capitalised one.
func (s *scan) opensSentence(i int) bool {
	if s.before(i) != ' ' || i < 2 {
		return true
	}
	c := s.text[i-2]
	return !(c >= 'a' && c <= 'z' || isDigit(c) || c == ',' || c == ':' || c == '(')
}

// introduced looks for the name after words that announce one: my name is Ana, Name: Ana.
func (s *scan) introduced(i, j int) {
	k := j
	for n := 0; n < 5 && (s.at(k) == ' ' || s.at(k) == ':' || s.at(k) == '"' || s.at(k) == '='); n++ {
		k++
	}
	if k == j {
		return
	}
	if s.has(k, "is ") {
		k += len("is ")
	}
	p := s.part(k)
	if p.end == k || p.is&(isTitle|isThing) != 0 {
		return
	}
	n, end, is := s.parts(k, 3)
	if n == 0 || is&isThing != 0 || n == 1 && is&isGiven == 0 && !s.introducesOne(i, j) {
		return
	}
	s.found(personName, k, end)
	s.raws[len(s.raws)-1].from = i
}

// introducesOne reports a cue after which one word is enough.
func (s *scan) introducesOne(i, j int) bool {
	w := s.text[i:j]
	if w != "name" && w != "Name" {
		return w != "am" && w != "m" && w != "by" && w != "with"
	}
	start, end := s.wordBefore(i)
	switch s.text[start:end] {
	case "my", "My", "his", "her", "Her", "His", "whose", "first", "last", "First", "Last", "full", "Full", "customer", "patient":
		return true
	}
	return false
}
