package filter

// A lexicon finds what is known about a word by its hash. It is made once and only read.
type lexicon struct {
	mask  uint64
	table []entry
}

// entry is what is known about a word. The zero entry is an unknown word.
type entry struct {
	hash uint64
	in   phraseClass // its parts in phrases of injections
	is   wordClass   // what it is in names, addresses and beside numbers
}

// FNV-1a, 64 bits.
const (
	hashSeed  = 14695981039346656037
	hashPrime = 1099511628211
)

// hashByte adds a byte of a word to its hash, ASCII letters in either case alike.
func hashByte(h uint64, c byte) uint64 { return (h ^ uint64(c|0x20)) * hashPrime }

func hashWord(h uint64, word string) uint64 {
	for i := range len(word) {
		h = hashByte(h, word[i])
	}
	return h
}

// find is what is known about the word of a hash.
func (l *lexicon) find(h uint64) entry {
	for at := (h ^ h>>32) & l.mask; ; at = (at + 1) & l.mask {
		if e := l.table[at]; e.hash == h || e.hash == 0 {
			return e
		}
	}
}

func (l *lexicon) slot(h uint64) *entry {
	for at := (h ^ h>>32) & l.mask; ; at = (at + 1) & l.mask {
		if e := &l.table[at]; e.hash == h || e.hash == 0 {
			e.hash = h
			return e
		}
	}
}

// newLexicon is the words of both vocabularies, in a table at most an eighth full.
func newLexicon() *lexicon {
	const size = 1 << 14
	l := &lexicon{mask: size - 1, table: make([]entry, size)}
	for _, c := range phraseWords {
		each(c.words, func(w string) { l.slot(hashWord(hashSeed, w)).in |= c.class })
	}
	for _, c := range plainWords {
		each(c.words, func(w string) { l.slot(hashWord(hashSeed, w)).is |= c.class })
	}
	return l
}

// each calls f for the words of a list. An underscore in it stands for a space.
func each(list string, f func(string)) {
	start := -1
	for i := 0; i <= len(list); i++ {
		if i < len(list) && list[i] != ' ' && list[i] != '\n' && list[i] != '\t' {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			f(spaced(list[start:i]))
			start = -1
		}
	}
}

func spaced(word string) string {
	b := []byte(word)
	for i, c := range b {
		if c == '_' {
			b[i] = ' '
		}
	}
	return string(b)
}

var words = newLexicon()
