package filter

import "strings"

// Names in tags and brackets that put words in another role's mouth.
var (
	tagRoles     = [...]string{"assistant", "developer", "tool", "function"}
	bracketRoles = [...]string{"system", "system message", "systemmessage", "assistant", "internal"}
	tokens       = [...]string{"im_start", "im_end", "eot_id", "start_header_id", "end_header_id", "endoftext"}
	wideTokens   = [...]string{"end\u2581of\u2581sentence", "begin\u2581of\u2581sentence"}
)

// tag looks for a role's tag, a control token or a bracketed role that begins at i.
func (s *scan) tag(i int, c byte) {
	switch {
	case c == '[':
		s.bracket(i)
	case s.at(i+1) == '|':
		s.token(i, "<|", "|>", tokens[:], noteToken)
	case s.at(i+1) == 0xEF && s.at(i+2) == 0xBD && s.at(i+3) == 0x9C:
		s.token(i, "<\uFF5C", "\uFF5C>", wideTokens[:], noteWideToken)
	case !isWord(s.before(i)): // else a type's parameter: Local<Function>
		s.roleTag(i)
	}
	s.looked(i)
}

func (s *scan) token(i int, open, shut string, names []string, n note) {
	for _, t := range names {
		if k := i + len(open); s.has(k, t) && s.has(k+len(t), shut) {
			s.noted(injection, i, k+len(t)+len(shut), n)
			return
		}
	}
}

// has reports that the text at i goes on as t, ASCII in either case.
func (s *scan) has(i int, t string) bool {
	for k := range len(t) {
		if c := s.at(i + k); c != t[k] && (c|0x20 != t[k] || !isLetter(t[k])) {
			return false
		}
	}
	return true
}

// roleTag looks for <system>, </assistant>, <tool/>.
func (s *scan) roleTag(i int) {
	k := s.blanks(i + 1)
	if s.at(k) == '/' {
		k = s.blanks(k + 1)
	}
	n, rest := noteRoleTag, k
	for _, r := range tagRoles {
		if s.has(k, r) {
			rest = k + len(r)
			break
		}
	}
	if rest == k && s.has(k, "system") {
		n, rest = noteSystemTag, k+len("system")
	}
	if rest == k {
		return
	}
	rest = s.blanks(rest)
	if s.at(rest) == '/' {
		rest++
	}
	if s.at(rest) == '>' {
		s.noted(injection, i, rest+1, n)
	}
}

func (s *scan) blanks(i int) int {
	for n := 0; n < 8 && isBlank(s.at(i)); n++ {
		i++
	}
	return i
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// bracket looks for [System] and, after a line that ends in a bracket, for [user]:.
func (s *scan) bracket(i int) {
	k := s.blanks(i + 1)
	for _, r := range bracketRoles {
		if s.has(k, r) && s.at(s.blanks(k+len(r))) == ']' {
			s.noted(injection, i, s.blanks(k+len(r))+1, noteBracket)
			return
		}
	}
	if s.has(k, "user]:") && s.afterBracket(i) {
		s.noted(injection, i, k+len("user]:"), noteDelimiter)
	}
}

// afterBracket reports that the line before i's ends in a bracket.
func (s *scan) afterBracket(i int) bool {
	lines := 0
	for n := 0; n < 16 && i > 0 && isBlank(s.text[i-1]); n++ {
		if s.text[i-1] == '\n' {
			lines++
		}
		i--
	}
	return lines > 0 && s.before(i) == ']'
}

// rolePrefix looks for a line that begins with "System:".
func (s *scan) rolePrefix(i, j int) {
	if j-i != len("system") || s.at(j) != ':' || !isBlank(s.at(j+1)) || !s.beginsLine(i) {
		s.looked(i)
		return
	}
	n := notePrefix
	if s.afterBracket(i) {
		n = noteDelimiter
	}
	s.noted(injection, i, j+1, n)
	s.looked(i)
}

func (s *scan) beginsLine(i int) bool {
	for n := 0; n < 16 && i > 0 && (s.text[i-1] == ' ' || s.text[i-1] == '\t'); n++ {
		i--
	}
	return i == 0 || s.text[i-1] == '\n' || s.text[i-1] == '\r'
}

// keywords are the words that make a decoded text suspicious.
var keywords = [...]string{"ignore", "bypass", "override", "reveal", "system", "prompt"}

// suspicious reports that a decoded text is one and holds an injection, or two keywords.
func suspicious(decoded []byte) bool {
	for _, c := range decoded {
		if c < 0x20 && !isBlank(c) || c == 0x7f {
			return false
		}
	}
	text, found := string(decoded), 0
	inner := scan{text: text, hold: len(text)}
	for i := 0; i < len(text); {
		j, h := inner.letters(i)
		if j == i {
			i++
			continue
		}
		if in := words.find(h).in; in&starts != 0 {
			inner.phrases(i, j, in|pAny)
		}
		i = j
	}
	lower := strings.ToLower(text)
	for _, k := range keywords {
		if strings.Contains(lower, k) {
			found++
		}
	}
	return len(inner.raws) > 0 || found >= 2
}
