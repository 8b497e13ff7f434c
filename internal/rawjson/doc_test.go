package rawjson

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func parse(t testing.TB, s string) Node {
	t.Helper()
	d := new(Doc)
	if err := d.Parse([]byte(s)); err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return d.Root()
}

func TestReads(t *testing.T) {
	n := parse(t, ` {"a":1,"b":[true,null,"x\n\u00e9\ud83d\ude00"],"a":-2.50,"e":{},"big":1e400,"s\u0074r":"v"} `)
	if v := n.Get("a"); string(v.Raw()) != "-2.50" {
		t.Errorf("the last duplicate counts, as upstreams read it: %s", v.Raw())
	}
	if got := n.Get("b").Len(); got != 3 {
		t.Errorf("len %d", got)
	}
	var elems []Node
	for e := range n.Get("b").Elems() {
		elems = append(elems, e)
	}
	if !elems[0].Bool() || !elems[1].IsNull() || elems[2].Str() != "x\né😀" {
		t.Errorf("elements %v %v %q", elems[0].Kind(), elems[1].Kind(), elems[2].Str())
	}
	if n.Get("str").Str() != "v" || !n.Get("str").Is("v") {
		t.Error("a key with an escape is not found")
	}
	if _, ok := n.Get("big").Float(); ok {
		t.Error("1e400 is no float")
	}
	if n.At("e", "x", "y").Exists() || n.Get("a").Get("b").Exists() {
		t.Error("what is not there exists")
	}
}

func TestInt(t *testing.T) {
	for in, want := range map[string]int64{"7": 7, "-7": -7, "3.0": 3, "3e2": 300, "9007199254740993": 9007199254740993} {
		if got, ok := parse(t, in).Int(); !ok || got != want {
			t.Errorf("%s: %d %v", in, got, ok)
		}
	}
	for _, in := range []string{"1.5", "1e30", `"7"`, "null", "99999999999999999999"} {
		if got, ok := parse(t, in).Int(); ok {
			t.Errorf("%s is taken for %d", in, got)
		}
	}
}

func TestRefuses(t *testing.T) {
	for _, in := range []string{
		"", " ", "{", "}", "[1,]", `{"a":1,}`, `{"a"}`, `{a:1}`, "01", "1.", "-", "1e", "tru", "nul", `"`, `"\x"`, `"\u12g4"`,
		"\"a\nb\"", "[1 2]", "{}{}", "\"\xff\"", `{"a":1 "b":2}`, "+1", "NaN", strings.Repeat("[", MaxDepth+1) + strings.Repeat("]", MaxDepth+1),
		"\"" + strings.Repeat("x", 40) + "\x01\"", "\"" + strings.Repeat("x", 64),
	} {
		var d Doc
		if err := d.Parse([]byte(in)); err == nil {
			t.Errorf("%.40q is taken for JSON", in)
		}
	}
}

func TestPatch(t *testing.T) {
	const src = `{ "model" : "a" , "n":1e400, "drop": [1,{"x":2}] ,"o":{},"dup":1,"dup":2,"last":true }`
	n := parse(t, src)
	var p Patch
	p.Set(n.Get("model"), []byte(`"b/c"`))
	p.Append(n, "extra", []byte("1"))
	p.Append(n.Get("o"), "in", []byte("2"))
	p.Append(n.Get("o"), "and", []byte("3"))
	p.Remove(n, func(k Node) bool { return k.Is("drop") || k.Is("last") })
	const want = `{ "model" : "b/c" , "n":1e400 ,"o":{"in":2,"and":3},"dup":1,"dup":2 ,"extra":1}`
	if got := string(p.Apply(nil, []byte(src))); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRemoveEverySubset(t *testing.T) {
	keys := []string{"a", "b", "c", "d"}
	for mask := range 1 << len(keys) {
		src := `{"a":1, "b" :[2] ,"c":"3","d":null}`
		n := parse(t, src)
		var p Patch
		p.Remove(n, func(k Node) bool { return mask&(1<<(k.Str()[0]-'a')) != 0 })
		out := p.Apply(nil, []byte(src))
		got := parse(t, string(out))
		for i, k := range keys {
			if got.Get(k).Exists() == (mask&(1<<i) != 0) {
				t.Fatalf("mask %b: %s", mask, out)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"c\u0041"}]}`, `"\ud800"`, "[]", " 1.5e-3 ", `{"a":1,"a":2}`, "\"\u2028é\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d Doc
		err := d.Parse(b)
		if want := json.Valid(b) && utf8.Valid(b); (err == nil) != want {
			if want && strings.Contains(err.Error(), "nested") {
				return
			}
			t.Fatalf("valid %v, error %v: %q", want, err, b)
		}
		if err != nil {
			return
		}
		if s := d.Root(); s.Kind() == String {
			var std string
			if json.Unmarshal(b, &std) == nil && std != s.Str() {
				t.Fatalf("%q reads %q, want %q", b, s.Str(), std)
			}
		}
	})
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\n\x00\xffé")
	f.Fuzz(func(t *testing.T, s string) {
		var back string
		if err := json.Unmarshal(AppendString(nil, s), &back); err != nil || back != strings.ToValidUTF8(s, "\ufffd") && back != string([]rune(s)) {
			t.Fatalf("%q became %q: %v", s, back, err)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	chunk := []byte(`{"id":"chatcmpl-B1abcdefghijklmnopqrstuvwx","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_0123456789","choices":[{"index":0,"delta":{"content":" world"},"logprobs":null,"finish_reason":null}],"usage":null}`)
	prose := []byte(`{"messages":[{"role":"user","content":"` + strings.Repeat(`Some prose in which a paragraph – as in this one – goes on for a line or two. Then comes code:\n\tif x == \"y\" {\n\t\treturn nil\n\t}\n`, 1500) + `"}]}`)
	image := []byte(`{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,` + strings.Repeat("QUJD", 500_000) + `"}}]}]}`)
	for name, in := range map[string][]byte{"chunk": chunk, "prose200KB": prose, "image2MB": image} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			var d Doc
			for b.Loop() {
				if err := d.Parse(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestSegmentsShareSource(t *testing.T) {
	src := []byte(`{"model":"x","messages":[]}`)
	var d Doc
	if err := d.Parse(src); err != nil {
		t.Fatal(err)
	}
	var p Patch
	p.Set(d.Root().Get("model"), []byte(`"y"`))
	segs := p.Segments(src)
	if len(segs) != 3 || &segs[0][0] != &src[0] || !bytes.HasSuffix(src, segs[2]) {
		t.Errorf("segments %q", segs)
	}
}
