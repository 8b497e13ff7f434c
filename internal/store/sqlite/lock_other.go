//go:build !unix

package sqlite

import (
	"errors"
	"os"
)

// lock cannot promise that this process is the only owner where there is no flock, and
// two owners would each spend the same credit.
func lock(string) (*os.File, error) {
	return nil, errors.New("the SQLite store needs a system with flock (Linux, macOS, BSD)")
}
