package vault

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// holder is how a secret is often kept, where fmt cannot ask it.
type holder struct {
	name string
	key  Secret
	Open Secret
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	const word = "s3cr3t-word"
	s := NewSecret([]byte(word))
	h := holder{"n", s, s}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o", "%c", "%U", "%e", "%t", "%p", "%T"} {
		for _, v := range []any{s, &s, h, &h, []Secret{s}, map[string]Secret{"k": s}, map[string]any{"k": h}, fmt.Errorf("with %v", s)} {
			shown = append(shown, fmt.Sprintf(verb, v))
		}
	}
	for _, v := range []any{s, &s, h, []Secret{s}, map[string]any{"k": s}} {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Error(err)
		}
		shown = append(shown, string(raw))
	}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).With("a", s).Info("m", "b", s, "c", h, "d", &h, "e", []Secret{s})
	}
	raw, err := xml.Marshal(h)
	if err != nil {
		t.Error(err)
	}
	shown = append(shown, log.String(), string(raw), s.String(), s.GoString())
	for _, text := range shown {
		for _, trace := range []string{word, fmt.Sprintf("%x", word), fmt.Sprintf("%X", word), fmt.Sprint([]byte(word))[1:20], "0x73, 0x33"} {
			if strings.Contains(text, trace) {
				t.Errorf("shown in %s", text)
			}
		}
	}
	if err := gob.NewEncoder(&log).Encode(s); err == nil || strings.Contains(err.Error(), word) {
		t.Errorf("gob took it: %v", err)
	}
	if !strings.Contains(fmt.Sprint(s), hidden) || s.Text() != word || string(s.Bytes()) != word {
		t.Error("it is not itself")
	}
}

func TestTheZeroSecretIsEmpty(t *testing.T) {
	t.Parallel()
	var s Secret
	if s.Text() != "" || s.Bytes() != nil || s.String() != hidden {
		t.Errorf("%q %v", s.Text(), s)
	}
}
