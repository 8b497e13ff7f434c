package app

import (
	"crypto/ed25519"
	"fmt"
	"os"

	"github.com/dragoman-gateway/dragoman/internal/vault"
)

// receiptKey is the file with the key that signs privacy receipts, made at the first start:
// 32 random bytes in hex. Receipts that it has signed stay valid as long as somebody has its
// public half.
const receiptKey = "receipt.key"

func (a *App) receiptKey() (ed25519.PrivateKey, error) {
	path := a.dataFile(receiptKey)
	if _, err := os.Stat(path); os.IsNotExist(err) {
		if err := makeKey(path); err != nil {
			return nil, fmt.Errorf("make the key of receipts: %w", err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key of receipts: %w", err)
	}
	seed, err := vault.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("key of receipts %s: %w", path, err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
