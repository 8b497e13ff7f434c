package canary

import (
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

// season puts a secret beside the cookies of a request, and learns what they are.
func season(r *http.Request) {
	if r.Header["Cookie"] == nil {
		return
	}
	for _, c := range r.Cookies() {
		cookies.learn(c.Value)
	}
	r.Header = r.Header.Clone() // whoever asks may ask again with it
	r.Header.Add("Cookie", "canary="+Hidden(""))
}

// withoutCookies is the head of an answer without the values of the cookies that it sets, which
// are learned.
func withoutCookies(head http.Header) http.Header {
	head = head.Clone()
	for _, c := range (&http.Response{Header: head}).Cookies() {
		cookies.learn(c.Value)
		for i, line := range head["Set-Cookie"] {
			head["Set-Cookie"][i] = strings.ReplaceAll(line, c.Value, "")
		}
	}
	return head
}

// cookies are the values that went by in this process. The gateway makes them up, so no canary
// can be in one: they are recognised instead.
var cookies = learned{marks: map[string]string{}}

// learned is secrets by their marks, each with how the secret is written there.
type learned struct {
	mu    sync.RWMutex
	marks map[string]string
}

// A mark is either end of a secret: cut anywhere, it still has one. What has no room for two is
// none that anybody could not guess.
const markSize = 16

func (l *learned) learn(secret string) {
	if len(secret) < 2*markSize {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, end := range []string{secret[:markSize], secret[len(secret)-markSize:]} {
		digits := hex.EncodeToString([]byte(end))[:markSize]
		l.marks[end] = "plain"
		l.marks[digits], l.marks[strings.ToUpper(digits)] = "hexadecimal", "hexadecimal"
		for shift := range 3 {
			l.marks[coded(end, shift)[:markSize]] = "base64"
		}
	}
}

// in finds the secrets in data, one of each form.
func (l *learned) in(data []byte, found func(form string, at int)) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	told := map[string]bool{}
	for i, run := 0, 0; i < len(data) && len(l.marks) > 0; i++ {
		if !digit[data[i]] {
			run = 0
			continue
		}
		if run++; run < markSize {
			continue
		}
		if form, ok := l.marks[string(data[i+1-markSize:i+1])]; ok && !told[form] {
			told[form] = true
			found(form, i)
		}
	}
}

// digit is what marks are made of.
var digit = func() (set [256]bool) {
	const both = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"
	for _, c := range []byte(both) {
		set[c] = true
	}
	return set
}()
