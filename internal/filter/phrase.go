package filter

import (
	"math/bits"
	"strings"
)

// phraseClass is the parts that a word can play in a phrase.
type phraseClass uint64

const (
	pIgnore phraseClass = 1 << iota
	pDisregard
	pForget
	pDrop // delete, skip
	pBypass
	pOverride
	pReveal
	pShow
	pOutput
	pRepeat
	pDisable
	pEnter
	pActivate
	pSupersede
	pPretend
	pAct
	pAll   // all, any of
	pDet   // the, these
	pYour  // your, our: whom the model obeys
	pPrev  // previous, above
	pScope // safety, system: what instructions are about
	pSafe  // safety, content: what filters are about
	pInst  // instructions, rules
	pPrompt
	pGuard // filters, measures
	pSecret
	pBe
	pVoid
	pMode
	pDev
	pDebug
	pYou
	pNow
	pNo
	pLonger
	pBound
	pNot
	pFollow
	pDo
	pAs
	pIf
	pDifferent
	pAI
	pA
	pSystem
	pText
	pAbove
	pWhat
	pNew
	pJailbreak
	pMe
	pIn
	pWithout
	pFree // unrestricted, unlimited
	pLimit
	pAnything
	pDAN
	pOnly

	pAny  phraseClass = 1 << 63 // every word
	pTypo phraseClass = 1 << 62 // a target word with its letters in disorder
)

var phraseWords = []struct {
	class phraseClass
	words string
}{
	{pIgnore, "ignore ignoring ignores"},
	{pDisregard, "disregard disregarding"},
	{pForget, "forget"},
	{pDrop, "delete erase discard skip drop"},
	{pBypass, "bypass circumvent evade bypassing"},
	{pOverride, "override overrides overriding"},
	{pReveal, "reveal expose leak disclose divulge"},
	{pShow, "show tell give display"},
	{pOutput, "output print dump write"},
	{pRepeat, "repeat recite"},
	{pDisable, "disable deactivate"},
	{pEnter, "enter"},
	{pActivate, "activate enable"},
	{pSupersede, "supersede supersedes superseding replaces"},
	{pPretend, "pretend"},
	{pAct, "act behave respond"},
	{pAll, "all any every each of"},
	{pDet, "the these those this that my its their his her"},
	{pYour, "your our"},
	{pPrev, "previous prior above earlier preceding foregoing initial original former existing"},
	{pScope, "safety security system operational internal core original initial existing given stated provided defined specified established developer"},
	{pSafe, "safety security content ethical ethics moderation"},
	{pInst, "instructions instruction rules rule guidelines guideline constraints constraint directives directive prompts"},
	{pPrompt, "prompt prompts"},
	{pGuard, "filter filters measure measures guideline guidelines restriction restrictions rules rule policy policies protocol protocols guardrails checks"},
	{pSecret, "full hidden complete internal secret original entire exact actual real initial verbatim"},
	{pBe, "are is were was re be"},
	{pVoid, "void invalid null obsolete cancelled canceled revoked"},
	{pMode, "mode"},
	{pDev, "developer admin debug jailbreak god root"},
	{pDebug, "maintenance"},
	{pYou, "you"},
	{pNow, "now"},
	{pNo, "no"},
	{pLonger, "longer"},
	{pBound, "bound restricted limited constrained"},
	{pNot, "not t never dont"},
	{pFollow, "follow obey heed"},
	{pDo, "do don"},
	{pAs, "as"},
	{pIf, "if though"},
	{pDifferent, "different another"},
	{pAI, "ai assistant model chatbot llm"},
	{pA, "a an"},
	{pSystem, "system"},
	{pText, "text words everything content"},
	{pAbove, "above before"},
	{pWhat, "what"},
	{pNew, "new"},
	{pJailbreak, "jailbreak jailbroken jailbreaked"},
	{pMe, "me us"},
	{pIn, "in into"},
	{pWithout, "without"},
	{pFree, "unrestricted unlimited unfiltered uncensored"},
	{pLimit, "limits limit restrictions restriction rules boundaries filters restrictive guidelines"},
	{pAnything, "anything"},
	{pDAN, "dan"},
	{pOnly, "only"},
}

// slot is a place in a phrase for a word of one of its classes.
type slot struct {
	class phraseClass
	opt   bool
}

// phrase is a pattern over words.
type phrase struct {
	name  string
	slots []slot
	skips []uint64 // by state: the states reached without a word
	typos bool     // counts only when a word's letters are in disorder
	then  byte     // what must follow, 0 nothing
	first phraseClass
}

func must(classes ...phraseClass) []slot {
	out := make([]slot, 0, len(classes))
	for _, c := range classes {
		out = append(out, slot{class: c})
	}
	return out
}

func maybe(c phraseClass, times int) []slot {
	out := make([]slot, times)
	for i := range out {
		out[i] = slot{class: c, opt: true}
	}
	return out
}

func sequence(parts ...[]slot) []slot {
	var out []slot
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// newPhrases are the families of the reference, §4.16, in a grammar of our own: somewhat
// wider, as determiners may stand where English lets them.
func newPhrases() []phrase {
	det := maybe(pAll|pDet|pYour, 3)
	instructions := must(pInst | pPrompt)
	list := []phrase{
		{name: "ignore_previous_instructions", slots: sequence(must(pIgnore), det, must(pPrev), det[:1], maybe(pScope, 2), instructions)},
		{name: "ignore_previous_instructions", slots: sequence(must(pIgnore), maybe(pAll, 2), must(pYour), maybe(pScope|pPrev, 2), instructions)},
		{name: "ignore_previous_instructions", slots: sequence(must(pIgnore), must(pAll), maybe(pDet|pAll, 2), must(pInst), maybe(pAbove, 1))},
		{name: "ignore_previous_instructions", slots: sequence(must(pIgnore), det, must(pInst), must(pAbove))},
		{name: "disregard_instructions", slots: sequence(must(pDisregard), det, must(pPrev), maybe(pScope, 2), instructions)},
		{name: "disregard_instructions", slots: sequence(must(pDisregard), maybe(pAll, 2), must(pYour), maybe(pScope|pPrev, 2), instructions)},
		{name: "forget_instructions", slots: sequence(must(pForget), det, must(pPrev), maybe(pScope, 2), instructions)},
		{name: "forget_instructions", slots: sequence(must(pForget), maybe(pAll, 2), must(pYour), maybe(pScope|pPrev, 2), instructions)},
		{name: "new_instructions", slots: must(pNew, pInst), then: ':'},
		{name: "do_not_follow", slots: sequence(must(pDo, pNot, pFollow), det, must(pScope|pPrev), maybe(pInst|pPrompt, 1))},
		{name: "supersede_instructions", slots: sequence(must(pSupersede), det, must(pPrev), instructions)},
		{name: "void_instructions", slots: sequence(must(pPrev), must(pInst), must(pBe), maybe(pNow, 1), must(pVoid))},
		{name: "developer_mode", slots: sequence(must(pYou, pBe, pNow), maybe(pIn, 1), must(pDev), must(pMode))},
		{name: "enter_special_mode", slots: sequence(must(pEnter), maybe(pDet|pA, 1), must(pDev|pDebug), must(pMode))},
		{name: "activate_special_mode", slots: sequence(must(pActivate), maybe(pDet|pA|pYour, 1), must(pDev), must(pMode))},
		{name: "system_override", slots: must(pSystem, pOverride)},
		{name: "override_instructions", slots: sequence(must(pOverride), det, maybe(pScope|pPrev, 2), must(pInst))},
		{name: "reveal_prompt", slots: sequence(must(pReveal), maybe(pMe, 1), maybe(pYour|pDet|pAll, 2), maybe(pSecret, 2), maybe(pSystem, 1), must(pPrompt))},
		{name: "reveal_prompt", slots: sequence(must(pReveal), maybe(pMe, 1), maybe(pAll, 1), must(pYour), maybe(pSecret, 2), maybe(pSystem, 1), must(pInst))},
		{name: "show_prompt", slots: sequence(must(pShow|pOutput), maybe(pMe, 1), must(pYour|pDet), maybe(pSecret, 2), must(pSystem), must(pPrompt|pInst))},
		{name: "show_prompt", slots: sequence(must(pShow), maybe(pMe, 1), must(pYour), maybe(pSecret, 2), must(pPrompt))},
		{name: "what_instructions", slots: sequence(must(pWhat, pBe), must(pYour), maybe(pSecret|pScope, 2), must(pInst))},
		{name: "what_instructions", slots: sequence(must(pWhat, pBe), maybe(pYour, 1), must(pSecret), must(pInst))},
		{name: "repeat_instructions", slots: sequence(must(pRepeat), maybe(pAll|pDet|pYour, 2), must(pText|pInst), must(pAbove))},
		{name: "repeat_instructions", slots: sequence(must(pRepeat), maybe(pDet|pYour, 1), maybe(pSecret, 2), must(pSystem), must(pPrompt))},
		{name: "output_prompt", slots: sequence(must(pOutput), maybe(pYour|pDet, 1), must(pPrev|pScope), must(pPrompt|pInst))},
		{name: "remove_restrictions", slots: must(pYou, pBe, pNo, pLonger, pBound)},
		{name: "act_unbound", slots: sequence(must(pAct, pAs, pIf), maybe(pYou, 1), maybe(pBe, 1), maybe(pNot|pNo, 1), maybe(pLonger, 1), must(pBound|pFree))},
		{name: "pretend_different", slots: sequence(must(pPretend), maybe(pYou, 1), maybe(pBe, 1), maybe(pA, 1), must(pDifferent), must(pAI))},
		{name: "identity_hijack", slots: sequence(must(pYou, pBe, pNow), maybe(pAny, 8), must(pFree))},
		{name: "identity_hijack", slots: sequence(must(pYou, pBe, pNow), maybe(pAny, 8), must(pWithout|pNo), maybe(pAll, 1), must(pLimit))},
		{name: "identity_hijack", slots: sequence(must(pYou, pBe, pNow), maybe(pAny, 8), must(pIgnore|pBypass), maybe(pAll|pPrev|pYour, 2), must(pInst|pLimit|pSafe))},
		{name: "identity_hijack", slots: sequence(must(pYou, pBe, pNow), maybe(pAny, 8), must(pFollow), must(pOnly))},
		{name: "dan_jailbreak", slots: sequence(must(pDAN), maybe(pAny, 24), must(pDo, pAnything, pNow))},
		{name: "jailbreak_mode", slots: must(pJailbreak, pMode|pPrompt)},
		{name: "bypass_safety", slots: sequence(must(pBypass), det, must(pSafe), must(pGuard))},
		{name: "disable_safety", slots: sequence(must(pDisable), det, must(pSafe), must(pGuard))},
		{name: "ignore_safety", slots: sequence(must(pIgnore|pDisregard), det, must(pSafe), must(pGuard))},
		{name: "fuzzy_phrase_instruction_override", typos: true, slots: sequence(must(pIgnore|pDisregard|pForget|pDrop|pBypass|pOverride), det, maybe(pPrev|pScope|pSystem, 2), instructions)},
		{name: "fuzzy_phrase_read_instruction_override", typos: true, slots: sequence(must(pReveal|pOutput|pShow), maybe(pMe, 1), det, must(pPrev|pScope), maybe(pScope, 1), instructions)},
		{name: "fuzzy_phrase_prompt_extraction", typos: true, slots: sequence(must(pReveal|pShow|pOutput|pRepeat), maybe(pMe, 1), det, maybe(pSecret, 1), maybe(pSystem, 1), instructions)},
		{name: "fuzzy_phrase_system_override", typos: true, slots: must(pSystem, pOverride|pPrompt)},
	}
	for i := range list {
		list[i].close()
	}
	return list
}

// close makes the tables of a phrase. A phrase has at most 63 slots.
func (p *phrase) close() {
	p.first = p.slots[0].class
	p.skips = make([]uint64, len(p.slots)+1)
	for i := range p.skips {
		reach := uint64(0)
		for k := i; ; k++ {
			reach |= 1 << k
			if k == len(p.slots) || !p.slots[k].opt {
				break
			}
		}
		p.skips[i] = reach
	}
}

// step is the states after a word.
func (p *phrase) step(states uint64, in phraseClass) uint64 {
	next := uint64(0)
	for rest := states &^ (1 << len(p.slots)); rest != 0; rest &= rest - 1 {
		if at := bits.TrailingZeros64(rest); p.slots[at].class&in != 0 {
			next |= p.skips[at+1]
		}
	}
	return next
}

func (p *phrase) done(states uint64) bool { return states>>len(p.slots)&1 == 1 }

var (
	phrases = newPhrases()
	starts  = phraseStarts() // what the first words of phrases are
)

func phraseStarts() (c phraseClass) {
	for _, p := range phrases {
		c |= p.first
	}
	return c
}

// injectionWord looks for injections that begin with the word text[i:j].
func (s *scan) injectionWord(i, j int, e entry) {
	in := e.in
	if in == 0 {
		in = disordered(s.text[i:j])
	}
	if in&starts != 0 {
		s.phrases(i, j, in|pAny)
		s.looked(i)
	}
	if e.in&pSystem != 0 {
		s.rolePrefix(i, j)
	}
	if j == i+1 {
		s.spread(i)
	}
	s.encoded(i, j)
}

// phrases follows all phrases that begin with a word, to the longest that holds.
func (s *scan) phrases(i, j int, first phraseClass) {
	end, best := 0, 0
	for k := range phrases {
		p := &phrases[k]
		if p.first&first == 0 || p.first == pDAN && s.text[i:j] != "DAN" {
			continue
		}
		if to := s.follow(p, j, first); to > end {
			end, best = to, k
		}
	}
	if end > 0 {
		s.noted(injection, i, end, phraseNote(best))
	}
}

// follow is the end of a phrase whose first word ends at j, 0 when it does not hold.
func (s *scan) follow(p *phrase, j int, first phraseClass) int {
	end, typo := 0, first&pTypo != 0
	states := p.step(1, first)
	for {
		if p.done(states) && (!p.typos || typo) && (p.then == 0 || s.at(j) == p.then) {
			end = j
		}
		a, b, in := s.phraseWord(j)
		if a == b {
			return end
		}
		if states = p.step(states, in|pAny); states == 0 {
			return end
		}
		typo = typo || in&pTypo != 0
		j = b
	}
}

// phraseWord is the next word of a phrase after j: little stands between two of them, and
// no end of a sentence.
func (s *scan) phraseWord(j int) (int, int, phraseClass) {
	const gap, longest = 12, 24
	i := j
	for ; i-j < gap; i++ {
		if c := s.at(i); c == 0xE2 && (s.at(i+1) == 0x80 || s.at(i+1) == 0x81) || c == 0xC2 && s.at(i+1) == 0xA0 {
			i += symbol(s.text, i) - 1
		} else if !between(c) {
			break
		}
	}
	if i == j || !isLetter(s.at(i)) {
		return i, i, 0
	}
	k, h := s.letters(i)
	if k == len(s.text) {
		s.short = true
	}
	if k-i > longest {
		return i, i, 0
	}
	in := words.find(h).in
	if in == 0 {
		in = disordered(s.text[i:k])
	}
	return i, k, in
}

func between(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', ',', '\'', '"', '`', '*', '_', '-', '~':
		return true
	}
	return false
}

// targets are the words of which every disorder is looked for: those of the reference, and
// a few that stand beside them.
var targets = [...]string{"ignore", "bypass", "override", "reveal", "delete", "system", "prompt", "instructions", "previous", "disregard", "forget"}

// disordered is what a word stands for whose first and last letters are those of a target,
// and whose others are the target's in another order; 0 when it is none.
func disordered(word string) phraseClass {
	if n := len(word); n != 6 && n != 8 && n != 9 && n != 12 {
		return 0
	}
	for _, t := range targets {
		if len(t) == len(word) && t[0] == word[0]|0x20 && t[len(t)-1] == word[len(word)-1]|0x20 && anagram(t, word) {
			return words.find(hashWord(hashSeed, t)).in | pTypo
		}
	}
	return 0
}

func anagram(target, word string) bool {
	var count [32]int8
	for k := range len(word) {
		count[target[k]&31]++
		count[word[k]&31]--
	}
	return count == [32]int8{} && !strings.EqualFold(target, word)
}
