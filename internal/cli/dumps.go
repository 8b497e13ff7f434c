package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/dragoman-gateway/dragoman/internal/config"
)

// leaveNoDump keeps what is in memory, which has prompts and secrets in it, out of what the
// process leaves behind when it crashes: no core dump, and no stacks, whose arguments are
// printed, at a panic or at a signal that asks for them. Where the runtime itself gives up it
// prints stacks all the same; texts in them are addresses and lengths. Who needs stacks sets
// GOTRACEBACK.
func leaveNoDump(stderr io.Writer) error {
	if !config.WantsStacks() {
		debug.SetTraceback("none")
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, dumping...)
		go func() { // ends with the process
			fmt.Fprintf(stderr, "dragoman: ended by signal: %s\n", <-asked)
			os.Exit(2)
		}()
	}
	if err := errors.Join(limitDumps(), dumpNoMemory()); err != nil {
		return fmt.Errorf("keep memory out of core dumps: %w", err)
	}
	return nil
}
