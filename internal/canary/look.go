package canary

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Find is a canary, or half of one.
type Find struct {
	Kind Kind
	Form string // how it is written: "plain", "base64", …
	Near string // what stands around it, quoted
}

func (f Find) String() string {
	return fmt.Sprintf("a %s (%s): %s", f.Kind, f.Form, f.Near)
}

// form is one way to write a stem.
type form struct {
	kind  Kind
	name  string
	bytes []byte
}

// forms are all that Look knows. Letters and digits are the same in both alphabets of base64.
var forms = func() (list []form) {
	for kind, stem := range map[Kind]string{Prompt: promptStem, Secret: secretStem} {
		add := func(name, text string) { list = append(list, form{kind, name, []byte(text)}) }
		add("plain", stem)
		add("upper case", strings.ToUpper(stem))
		add("hexadecimal", hex.EncodeToString([]byte(stem)))
		add("upper case hexadecimal", strings.ToUpper(hex.EncodeToString([]byte(stem))))
		add("UTF-16", strings.Join(strings.Split(stem, ""), "\x00"))
		add("percent-encoded", "%"+strings.Join(pairs(hex.EncodeToString([]byte(stem))), "%"))
		add("escaped JSON", `\u00`+strings.Join(pairs(hex.EncodeToString([]byte(stem))), `\u00`))
		for shift := range 3 {
			add("base64", coded(stem, shift))
		}
	}
	return list
}()

// coded is what base64 makes of a stem that begins shift bytes after a group of three, without
// what depends on its neighbours: each digit is six bits.
func coded(stem string, shift int) string {
	digits := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + stem))
	return digits[(8*shift+5)/6 : 8*(shift+len(stem))/6]
}

func pairs(digits string) (list []string) {
	for i := 0; i < len(digits); i += 2 {
		list = append(list, digits[i:i+2])
	}
	return list
}

// made is an API key as gateways make them, and longer than its label.
var made = regexp.MustCompile(`sk-or-v1-[0-9a-f]{32}`)

const (
	maxUnpacked = 64 << 20
	maxDepth    = 3
)

// Look finds canaries in data, one of each kind and form, also within what gzip packed.
func Look(data []byte) []Find { return look(data, "", 0) }

func look(data []byte, within string, depth int) (finds []Find) {
	for _, f := range forms {
		if i := bytes.Index(data, f.bytes); i >= 0 {
			finds = append(finds, Find{f.kind, f.name + within, near(data, i)})
		}
	}
	if m := made.FindIndex(data); m != nil {
		finds = append(finds, Find{Key, "plain" + within, near(data, m[0])})
	}
	cookies.in(data, func(form string, at int) {
		finds = append(finds, Find{Cookie, form + within, near(data, at)})
	})
	for rest := data; depth < maxDepth; {
		i := bytes.Index(rest, []byte{0x1f, 0x8b, 8})
		if i < 0 {
			break
		}
		finds = append(finds, look(unpack(rest[i:]), within+" in gzip", depth+1)...)
		rest = rest[i+3:]
	}
	return finds
}

// unpack is as much as can be unpacked: a file may have been cut.
func unpack(data []byte) []byte {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	r.Multistream(false) // what follows is found as a beginning of its own
	out, _ := io.ReadAll(io.LimitReader(r, maxUnpacked))
	return out
}

func near(data []byte, at int) string {
	return fmt.Sprintf("%.240q", data[max(0, at-80):min(len(data), at+120)])
}

// Tree looks into every file below a directory, whatever it is called, and is told of each
// find. It returns how many files and bytes those were. A file that goes away meanwhile is none.
func Tree(dir string, report func(path string, f Find)) (files int, size int64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		files++
		size += int64(len(data))
		for _, f := range Look(data) {
			report(path, f)
		}
		return err
	})
	return files, size, err
}
