package app

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestASlowBodyIsToldOnce: who has had its time is told so at once, and not after as much again.
func TestASlowBodyIsToldOnce(t *testing.T) {
	t.Parallel()
	const pause = 2 * time.Second
	front := httptest.NewServer(patience(pause, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	})))
	defer front.Close()
	conn, err := net.Dial("tcp", front.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began := time.Now()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if took := time.Since(began); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 408 ") || took > pause*7/4 {
		t.Errorf("%.40q after %s, %v", answer, took, err)
	}
}
