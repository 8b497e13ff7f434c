package filter

import "net/netip"

// ipv4 is the end of the dotted quad at i, whose first octet ends at j; 0 when there is none.
func (s *scan) ipv4(i, j int) int {
	for octet := 1; ; octet++ {
		if !isOctet(s.text[i:j]) {
			return 0
		}
		if octet == 4 {
			return j
		}
		if s.at(j) != '.' || !isDigit(s.at(j+1)) {
			return 0
		}
		i, j = j+1, s.digits(j+1, 4)
	}
}

// digits is the end of the run of digits at i, at most so many.
func (s *scan) digits(i, most int) int {
	for n := 0; n < most && isDigit(s.at(i)); n++ {
		i++
	}
	return i
}

func isOctet(t string) bool {
	if len(t) > 3 || len(t) > 1 && t[0] == '0' {
		return false
	}
	n := 0
	for i := range len(t) {
		n = n*10 + int(t[i]-'0')
	}
	return n <= 255
}

// address4 tells an address from a version number and from a part of something longer.
func (s *scan) address4(i, j int) {
	p := s.before(i)
	if p == '.' || p == '/' && isWord(s.before(i-1)) {
		return
	}
	end := s.ipv4(i, j)
	if end == 0 {
		return
	}
	c := s.at(end)
	if isWord(c) || (c == '.' || c == '-') && isWord(s.at(end+1)) && !(c == '-' && isDigit(s.at(end+1))) {
		return
	}
	if s.versioned(i) {
		return
	}
	s.found(ipAddress, i, end)
}

// versioned reports that what stands before i says that a version or a section follows.
func (s *scan) versioned(i int) bool {
	if p := s.before(i); (p == '=' || p == '<' || p == '>') && i > 1 {
		if q := s.text[i-2]; q == '=' || q == '>' || q == '<' || q == '~' || q == '!' {
			return true
		}
	}
	return s.cue(i, isVersionCue, isNetCue, 2)
}

// ipv6 looks for an address of version 6 whose first colon is at colon.
func (s *scan) ipv6(colon int) {
	i := colon
	for i > 0 && colon-i < 4 && isHex(s.text[i-1]) {
		i--
	}
	if p := s.before(i); isWord(p) || p == ':' || p == '.' || i == colon && s.peek(colon+1) != ':' {
		return
	}
	const longest = 45
	k, colons, double, digits := i, 0, false, false
	for c := s.at(k); k-i <= longest && (isHex(c) || c == ':' || c == '.'); c = s.at(k) {
		if c == ':' {
			colons++
			double = double || s.at(k+1) == ':'
		}
		digits = digits || isDigit(c)
		k++
	}
	if isWord(s.at(k)) || !digits || colons < 2 || !double && colons < 6 {
		s.looked(i)
		return
	}
	for k > i && (s.text[k-1] == '.' || s.text[k-1] == ':' && s.text[k-2] != ':') {
		k--
	}
	if a, err := netip.ParseAddr(s.text[i:k]); err == nil && a.Is6() {
		s.found(ipAddress, i, k)
	}
	s.looked(i)
}
