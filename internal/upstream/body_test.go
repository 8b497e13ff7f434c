package upstream

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// readAnswer reads one answer off a connection, by net/http's reader and by ours.
func readAnswer(t *testing.T, raw io.Reader, theirs bool) (string, error, *bufio.Reader) {
	t.Helper()
	br := bufio.NewReaderSize(raw, 64)
	resp, err := http.ReadResponse(br, asksPOST)
	if err != nil {
		t.Fatal(err)
	}
	if theirs {
		got, err := io.ReadAll(resp.Body)
		return string(got), err, br
	}
	b := bodyOf(resp, br)
	got, err := io.ReadAll(&waiting{body: &b})
	return string(got), err, br
}

// waiting waits before every second read.
type waiting struct {
	*body
	reads int
}

func (w *waiting) Read(p []byte) (int, error) {
	if w.reads++; w.reads%2 == 1 {
		if err := w.Wait(); err != nil {
			return 0, err
		}
	}
	return w.body.Read(p)
}

// TestWait: what Wait waits for is there without waiting, the line of the next chunk included.
func TestWait(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	defer near.Close()
	b := body{br: bufio.NewReader(near), chunked: true}
	go io.WriteString(far, "3\r\nhel\r\n")
	buf := make([]byte, 8)
	if err := b.Wait(); err != nil {
		t.Fatal(err)
	}
	if n, err := b.Read(buf); string(buf[:n]) != "hel" || err != nil {
		t.Fatalf("%q, %v", buf[:n], err)
	}
	waited := make(chan error)
	go func() { waited <- b.Wait() }()
	select {
	case <-waited:
		t.Fatal("it did not wait for the next chunk")
	case <-time.After(20 * time.Millisecond):
	}
	far.Close()
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	if n, err := b.Read(buf); n != 0 || err != io.ErrUnexpectedEOF {
		t.Errorf("%q, %v", buf[:n], err)
	}
}

func TestBody(t *testing.T) {
	long := strings.Repeat("0123456789", 50)
	for _, c := range []struct {
		name, raw, want string
		err             error // any error: io.ErrNoProgress
		rest            string
	}{
		{name: "length", raw: "Content-Length: 5\r\n\r\nhellonext", want: "hello", rest: "next"},
		{name: "no bytes", raw: "Content-Length: 0\r\n\r\nnext", rest: "next"},
		{name: "long", raw: "Content-Length: 500\r\n\r\n" + long + "x", want: long, rest: "x"},
		{name: "length cut", raw: "Content-Length: 5\r\n\r\nhel", want: "hel", err: io.ErrUnexpectedEOF},
		{name: "until the end", raw: "\r\n" + long, want: long},
		{name: "chunks", raw: "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\nnext", want: "hello", rest: "next"},
		{name: "long chunk", raw: "Transfer-Encoding: chunked\r\n\r\n1F4\r\n" + long + "\r\n0\r\n\r\n", want: long},
		{name: "extension and trailers", raw: "Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n2 \r\nlo\r\n0\r\nX-Sum: 1\r\nX-B: 2\r\n\r\nnext", want: "hello", rest: "next"},
		{name: "cut in a chunk", raw: "Transfer-Encoding: chunked\r\n\r\n3\r\nhe", want: "he", err: io.ErrUnexpectedEOF},
		{name: "cut after a chunk", raw: "Transfer-Encoding: chunked\r\n\r\n3\r\nhel", want: "hel", err: io.ErrUnexpectedEOF},
		{name: "cut between chunks", raw: "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n", want: "hel", err: io.ErrUnexpectedEOF},
		{name: "cut before the last line", raw: "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n0\r\n", want: "hel", err: io.ErrUnexpectedEOF},
		{name: "chunk longer than it says", raw: "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", want: "hel", err: errChunk},
		{name: "a bare line feed", raw: "Transfer-Encoding: chunked\r\n\r\n3;a\nhel\r\n0\r\n\r\n", err: errChunk},
		{name: "no size", raw: "Transfer-Encoding: chunked\r\n\r\n\r\nhello", err: errChunk},
		{name: "no number", raw: "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello", err: errChunk},
		{name: "a sign", raw: "Transfer-Encoding: chunked\r\n\r\n+3\r\nhel\r\n0\r\n\r\n", err: errChunk},
		{name: "a huge size", raw: "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello", err: errChunk},
		{name: "an endless line", raw: "Transfer-Encoding: chunked\r\n\r\n3;" + long + "\r\nhel\r\n0\r\n\r\n", err: errChunk},
		{name: "endless trailers", raw: "Transfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("a: b\r\n", 100) + "\r\n", err: errTrailers},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := "HTTP/1.1 200 OK\r\n" + c.raw
			for how, r := range map[string]io.Reader{"at once": strings.NewReader(raw), "byte by byte": iotest.OneByteReader(strings.NewReader(raw)), "with the error": iotest.DataErrReader(strings.NewReader(raw))} {
				got, err, br := readAnswer(t, r, false)
				if got != c.want || !errors.Is(err, c.err) {
					t.Errorf("%s: %q, %v; want %q, %v", how, got, err, c.want, c.err)
				}
				if c.err != nil {
					continue
				}
				if rest, _ := io.ReadAll(br); string(rest) != c.rest {
					t.Errorf("%s: %q is left, want %q", how, rest, c.rest)
				}
			}
		})
	}
}

// TestBodyCutAtEveryByte: whatever is missing of an answer that says its end, it is missed.
func TestBodyCutAtEveryByte(t *testing.T) {
	for _, head := range []string{"Content-Length: 11\r\n\r\nhello world", "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n"} {
		raw := "HTTP/1.1 200 OK\r\n" + head
		for n := strings.Index(raw, "\r\n\r\n") + 4; n <= len(raw); n++ {
			for how, r := range map[string]io.Reader{"at once": strings.NewReader(raw[:n]), "byte by byte": iotest.OneByteReader(strings.NewReader(raw[:n]))} {
				got, err, _ := readAnswer(t, r, false)
				if whole := n == len(raw); whole != (err == nil) || whole && got != "hello world" || !strings.HasPrefix("hello world", got) {
					t.Errorf("%d of %d bytes %s: %q, %v", n, len(raw), how, got, err)
				}
			}
		}
	}
}

// TestBodyGivesWhatThereIs: a chunk is handed on though the next has only begun to come.
func TestBodyGivesWhatThereIs(t *testing.T) {
	for _, more := range []string{"", "\r", "\r\n", "\r\n5", "\r\n5\r", "\r\n5\r\n", "\r\n0\r\n", "\r\n0\r\nX: y\r\n"} {
		r, w := io.Pipe()
		go fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi%s", more)
		br := bufio.NewReader(r)
		resp, err := http.ReadResponse(br, asksPOST)
		if err != nil {
			t.Fatal(err)
		}
		b := bodyOf(resp, br)
		var p [100]byte
		if n, err := b.Read(p[:]); string(p[:n]) != "hi" || err != nil {
			t.Errorf("after %q: %q, %v", more, p[:n], err)
		}
		r.Close()
	}
}

// FuzzBody compares with net/http's reader: what ours accepts, theirs reads alike, but for
// trailers, whose text nobody reads.
func FuzzBody(f *testing.F) {
	f.Add([]byte("Transfer-Encoding: chunked\r\n\r\n3;a\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\nrest"), uint8(3))
	f.Add([]byte("Content-Length: 3\r\n\r\nhello"), uint8(1))
	f.Add([]byte("\r\nhello"), uint8(9))
	f.Fuzz(func(t *testing.T, raw []byte, step uint8) {
		raw = append([]byte("HTTP/1.1 200 OK\r\n"), raw...)
		if _, err := http.ReadResponse(bufio.NewReaderSize(bytes.NewReader(raw), 64), asksPOST); err != nil {
			return
		}
		slow := &stepped{bytes.NewReader(raw), int(step)%16 + 1}
		got, err, _ := readAnswer(t, slow, false)
		want, theirs, _ := readAnswer(t, bytes.NewReader(raw), true)
		_, trailer := errors.AsType[textproto.ProtocolError](theirs)
		trailer = trailer || theirs != nil && strings.Contains(theirs.Error(), "trailer")
		if err == nil && (theirs != nil && !trailer || got != want) {
			t.Errorf("%q: %q, net/http %q and %v", raw, got, want, theirs)
		}
		if theirs == nil && err != nil && !errors.Is(err, errTrailers) && !errors.Is(err, errChunk) {
			t.Errorf("%q: %v, which net/http reads", raw, err)
		}
	})
}

type stepped struct {
	r io.Reader
	n int
}

func (s *stepped) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.n)]) }

func BenchmarkBody(b *testing.B) {
	var wire bytes.Buffer
	wire.WriteString("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
	cw := httputil.NewChunkedWriter(&wire)
	for range 500 {
		_, _ = cw.Write(bytes.Repeat([]byte("x"), 300))
	}
	cw.Close()
	wire.WriteString("\r\n")
	for _, theirs := range []bool{false, true} {
		b.Run(fmt.Sprintf("net/http=%t", theirs), func(b *testing.B) {
			var p [4096]byte
			for b.Loop() {
				br := bufio.NewReaderSize(iotest.HalfReader(bytes.NewReader(wire.Bytes())), 4<<10)
				resp, err := http.ReadResponse(br, asksPOST)
				if err != nil {
					b.Fatal(err)
				}
				own := bodyOf(resp, br)
				src := io.Reader(&own)
				if theirs {
					src = resp.Body
				}
				for err == nil {
					_, err = src.Read(p[:])
				}
				if err != io.EOF {
					b.Fatal(err)
				}
			}
		})
	}
}
