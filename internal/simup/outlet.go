package simup

import (
	"errors"
	"net"
	"net/http"
)

// An outlet is where a body goes: it ends after limit bytes, when that is not negative.
type outlet struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	limit int
	sent  int
}

// errCut says that a fault has ended the body.
var errCut = errors.New("cut")

func (o *outlet) Write(p []byte) (int, error) {
	if o.limit >= 0 && o.sent+len(p) > o.limit {
		n, err := o.w.Write(p[:o.limit-o.sent])
		o.sent += n
		if err == nil {
			err = errCut
		}
		return n, err
	}
	n, err := o.w.Write(p)
	o.sent += n
	return n, err
}

// kill ends the connection in the middle of an answer: with a FIN, or a reset.
func (o *outlet) kill(reset bool) {
	o.rc.Flush() // what cannot be flushed is lost with the connection anyway
	conn, _, err := o.rc.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // no connection of its own: net/http ends the stream
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		tcp.SetLinger(0) // if it fails, the end is only more polite
	}
	conn.Close() // there is nobody left to tell
}
