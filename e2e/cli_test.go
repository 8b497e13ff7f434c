package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// spoken is how a command ended.
type spoken struct {
	status   int
	out, err string
}

// dragoman runs one command to its end.
func dragoman(t *testing.T, l launch) spoken {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, l.args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = l.dir, l.environment(), &out, &errs
	err := cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended || ctx.Err() != nil {
		t.Fatalf("dragoman %v: %v", l.args, err)
	}
	return spoken{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// line is one command of a script and what must come of it; out and err are patterns.
type line struct {
	args     string
	status   int
	out, err string
}

// adminLife is what an operator does, in this order.
var adminLife = []line{
	{"version", 0, `^dragoman \S+`, `^$`},
	{"keys create --name team-a --limit 2.5 --reset monthly --json", 0, `"key":"sk-or-v1-[0-9a-f]{64}"`, `^$`},
	{"keys create --name boss --management", 0, `^sk-or-v1-[0-9a-f]{64}\n$`, `Shown this once`},
	{"keys list", 0, `(?m)^team-a +sk-or-v1-\S+ +0 +2\.5 +active`, `^$`},
	{"keys list --management --json", 0, `"name":"boss"`, `^$`},
	{"credits", 0, `^granted 0 USD, used 0 USD\n$`, `^$`},
	{"credits grant 12.34 --ref order-1 --note first", 0, `^granted 12\.34 USD`, `^$`},
	{"credits grant 12.34 --ref order-1", 0, `^granted 12\.34 USD`, `^$`}, // once is once
	{"credits show --json", 0, `{"total_credits":12\.34,"total_usage":0}`, `^$`},
	{"credits grant 0", 1, `^$`, `amount must be more than 0`},
	{"credits grant much", 1, `^$`, `much`},
	{"keys create --name x --reset hourly", 2, `^$`, `--reset`},
	{"keys create", 2, `^$`, `--name`},
	{"models", 0, `(?m)^e2e/openai +1/1 +1 +2 `, `^$`},
	{"models --json e2e/two", 0, `^\[{"slug":"e2e/two","endpoints":2,"ready":2`, `^$`},
	{"models --all gpt-4o-mini", 0, `OPENAI_API_KEY`, `^$`},
	{"providers", 0, `(?m)^up-gemini +Up Gemini +1 +yes`, `^$`},
	{"route explain e2e/two", 0, `(?s)1\. .*e2e/two.*2\. .*e2e/two.*catalogue`, `^$`},
	{"route explain e2e/two --json --seed 7", 0, `"seed":7`, `^$`},
	{`route explain e2e/two --request {"messages":[{"role":"user","content":"x"}],"provider":{"only":["up-openai"]}}`, 0, `(?s)1\. up-openai.*-  up-anthropic`, `^$`},
	{"route explain e2e/none", 1, `^$`, `e2e/none`},
	{"config check dragoman.yaml", 0, `is valid: \d+ models, 8 endpoints ready`, `^$`},
	{"config check absent.yaml", 1, `^$`, `absent\.yaml`},
	{"completion bash", 0, `(?s)_dragoman\(\).*"keys".*create list.*complete -F _dragoman dragoman`, `^$`},
	{"completion zsh", 0, `bashcompinit`, `^$`},
	{"completion fish", 0, `complete -c dragoman`, `^$`},
	{"completion tcsh", 2, `^$`, `bash`},
	{"unheard-of", 2, `^$`, `unheard-of`},
	{"", 2, `^$`, `--help`},
	{"--help", 0, `serve`, `^$`},
}

// TestCLI is the operator's life, once beside a running gateway and once without.
func TestCLI(t *testing.T) {
	t.Run("serving", func(t *testing.T) {
		g := serve(t, "")
		play(t, g.dir, adminLife)
		granted, _ := g.credits(t)
		if granted != "12.34" {
			t.Errorf("the gateway knows of %s granted", granted)
		}
	})
	t.Run("not serving", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := writeConfig(dir, "", providers); err != nil {
			t.Fatal(err)
		}
		play(t, dir, adminLife)
	})
}

// play runs a script in a directory with a configuration.
func play(t *testing.T, dir string, script []line) {
	t.Helper()
	for _, l := range script {
		got := dragoman(t, launch{dir: dir, args: strings.Fields(l.args), env: []string{"DRAGOMAN_CONFIG=" + filepath.Join(dir, "dragoman.yaml")}})
		if got.status != l.status || !regexp.MustCompile(l.out).MatchString(got.out) || !regexp.MustCompile(l.err).MatchString(got.err) {
			t.Errorf("dragoman %s: status %d, out %q, err %q", l.args, got.status, got.out, got.err)
		}
	}
}

// TestCLIKey: a key of the command line opens the running gateway at once.
func TestCLIKey(t *testing.T) {
	g := serve(t, "")
	got := dragoman(t, launch{dir: g.dir, args: []string{"--config", "dragoman.yaml", "keys", "create", "--name", "x", "--json"}})
	var made struct{ Key string }
	if err := json.Unmarshal([]byte(got.out), &made); err != nil {
		t.Fatalf("%+v: %v", got, err)
	}
	if a := g.ask(t, "POST", "/api/v1/chat/completions", made.Key, chat("e2e/openai", "Hi", "")); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// TestConfigCheck: a mistake is told with its file and line, and serving refuses it too.
func TestConfigCheck(t *testing.T) {
	for name, tc := range map[string]struct {
		text  string
		place string // the line, or "" where the file as a whole is wrong
		says  string
	}{
		"unknown field":    {"listen: 127.0.0.1:0\nlisten_on: x\n", ":2:", "listen_on"},
		"type":             {"limits:\n  max_body: lots\n", ":2:", ""},
		"duration":         {"timeouts:\n  idle: soon\n", ":2:", "soon"},
		"syntax":           {"listen: [\n", ":1:", ""},
		"listen":           {"# here\nlisten: nowhere\n", ":2:", "nowhere"},
		"protocol":         {"providers:\n  - slug: a\n    protocol: nonsense\n    base_url: http://127.0.0.1:1/v1\n", ":3:", "openai.chat"},
		"base URL":         {"providers:\n  - slug: p\n    base_url: nope\n", ":3:", "nope"},
		"secret":           {"providers:\n  - slug: openai\n    api_key_env: NOT_SET_ANYWHERE\n", ":3:", "NOT_SET_ANYWHERE"},
		"twice":            {"providers:\n  - {slug: p, base_url: \"http://127.0.0.1:1/v1\"}\n  - {slug: p, base_url: \"http://127.0.0.1:1/v1\"}\n", ":3:", "twice"},
		"unknown provider": {"models:\n  - slug: a/b\n    endpoints:\n      - {provider: nobody, upstream_model: b, free: true}\n", ":4:", "nobody"},
		"price":            {"providers:\n  - {slug: p, base_url: \"http://127.0.0.1:1/v1\"}\nmodels:\n  - slug: a/b\n    endpoints:\n      - provider: p\n        upstream_model: b\n        price: {prompt: -1, completion: 1}\n", ":8:", "-1"},
		"slug":             {"models:\n  - slug: noslash\n", ":2:", "noslash"},
		"level":            {"log: {level: loud}\n", ":1:", "debug"},
		"sync":             {"ledger: {sync: maybe}\n", ":1:", "normal"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "bad.yaml"), []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"config", "check", "bad.yaml"}, {"serve", "--config", "bad.yaml"}} {
				got := dragoman(t, launch{dir: dir, args: args})
				if got.status != 1 || got.out != "" || !strings.Contains(got.err, "bad.yaml"+tc.place) || !strings.Contains(got.err, tc.says) {
					t.Errorf("dragoman %v: status %d, out %q, err %q", args, got.status, got.out, got.err)
				}
			}
		})
	}
}

// TestExample: the commented example is a valid configuration.
func TestExample(t *testing.T) {
	example, err := filepath.Abs("../examples/dragoman.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := dragoman(t, launch{dir: t.TempDir(), args: []string{"config", "check", example}, env: []string{"OPENAI_API_KEY=x", "TEAM_GATEWAY_KEY=y"}})
	if got.status != 0 {
		t.Errorf("%+v", got)
	}
}
