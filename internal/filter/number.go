package filter

// numeric looks at the run of digits text[i:j] as the first of a number of several groups.
// The kinds exclude each other; the one that is checked best goes first.
func (s *scan) numeric(i, j int) {
	if p := s.before(i); (p == '.' || p == '-' || p == ':' || p == ',') && isDigit(s.before(i-1)) {
		// Within a longer number, but for the end of a range of addresses.
		if p == '-' && s.looks(ipAddress) && j-i <= 3 {
			s.address4(i, j)
			s.looked(i)
		}
		return
	}
	s.kinds(i, j)
	s.looked(i)
}

func (s *scan) kinds(i, j int) {
	if s.on&(1<<card) != 0 {
		if end := s.card(i, j); end > 0 {
			s.found(card, i, end)
			return
		}
	}
	switch n := j - i; {
	case n <= 3 && s.at(j) == '.' && s.looks(ipAddress):
		s.address4(i, j)
	case (n == 3 || n == 9) && s.looks(ssn):
		if end := s.ssn(i, j); end > 0 {
			s.found(ssn, i, end)
			return
		}
	}
	if s.looks(phone) {
		s.phoneDigits(i, j)
	}
}

// ends reports that a number may end at i: no letter, digit or further group follows.
func (s *scan) ends(i int) bool {
	c := s.at(i)
	if isWord(c) {
		return false
	}
	return c != '-' && c != '.' || !isDigit(s.at(i+1))
}

// ssn is the end of the social security number at i, 0 when there is none: AAA-GG-SSSS as
// the Social Security Administration numbers; without hyphens only after words that say so.
func (s *scan) ssn(i, j int) int {
	t := s.text
	if j-i == 9 {
		if s.ends(j) && ssnParts(t[i:i+3], t[i+3:i+5], t[i+5:j]) && s.cue(i, isSSNCue, isIDCue|isPhoneCue, 4) {
			return j
		}
		return 0
	}
	sep := s.at(j)
	k := s.digits(j+1, 3)
	l := s.digits(k+1, 5)
	if sep != '-' && sep != ' ' && sep != '.' || k-j != 3 || s.at(k) != sep || l-k != 5 || !s.ends(l) {
		return 0
	}
	if !ssnParts(t[i:j], t[j+1:k], t[k+1:l]) || sep != '-' && !s.cue(i, isSSNCue, isIDCue|isPhoneCue, 4) {
		return 0
	}
	return l
}

// ssnParts checks area, group and serial: some were never given out.
func ssnParts(area, group, serial string) bool {
	return area != "000" && area != "666" && area[0] != '9' && group != "00" && serial != "0000"
}
