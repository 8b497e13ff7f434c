//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// dumping are the signals at which the runtime prints the stacks of everything.
var dumping = []os.Signal{unix.SIGQUIT, unix.SIGABRT}

// limitDumps keeps the system from writing core dumps.
func limitDumps() error { return unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) }
