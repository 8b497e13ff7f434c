// Package canary is what tests say and keep secret, made so that it is recognised wherever it
// ends up: Handler puts canaries into all that goes to a gateway under test and looks for them in
// all that it answers to somebody else, Log and Dir are looked through when a test ends, Look
// finds canaries in bytes.
// Only tests and commands that run tests import it.
//
// A canary is lower-case letters and digits, which no escaping of JSON, URLs, HTML or SQL
// changes. It has its stem at both ends: cut anywhere, one half still has a whole one.
package canary

import (
	"regexp"
	"strconv"
	"strings"
)

// A Kind is what a canary stands for.
type Kind string

// The kinds.
const (
	Prompt Kind = "prompt" // what was said in a request
	Secret Kind = "secret" // a credential, a password
	Key    Kind = "key"    // an API key that a gateway made: recognised by its form
	Cookie Kind = "cookie" // the value of one that went by
)

// The stems have no word in them: base64 of a part of one must not be that of ordinary text.
const (
	promptStem = "w7zkq4vxp9rtj2mg"
	secretStem = "w7zkq4vxs9ctj2mg"
)

// Said is the canary of one request's text.
func Said(request int) string {
	return promptStem + strconv.Itoa(request) + promptStem
}

// Hidden puts the canary of secrets into the middle of a secret, so that its ends, by which
// people tell their secrets apart, stay as they are.
func Hidden(secret string) string {
	half := len(secret) / 2
	return secret[:half] + secretStem + "0" + secretStem + secret[half:]
}

var (
	said   = regexp.MustCompile(` ?` + promptStem + `([0-9]+)` + promptStem)
	hidden = regexp.MustCompile(secretStem + `0` + secretStem)
)

// Bare is a text without its canaries: what a simulated provider goes by.
func Bare(text string) string {
	if !strings.Contains(text, promptStem) && !strings.Contains(text, secretStem) {
		return text
	}
	return hidden.ReplaceAllString(said.ReplaceAllString(text, ""), "")
}
