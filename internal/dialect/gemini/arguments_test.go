package gemini

import (
	"testing"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

func TestArguments(t *testing.T) {
	cases := map[string]struct{ in, want string }{
		"nothing":       {`[]`, `{}`},
		"nested":        {`[{"jsonPath":"$.a.b","stringValue":"x"},{"jsonPath":"$.a.c[0].d","numberValue":1.5},{"jsonPath":"$.a.c[0].e","boolValue":false},{"jsonPath":"$.a.c[1].d","nullValue":"NULL_VALUE"},{"jsonPath":"$.f","stringValue":""}]`, `{"a":{"b":"x","c":[{"d":1.5,"e":false},{"d":null}]},"f":""}`},
		"lists":         {`[{"jsonPath":"$.a[0][0]","numberValue":1},{"jsonPath":"$.a[0][1]","numberValue":2},{"jsonPath":"$.a[1][0]","numberValue":3}]`, `{"a":[[1,2],[3]]}`},
		"quoted key":    {`[{"jsonPath":"$['a.b']","stringValue":"x","willContinue":true},{"jsonPath":"$['a.b']","stringValue":"\"y"}]`, `{"a.b":"x\"y"}`},
		"open string":   {`[{"jsonPath":"$.a[0]","stringValue":"x","willContinue":true}]`, `{"a":["x"]}`},
		"twice":         {`[{"jsonPath":"$.a","numberValue":1},{"jsonPath":"$.a","numberValue":2}]`, ``},
		"inside value":  {`[{"jsonPath":"$.a","numberValue":1},{"jsonPath":"$.a.b","numberValue":2}]`, ``},
		"gap in list":   {`[{"jsonPath":"$.a[0]","numberValue":1},{"jsonPath":"$.a[2]","numberValue":2}]`, ``},
		"starts at one": {`[{"jsonPath":"$.a[1]","numberValue":1}]`, ``},
		"broken string": {`[{"jsonPath":"$.a","stringValue":"x","willContinue":true},{"jsonPath":"$.b","stringValue":"x"}]`, ``},
		"no path":       {`[{"stringValue":"x"}]`, ``},
		"root":          {`[{"jsonPath":"$","stringValue":"x"}]`, ``},
		"bad index":     {`[{"jsonPath":"$.a[x]","stringValue":"x"}]`, ``},
		"no bracket":    {`[{"jsonPath":"$.a[","stringValue":"x"}]`, ``},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var d rawjson.Doc
			if err := d.Parse([]byte(c.in)); err != nil {
				t.Fatal(err)
			}
			var s arguments
			var out []byte
			for p := range d.Root().Elems() {
				var err error
				if out, err = s.add(out, p); err != nil {
					if c.want != "" {
						t.Fatal(err)
					}
					return
				}
			}
			out = s.end(out)
			if string(out) != c.want || !rawjson.Valid(out) {
				t.Errorf("got %s, want %s", out, c.want)
			}
		})
	}
}
