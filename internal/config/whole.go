package config

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// fractions finds numbers with a fraction where the configuration has whole ones: the YAML
// library would cut them off. A type with a name, such as a price, reads itself.
func (f *File) fractions() (errs []error) {
	if f.tree == nil {
		return nil
	}
	for _, doc := range f.tree.Docs {
		errs = append(errs, f.fractionsIn("", reflect.TypeFor[Config](), doc.Body)...)
	}
	return errs
}

func (f *File) fractionsIn(name string, t reflect.Type, n ast.Node) (errs []error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			errs = append(errs, f.fractionsIn(name, t, v)...)
		}
	case *ast.MappingValueNode:
		if t.Kind() != reflect.Struct {
			return nil
		}
		key := n.Key.GetToken().Value
		for i := range t.NumField() {
			if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); tag == key {
				errs = append(errs, f.fractionsIn(key, t.Field(i).Type, n.Value)...)
			}
		}
	case *ast.SequenceNode:
		if t.Kind() == reflect.Slice {
			for _, v := range n.Values {
				errs = append(errs, f.fractionsIn(name, t.Elem(), v)...)
			}
		}
	case *ast.FloatNode:
		if k := t.Kind(); t.PkgPath() == "" && k >= reflect.Int && k <= reflect.Uint64 && n.Value != math.Trunc(n.Value) {
			errs = append(errs, &Error{File: f.Name, Line: n.GetToken().Position.Line, Says: fmt.Sprintf("%s %s must be a whole number", name, n.GetToken().Value)})
		}
	}
	return errs
}
