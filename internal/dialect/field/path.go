package field

import (
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// Path is where in a request a value is. It is written out only for an error: a request has
// thousands of values and hardly ever one.
type Path struct {
	up    *Path
	name  string // of a member, "" for an element
	index int    // of an element
}

// At is the path of a member of the request.
func At(name string) Path { return Path{name: name} }

// Member is the path of a member of the value at p.
func (p *Path) Member(name string) Path { return Path{up: p, name: name} }

// Elem is the path of an element of the array at p.
func (p *Path) Elem(i int) Path { return Path{up: p, index: i} }

func (p *Path) String() string { return string(p.append(nil)) }

func (p *Path) append(dst []byte) []byte {
	if p.up != nil {
		dst = p.up.append(dst)
	}
	if p.name == "" {
		return append(strconv.AppendInt(append(dst, '['), int64(p.index), 10), ']')
	}
	if p.up != nil {
		dst = append(dst, '.')
	}
	return append(dst, p.name...)
}

// Bad says what the member of the value at p should have been; "" is the value itself.
func (p *Path) Bad(member string, v rawjson.Node, should string) error {
	at := p.String()
	if member != "" {
		at += "." + member
	}
	return Bad(at, v, should)
}

// Want checks the kind of a member of the value at p; "" is the value itself.
func (p *Path) Want(member string, v rawjson.Node, k rawjson.Kind) error {
	if v.Kind() != k {
		return p.Bad(member, v, Article(k))
	}
	return nil
}
