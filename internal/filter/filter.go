// Package filter finds what guardrails say must not pass: personal data, secrets, prompt
// injections and an operator's own patterns. Rules of several guardrails are compiled into
// one immutable Set, which scans a text, redacts it, or watches a stream of it.
//
// It promises that a rule added to a Set never lets more through; that the time of a scan
// grows with the text and not with its content; that a Finding holds nothing of the text;
// and that a stream redacts what a scan of the whole would, for matches up to MaxMatch.
//
// It deliberately knows no roles, requests or guardrails: the caller says whose text it is
// and what to do with a Finding. It calls no model, so names and addresses are found by
// lists and grammar; docs/guardrails.md has how well. Start with Rule, Compile and Set.
package filter

// Action is what a rule wants done with a match. A greater one is stronger.
type Action uint8

// The actions, weakest first.
const (
	None   Action = iota
	Flag          // tell, change nothing
	Redact        // replace the match with the rule's label
	Block         // refuse the request
)

// String is the action's word in the API.
func (a Action) String() string {
	return [...]string{"none", "flag", "redact", "block"}[a]
}

// ParseAction is the Action of a word of the API, None when there is no such word.
func ParseAction(word string) Action {
	for a := Flag; a <= Block; a++ {
		if a.String() == word {
			return a
		}
	}
	return None
}

// Source is whose text is scanned. Rules for users' text alone leave Other alone.
type Source uint8

// The sources.
const (
	User   Source = iota // a message of the user
	Other                // anything else of a request: system prompts, tool results, earlier answers
	Answer               // what a model answers; only rules with Output look at it
	sources
)

// Slugs of the builtin detectors (reference: ContentFilterBuiltinSlug; secrets is newer).
const (
	Email      = "email"
	Phone      = "phone"
	SSN        = "ssn"
	CreditCard = "credit-card"
	IPAddress  = "ip-address"
	PersonName = "person-name"
	Address    = "address"
	Secrets    = "secrets"
	Injection  = "regex-prompt-injection"
	Custom     = "custom" // the slug of findings of a pattern; no builtin
)

// Rule is one filter of one guardrail.
type Rule struct {
	Builtin   string // a builtin's slug; empty for a pattern
	Pattern   string // RE2 syntax, when Builtin is empty
	Label     string // what replaces a match of Pattern; empty: [REDACTED]. Builtins have theirs
	Action    Action
	UserOnly  bool   // scan_scope user_only; of Injection alone, ignored elsewhere
	Output    bool   // looks at answers too
	Guardrail string // whose rule it is, for Finding

	// Allow are phrases that Injection lets through for this rule: a match inside of one, in
	// either case of ASCII.
	Allow []string
}

// detector numbers what is looked for: builtins first, then a Set's patterns.
type detector int

const (
	email detector = iota
	phone
	ssn
	card
	ipAddress
	personName
	address
	secrets
	injection
	builtins
)

// builtin is what is fixed about a builtin detector.
type builtin struct{ slug, label, title string }

var catalogue = [builtins]builtin{
	email:      {Email, "[EMAIL]", "Email address"},
	phone:      {Phone, "[PHONE]", "Phone number"},
	ssn:        {SSN, "[SSN]", "Social Security number"},
	card:       {CreditCard, "[CREDIT_CARD]", "Credit card number"},
	ipAddress:  {IPAddress, "[IP_ADDRESS]", "IP address"},
	personName: {PersonName, "[PERSON_NAME]", "Person name"},
	address:    {Address, "[ADDRESS]", "Address"},
	secrets:    {Secrets, "[SECRET]", "Secret"},
	injection:  {Injection, "[PROMPT_INJECTION]", "Prompt injection"},
}

// Builtins are the slugs of all builtin detectors.
func Builtins() []string {
	slugs := make([]string, 0, builtins)
	for _, b := range catalogue {
		slugs = append(slugs, b.slug)
	}
	return slugs
}

// BuiltinLabel is what replaces a match of a builtin, empty when there is no such builtin.
// A secret's label also names its format: [SECRET:github-token].
func BuiltinLabel(slug string) string {
	if d := builtinOf(slug); d < builtins {
		return catalogue[d].label
	}
	return ""
}

func builtinOf(slug string) detector {
	for d := range catalogue {
		if catalogue[d].slug == slug {
			return detector(d)
		}
	}
	return builtins
}
