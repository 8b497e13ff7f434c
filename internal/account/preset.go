package account

import (
	"encoding/json"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/llm"
)

// PresetStatus says whether a preset can be used.
type PresetStatus string

// The statuses.
const (
	PresetActive   PresetStatus = "active"
	PresetDisabled PresetStatus = "disabled" // requests that name it are refused
	PresetArchived PresetStatus = "archived" // the same, and it gets no new version
)

// Preset is a named set of request defaults, shared by its account. What it says is in its
// versions. Treat one from a directory as immutable.
type Preset struct {
	ID          string       `json:"id"` // UUID
	Account     string       `json:"account"`
	Workspace   string       `json:"workspace,omitempty"` // where it was made
	Slug        string       `json:"slug"`                // unique in its account
	Name        string       `json:"name"`
	Description string       `json:"description,omitempty"`
	Status      PresetStatus `json:"status"`
	StatusSince time.Time    `json:"status_since,omitzero"` // zero: since it was made
	Designated  int64        `json:"designated"`            // number of the version in use
	Created     time.Time    `json:"created"`
	Creator     string       `json:"creator,omitempty"` // member
	Updated     time.Time    `json:"updated"`
}

// PresetVersion is what a preset says, or once said. It never changes.
type PresetVersion struct {
	ID      string          `json:"id"`     // UUID
	Preset  string          `json:"preset"` // id
	Number  int64           `json:"number"` // from 1
	From    llm.Dialect     `json:"from"`   // whose members Config has
	Config  json.RawMessage `json:"config"` // an object
	System  string          `json:"system,omitempty"`
	Created time.Time       `json:"created"`
	Creator string          `json:"creator"` // member, else hash of the key
}

// Summary is what the audit log says of a version: not its texts, which the version keeps.
func (v *PresetVersion) Summary() map[string]any {
	return map[string]any{"version_id": v.ID, "dialect": v.From, "bytes": v.Size(), "system_prompt": v.System != ""}
}

// Size is what a version takes, in bytes.
func (v *PresetVersion) Size() int { return len(v.Config) + len(v.System) }
