//go:build !unix

package sqlite

import "errors"

type owner struct{}

// lock cannot promise that this process is the only owner where there is no flock, and
// two owners would each spend the same credit.
func lock(string) (*owner, error) {
	return nil, errors.New("the SQLite store needs a system with flock (Linux, macOS, BSD)")
}

func (*owner) Close() error { return nil }
