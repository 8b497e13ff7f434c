package filter

// wordClass is what is known of a word in plain text, for names, addresses and numbers.
type wordClass uint64

const (
	isGiven      wordClass = 1 << iota // a given name
	isUnsure                           // a given name that is also a place or a common word
	isSurname                          // a surname that is hardly anything else
	isTitle                            // before a surname
	isParticle                         // within a name: van, de la
	isNoName                           // capitalised, and no part of a name
	isThing                            // makes a place or an institution of the name before it
	isNameCue                          // a name follows
	isSuffix                           // ends the name of a street
	isBareSuffix                       // one that says so in lower case too
	isWay                              // begins the name of a street: rue, calle
	isUnit                             // a part of a house
	isCity
	isCountry
	isState     // a state's abbreviation
	isDirection // north, NE
	isPair      // the first word of a name of two: new york
	isPhoneCue  // a telephone number follows
	isSSNCue
	isIDCue      // the number of something else follows
	isVersionCue // a version or a section follows
	isNetCue     // an address of the network follows
	isBox        // of a post office
	isLink       // between a cue and what follows: number, is
)

// cue reports whether the words before i, at most so many, say with a word of class yes
// what follows; the nearest of class yes or no decides. A bracket closes the view, so that
// no label is a cue.
func (s *scan) cue(i int, yes, no wordClass, most int) bool {
	for range most {
		start, end := s.wordBefore(i)
		if start == end {
			return false
		}
		_, h := (&scan{text: s.text[:end]}).letters(start)
		switch e := words.find(h); {
		case e.is&yes != 0:
			return true
		case e.is&no != 0:
			return false
		}
		i = start
	}
	return false
}

// wordBefore is the run of letters before i, with a few bytes between that join it to
// what follows; start == end when there is none.
func (s *scan) wordBefore(i int) (start, end int) {
	const gap, longest = 6, 24
	end = i
	for n := 0; end > 0 && n < gap && joins(s.text[end-1]); n++ {
		end--
	}
	start = end
	for start > 0 && end-start <= longest && isLetter(s.text[start-1]) {
		start--
	}
	if end-start > longest {
		return end, end
	}
	return start, end
}

// joins reports a byte that may stand between a cue and its number.
func joins(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', ':', '=', '#', '"', '\'', '(', '*', '|', '`', '_', '-', '.', '/', '[', '{':
		return true
	}
	return false
}
