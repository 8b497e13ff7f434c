//go:build !linux

package cli

func dumpNoMemory() error { return nil }
