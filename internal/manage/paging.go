package manage

// part is one page of a list and how long the whole is (reference §1.7).
type part struct {
	Data  any `json:"data"`
	Total int `json:"total_count"`
}

// page is which part of a list is asked for.
func (c *call) page() (offset, limit int, err error) {
	p := c.params()
	from, _ := p.int("offset", 0, maxOffset)
	most, ok := p.int("limit", 1, maxPage)
	if !ok {
		most = 50
	}
	return int(from), int(most), p.err
}

// paged cuts a list to the page that is asked for and shows its rows.
func paged[T, R any](c *call, list []T, show func(T) R) (any, error) {
	offset, limit, err := c.page()
	if err != nil {
		return nil, err
	}
	return partOf(list, offset, limit, show), nil
}

// partOf is the rows of a list from an offset on, at most so many.
func partOf[T, R any](list []T, offset, limit int, show func(T) R) part {
	rows := []R{}
	from := min(offset, len(list))
	for _, v := range list[from:min(from+limit, len(list))] {
		rows = append(rows, show(v))
	}
	return part{rows, len(list)}
}

// gone is the answer to a deletion.
type gone struct {
	Deleted bool `json:"deleted"`
}
