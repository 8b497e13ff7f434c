package cli

import (
	"errors"
	"fmt"
)

type vaultCmd struct {
	Rotate vaultRotateCmd `cmd:"" help:"Seal all secrets under a new key."`
}

type vaultRotateCmd struct{}

// Run rotates the vault's key, beside a running gateway too.
func (v *vaultRotateCmd) Run(c *commands, io *streams) (err error) {
	a, err := c.admin()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	var out struct {
		Data struct {
			Rewrapped int `json:"rewrapped"`
		} `json:"data"`
	}
	if err := a.call("POST", "/vault/rotate", nil, &out); err != nil {
		return err
	}
	fmt.Fprintf(io.out, "%d secrets are sealed under a new key, %s in the data directory. Back it up; the key before opens nothing.\n", out.Data.Rewrapped, "vault.key")
	return nil
}
