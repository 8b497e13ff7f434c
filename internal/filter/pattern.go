package filter

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// unbounded is the length of what a pattern may match without end.
const unbounded = 1 << 30

// pattern is an operator's regular expression, compiled twice: to search from the start of
// a text, and to search after a first rune that is only context.
type pattern struct {
	whole *regexp.Regexp
	after *regexp.Regexp // its first group is the match

	longest int    // bytes of its longest match; unbounded without a limit
	literal string // is in every match, lower case when fold; empty: nothing to look for
	lead    int    // at most so many bytes of a match stand before literal
	fold    bool   // literal in either case
	pinned  bool   // speaks of the start or the end of the text
}

// newPattern compiles an expression and takes its instructions from room. The error says
// what is wrong with it, as the API's invalid_regex_pattern.
func newPattern(expr string, room *int) (*pattern, error) {
	if expr == "" {
		return nil, invalid("the pattern is empty")
	}
	if n := utf8.RuneCountInString(expr); n > MaxPattern {
		return nil, invalid(fmt.Sprintf("the pattern has %d characters; at most %d are allowed", n, MaxPattern))
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, invalid(explain(expr, err))
	}
	tree = tree.Simplify()
	prog, err := syntax.Compile(tree)
	if err != nil {
		return nil, invalid(err.Error())
	}
	if *room -= len(prog.Inst); *room < 0 {
		return nil, invalid(fmt.Sprintf("the pattern, with those that apply beside it, compiles to more than %d instructions; make repetitions smaller", MaxProgram))
	}
	p := &pattern{longest: longest(tree), pinned: pins(tree)}
	p.whole, err = regexp.Compile(expr)
	if err == nil {
		p.after, err = regexp.Compile(`(?s:\A.)(?s:.*?)(` + expr + `)`)
	}
	if err != nil {
		return nil, invalid(err.Error())
	}
	p.anchor(tree)
	return p, nil
}

func invalid(why string) *fault.Error {
	e := fault.Bad("content_filters", "Invalid regular expression: "+why)
	e.Code = "invalid_regex_pattern"
	return e
}

// explain says what is wrong with an expression, and names what is left out on purpose.
func explain(expr string, err error) string {
	e, ok := errors.AsType[*syntax.Error](err)
	if !ok {
		return err.Error()
	}
	switch what := strings.TrimSuffix(e.Expr, ")"); {
	case strings.HasPrefix(what, "(?=") || strings.HasPrefix(what, "(?!"):
		return "lookahead (?= and (?! is not supported, as it has no bound on its time; match the text itself"
	case strings.HasPrefix(what, "(?<=") || strings.HasPrefix(what, "(?<!"):
		return "lookbehind (?<= and (?<! is not supported, as it has no bound on its time; match the text itself"
	case e.Code == syntax.ErrInvalidEscape && len(what) == 2 && isDigit(what[1]) || strings.HasPrefix(what, `\k`):
		return "a backreference as \\1 is not supported, as it has no bound on its time"
	case strings.HasPrefix(what, "(?>"):
		return "an atomic group (?> is not supported; matching never backtracks, so it is not needed"
	}
	return fmt.Sprintf("%s: %.60q (the syntax is RE2's)", e.Code, e.Expr)
}

// longest is how many bytes a tree matches at most.
func longest(t *syntax.Regexp) int {
	switch t.Op {
	case syntax.OpLiteral:
		n := 0
		for _, r := range t.Rune {
			n += runeBytes(r, t.Flags)
		}
		return n
	case syntax.OpCharClass:
		if len(t.Rune) == 0 {
			return 0
		}
		return utf8.RuneLen(t.Rune[len(t.Rune)-1])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax
	case syntax.OpCapture, syntax.OpQuest:
		return longest(t.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		if longest(t.Sub[0]) == 0 {
			return 0
		}
		return unbounded
	case syntax.OpRepeat:
		if t.Max < 0 {
			return unbounded
		}
		return min(unbounded, t.Max*longest(t.Sub[0]))
	case syntax.OpConcat:
		n := 0
		for _, sub := range t.Sub {
			n = min(unbounded, n+longest(sub))
		}
		return n
	case syntax.OpAlternate:
		n := 0
		for _, sub := range t.Sub {
			n = max(n, longest(sub))
		}
		return n
	}
	return 0
}

// runeBytes is the most bytes of a rune, in any case where case does not matter: ſ and K
// fold to letters of ASCII.
func runeBytes(r rune, flags syntax.Flags) int {
	if flags&syntax.FoldCase != 0 {
		return max(3, utf8.RuneLen(r))
	}
	return max(1, utf8.RuneLen(r))
}

// pins reports that a tree speaks of the start or the end of the text.
func pins(t *syntax.Regexp) bool {
	if t.Op == syntax.OpBeginText || t.Op == syntax.OpEndText {
		return true
	}
	for _, sub := range t.Sub {
		if pins(sub) {
			return true
		}
	}
	return false
}

// anchor chooses the longest literal that is in every match, at a bounded distance from the
// start of it. A search then looks only around that literal.
func (p *pattern) anchor(t *syntax.Regexp) {
	lead := 0
	for _, part := range flat(nil, t) {
		if lead >= 1<<12 || p.pinned {
			return
		}
		lit := part
		if lit.Op == syntax.OpPlus {
			lit = lit.Sub[0]
		}
		if lit.Op == syntax.OpLiteral && len(lit.Rune) > 1 {
			p.take(lit, lead)
		}
		lead += longest(part)
	}
}

func (p *pattern) take(lit *syntax.Regexp, lead int) {
	text := string(lit.Rune)
	fold := lit.Flags&syntax.FoldCase != 0
	if fold {
		skipped := 0
		text, skipped = plainest(strings.ToLower(text))
		lead += 3 * skipped
	}
	if len(text) > 1 && len(text) > len(p.literal) {
		p.literal, p.lead, p.fold = text, lead, fold
	}
}

// plainest is the longest part of a text whose letters fold within ASCII, and how many
// bytes stand before it: k and s fold with signs beyond.
func plainest(text string) (string, int) {
	best, at := "", 0
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && text[j] < utf8.RuneSelf && text[j] != 'k' && text[j] != 's' {
			j++
		}
		if j-i > len(best) {
			best, at = text[i:j], i
		}
		i = j + 1
	}
	return best, at
}

// flat is the sequence of parts that a match runs through.
func flat(dst []*syntax.Regexp, t *syntax.Regexp) []*syntax.Regexp {
	switch t.Op {
	case syntax.OpConcat:
		for _, sub := range t.Sub {
			dst = flat(dst, sub)
		}
		return dst
	case syntax.OpCapture:
		return flat(dst, t.Sub[0])
	}
	return append(dst, t)
}

// search is the first match in text that starts at from or after. It is empty matches that
// are passed over; ok is false when there is none.
func (p *pattern) search(text string, from int) (start, end int, ok bool) {
	if p.literal == "" {
		return p.first(text, from, len(text))
	}
	for at := from; ; {
		lit := p.index(text, at)
		if lit < 0 {
			return 0, 0, false
		}
		if p.longest >= unbounded {
			return p.first(text, max(from, lit-p.lead), len(text))
		}
		start, end, ok = p.around(text, from, lit)
		if ok {
			return start, end, true
		}
		at = lit + 1
	}
}

// around is the first match that starts within reach of a literal at lit.
func (p *pattern) around(text string, from, lit int) (int, int, bool) {
	const context = utf8.UTFMax
	low := max(from, lit-p.lead)
	start, end, ok := p.first(text, low, min(len(text), lit+p.longest+context))
	if ok && end+context > lit+p.longest {
		// The match may go on beyond what was searched.
		start, end, ok = p.first(text, low, min(len(text), start+p.longest+context))
	}
	return start, end, ok
}

// first is the first match in text[:to] that starts at from or after.
func (p *pattern) first(text string, from, to int) (int, int, bool) {
	for from < to {
		start, end := p.next(text[:to], from)
		if start < 0 {
			return 0, 0, false
		}
		if end > start {
			return start, end, true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		from = start + max(size, 1)
	}
	return 0, 0, false
}

// next is the leftmost match, maybe an empty one, that starts at from or after; -1 when
// there is none. The rune before from is seen by \b and its like.
func (p *pattern) next(text string, from int) (int, int) {
	if from == 0 {
		if m := p.whole.FindStringIndex(text); m != nil {
			return m[0], m[1]
		}
		return -1, -1
	}
	_, size := utf8.DecodeLastRuneInString(text[:from])
	base := from - size
	if m := p.after.FindStringSubmatchIndex(text[base:]); m != nil {
		return base + m[2], base + m[3]
	}
	return -1, -1
}

// index is where the literal stands at from or after, -1 when it does not.
func (p *pattern) index(text string, from int) int {
	if from >= len(text) {
		return -1
	}
	if !p.fold {
		if k := strings.Index(text[from:], p.literal); k >= 0 {
			return from + k
		}
		return -1
	}
	first := p.literal[0]
	for k := from; k+len(p.literal) <= len(text); k++ {
		if text[k]|0x20 == first|0x20 && strings.EqualFold(text[k:k+len(p.literal)], p.literal) {
			return k
		}
	}
	return -1
}
