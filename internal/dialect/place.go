package dialect

import "strconv"

// Elem is where an element of the array at path is.
func Elem(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// A Place is where a turn of a conversation is.
type Place struct {
	Path  string // messages[3]
	Inner string // messages[3].content: the array of its parts
	first string // messages[3].content[0], "" when it is not made
}

// Part is where one of its parts is.
func (p *Place) Part(i int) string {
	if i == 0 && p.first != "" {
		return p.first
	}
	return Elem(p.Inner, i)
}

// Places are where the turns of a request are. Most conversations find theirs made.
type Places struct {
	array, inner string
	made         [64]Place
}

// NewPlaces is for the turns of an array, whose parts are in a member of each.
func NewPlaces(array, inner string) *Places {
	p := &Places{array: array, inner: inner}
	for i := range p.made {
		p.made[i] = p.place(i)
	}
	return p
}

// At is where a turn is.
func (p *Places) At(i int) Place {
	if i < len(p.made) {
		return p.made[i]
	}
	return p.place(i)
}

func (p *Places) place(i int) Place {
	path := Elem(p.array, i)
	first := path + "." + p.inner + "[0]"
	return Place{first[:len(path)], first[:len(first)-len("[0]")], first}
}
