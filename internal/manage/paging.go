package manage

// part is one page of a list and how long the whole is (reference §1.7).
type part struct {
	Data  any `json:"data"`
	Total int `json:"total_count"`
}

// paged cuts a list to the page that is asked for and shows its rows.
func paged[T, R any](c *call, list []T, show func(T) R) (any, error) {
	p := c.params()
	offset, _ := p.int("offset", 0, maxOffset)
	limit, ok := p.int("limit", 1, 100)
	if p.err != nil {
		return nil, p.err
	}
	if !ok {
		limit = 50
	}
	rows := []R{}
	from := min(int(offset), len(list))
	for _, v := range list[from:min(from+int(limit), len(list))] {
		rows = append(rows, show(v))
	}
	return part{rows, len(list)}, nil
}

// gone is the answer to a deletion.
type gone struct {
	Deleted bool `json:"deleted"`
}
