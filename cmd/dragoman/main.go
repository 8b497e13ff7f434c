// Command dragoman is the gateway and its command line. See `dragoman --help`.
package main

import (
	"os"

	"github.com/dragoman-gateway/dragoman/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr)) }
