package filter

// street looks for a house's number, the name of a street and its kind: 12 Main Street,
// with what may follow of a part of the house.
func (s *scan) street(i, j int) {
	if p := s.before(i); j-i > 6 || p == '.' || p == '-' || p == ',' && isDigit(s.before(i-1)) || p == '$' || p == '#' || p == '/' {
		return
	}
	k := j
	if isLetter(s.at(k)) && s.at(k) < 0x80 && !isWord(s.at(k+1)) {
		k++ // 221B
	}
	if s.at(k) == '-' && isDigit(s.at(k+1)) {
		k = s.digits(k+1, 6)
	}
	if s.at(k) == ',' {
		k++ // 12, rue de Rivoli
	}
	if k = s.gap(k); k == 0 {
		return
	}
	if end := s.streetName(k); end > 0 {
		s.found(address, i, s.locality(s.unit(end)))
	}
}

// streetName is the end of the name of a street at i, 0 when there is none: up to four
// words and a suffix.
func (s *scan) streetName(i int) int {
	bare := false
	for n := range 5 {
		j, is, kind := s.streetWord(i)
		if kind == 0 {
			return 0
		}
		if n > 0 && is&isSuffix != 0 && (kind == 'A' && !bare || is&isBareSuffix != 0 && (kind == 'a') == bare) {
			if last := s.longerName(j); last > 0 {
				return last
			}
			return s.closing(j)
		}
		if kind == 'a' {
			if is&(isNoName|isParticle|isLink|isThing) != 0 || n > 1 {
				return 0
			}
			bare = true
		}
		if k := s.at(j); k == '.' {
			j++
		}
		if i = s.gap(j); i == 0 {
			return 0
		}
	}
	return 0
}

// streetWord is a word of the name of a street: its kind is A for one that is capitalised,
// a for one that is not, 1 for 42nd, 0 for anything else.
func (s *scan) streetWord(i int) (int, wordClass, byte) {
	switch c := s.at(i); {
	case isDigit(c):
		j := s.digits(i, 3)
		k, _ := s.letters(j)
		if k-j != 2 || k == len(s.text) {
			s.short = s.short || k == len(s.text)
			return 0, 0, 0
		}
		return k, 0, '1'
	case s.capital(i):
		p := s.part(i)
		if p.end == i {
			return 0, 0, 0
		}
		if p.initial {
			p.end--
			_, h := s.letters(i)
			p.is = words.find(h).is
		}
		return p.end, p.is, 'A'
	case isLetter(c):
		j, h := s.letters(i)
		if j == len(s.text) {
			s.short = true
		}
		if j == i || j-i > 24 || isWord(s.at(j)) {
			return 0, 0, 0
		}
		return j, words.find(h).is, 'a'
	}
	return 0, 0, 0
}

// longerName is the end of a name whose suffix at the end of text[:i] was a part of it, as
// in Park Avenue; 0 when it was the last.
func (s *scan) longerName(i int) int {
	k := s.gap(i)
	if k == 0 || !s.capital(k) {
		return 0
	}
	if j, is, kind := s.streetWord(k); kind == 'A' && is&isSuffix != 0 {
		return s.closing(j)
	}
	return 0
}

// closing takes the dot of an abbreviated suffix and a direction after it.
func (s *scan) closing(i int) int {
	k := i
	if s.at(k) == '.' {
		k++
	}
	if q := s.gap(k); q > 0 && isUpper(s.at(q)) {
		if j, h := s.letters(q); words.find(h).is&isDirection != 0 && !isWord(s.at(j)) {
			return j
		}
	}
	return i
}

// unit is the end of a part of a house after i: Apt 4B, Suite 100, #12; i without one.
func (s *scan) unit(i int) int {
	k := i
	for n := 0; n < 3 && (s.at(k) == ',' || s.at(k) == ' ' || s.at(k) == '.'); n++ {
		k++
	}
	if k == i {
		return i
	}
	if s.at(k) == '#' {
		k++
	} else {
		j, h := s.letters(k)
		if j == k || words.find(h).is&isUnit == 0 {
			return i
		}
		if k = j; s.at(k) == '.' {
			k++
		}
		if s.at(k) != ' ' {
			return i
		}
		k++
	}
	if s.at(k) == '#' {
		k++
	}
	start := k
	for k-start < 6 && (isDigit(s.at(k)) || isUpper(s.at(k)) || k > start && s.at(k) == '-') {
		k++
	}
	if k == start || isWord(s.at(k)) {
		return i
	}
	return k
}

// locality is the end of the town after a street that ends at i, with its code before it
// (10115 Berlin) or after it (London NW1 6XE); i without one.
func (s *scan) locality(i int) int {
	if s.at(i) != ',' || !isBlank(s.at(i+1)) {
		return i
	}
	k := i + 2
	if isDigit(s.at(k)) {
		return s.afterCode(i, k)
	}
	p := s.part(k)
	if p.end == k {
		return i
	}
	if p.is&isPair != 0 {
		_, h := s.letters(k)
		if m, is := s.second(p.end, h); is&isCity != 0 {
			p.end, p.is = m, is
		}
	}
	if q := s.gap(p.end); q > 0 {
		if end := s.postcode(q); end > 0 {
			return end
		}
	}
	if p.is&isCity != 0 {
		return p.end
	}
	return i
}

// afterCode is the end of the town after a code at k: 75001 Paris, 31-042 Kraków.
func (s *scan) afterCode(i, k int) int {
	l := s.digits(k, 6)
	if l-k == 2 && s.at(l) == '-' {
		m := s.digits(l+1, 4)
		if m-l != 4 {
			return i
		}
		l = m
	} else if l-k != 4 && l-k != 5 {
		return i
	}
	q := s.gap(l)
	if q == 0 {
		return i
	}
	if p := s.part(q); p.end > q {
		return p.end
	}
	return i
}

// postcode is the end of a British post code at i, 0 when there is none.
func (s *scan) postcode(i int) int {
	k := i
	for k-i < 2 && isUpper(s.at(k)) {
		k++
	}
	if k == i || !isDigit(s.at(k)) {
		return 0
	}
	if k++; isUpper(s.at(k)) || isDigit(s.at(k)) {
		k++
	}
	if s.at(k) != ' ' || !isDigit(s.at(k+1)) || !isUpper(s.at(k+2)) || !isUpper(s.at(k+3)) || isWord(s.at(k+4)) {
		return 0
	}
	return k + 4
}

// place looks for what a word begins: a street with its number after it, a post box, a city
// with its country or code.
func (s *scan) place(i, j int, h uint64, e entry) {
	if isWord(s.before(i)) {
		return
	}
	switch {
	case e.is&isWay != 0:
		s.way(i, j)
	case e.is&isBox != 0:
		s.box(i, j)
	}
	if !isUpper(s.text[i]) {
		return
	}
	if j-i >= 8 || s.at(j) == '.' {
		s.strasse(i, j)
	}
	s.trailing(i, j)
	s.city(i, j, h, e)
	if j-i == 2 && e.is&isState != 0 && isUpper(s.text[i+1]) {
		s.zip(i, j)
	}
}

// way looks for a street whose kind comes first: 12 rue de Rivoli, Calle Mayor 5.
func (s *scan) way(i, j int) {
	start, numbered := i, false
	for n := 0; n < 2 && start > 0 && (s.text[start-1] == ' ' || s.text[start-1] == ','); n++ {
		start--
	}
	if start < i && isDigit(s.before(start)) {
		numbered = true
		for n := 0; n < 5 && start > 0 && isDigit(s.text[start-1]); n++ {
			start--
		}
	} else {
		start = i
	}
	if isWord(s.before(start)) || s.before(start) == '.' || !numbered && !isUpper(s.text[i]) {
		return
	}
	defer s.looked(start)
	k := s.gap(j)
	if k == 0 {
		return
	}
	for range 3 {
		if q := s.particle(k); q > 0 {
			k = q
		}
	}
	n, end, _ := s.parts(k, 4)
	if n == 0 {
		return
	}
	q := end
	if s.at(q) == ',' {
		q++
	}
	if q = s.gap(q); q > 0 && isDigit(s.at(q)) {
		if l := s.digits(q, 5); l-q <= 4 && !isWord(s.at(l)) {
			s.found(address, start, s.locality(l))
			return
		}
	}
	if numbered {
		s.found(address, start, s.locality(end))
	}
}

// strasse looks for a German street and its number: Hauptstraße 12a.
func (s *scan) strasse(i, j int) {
	w := s.text[i:j]
	if !hasEnd(w, "strasse") && !hasEnd(w, "stra\u00dfe") && !hasEnd(w, "gasse") && !hasEnd(w, "platz") && !(hasEnd(w, "str") && j-i > 4 && s.at(j) == '.') {
		return
	}
	if s.at(j) == '.' {
		j++
	}
	k := s.gap(j)
	if k == 0 || !isDigit(s.at(k)) {
		return
	}
	l := s.digits(k, 4)
	if isLetter(s.at(l)) && s.at(l) < 0x80 {
		l++
	}
	if !isWord(s.at(l)) {
		s.found(address, i, s.locality(l))
	}
}

func hasEnd(w, end string) bool { return len(w) > len(end) && w[len(w)-len(end):] == end }

// box looks for a box of a post office: P.O. Box 123.
func (s *scan) box(i, j int) {
	start := i
	if s.before(start) == ' ' {
		start--
	}
	switch {
	case start >= 4 && s.text[start-4:start] == "P.O.", start >= 4 && s.text[start-4:start] == "P. O":
		start -= 4
	case start >= 2 && (s.text[start-2:start] == "PO" || s.text[start-2:start] == "po"):
		start -= 2
	default:
		return
	}
	k := s.gap(j)
	if k == 0 || isWord(s.before(start)) {
		return
	}
	if l := s.digits(k, 7); l > k && !isWord(s.at(l)) {
		s.found(address, start, l)
	}
}

// city looks for a city and, after a comma, its country or state: London, United Kingdom.
func (s *scan) city(i, j int, h uint64, e entry) {
	if e.is&isPair != 0 {
		if k, second := s.second(j, h); second&isCity != 0 {
			j, e.is = k, second
		}
	}
	if e.is&isCity == 0 {
		return
	}
	if s.at(j) != ',' || s.at(j+1) != ' ' {
		return
	}
	k := j + 2
	if !isUpper(s.at(k)) {
		return
	}
	l, h := s.letters(k)
	if l == len(s.text) {
		s.short = true
	}
	is := words.find(h).is
	if is&isPair != 0 {
		if m, second := s.second(l, h); second&(isCountry|isState) != 0 {
			l, is = m, second
		}
	}
	if is&isCountry == 0 && (is&isState == 0 || l-k == 2 && !isUpper(s.text[k+1])) || isWord(s.at(l)) {
		return
	}
	s.found(address, i, l)
}

// second is the end and the classes of the name of two words whose first ends at j.
func (s *scan) second(j int, h uint64) (int, wordClass) {
	if s.at(j) != ' ' || !isUpper(s.at(j+1)) {
		return j, 0
	}
	k, _ := s.letters(j + 1)
	if k == len(s.text) {
		s.short = true
	}
	if k-j > 20 {
		return j, 0
	}
	return k, words.find(hashWord(hashByte(h, ' '), s.text[j+1:k])).is
}

// zip looks for a city before, and a ZIP code after, the state text[i:j]: Springfield, IL 62704.
func (s *scan) zip(i, j int) {
	start := s.cityBefore(i)
	defer s.looked(start)
	k := s.gap(j)
	if k == 0 || !isDigit(s.at(k)) {
		return
	}
	l := s.digits(k, 6)
	if l-k != 5 {
		return
	}
	if s.at(l) == '-' && isDigit(s.at(l+1)) {
		if m := s.digits(l+1, 5); m-l == 5 {
			l = m
		}
	}
	if isWord(s.at(l)) {
		return
	}
	s.found(address, start, l)
}

// cityBefore is the start of the capitalised words, at most three, that stand before a
// comma before i; i when there are none.
func (s *scan) cityBefore(i int) int {
	if i < 3 || s.text[i-1] != ' ' {
		return i
	}
	end := i - 1
	if s.text[end-1] == ',' {
		end--
	}
	start := i
	for range 3 {
		k := end
		for k > 0 && end-k < 20 && isLetter(s.text[k-1]) {
			k--
		}
		if k == end || !isUpper(s.text[k]) || isWord(s.before(k)) {
			break
		}
		start = k
		if s.before(k) != ' ' {
			break
		}
		end = k - 1
	}
	return start
}

// trailing claims what comes after the end where a text ends in capitalised words: they may
// be the city before a state and its ZIP code.
func (s *scan) trailing(i, j int) {
	const longest = 72
	if len(s.text)-i > longest {
		return
	}
	for ; j < len(s.text); j++ {
		if c := s.text[j]; !isLetter(c) && c != ' ' && c != ',' {
			return
		}
	}
	s.short = true
}
