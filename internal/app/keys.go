package app

import (
	"crypto/ed25519"
	"fmt"
	"os"

	"github.com/dragoman-gateway/dragoman/internal/cursor"
	"github.com/dragoman-gateway/dragoman/internal/vault"
	"github.com/dragoman-gateway/dragoman/internal/workload"
)

// Files with keys of the program's own, each made at the first start: 32 random bytes in hex.
// What a key has signed stays valid as long as somebody has its public half.
const (
	receiptKey  = "receipt.key"  // signs privacy receipts
	workloadKey = "workload.key" // signs access tokens of workloads
	cursorKey   = "cursor.key"   // seals places in the log of requests
)

// openKeys hands them to who needs them.
func (a *App) openKeys() error {
	seed, err := a.fileKey(receiptKey)
	if err != nil {
		return err
	}
	signer := ed25519.NewKeyFromSeed(seed)
	a.gateway.Receipts, a.manage.Receipts = signer, signer.Public().(ed25519.PublicKey)
	secret, err := a.fileKey(workloadKey)
	if err != nil {
		return err
	}
	if a.manage.Workloads, err = workload.NewSigner(secret); err != nil {
		return err
	}
	if secret, err = a.fileKey(cursorKey); err != nil {
		return err
	}
	a.manage.Cursors, err = cursor.New(secret)
	return err
}

// fileKey is the secret in such a file.
func (a *App) fileKey(name string) ([]byte, error) {
	path := a.dataFile(name)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make %s: %w", name, err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	secret, err := vault.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("the key in %s: %w", path, err)
	}
	return secret, nil
}
