package manage

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// access is who may use an operation.
type access uint8

const (
	anyone     access = iota // a usable key narrows the answer, none is needed
	anyKey                   // an inference or a management key
	management               // a management key, or the owner of the data directory
)

// operation is a method on a path.
type operation struct {
	method, path string
	access       access
	serve        func(*API, *call) (any, error)
}

// operations are what is built. Inference is the gateway's: its rows are here so that other
// methods on its paths are refused.
var operations = []operation{
	{"GET", "/models", anyone, (*API).listModels},
	{"GET", "/models/count", anyone, (*API).countModels},
	{"GET", "/models/user", anyKey, (*API).listModels},
	{"GET", "/models/{id}", anyone, (*API).retrieveModel},
	{"GET", "/models/{author}/{slug}", anyone, (*API).retrieveModel},
	{"GET", "/models/{author}/{slug}/endpoints", anyone, (*API).listEndpoints},
	{"GET", "/model/{author}/{slug}", anyone, (*API).getModel},
	{"GET", "/endpoints/zdr", anyone, (*API).listZDR},
	{"GET", "/providers", anyone, (*API).listProviders},

	{"GET", "/generation", anyKey, (*API).getGeneration},

	{"GET", "/activity", management, (*API).getActivity},
	{"GET", "/analytics/meta", management, (*API).getAnalyticsMeta},
	{"POST", "/analytics/query", management, (*API).queryAnalytics},

	{"GET", "/key", anyKey, (*API).currentKey},
	{"GET", "/auth/key", anyKey, (*API).currentKey},
	{"GET", "/keys", management, (*API).listKeys},
	{"POST", "/keys", management, (*API).createKey},
	{"GET", "/keys/{hash}", management, (*API).getKey},
	{"PATCH", "/keys/{hash}", management, (*API).updateKey},
	{"DELETE", "/keys/{hash}", management, (*API).deleteKey},

	{"GET", "/credits", management, (*API).getCredits},
	{"POST", "/credits/grant", management, (*API).grantCredits},
	{"POST", "/credits/coinbase", anyone, goneCoinbase},

	{"POST", "/chat/completions", anyone, elsewhere},
	{"POST", "/completions", anyone, elsewhere},
	{"POST", "/responses", anyone, elsewhere},
	{"GET", "/responses/{id}", anyone, elsewhere},
	{"DELETE", "/responses/{id}", anyone, elsewhere},
	{"POST", "/messages", anyone, elsewhere},
	{"POST", "/messages/count_tokens", anyone, elsewhere},
	{"POST", "/embeddings", anyone, elsewhere},
	{"POST", "/rerank", anyone, elsewhere},
	{"POST", "/audio/speech", anyone, elsewhere},
	{"POST", "/audio/transcriptions", anyone, elsewhere},
	{"POST", "/images", anyone, elsewhere},
	{"POST", "/images/generations", anyone, elsewhere},
	{"POST", "/images/edits", anyone, elsewhere},
}

func elsewhere(_ *API, _ *call) (any, error) {
	return nil, fault.New(fault.NotFound, "Inference is answered on the gateway's own address below /api/v1, not here")
}

func goneCoinbase(*API, *call) (any, error) {
	return nil, &fault.Error{Kind: fault.NotFound, Status: http.StatusGone, Public: "Coinbase charges were removed from the API; add credit with POST /credits/grant"}
}

// methods are the operations on one path.
type methods map[string]operation

func (m methods) of(method string) (operation, bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	op, ok := m[method]
	return op, ok
}

func (m methods) allow() string {
	names := slices.Collect(maps.Keys(m))
	if m["GET"].serve != nil {
		names = append(names, "HEAD")
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
