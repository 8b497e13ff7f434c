// Package cli is the command line: flags and environment become one configuration, and
// each subcommand is one file. Start with Main.
package cli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"

	"github.com/dragoman-gateway/dragoman/internal/config"
)

// commands is the tree that kong reads. Every flag has a DRAGOMAN_… twin.
type commands struct {
	Config string `help:"YAML configuration file." short:"c" env:"DRAGOMAN_CONFIG" placeholder:"FILE" type:"path" name:"config"`
	Data   string `help:"Data directory; holds the database." env:"DRAGOMAN_DATA" placeholder:"DIR"`

	Serve      serveCmd      `cmd:"" help:"Run the gateway."`
	Keys       keysCmd       `cmd:"" help:"Create and list API keys."`
	Credits    creditsCmd    `cmd:"" help:"Show and grant credit."`
	People     peopleCmd     `cmd:"" help:"List people; let one set a new password."`
	SetupToken setupTokenCmd `cmd:"" help:"Print the link for the first owner, while there is nobody."`

	Organizations organizationsCmd `cmd:"" help:"Create and list organizations."`

	Receipt    receiptCmd    `cmd:"" help:"Verify privacy receipts."`
	Vault      vaultCmd      `cmd:"" help:"Rotate the key that secrets are sealed under."`
	Models     modelsCmd     `cmd:"" help:"List models and what they need."`
	Providers  providersCmd  `cmd:"" help:"List providers and whether they are ready."`
	ConfigCmd  configCmd     `cmd:"" name:"config" help:"Check a configuration file."`
	Route      routeCmd      `cmd:"" help:"Explain how a request would be routed."`
	Catalog    catalogCmd    `cmd:"" help:"Compare and import prices."`
	Completion completionCmd `cmd:"" help:"Print a completion script for your shell."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// streams are where a command writes.
type streams struct{ out, err io.Writer }

// Main runs one command line and returns the exit status: 0 done, 1 failed, 2 misused.
func Main(args []string, stdout, stderr io.Writer) int {
	var c commands
	io := &streams{stdout, stderr}
	exit := -1
	parser, err := kong.New(&c,
		kong.Name("dragoman"),
		kong.Description("One key and one OpenAI-compatible API in front of every model provider."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Bind(io, &c),
	)
	if err != nil {
		fmt.Fprintln(stderr, "dragoman:", err)
		return 1
	}
	ctx, err := parser.Parse(args)
	if exit >= 0 { // help was asked for and printed
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "dragoman: %v\nRun `dragoman --help` for the commands.\n", err)
		return 2
	}
	ctx.Bind(parser)
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(stderr, "dragoman:", err)
		return 1
	}
	return 0
}

// load reads the configuration and puts the flags over it.
func (c *commands) load() (*config.File, error) {
	f, err := config.Load(c.Config)
	if err != nil {
		return nil, err
	}
	if c.Data != "" {
		f.Config.Data = c.Data
	}
	return f, nil
}

func logger(w io.Writer, cfg config.Log) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		return nil, errors.New("log level must be debug, info, warn or error")
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return slog.New(slog.NewTextHandler(w, opts)), nil
}
