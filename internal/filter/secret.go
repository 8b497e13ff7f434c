package filter

import (
	"math/bits"
	"strings"
)

// format is a kind of secret that tells what it is by its beginning.
type format struct {
	id     string
	prefix string
	body   alphabet
	min    int // bytes of the body
	max    int
	has    string // somewhere in the body
}

// alphabet is the bytes of a secret's body.
type alphabet uint16

const (
	alnum     alphabet = 1 << iota // A-Z a-z 0-9
	upper                          // A-Z 0-9
	hexLower                       // 0-9 a-f
	base58                         // alnum without 0 O I l
	dash                           // -
	underline                      // _
	dot                            // .
	equals                         // =
	hexAny                         // 0-9 a-f A-F
	slash                          // / +
)

const urlSafe = alnum | dash | underline

// formats are by their issuers' documentation of prefixes and lengths. Names are those of
// the preset that OpenRouter documents (guides/features/guardrails/secret-formats), which
// this list follows; api-key is of the many that copy OpenAI's first format.
var formats = []format{
	{id: "aws-access-key-id", prefix: "AK" + "IA", body: upper, min: 16, max: 16},
	{id: "aws-access-key-id", prefix: "ASIA", body: upper, min: 16, max: 16},
	{id: "aws-access-key-id", prefix: "ABIA", body: upper, min: 16, max: 16},
	{id: "aws-access-key-id", prefix: "ACCA", body: upper, min: 16, max: 16},
	{id: "aws-access-key-id", prefix: "A3T", body: upper, min: 17, max: 17},
	{id: "github-token", prefix: "ghp_", body: alnum, min: 36, max: 251},
	{id: "github-token", prefix: "gho_", body: alnum, min: 36, max: 251},
	{id: "github-token", prefix: "ghu_", body: alnum, min: 36, max: 251},
	{id: "github-token", prefix: "ghs_", body: alnum | underline | dash | dot, min: 36, max: 1024},
	{id: "github-token", prefix: "ghr_", body: alnum, min: 36, max: 251},
	{id: "github-fine-grained-pat", prefix: "github_pat_", body: alnum | underline, min: 60, max: 244},
	{id: "gitlab-personal-access-token", prefix: "glpat-", body: urlSafe | dot, min: 20, max: 300},
	{id: "anthropic-api-key", prefix: "sk-" + "ant-", body: urlSafe, min: 80, max: 150},
	{id: "openrouter-api-key", prefix: "sk-or-v1-", body: hexLower, min: 64, max: 64},
	{id: "openai-api-key", prefix: "sk-proj-", body: urlSafe, min: 40, max: 300},
	{id: "openai-api-key", prefix: "sk-svcacct-", body: urlSafe, min: 40, max: 300},
	{id: "openai-api-key", prefix: "sk-admin-", body: urlSafe, min: 40, max: 300},
	{id: "openai-legacy-api-key", prefix: "sk-", body: urlSafe, min: 48, max: 120, has: "T3BlbkFJ"},
	{id: "api-key", prefix: "sk-", body: alnum, min: 32, max: 64},
	{id: "google-api-key", prefix: "AI" + "za", body: urlSafe, min: 35, max: 35},
	{id: "google-oauth-client-secret", prefix: "GOCSPX-", body: urlSafe, min: 24, max: 40},
	{id: "stripe-secret-key", prefix: "sk_live_", body: alnum, min: 24, max: 247},
	{id: "stripe-secret-key", prefix: "sk_test_", body: alnum, min: 24, max: 247},
	{id: "stripe-secret-key", prefix: "rk_live_", body: alnum, min: 24, max: 247},
	{id: "stripe-secret-key", prefix: "rk_test_", body: alnum, min: 24, max: 247},
	{id: "slack-token", prefix: "xoxb-", body: alnum | dash, min: 24, max: 255},
	{id: "slack-token", prefix: "xoxp-", body: alnum | dash, min: 24, max: 255},
	{id: "slack-token", prefix: "xoxo-", body: alnum | dash, min: 24, max: 255},
	{id: "slack-token", prefix: "xoxs-", body: alnum | dash, min: 24, max: 255},
	{id: "slack-legacy-workspace-token", prefix: "xoxa-", body: alnum | dash, min: 16, max: 255},
	{id: "slack-legacy-workspace-token", prefix: "xoxr-", body: alnum | dash, min: 16, max: 255},
	{id: "slack-app-token", prefix: "xapp-", body: alnum | dash, min: 40, max: 255},
	{id: "slack-webhook-url", prefix: "hooks.slack.com/services/", body: alnum | slash, min: 30, max: 120},
	{id: "slack-webhook-url", prefix: "hooks.slack.com/workflows/", body: alnum | slash, min: 30, max: 120},
	{id: "slack-webhook-url", prefix: "hooks.slack.com/triggers/", body: alnum | slash, min: 30, max: 120},
	{id: "npm-access-token", prefix: "npm_", body: alnum, min: 36, max: 36},
	{id: "sendgrid-api-key", prefix: "SG.", body: urlSafe | dot, min: 60, max: 72},
	{id: "huggingface-access-token", prefix: "hf_", body: alnum, min: 30, max: 40},
	{id: "databricks-api-token", prefix: "dapi", body: hexLower, min: 32, max: 32},
	{id: "atlassian-api-token", prefix: "ATATT3", body: urlSafe | equals, min: 60, max: 260},
	{id: "doppler-token", prefix: "dp.pt.", body: alnum, min: 40, max: 44},
	{id: "doppler-token", prefix: "dp.st.", body: urlSafe | dot, min: 40, max: 84},
	{id: "doppler-token", prefix: "dp.ct.", body: alnum, min: 40, max: 44},
	{id: "doppler-token", prefix: "dp.sa.", body: alnum, min: 40, max: 44},
	{id: "doppler-token", prefix: "dp.scim.", body: alnum, min: 40, max: 44},
	{id: "doppler-token", prefix: "dp.audit.", body: alnum, min: 40, max: 44},
	{id: "linear-api-key", prefix: "lin_api_", body: alnum, min: 40, max: 40},
	{id: "shopify-access-token", prefix: "shpat_", body: hexAny, min: 32, max: 32},
	{id: "shopify-access-token", prefix: "shpca_", body: hexAny, min: 32, max: 32},
	{id: "shopify-access-token", prefix: "shppa_", body: hexAny, min: 32, max: 32},
	{id: "shopify-access-token", prefix: "shpss_", body: hexAny, min: 32, max: 32},
	{id: "age-secret-key", prefix: "AGE-SECRET-KEY-1", body: upper, min: 58, max: 58},
	{id: "json-web-token", prefix: "eyJ", body: urlSafe | dot, min: 30, max: MaxMatch - 64, has: ".eyJ"},
	{id: "bitcoin-wif-uncompressed", prefix: "5H", body: base58, min: 49, max: 49},
	{id: "bitcoin-wif-uncompressed", prefix: "5J", body: base58, min: 49, max: 49},
	{id: "bitcoin-wif-uncompressed", prefix: "5K", body: base58, min: 49, max: 49},
	{id: "bitcoin-wif-compressed", prefix: "K", body: base58, min: 51, max: 51},
	{id: "bitcoin-wif-compressed", prefix: "L", body: base58, min: 51, max: 51},
	{id: "bitcoin-extended-private-key", prefix: "xprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "yprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "zprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "Yprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "Zprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "tprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "uprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "vprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "Uprv", body: base58, min: 107, max: 107},
	{id: "bitcoin-extended-private-key", prefix: "Vprv", body: base58, min: 107, max: 107},
	{id: "ethereum-private-key", prefix: "0x", body: hexAny, min: 64, max: 64},
	{id: "pypi-upload-token", prefix: "pypi-AgEIcHlwaS5vcmc", body: urlSafe, min: 50, max: 300},
	{id: "digitalocean-token", prefix: "dop_v1_", body: hexLower, min: 64, max: 64},
	{id: "digitalocean-token", prefix: "doo_v1_", body: hexLower, min: 64, max: 64},
	{id: "digitalocean-token", prefix: "dor_v1_", body: hexLower, min: 64, max: 64},
	{id: "digitalocean-token", prefix: "dos_v1_", body: hexLower, min: 64, max: 64},
}

var (
	byFirst   = formatsByFirst()
	alphabets = newAlphabets()
)

// formatsByFirst is the places in formats by the first byte of their prefix.
func formatsByFirst() (t [128][]int) {
	for k, f := range formats {
		t[f.prefix[0]] = append(t[f.prefix[0]], k)
	}
	return t
}

func newAlphabets() (t [256]alphabet) {
	for c := range 128 {
		b := byte(c)
		switch {
		case isDigit(b):
			t[c] = alnum | upper | hexLower | hexAny | base58
		case isUpper(b):
			t[c] = alnum | upper | base58
		case isLetter(b):
			t[c] = alnum | base58
		}
		if isHex(b) {
			t[c] |= hexAny
		}
		if b >= 'a' && b <= 'f' {
			t[c] |= hexLower
		}
	}
	t['0'], t['O'], t['I'], t['l'] = t['0']&^base58, t['O']&^base58, t['I']&^base58, t['l']&^base58
	t['-'], t['_'], t['.'], t['='], t['/'], t['+'] = dash, underline, dot, equals, slash, slash
	return t
}

// secretWord looks for a secret that begins with the run of letters text[i:j]. Most words
// end before what no secret has after its first letters.
func (s *scan) secretWord(i, j int) {
	if c := s.peek(j); !isDigit(c) && c != '_' && c != '-' && c != '.' && j-i < 16 {
		return
	}
	s.secret(i)
}

// secretNumber looks for a secret that begins with the run of digits text[i:j].
func (s *scan) secretNumber(i, j int) {
	switch c := s.peek(j); {
	case c == ':' && j-i >= 8 && j-i <= 10:
		s.telegram(i, j)
	case c == 'x' && j == i+1, c|0x20 >= 'h' && c|0x20 <= 'k' && s.text[i] == '5':
		s.secret(i)
	}
}

// secret looks for the formats that begin with the byte at i.
func (s *scan) secret(i int) {
	c, p := s.text[i], s.before(i)
	if c >= 0x80 || byFirst[c] == nil || isWord(p) || (p == '.' || p == '-') && c == 'e' {
		return // within a word, or a later part of a JSON Web Token
	}
	rest := s.text[i:]
	for _, k := range byFirst[c] {
		f := &formats[k]
		if !strings.HasPrefix(rest, f.prefix) {
			continue
		}
		if end := s.body(f, i); end > 0 {
			s.noted(secrets, i, end, formatNote(k))
			break
		}
	}
	s.looked(i)
}

// body is the end of a secret of the format that begins at i, 0 when it is none.
func (s *scan) body(f *format, i int) int {
	from := i + len(f.prefix)
	k := from
	for k-from < f.max && alphabets[s.at(k)]&f.body != 0 {
		k++
	}
	if c := s.at(k); k-from == f.max && alphabets[c]&(f.body|alnum|underline) != 0 {
		return 0
	}
	for k > from && (s.text[k-1] == '.' || s.text[k-1] == '-' && f.body&dot != 0) {
		k--
	}
	body := s.text[from:k]
	if len(body) < f.min || !strings.Contains(body, f.has) || f.body != upper && !random(body) {
		return 0
	}
	return k
}

// random tells a secret from a placeholder: xxxx, 0000, YOUR_KEY_HERE. A string of random
// bytes has many kinds of them, and digits or letters of both cases among each other.
func random(body string) bool {
	var seen [2]uint64
	digits, turns := 0, 0
	for k := range len(body) {
		c := body[k]
		seen[c>>6&1] |= 1 << (c & 63)
		if isDigit(c) {
			digits++
		}
		if k > 0 && isLetter(c) && isLetter(body[k-1]) && isUpper(c) != isUpper(body[k-1]) {
			turns++
		}
	}
	kinds := bits.OnesCount64(seen[0]) + bits.OnesCount64(seen[1])
	return (digits > 0 || turns >= 6) && kinds >= min(8, len(body)/2)
}

// telegram looks for the token of a bot: its number, a colon, and 35 bytes that begin AA.
func (s *scan) telegram(i, j int) {
	const length = 35
	k := j + 1
	for k-j <= length && alphabets[s.at(k)]&urlSafe != 0 {
		k++
	}
	if k-j-1 == length && s.text[j+1:j+3] == "AA" && alphabets[s.at(k)]&urlSafe == 0 {
		s.noted(secrets, i, k, noteTelegram)
	}
	s.looked(i)
}

// pem looks for a private key between its lines of hyphens (RFC 7468). One that does not
// end is a secret as far as its lines go.
func (s *scan) pem(i int) {
	const begin, dashes, label = "-----BEGIN ", "-----", 40
	if s.before(i) == '-' {
		return
	}
	for k := range len(begin) {
		if s.at(i+k) != begin[k] {
			s.looked(i)
			return
		}
	}
	k := i + len(begin)
	for n := 0; n < label && (isUpper(s.at(k)) || isDigit(s.at(k)) || s.at(k) == ' '); n++ {
		k++
	}
	name := s.text[i+len(begin) : k]
	if strings.Contains(name, "PRIVATE KEY") && s.dashes(k) {
		s.noted(secrets, i, s.pemEnd(k+len(dashes), i+MaxMatch-64), notePEM)
	}
	s.looked(i)
}

func (s *scan) dashes(k int) bool {
	for n := range 5 {
		if s.at(k+n) != '-' {
			return false
		}
	}
	return true
}

// pemEnd is the end of the block whose lines begin at k, at most limit.
func (s *scan) pemEnd(k, limit int) int {
	end := k
	for k < limit {
		switch c := s.at(k); {
		case alphabets[c]&(alnum|slash|equals) != 0:
			k++
			end = k
		case c == '\n' || c == '\r' || c == ' ' || c == '\t' || c == ':' || c == ',' || c == '\\':
			k++
		case c == '-' && s.dashes(k):
			return s.pemClose(k, end)
		case c == '-':
			k++
		default:
			return end
		}
	}
	return end
}

// pemClose is the end of the line of hyphens that closes a block, end when it is another.
func (s *scan) pemClose(k, end int) int {
	k += 5
	for n := 0; n < 48 && (isUpper(s.at(k)) || isDigit(s.at(k)) || s.at(k) == ' '); n++ {
		k++
	}
	if !s.dashes(k) {
		return end
	}
	return k + 5
}
