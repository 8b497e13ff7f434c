// Package archtest holds the house rules about who may import whom, as a test.
package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dragoman-gateway/dragoman/"

// layers are the rooms, lowest first. A package imports only from layers below its own,
// but for the edges in sideways.
var layers = [][]string{
	0: {"rawjson", "llm", "money", "fault", "id", "tuning"},
	1: {"catalog", "health", "account", "policy", "route", "keepsake", "structured", "meter", "ledger", "generation", "analytics", "audit", "filter", "limit", "moderation", "preset", "private", "receipt", "totp", "transcript", "workload", "cursor"},
	2: {"sse", "eventstream", "sigv4", "scim", "telemetry", "dialect", "dialect/field", "dialect/openaichat", "dialect/openaitext", "dialect/responses", "dialect/claude", "dialect/anthropic", "dialect/gemini",
		"dialect/bedrock", "dialect/vertex", "dialect/azure", "dialect/cohere", "dialect/ollama",
		"dialect/embeddings", "dialect/rerank", "dialect/audio", "dialect/images", "dialect/lossless"},
	3: {"store", "store/sqlite", "store/archive", "store/storetest", "provider", "upstream", "feed", "publicnet", "oidc", "media", "simup", "directory", "byok", "signin",
		"vault", "vault/kms", "contents", "broadcast"},
	4: {"gateway", "manage", "provision", "socket", "recall", "web"},
	5: {"app", "config", "cli"},
}

// sideways are the few imports within a layer.
var sideways = map[string][]string{
	"llm":                {"rawjson"},
	"policy":             {"account", "catalog"},
	"route":              {"catalog", "health", "policy", "generation"},
	"meter":              {"catalog", "generation"},
	"private":            {"catalog"},
	"analytics":          {"generation"},
	"telemetry":          {"sigv4"},
	"ledger":             {"account", "generation"},
	"dialect/openaichat": {"dialect", "dialect/field", "sse"},
	"dialect/claude":     {"dialect"},
	"dialect/anthropic":  {"dialect", "dialect/claude", "dialect/field", "sse"},
	"dialect/openaitext": {"dialect", "dialect/field", "sse", "dialect/openaichat"},
	"dialect/responses":  {"dialect", "dialect/field", "dialect/openaichat", "sse"},
	"dialect/gemini":     {"dialect", "dialect/field", "sse"},
	"dialect/bedrock":    {"dialect", "dialect/claude", "eventstream", "dialect/anthropic"},
	"dialect/vertex":     {"dialect", "dialect/anthropic", "dialect/gemini"},
	"dialect/azure":      {"dialect", "dialect/openaichat", "dialect/responses"},
	"dialect/cohere":     {"dialect", "dialect/field", "sse"},
	"dialect/ollama":     {"dialect", "dialect/field", "sse"},
	"dialect/embeddings": {"dialect", "dialect/field", "dialect/openaichat"},
	"dialect/rerank":     {"dialect", "dialect/field", "dialect/openaichat"},
	"dialect/audio":      {"dialect", "dialect/field", "sse", "dialect/openaichat"},
	"dialect/images":     {"dialect", "dialect/field", "sse", "dialect/openaichat"},
	"store/sqlite":       {"store"},
	"directory":          {"store"},
	"byok":               {"provider", "vault"},
	"media":              {"publicnet"},
	"oidc":               {"publicnet"},
	"workload":           {"account"},
	"signin":             {"directory", "vault", "oidc"},
	"store/storetest":    {"store"},
	"upstream":           {"provider"},
	"vault/kms":          {"vault"},
	"contents":           {"store/archive"},
	"broadcast":          {"publicnet"},
	"app":                {"config"},
	"cli":                {"app", "config"},
}

// pure packages are bytes and values: no network, no disk, no log.
var impure = []string{"net", "net/http", "os", "database/sql", "log", "log/slog", "math/rand"}

// holders are the only packages that may import something.
var holders = map[string][]string{
	"database/sql":                         {"store/sqlite", "store/archive"},
	"modernc.org/sqlite":                   {"store/sqlite", "store/archive"},
	"github.com/pressly/goose/v3":          {"store/sqlite"},
	"github.com/goccy/go-yaml":             {"config"},
	"github.com/alecthomas/kong":           {"cli"},
	"github.com/prometheus/client_golang/": {"app"},
	"github.com/coder/websocket":           {"socket"},
	"go.opentelemetry.io/proto/":           {"telemetry"},
	"google.golang.org/protobuf/":          {"telemetry"},
	"golang.org/x/crypto/argon2":           {"signin"},
	"golang.org/x/text/unicode/norm":       {"signin"},
	"github.com/go-webauthn/webauthn/":     {"signin"},
	"github.com/coreos/go-oidc/v3":         {"oidc"},
	"golang.org/x/oauth2":                  {"oidc"},
	"crypto/aes":                           {"vault", "keepsake", "store/archive", "cursor"},
	"crypto/cipher":                        {"vault", "keepsake", "store/archive", "cursor"},
	"embed":                                {"catalog", "manage", "store/sqlite", "web"},
}

// tools may import what they like of the product; the product may not import them.
var tools = []string{"replay", "rig", "history", "archtest", "canary", "e2e", "store/storetest"}

type file struct {
	room    string // path below internal, "" for a command
	name    string
	imports []string
	ast     *ast.File
}

func product(t *testing.T) []file {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "e2e" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := file{name: rel, ast: parsed}
		f.room, _ = strings.CutPrefix(filepath.ToSlash(filepath.Dir(rel)), "internal/")
		if strings.HasPrefix(rel, "cmd") {
			f.room = ""
		}
		for _, i := range parsed.Imports {
			p, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, p)
		}
		out = append(out, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d files found: the walk is wrong", len(out))
	}
	return out
}

func layerOf(room string) int {
	return slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, room) })
}

func within(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, strings.TrimSuffix(dir, "/")+"/")
}

func TestLayers(t *testing.T) {
	for _, f := range product(t) {
		if f.room == "" || slices.ContainsFunc(tools, func(r string) bool { return within(f.room, r) }) {
			continue
		}
		mine := layerOf(f.room)
		if mine < 0 {
			t.Errorf("%s: package %s is in no layer; give it a place in archtest", f.name, f.room)
			continue
		}
		for _, p := range f.imports {
			room, ours := strings.CutPrefix(p, module+"internal/")
			if !ours {
				continue
			}
			if theirs := layerOf(room); theirs < 0 || theirs > mine || theirs == mine && !slices.Contains(sideways[f.room], room) {
				t.Errorf("%s: %s may not import %s", f.name, f.room, room)
			}
		}
	}
}

func TestPureRooms(t *testing.T) {
	for _, f := range product(t) {
		if layer := layerOf(f.room); layer < 0 || layer > 2 || f.room == "tuning" {
			continue
		}
		for _, p := range f.imports {
			if slices.Contains(impure, p) {
				t.Errorf("%s: the pure room %s imports %s", f.name, f.room, p)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" && (sel.Sel.Name == "Now" || sel.Sel.Name == "Since" || sel.Sel.Name == "Sleep") {
					t.Errorf("%s: the pure room %s asks for the time with time.%s", f.name, f.room, sel.Sel.Name)
				}
			}
			return true
		})
	}
}

func TestHolders(t *testing.T) {
	for _, f := range product(t) {
		if f.room == "" || slices.ContainsFunc(tools, func(r string) bool { return within(f.room, r) }) {
			continue
		}
		for _, p := range f.imports {
			for what, rooms := range holders {
				if within(p, what) && !slices.Contains(rooms, f.room) {
					t.Errorf("%s: only %s may import %s", f.name, strings.Join(rooms, ", "), what)
				}
			}
		}
	}
}

// TestNoInit: registration by init and blank imports hide who uses what. A database driver
// has no other way in.
func TestNoInit(t *testing.T) {
	for _, f := range product(t) {
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil {
				t.Errorf("%s has an init function", f.name)
			}
		}
		for _, i := range f.ast.Imports {
			if i.Name != nil && i.Name.Name == "_" && i.Path.Value != `"embed"` && f.room != "store/sqlite" {
				t.Errorf("%s imports %s for its side effects", f.name, i.Path.Value)
			}
		}
	}
}

// TestEnvironment: configuration comes from one place.
func TestEnvironment(t *testing.T) {
	for _, f := range product(t) {
		if f.room == "" || f.room == "config" || f.room == "tuning" || slices.ContainsFunc(tools, func(r string) bool { return within(f.room, r) }) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" && (sel.Sel.Name == "Getenv" || sel.Sel.Name == "LookupEnv") {
					t.Errorf("%s reads the environment; ask package config", f.name)
				}
			}
			return true
		})
	}
}

// TestTemporaryFiles: what a request holds is not put into a file that is forgotten in a
// crash. net/http parses forms into such files, os makes them; feed keeps a price book so.
func TestTemporaryFiles(t *testing.T) {
	forbidden := []string{"CreateTemp", "MkdirTemp", "ParseMultipartForm", "FormFile", "FormValue", "PostFormValue"}
	found := 0
	for _, f := range product(t) {
		if f.room == "" || slices.ContainsFunc(tools, func(r string) bool { return within(f.room, r) }) {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains(forbidden, sel.Sel.Name) {
				if found++; f.room != "feed" {
					t.Errorf("%s calls %s, which makes temporary files", f.name, sel.Sel.Name)
				}
			}
			return true
		})
	}
	if found != 1 {
		t.Errorf("%d calls were found, feed makes one", found)
	}
}

// TestPackageComments: a room says what it promises.
func TestPackageComments(t *testing.T) {
	documented := map[string]bool{}
	rooms := map[string]string{}
	for _, f := range product(t) {
		dir := filepath.Dir(f.name)
		rooms[dir] = f.name
		if f.ast.Doc != nil {
			documented[dir] = true
		}
	}
	for dir := range rooms {
		if !documented[dir] {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

// TestNoSecrets: nothing that looks like a live credential is in the tree.
func TestNoSecrets(t *testing.T) {
	marks := []string{"sk-" + "ant-api", "AI" + "za", "AK" + "IA", "-----BEGIN " + "PRIVATE KEY", "-----BEGIN " + "RSA PRIVATE"}
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "bin" || path == filepath.Join("..", "..", "web", "e2e", "screenshots") || d.Name() == "data" && !strings.Contains(path, "catalog")) {
			return filepath.SkipDir
		}
		if info, err := d.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > 8<<20 {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range marks {
			if strings.Contains(string(raw), m) {
				t.Errorf("%s holds something that looks like a credential (%s…)", path, m)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
