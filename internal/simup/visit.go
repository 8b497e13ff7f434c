package simup

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/dragoman-gateway/dragoman/internal/rawjson"
)

// A visit is one chat request on its way through the server.
type visit struct {
	server  *Server
	w       http.ResponseWriter
	r       *http.Request
	company *company
	wire    wire
	model   string                     // as asked for
	count   func([]byte, int64) []byte // the answer of a path that only counts tokens
	ask     ask
	fault   Fault
	faulted bool
	dice    dice // ids and padding: differs from one request to the next
	now     time.Time
	out     outlet
	line    Line
	settled bool
}

// maxBody is how large a request may be, in bytes.
const maxBody = 64 << 20

// scratch is the memory of a request, used again.
type scratch struct {
	body bytes.Buffer
	doc  rawjson.Doc
	out  []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// keepScratch is the largest buffer that is kept for the next request.
const keepScratch = 1 << 20

// serve is the life of one request: fault, read, key, model, decode, answer, invoice.
func (v *visit) serve() {
	v.open()
	mem := scratches.Get().(*scratch)
	defer func() {
		if mem.body.Cap()+cap(mem.out) < keepScratch {
			scratches.Put(mem)
		}
	}()
	defer v.settle("abandoned", false) // for what no path below has settled
	if e := v.headerFault(); e != nil {
		v.refuse(e)
		return
	}
	if v.fault.Early {
		v.early(mem)
		return
	}
	if err := v.read(&mem.body); err != nil {
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			v.refuse(&refusal{status: http.StatusRequestEntityTooLarge})
		} else {
			v.settle("client left", false)
		}
		return
	}
	if e := v.decode(mem); e != nil {
		v.refuse(e)
		return
	}
	if v.count != nil {
		v.counted(mem)
		return
	}
	v.answer(mem)
}

// open gives the request its id, its clock and its line.
func (v *visit) open() {
	s := v.server
	v.now = s.now()
	v.dice = roll(s.seed+s.requests.Add(1), "request", v.company.Slug)
	v.ask.seed, v.ask.provider = s.seed, &v.company.Provider
	v.ask.counting = v.count != nil
	v.ask.version = v.r.Header.Get("Anthropic-Version")
	v.line = Line{Time: v.now, Provider: v.company.Slug, Model: v.model, Dialect: v.wire.name(), RequestID: v.requestID()}
	v.out = outlet{w: v.w, rc: http.NewResponseController(v.w), limit: -1}
}

// admit checks the key.
func (v *visit) admit() *refusal {
	if k := v.wire.key(v.r); v.company.Key != "" && k != v.company.Key {
		return v.wire.badKey(k != "")
	}
	return nil
}

func (v *visit) requestID() string {
	if v.wire.name() == "anthropic" {
		return v.dice.id("req_011C", base58, 20)
	}
	return v.dice.id("req_", lowerHex, 32)
}

// headerFault takes the fault of the X-Sim-Fault header, else a scripted one that
// concerns reading.
func (v *visit) headerFault() *refusal {
	if h := v.r.Header.Get("X-Sim-Fault"); h != "" {
		f, err := ParseFault(h)
		if err != nil {
			return invalid("simulator: X-Sim-Fault: " + err.Error())
		}
		v.use(f)
	}
	if !v.faulted {
		if f, ok := v.server.script.take(v.company.Slug, v.model, true); ok {
			v.use(f)
		}
	}
	return nil
}

// use makes a fault this request's, if it is meant for this provider.
func (v *visit) use(f Fault) {
	if f.On == "" || f.On == v.company.Slug {
		v.fault, v.faulted = f, true
	}
}

// slowPiece is how much of a request a slow reader takes at once.
const slowPiece = 4096

func (v *visit) read(body *bytes.Buffer) error {
	body.Reset()
	in := http.MaxBytesReader(v.w, v.r.Body, maxBody)
	if v.fault.SlowReader == 0 {
		_, err := body.ReadFrom(in)
		return err
	}
	for {
		if !v.wait(v.fault.SlowReader) {
			return v.r.Context().Err()
		}
		_, err := io.CopyN(body, in, slowPiece)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// decode checks the key, finds the model and reads what is asked.
func (v *visit) decode(mem *scratch) *refusal {
	if e := v.admit(); e != nil {
		return e
	}
	if mem.doc.Parse(mem.body.Bytes()) != nil || mem.doc.Root().Kind() != rawjson.Object {
		return v.wire.badJSON()
	}
	body := mem.doc.Root()
	if v.model == "" {
		v.model = body.Get("model").Str()
		v.line.Model = v.model
	}
	m := v.company.models[v.model]
	if m == nil {
		return v.wire.noModel(v.model)
	}
	v.ask.model = &m.Model
	if !v.faulted {
		if f, ok := v.server.script.take(v.company.Slug, v.model, false); ok {
			v.use(f)
		}
	}
	stream := v.ask.stream
	if e := v.wire.decode(&v.ask, body); e != nil {
		return e
	}
	v.ask.stream = v.ask.stream || stream
	v.line.Stream = v.ask.stream
	if !v.faulted && v.ask.directive.set {
		v.use(v.ask.directive.fault)
	}
	if !v.faulted && v.fails(m) {
		v.use(Fault{Status: v.failure()})
	}
	return nil
}

// fails draws whether this request is one of the model's failures.
func (v *visit) fails(m *served) bool {
	if m.FailureRate == 0 || v.count != nil {
		return false
	}
	d := roll(v.server.seed, "failure", v.company.Slug, m.ID, strconv.FormatUint(m.requests.Add(1), 10))
	return d.share() < m.FailureRate
}

func (v *visit) failure() int {
	if v.dice.below(2) == 0 {
		return 500
	}
	return v.wire.overload()
}

// early answers without having read the body, as if it asked for nothing in particular.
func (v *visit) early(mem *scratch) {
	v.out.rc.EnableFullDuplex() // where there is no connection of its own there is nothing to do
	// net/http cannot serve another request after it: it panics when the rest of a body
	// comes after the handler has returned.
	set(v.w.Header(), "Connection", "close")
	m := v.company.models[v.model]
	if m == nil {
		m = v.company.models[v.company.Models[0].ID]
	}
	v.ask.model, v.ask.n = &m.Model, 1
	v.line.Model = m.ID
	v.line.Stream = v.ask.stream
	v.answer(mem)
}

// counted answers a path that only counts tokens; it costs nothing.
func (v *visit) counted(mem *scratch) {
	mem.out = v.count(mem.out[:0], v.ask.prompt.tokens())
	v.settled = true
	v.head(http.StatusOK, v.wire.jsonType(), len(mem.out))
	v.out.Write(mem.out) // a client that left does not need it
}

// settle writes the request's line of the invoice, once.
func (v *visit) settle(broke string, billable bool) {
	if v.settled {
		return
	}
	v.settled = true
	v.line.Broke, v.line.Complete, v.line.Billable = broke, broke == "", billable
	v.server.invoice.add(v.line)
}
