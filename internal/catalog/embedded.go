package catalog

import (
	_ "embed"
	"sync"
)

//go:embed data/providers.jsonl
var providersText string

//go:embed data/models.jsonl
var modelsText string

//go:embed data/endpoints.jsonl
var endpointsText string

//go:embed data/aliases.jsonl
var aliasesText string

var embedded = sync.OnceValues(func() (*Data, error) {
	return Read(Files{
		Providers: providersText,
		Models:    modelsText,
		Endpoints: endpointsText,
		Aliases:   aliasesText,
	})
})

// Embedded is the catalogue that ships with the program. It is read once and shared; an
// error means that the program was built with a broken file, which a test prevents.
func Embedded() (*Data, error) { return embedded() }
