package scim

import "strconv"

// Error is a refusal in SCIM's own form (RFC 7644 §3.12).
type Error struct {
	Status int
	Type   string // scimType, "" none
	Detail string
}

// The scimTypes (RFC 7644 §3.12, table 9).
const (
	InvalidFilter = "invalidFilter"
	InvalidPath   = "invalidPath"
	InvalidSyntax = "invalidSyntax"
	InvalidValue  = "invalidValue"
	Mutability    = "mutability"
	NoTarget      = "noTarget"
	TooMany       = "tooMany"
	Uniqueness    = "uniqueness"
)

func (e *Error) Error() string { return e.Detail }

// Body is the error as it is sent.
func (e *Error) Body() any {
	return struct {
		Schemas []string `json:"schemas"`
		Type    string   `json:"scimType,omitempty"`
		Detail  string   `json:"detail"`
		Status  string   `json:"status"`
	}{[]string{errorSchema}, e.Type, e.Detail, strconv.Itoa(e.Status)}
}

// Bad is a refusal of what a client sent.
func Bad(scimType, detail string) *Error { return &Error{400, scimType, detail} }
