package filter

// note numbers what a match is beyond its detector: the format of a secret, the pattern of
// an injection. Formats and phrases follow the fixed ones.
type note int

const (
	noNote note = iota
	notePEM
	noteTelegram
	noteSystemTag
	noteRoleTag
	noteDelimiter
	noteBracket
	notePrefix
	noteToken
	noteWideToken
	noteBase64
	noteHex
	noteSpread
	noteFormats
)

// told is how a note is told: a name, and a label where it has one of its own.
type told struct{ name, label string }

var notes = newNotes()

func newNotes() []told {
	list := []told{
		notePEM:       secretNote("private-key-block"),
		noteTelegram:  secretNote("telegram-bot-token"),
		noteSystemTag: {name: "system_tag_injection"},
		noteRoleTag:   {name: "role_tag_injection"},
		noteDelimiter: {name: "role_delimiter_injection"},
		noteBracket:   {name: "bracketed_role_spoofing"},
		notePrefix:    {name: "system_prefix_spoofing"},
		noteToken:     {name: "control_token_injection"},
		noteWideToken: {name: "deepseek_control_token_injection"},
		noteBase64:    {name: "base64_encoded_injection"},
		noteHex:       {name: "hex_encoded_injection"},
		noteSpread:    {name: "character_spaced_injection"},
	}
	for _, f := range formats {
		list = append(list, secretNote(f.id))
	}
	for _, p := range phrases {
		list = append(list, told{name: p.name})
	}
	return list
}

func secretNote(id string) told { return told{id, "[SECRET:" + id + "]"} }

func formatNote(k int) note { return noteFormats + note(k) }
func phraseNote(k int) note { return noteFormats + note(len(formats)+k) }
