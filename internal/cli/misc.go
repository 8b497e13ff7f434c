package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/dragoman-gateway/dragoman/internal/app"
	"github.com/dragoman-gateway/dragoman/internal/config"
)

type configCmd struct {
	Check configCheckCmd `cmd:"" help:"Refuse, with file and line, what would fail at the first request."`
}

type configCheckCmd struct {
	File string `arg:"" help:"The file to check." type:"path"`
}

// Run checks a file.
func (k *configCheckCmd) Run(io *streams) error {
	f, err := config.Load(k.File)
	if err != nil {
		return err
	}
	snap, err := app.Check(f)
	if err != nil {
		return err
	}
	live := 0
	for _, e := range snap.AllEndpoints() {
		if e.Live {
			live++
		}
	}
	fmt.Fprintf(io.out, "%s is valid: %d models, %d endpoints ready\n", k.File, len(snap.Models()), live)
	return nil
}

type routeCmd struct {
	Explain routeExplainCmd `cmd:"" help:"Show the plan for a request, and a reason for every endpoint."`
}

type routeExplainCmd struct {
	Model   string `arg:"" help:"Model slug, variants allowed."`
	Request string `help:"A chat completions request as JSON, for its provider preferences and needs." placeholder:"JSON" env:"DRAGOMAN_REQUEST"`
	Seed    uint64 `help:"Seed of the draw." default:"1" env:"DRAGOMAN_SEED"`
	JSON    bool   `help:"Print JSON." name:"json" env:"DRAGOMAN_JSON"`
}

// Run explains a route.
func (r *routeExplainCmd) Run(c *commands, io *streams) error {
	f, err := c.load()
	if err != nil {
		return err
	}
	body := r.Request
	if body == "" {
		body = `{"messages":[{"role":"user","content":"Hello!"}]}`
	}
	d, refusal, err := app.Explain(f, r.Model, []byte(body), r.Seed)
	if err != nil {
		return err
	}
	if r.JSON {
		return json.NewEncoder(io.out).Encode(d)
	}
	for i, s := range d.Steps {
		fmt.Fprintf(io.out, "%d. %s\n   %s\n", i+1, s.Endpoint, strings.Join(s.Reasons, "; "))
	}
	for _, x := range d.Dropped {
		fmt.Fprintf(io.out, "-  %s\n   %s\n", x.Endpoint, x.Reason)
	}
	if refusal != "" {
		fmt.Fprintf(io.out, "\n%s\n", refusal)
	}
	fmt.Fprintf(io.out, "\ncatalogue %s, seed %d\n", d.Catalog, d.Seed)
	return nil
}

type versionCmd struct{}

// Run prints the version that the build recorded.
func (versionCmd) Run(io *streams) error {
	fmt.Fprintf(io.out, "dragoman %s\n", app.Version())
	return nil
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints a script made from the command tree.
func (k *completionCmd) Run(io *streams, parser *kong.Kong) error {
	words := map[string][]string{} // path of a command → what may follow
	var walk func(path string, n *kong.Node)
	walk = func(path string, n *kong.Node) {
		for _, child := range n.Children {
			words[path] = append(words[path], child.Name)
			walk(strings.TrimSpace(path+" "+child.Name), child)
		}
		for _, f := range n.Flags {
			words[path] = append(words[path], "--"+f.Name)
		}
	}
	walk("", parser.Model.Node)
	switch k.Shell {
	case "fish":
		for path, follow := range words {
			for _, w := range follow {
				cond := "__fish_use_subcommand"
				if path != "" {
					cond = "__fish_seen_subcommand_from " + path
				}
				fmt.Fprintf(io.out, "complete -c dragoman -f -n '%s' -a '%s'\n", cond, w)
			}
		}
		return nil
	case "zsh":
		fmt.Fprintln(io.out, "autoload -U +X bashcompinit && bashcompinit")
	}
	fmt.Fprintln(io.out, "_dragoman() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" path=\"\" w\n  for w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do case \"$w\" in -*) ;; *) path=\"${path:+$path }$w\";; esac; done\n  case \"$path\" in")
	for path, follow := range words {
		fmt.Fprintf(io.out, "    %q) COMPREPLY=($(compgen -W %q -- \"$cur\"));;\n", path, strings.Join(follow, " "))
	}
	fmt.Fprintln(io.out, "  esac\n}\ncomplete -F _dragoman dragoman")
	return nil
}
