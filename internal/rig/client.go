package rig

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// maxAnswer bounds the body of one answer, in bytes.
const maxAnswer = 16 << 20

// A client is one keep-alive HTTP/1.1 connection. It is written by hand because the load
// shares a processor with the simulated provider: what net/http's client costs would be
// latency of the gateway.
type client struct {
	address string
	conn    net.Conn
	r       *bufio.Reader
	body    []byte        // of the last answer; reused
	first   time.Time     // when the last answer's first content was there
	timeout time.Duration // of one request
}

func newClient(address string, buffer int, timeout time.Duration) *client {
	return &client{address: address, r: bufio.NewReaderSize(nil, buffer), timeout: timeout}
}

func (c *client) connect() error {
	if c.conn != nil {
		return nil
	}
	conn, err := net.DialTimeout("tcp", c.address, c.timeout)
	if err != nil {
		return err
	}
	c.conn = conn
	c.r.Reset(conn)
	return nil
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close() // nothing is pending: answers are read whole
		c.conn = nil
	}
}

// do sends a request rendered by requestBytes and reads the answer whole into c.body. On
// any error the connection is closed and the next do opens another.
func (c *client) do(request []byte) (status int, err error) {
	if err := c.connect(); err != nil {
		return 0, err
	}
	c.body, c.first = c.body[:0], time.Time{}
	status, keep, err := c.exchange(request)
	if err != nil || !keep {
		c.close()
	}
	return status, err
}

func (c *client) exchange(request []byte) (status int, keep bool, err error) {
	if err := c.conn.SetDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, false, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return 0, false, fmt.Errorf("send: %w", err)
	}
	status, length, keep, err := c.header()
	if err != nil {
		return 0, false, fmt.Errorf("read the header: %w", err)
	}
	if length >= 0 {
		err = c.take(length)
	} else {
		err = c.chunked()
	}
	if err != nil {
		return status, false, fmt.Errorf("read the body after %d bytes: %w", len(c.body), err)
	}
	return status, keep, nil
}

// header reads status line and fields. A length of -1 means chunked.
func (c *client) header() (status, length int, keep bool, err error) {
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, 0, false, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, 0, false, fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, 0, false, fmt.Errorf("status line %q", line)
	}
	length, keep, framed := -1, true, false
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, 0, false, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case equalFold(name, "content-length"):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 || length > maxAnswer {
				return 0, 0, false, fmt.Errorf("content-length %q", value)
			}
			framed = true
		case equalFold(name, "transfer-encoding"):
			framed = equalFold(value, "chunked")
		case equalFold(name, "connection"):
			keep = !equalFold(value, "close")
		}
	}
	if !framed {
		return 0, 0, false, errors.New("answer has neither a length nor chunks: where it ends cannot be checked")
	}
	return status, length, keep, nil
}

func equalFold(b []byte, lower string) bool {
	return len(b) == len(lower) && bytes.EqualFold(b, []byte(lower))
}

// take reads n bytes of body.
func (c *client) take(n int) error {
	if len(c.body)+n > maxAnswer {
		return errors.New("answer is larger than 16 MiB")
	}
	old := len(c.body)
	if cap(c.body)-old < n {
		grown := make([]byte, old, max(2*cap(c.body), old+n, 1024))
		copy(grown, c.body)
		c.body = grown
	}
	c.body = c.body[:old+n]
	if _, err := io.ReadFull(c.r, c.body[old:]); err != nil {
		return err
	}
	if c.first.IsZero() && bytes.Contains(c.body, []byte(marker)) {
		c.first = time.Now()
	}
	return nil
}

func (c *client) chunked() error {
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return fmt.Errorf("chunk size %q", line)
		}
		if err := c.take(int(size)); err != nil {
			return err
		}
		end, err := c.r.ReadSlice('\n') // trailers are not expected: one empty line either way
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(end)) != 0 {
			return fmt.Errorf("%q after a chunk", end)
		}
		if size == 0 {
			return nil
		}
	}
}

// requestBytes is a whole POST, head and body, sent with one write.
func requestBytes(address, path, key string, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: rig\r\nAccept: */*\r\n", path, address)
	if key != "" {
		fmt.Fprintf(&b, "Authorization: Bearer %s\r\n", key)
	}
	fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	b.Write(body)
	return b.Bytes()
}

func tail(b []byte) []byte { return b[max(0, len(b)-120):] }
