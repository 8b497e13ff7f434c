package filter

// Lengths of RFC 5321, section 4.5.3.1.
const (
	maxLocal  = 64
	maxDomain = 255
)

// email looks around an '@' for a mailbox: the usual characters before it, a domain name
// with a top level of letters after it.
func (s *scan) email(i int) {
	start := s.local(i)
	if start == i {
		return
	}
	end := s.domain(i + 1)
	if end > 0 && !s.remote(start, i, end) {
		s.found(email, start, end)
	}
	s.looked(start)
}

// local is the start of the local part that ends before i, i when there is none.
func (s *scan) local(i int) int {
	start := i
	for start > 0 && i-start < maxLocal && isLocal(s.text[start-1]) {
		start--
	}
	if s.before(i) == '.' {
		return i
	}
	for start < i && !isWord(s.text[start]) {
		start++
	}
	return start
}

func isLocal(c byte) bool {
	switch c {
	case '.', '%', '+', '-', '_':
		return true
	}
	return isLetter(c) || isDigit(c)
}

// domain is the end of the domain name at i, 0 when there is none.
func (s *scan) domain(i int) int {
	end := 0
	for label, dots := i, 0; label-i < maxDomain; dots++ {
		j := label
		for c := s.at(j); j-label < 63 && (isLetter(c) || isDigit(c) || c == '-'); c = s.at(j) {
			j++
		}
		for j > label && s.text[j-1] == '-' {
			j--
		}
		if j == label {
			break
		}
		if dots > 0 && s.topLevel(label, j) {
			end = j
		}
		if s.at(j) != '.' {
			break
		}
		label = j + 1
	}
	if end > 0 && s.density(i) {
		return 0
	}
	return end
}

// topLevel reports that a label may be a top level domain: letters, or one in Punycode.
func (s *scan) topLevel(i, j int) bool {
	if j-i < 2 || j-i > 24 {
		return false
	}
	if j-i > 4 && s.text[i:i+4] == "xn--" {
		return true
	}
	for ; i < j; i++ {
		if !isLetter(s.text[i]) {
			return false
		}
	}
	return true
}

// density reports the "@2x." of an image's file name.
func (s *scan) density(i int) bool {
	return isDigit(s.at(i)) && s.at(i+1) == 'x' && s.at(i+2) == '.'
}

// remote reports what only looks like a mailbox: the user of a URL, or of a path on another
// host as git and scp write it.
func (s *scan) remote(start, at, end int) bool {
	if start >= 3 && s.text[start-3:start] == "://" {
		return true
	}
	return s.text[start:at] == "git" && s.at(end) == ':'
}
