package simup

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// faultOrder is the body of POST /_sim/faults.
type faultOrder struct {
	Provider string `json:"provider"` // "" any
	Model    string `json:"model"`    // "" any
	Times    *int   `json:"times"`    // absent is 1; below 1 until DELETE
	Fault    string `json:"fault"`
}

// control serves /_sim/faults and /_sim/invoice.
func (s *Server) control(w http.ResponseWriter, r *http.Request, path string) {
	switch r.Method + " " + path {
	case "POST faults":
		if err := s.order(w, r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	case "DELETE faults":
		s.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	case "GET invoice":
		set(w.Header(), "Content-Type", "application/x-ndjson")
		out := json.NewEncoder(w)
		for _, l := range s.Invoice() {
			if out.Encode(l) != nil { // the client left
				return
			}
		}
	default:
		http.Error(w, "want POST or DELETE /_sim/faults, or GET /_sim/invoice", http.StatusNotFound)
	}
}

func (s *Server) order(w http.ResponseWriter, r *http.Request) error {
	var o faultOrder
	in := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	in.DisallowUnknownFields()
	if err := in.Decode(&o); err != nil {
		return fmt.Errorf("read the fault: %w", err)
	}
	if o.Provider != "" && s.providers[o.Provider] == nil {
		return fmt.Errorf("no such provider: %s", o.Provider)
	}
	f, err := ParseFault(o.Fault)
	if err != nil {
		return err
	}
	times := 1
	if o.Times != nil {
		times = *o.Times
	}
	s.Fault(o.Provider, o.Model, f, times)
	return nil
}

// list answers the three dialects' lists of models. It is not on the invoice.
func (v *visit) list(path string) {
	v.settled = true
	var body []byte
	switch {
	case path == "v1beta/models":
		v.wire, body = gemini{}, v.company.geminiModels()
	case path == "v1/models" && v.r.Header.Get("Anthropic-Version") != "":
		v.wire, body = anthropic{}, v.company.anthropicModels()
	case path == "v1/models":
		v.wire, body = openAI{}, v.company.openAIModels()
	default:
		http.Error(v.w, "no such path: /"+path, http.StatusNotFound)
		return
	}
	v.open()
	if e := v.admit(); e != nil {
		v.refuse(e)
		return
	}
	v.body(http.StatusOK, v.wire.jsonType(), body)
}

// modelsSince is when every model is said to have come out: 2026-01-01.
const modelsSince = 1767225600

func (p *company) openAIModels() []byte {
	b := []byte(`{"object":"list","data":[`)
	for i, m := range p.Models {
		b = rawjson.AppendString(append(b, pick(i == 0, `{"id":`, `,{"id":`)...), m.ID)
		b = strconv.AppendInt(append(b, `,"object":"model","created":`...), modelsSince, 10)
		b = append(rawjson.AppendString(append(b, `,"owned_by":`...), p.Slug), '}')
	}
	return append(b, "]}"...)
}

func (p *company) anthropicModels() []byte {
	b := []byte(`{"data":[`)
	for i, m := range p.Models {
		b = rawjson.AppendString(append(b, pick(i == 0, `{"type":"model","id":`, `,{"type":"model","id":`)...), m.ID)
		b = rawjson.AppendString(append(b, `,"display_name":`...), m.ID)
		b = append(b, `,"created_at":"2026-01-01T00:00:00Z"}`...)
	}
	b = rawjson.AppendString(append(b, `],"has_more":false,"first_id":`...), p.Models[0].ID)
	b = rawjson.AppendString(append(b, `,"last_id":`...), p.Models[len(p.Models)-1].ID)
	return append(b, '}')
}

func (p *company) geminiModels() []byte {
	b := []byte(`{"models":[`)
	for i, m := range p.Models {
		b = rawjson.AppendString(append(b, pick(i == 0, `{"name":`, `,{"name":`)...), "models/"+m.ID)
		b = rawjson.AppendString(append(b, `,"displayName":`...), m.ID)
		b = strconv.AppendInt(append(b, `,"inputTokenLimit":`...), m.Context, 10)
		b = append(b, `,"supportedGenerationMethods":["generateContent","countTokens"]}`...)
	}
	return append(b, "]}"...)
}

func appendAnthropicCount(b []byte, tokens int64) []byte {
	return append(strconv.AppendInt(append(b, `{"input_tokens":`...), tokens, 10), '}')
}

func appendGeminiCount(b []byte, tokens int64) []byte {
	return append(strconv.AppendInt(append(b, `{"totalTokens":`...), tokens, 10), '}')
}
