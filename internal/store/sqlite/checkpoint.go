package sqlite

import "time"

// How often the log is copied into the database, if enough has been written.
const (
	checkpointEvery   = time.Second
	checkpointBatches = 200
)

// checkpoints copies the write-ahead log into the database beside the writer. A copy waits
// for the disk; were the writer to do it, as SQLite does by itself, every request that
// ends meanwhile would wait too. The writer still does it when the log has become long,
// which is when there was no pause for the log to start again: then little is left to copy.
func (s *Store) checkpoints(c conn) {
	defer c.Close()
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	var copied uint64
	for {
		select {
		case <-tick.C:
		case <-s.stop:
			return
		}
		s.mu.Lock()
		written, failing := s.durable, s.failing != nil
		s.mu.Unlock()
		if failing || written-copied < checkpointBatches {
			continue
		}
		copied = written
		if _, err := c.number("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
			s.Logger.Debug("checkpoint put off", "error", err)
		}
	}
}
