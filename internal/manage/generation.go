package manage

// getGeneration finds a record by its id or the upstream's, among the account's own.
func (a *API) getGeneration(c *call) (any, error) {
	rec, err := a.findGeneration(c, c.URL.Query().Get("id"))
	if err != nil {
		return nil, err
	}
	row := newGenerationRow(rec, a.Catalog())
	if row.Ours.Feedback, err = a.feedbackOf(c, rec.ID); err != nil {
		return nil, err
	}
	return data{row}, nil
}
