package replay

import (
	"bufio"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Ending is how an answer that is cut short ends.
type Ending string

// The endings. FIN is a clean end of a body that has no length, as a proxy makes it: only
// the wire's own terminator tells that something is missing.
const (
	FIN Ending = "fin"
	RST Ending = "rst"
)

// Playback is what a lane answers next.
type Playback struct {
	Exchange *Exchange
	Seed     uint64
	Cut      int // bytes of the body that are sent; negative: all
	Ending   Ending
}

// Upstream is the server that plays every provider. A lane is one upstream as the gateway
// sees it: it answers every call with the exchange that was set, so lanes may run in
// parallel.
type Upstream struct {
	URL string // http://127.0.0.1:port

	server *http.Server
	mu     sync.Mutex
	lanes  map[string]*laneState
}

type laneState struct {
	play  Playback
	calls int
	body  []byte // of the last call
	path  string // of the last call, below the lane
	mime  string // of its body
}

// Listen starts the upstream on addr, which must be on the loopback interface.
func Listen(addr string) (*Upstream, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for the gateway: %w", err)
	}
	if ip, ok := l.Addr().(*net.TCPAddr); !ok || !ip.IP.IsLoopback() {
		l.Close()
		return nil, fmt.Errorf("listen for the gateway: %s is not a loopback address", addr)
	}
	u := &Upstream{URL: "http://" + l.Addr().String(), lanes: map[string]*laneState{}}
	u.server = &http.Server{Handler: u, ReadHeaderTimeout: 10 * time.Second}
	go u.server.Serve(l) // ends with Close
	return u, nil
}

// Close stops the server and its connections.
func (u *Upstream) Close() error { return u.server.Close() }

// LaneURL is the base URL of a lane.
func (u *Upstream) LaneURL(lane string) string { return u.URL + "/" + lane }

// Set puts the lane's next answer in place and forgets its calls.
func (u *Upstream) Set(lane string, p Playback) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.lanes[lane] = &laneState{play: p}
}

// Calls tells how often the lane was called since Set, and with which last body.
func (u *Upstream) Calls(lane string) (n int, lastBody []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if s := u.lanes[lane]; s != nil {
		return s.calls, s.body
	}
	return 0, nil
}

// A Called is what the gateway asked of a lane last.
type Called struct {
	Path string // below the lane
	MIME string
	Body []byte
}

// Last is the last call of a lane since Set.
func (u *Upstream) Last(lane string) (c Called) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if s := u.lanes[lane]; s != nil {
		c = Called{s.path, s.mime, s.body}
	}
	return c
}

// maxRequest bounds what is kept of a call.
const maxRequest = 64 << 20

func (u *Upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		return // the caller went away
	}
	lane, below, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	u.mu.Lock()
	s := u.lanes[lane]
	if s == nil || r.Method != http.MethodPost {
		u.mu.Unlock()
		http.NotFound(w, r)
		return
	}
	s.calls++
	s.body, s.path, s.mime = body, "/"+below, r.Header.Get("Content-Type")
	play := s.play
	u.mu.Unlock()
	if play.Cut >= 0 {
		cutAnswer(w, play)
		return
	}
	answer(w, play)
}

// unsent are headers that HTTP sets itself.
var unsent = map[string]bool{"Content-Length": true, "Content-Encoding": true, "Transfer-Encoding": true, "Connection": true}

func putHeader(h http.Header, x *Exchange) {
	for k, v := range x.Header {
		if k = http.CanonicalHeaderKey(k); !unsent[k] {
			h.Set(k, v)
		}
	}
	switch {
	case h.Get("Content-Type") != "":
	case x.Frames:
		h.Set("Content-Type", "application/vnd.amazon.eventstream")
	case x.Lines:
		h.Set("Content-Type", "application/x-ndjson")
	case x.SSE:
		h.Set("Content-Type", "text/event-stream")
	default:
		h.Set("Content-Type", "application/json")
	}
}

// answer writes the whole recorded answer in random pieces, each flushed.
func answer(w http.ResponseWriter, p Playback) {
	x := p.Exchange
	putHeader(w.Header(), x)
	w.WriteHeader(x.Status)
	flush := http.NewResponseController(w)
	rest := x.Body
	for _, n := range pieces(x.Body, pieceRand(p)) {
		if _, err := w.Write(rest[:n]); err != nil {
			return // the gateway hung up
		}
		rest = rest[n:]
		if flush.Flush() != nil {
			return
		}
	}
}

// cutAnswer writes the first bytes of the answer and ends the connection.
func cutAnswer(w http.ResponseWriter, p Playback) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	h := http.Header{"Connection": {"close"}}
	putHeader(h, p.Exchange)
	out := bufio.NewWriter(conn)
	fmt.Fprintf(out, "HTTP/1.1 %d %s\r\n", p.Exchange.Status, http.StatusText(p.Exchange.Status))
	if h.Write(out) != nil {
		return
	}
	out.WriteString("\r\n")
	out.Write(p.Exchange.Body[:min(p.Cut, len(p.Exchange.Body))])
	if out.Flush() != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok && p.Ending == RST {
		tcp.SetLinger(0)
	}
}

func pieceRand(p Playback) *rand.Rand {
	h := fnv.New64a()
	h.Write(p.Exchange.Body)
	return rand.New(rand.NewPCG(p.Seed, h.Sum64()))
}

// pieces are lengths that sum up to len(body): random, with extra cuts inside characters
// and between CR and LF, where readers that think in characters or lines fail.
func pieces(body []byte, rnd *rand.Rand) []int {
	var out []int
	widest := max(64, len(body)/100)
	last, next := 0, 1+rnd.IntN(widest)
	budget := 200 // extra cuts
	for i := 1; i < len(body); i++ {
		odd := body[i]&0xC0 == 0x80 || body[i] == '\n' && body[i-1] == '\r'
		if odd = odd && budget > 0 && rnd.IntN(3) == 0; odd {
			budget--
		}
		if odd || i == next {
			out = append(out, i-last)
			last = i
		}
		if i == next {
			next = i + 1 + rnd.IntN(widest)
		}
	}
	if len(body) > last {
		out = append(out, len(body)-last)
	}
	return out
}
