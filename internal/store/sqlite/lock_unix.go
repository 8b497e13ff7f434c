//go:build unix

package sqlite

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// owner is the right to the database, until it is closed or the process ends.
type owner struct{ file *os.File }

// lock makes this process the owner of the database at path.
func lock(path string) (*owner, error) {
	f, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock database: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &owner{f}, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("database %s is in use by another running gateway; stop it, or give this one a data directory of its own", path)
	}
	return nil, fmt.Errorf("lock %s.lock: %w", path, err)
}

// Close unlocks first: a child process that is just being started has a copy of the file
// until it executes, and would keep a lock that is only closed.
func (o *owner) Close() error {
	return errors.Join(syscall.Flock(int(o.file.Fd()), syscall.LOCK_UN), o.file.Close())
}
