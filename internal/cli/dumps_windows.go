package cli

func limitDumps() error { return nil }
