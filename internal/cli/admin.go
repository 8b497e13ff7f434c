package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/dragoman-gateway/dragoman/internal/app"
)

// admin calls the management API: of the gateway that serves the data directory, or, when
// none does, of one opened in this process.
type admin struct {
	client *http.Client
	close  func() error
}

func (c *commands) admin() (*admin, error) {
	f, err := c.load()
	if err != nil {
		return nil, err
	}
	if client, ok := app.DialAdmin(f.Config.Data); ok {
		return &admin{client, func() error { client.CloseIdleConnections(); return nil }}, nil
	}
	a, err := app.New(f, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return &admin{a.AdminClient(), a.Close}, nil
}

// maxAnswer bounds an answer of the management API.
const maxAnswer = 64 << 20

// call sends a request and reads the answer into out. An error envelope becomes an error.
func (a *admin) call(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequest(method, "http://admin"+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.client.Do(req)
	if err != nil {
		return fmt.Errorf("ask the gateway: %w", err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the gateway's answer: %w", err)
	}
	if resp.StatusCode/100 != 2 {
		var e struct {
			Error struct{ Message string }
		}
		if json.Unmarshal(raw, &e) == nil && e.Error.Message != "" {
			return errors.New(e.Error.Message)
		}
		return fmt.Errorf("the gateway answered %d", resp.StatusCode)
	}
	return json.Unmarshal(raw, out)
}
