package cli

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// leaveNoDump keeps what is in memory, which has prompts and secrets in it, out of what the
// process leaves behind when it crashes: no core dump, and at a panic or SIGQUIT no stacks,
// whose arguments are printed. Where the runtime itself gives up it prints stacks all the same;
// texts in them are addresses and lengths. Who needs stacks sets GOTRACEBACK, which counts for
// more.
func leaveNoDump() error {
	debug.SetTraceback("none")
	if err := errors.Join(limitDumps(), dumpNoMemory()); err != nil {
		return fmt.Errorf("keep memory out of core dumps: %w", err)
	}
	return nil
}
