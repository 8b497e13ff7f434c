package manage

import (
	"fmt"

	"github.com/dragoman-gateway/dragoman/internal/fault"
)

// missing is an operation of OpenRouter's API, or of one that it resembles, that we do not have.
type missing struct{ method, path, what string }

// unbuilt are all of them (reference §2): a client that uses one learns that it is known
// and not there, rather than that it mistyped.
var unbuilt = []missing{
	{"POST", "/videos", "video generation"},
	{"GET", "/videos/models", "the list of video models"},
	{"GET", "/videos/{jobId}", "the state of a video job"},
	{"GET", "/videos/{jobId}/content", "the result of a video job"},

	{"GET", "/files", "files"},
	{"POST", "/files", "file upload"},
	{"GET", "/files/{file_id}", "file metadata"},
	{"DELETE", "/files/{file_id}", "deletion of files"},
	{"GET", "/files/{file_id}/content", "file download"},

	{"GET", "/responses/{id}/input_items", "the list of a response's input"},
	{"POST", "/responses/{id}/cancel", "responses in the background"},

	{"GET", "/datasets/session-cost", "costs of sessions; requests are not summed up by session, GET /generations with session_id has those of one"},
	{"GET", "/benchmarks", "benchmarks"},
	{"GET", "/classifications/task", "task statistics"},

	{"GET", "/containers/{container_id}/files", "files of hosted containers"},
	{"GET", "/containers/{container_id}/files/{file_id}", "files of hosted containers"},
	{"GET", "/containers/{container_id}/files/{file_id}/content", "files of hosted containers"},
	{"POST", "/containers/{container_id}/files/{file_id}/promote", "files of hosted containers"},
	{"GET", "/interns", "hosted agents"},
	{"POST", "/interns", "hosted agents"},
	{"GET", "/interns/{id}", "hosted agents"},
	{"PATCH", "/interns/{id}", "hosted agents"},
	{"DELETE", "/interns/{id}", "hosted agents"},
	{"POST", "/interns/{id}/chat/completions", "hosted agents"},
	{"POST", "/interns/{id}/provision", "hosted agents"},
	{"POST", "/interns/{id}/suspend", "hosted agents"},
	{"GET", "/vault/secrets", "secrets of hosted agents"},
	{"PUT", "/vault/secrets/{name}", "secrets of hosted agents"},
	{"DELETE", "/vault/secrets/{name}", "secrets of hosted agents"},
	{"GET", "/vault/interns/{id}/secrets", "secrets of hosted agents"},
	{"POST", "/vault/interns/{id}/secrets/copy", "secrets of hosted agents"},
	{"PUT", "/vault/interns/{id}/secrets/{name}", "secrets of hosted agents"},
	{"DELETE", "/vault/interns/{id}/secrets/{name}", "secrets of hosted agents"},
	{"POST", "/systemone", "System One"},
}

// operation refuses whoever asks: no key makes it work, so none is looked at.
func (m missing) operation() operation {
	err := fault.New(fault.Unbuilt, fmt.Sprintf("%s %s (%s) is not built in this version; /openapi.json lists what is", m.method, m.path, m.what))
	return operation{m.method, m.path, anyone, 0, func(*API, *call) (any, error) { return nil, err }}
}
