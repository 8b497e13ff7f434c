package manage

import (
	_ "embed"
	"net/http"
)

// description is openapi.yaml as JSON; the package's tests keep the two the same.
//
//go:embed openapi.json
var description []byte

// OpenAPI serves the description of everything that the gateway answers.
func (a *API) OpenAPI(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, jsonType, description)
}
