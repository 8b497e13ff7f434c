//go:build unix

package cli

import "golang.org/x/sys/unix"

// limitDumps keeps the system from writing core dumps.
func limitDumps() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
