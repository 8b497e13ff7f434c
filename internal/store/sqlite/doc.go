// Package sqlite keeps the gateway's money, keys and records in one SQLite file.
//
// It promises what store.Store promises, and exactness under a crash: what Settle,
// Transfer and PutKey acknowledged is there after a kill -9 (and, with Options.Sync Full,
// after a power cut), and no hold stays open.
//
// How it is quick: the process owns the file. A book in memory decides every hold and
// settlement at once, under one mutex (book.go). What was decided is queued, in order, in
// a batch; one goroutine writes the whole batch as one transaction and releases everybody
// who waits for it (writer.go). A hold that is settled in the batch that would have
// written it never touches the disk. Nothing in memory grows with the number of records.
//
// Sums over the records by hour and day are kept by the transaction that writes them
// (rollup.go), and read by Store.Tally.
//
// It deliberately lacks a second process on the same file, and retention: records are
// ledger entries too and stay. Start with Store.Settle in money.go, then Store.flush.
package sqlite
