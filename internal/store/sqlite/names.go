package sqlite

// Records are found by two ids: their own and the upstream's. An index over either is
// random order to a database that appends: each settlement would touch a page of it
// somewhere, which costs more than the record itself. So the table names is filled in
// runs, in buckets of consecutive records: a run touches only the newest bucket's pages.
// A look-up asks the buckets from the newest back, and reads the few records that no run
// has reached.

const (
	bucketBits = 12  // 4096 records in a bucket
	indexEvery = 512 // records without a name before the next run

	indexNames = `INSERT INTO names (bucket, name, n)
		SELECT n >> 12, id, n FROM generations WHERE n > ?1
		UNION ALL SELECT n >> 12, upstream, n FROM generations WHERE n > ?1 AND upstream <> ''
		ORDER BY 1, 2, 3`

	// ?1 the name, ?2 the newest bucket
	findName = `WITH RECURSIVE buckets (b) AS (SELECT ?2 UNION ALL SELECT b - 1 FROM buckets WHERE b > 0),
			found (n) AS (SELECT (SELECT max(n) FROM names WHERE bucket = b AND name = ?1) FROM buckets)
		SELECT n FROM found WHERE n IS NOT NULL LIMIT 1`

	// ?1 the name, ?2 where names end
	findUnnamed = `SELECT max(n) FROM generations WHERE n > ?2 AND (id = ?1 OR upstream = ?1)`

	lastNamed = `SELECT coalesce(max(n), 0) FROM names WHERE bucket = (SELECT max(bucket) FROM names)`
)

// extendIndex writes the next run if it is due. A failure costs look-ups time, nothing
// else: the next run begins where the last one that was committed ended.
func (w *writer) extendIndex() error {
	if w.last-w.named.Load() < indexEvery {
		return nil
	}
	if err := w.index.exec(w.named.Load()); err != nil {
		return err
	}
	w.named.Store(w.last)
	return nil
}
