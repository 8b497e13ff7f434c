package manage

import (
	"fmt"
	"strings"
	"testing"
)

// noon is in the afternoon of the day that is not over, so yesterday is the last that counts.
func TestRankings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	yesterday := noon.AddDate(0, 0, -1).Format(isoDate)
	row := func(date, tokens string) string {
		return `{"date":"` + date + `","model_permaslug":"openai/gpt-5","total_tokens":"` + tokens + `"}`
	}
	for _, c := range []struct{ key, query, want string }{
		{managementKey, "", row(yesterday, "105")}, // three requests of 35 tokens; one that nobody answered
		{inferenceKey, "", row(yesterday, "70")},   // its own
		{managementKey, "?modality=text", row(yesterday, "105")},
		{managementKey, "?modality=image", row(yesterday, "105")},
		{managementKey, "?modality=audio", ""},
		{managementKey, "?end_date=" + noon.Format(isoDate), row(yesterday, "105") + "," + row(noon.Format(isoDate), "35")},
		{managementKey, "?period=month&start_date=" + noon.AddDate(0, 0, -60).Format(isoDate), row(noon.AddDate(0, 0, -40).Format("2006-01")+"-01", "35") + "," + row(noon.Format("2006-01")+"-01", "105")},
		{managementKey, "?start_date=2020-01-01&end_date=2020-12-31", ""},
	} {
		got := h.call(c.key, "GET", "/datasets/rankings-daily"+c.query, "")
		if got.status != 200 || !strings.Contains(got.raw, `{"data":[`+c.want+`],"meta":{`) {
			t.Errorf("%s: %d %s\nwant %s", c.query, got.status, got.raw, c.want)
		}
	}
	if got := h.call(managementKey, "GET", "/datasets/rankings-daily", ""); got.at("meta", "end_date") != yesterday || got.at("meta", "start_date") != noon.AddDate(0, 0, -31).Format(isoDate) {
		t.Error(got.raw)
	}
	for query, status := range map[string]int{"start_date=soon": 400, "start_date=2026-03-04&end_date=2026-03-03": 400, "start_date=2020-01-01": 400, "period=year": 400, "category=legal": 501, "modality=tool_calling": 501} {
		if got := h.call(managementKey, "GET", "/datasets/rankings-daily?"+query, ""); got.status != status {
			t.Errorf("%s: %d %s", query, got.status, got.raw)
		}
	}
}

func TestAppRankings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.traffic()
	app := fmt.Sprintf(`"app_id":%d,"app_name":"=cmd|' /C calc'!A0"`, appID("=cmd|' /C calc'!A0"))
	for _, c := range []struct{ key, query, want string }{
		{managementKey, "", `{"rank":1,` + app + `,"total_tokens":"140","total_requests":4}`},
		{inferenceKey, "?sort=popular&limit=1", `{"rank":1,` + app + `,"total_tokens":"105","total_requests":3}`},
		{managementKey, "?offset=1", ""},
	} {
		if got := h.call(c.key, "GET", "/datasets/app-rankings"+c.query, ""); got.status != 200 || !strings.Contains(got.raw, `{"data":[`+c.want+`],"meta":{`) {
			t.Errorf("%s: %d %s\nwant %s", c.query, got.status, got.raw, c.want)
		}
	}
	for query, status := range map[string]int{"sort=trending": 501, "category=coding": 501, "subcategory=game": 501, "sort=best": 400, "limit=101": 400, "end_date=x": 400} {
		if got := h.call(managementKey, "GET", "/datasets/app-rankings?"+query, ""); got.status != status {
			t.Errorf("%s: %d %s", query, got.status, got.raw)
		}
	}
}

// The rest after the first fifty is one row, the last of its day; weeks begin on Monday.
func TestRankedRows(t *testing.T) {
	t.Parallel()
	sums := map[rankedKey]int64{}
	for i := range int64(rankedModels + 2) {
		sums[rankedKey{"2026-03-04", fmt.Sprintf("m%02d", i)}] = 100 - i
	}
	sums[rankedKey{"2026-03-05", "b"}], sums[rankedKey{"2026-03-05", "a"}] = 1, 1
	rows := rankedRows(sums)
	if len(rows) != rankedModels+3 || rows[0] != (rankedRow{"2026-03-04", "m00", "100"}) || rows[rankedModels] != (rankedRow{"2026-03-04", others, "99"}) || rows[rankedModels+1].Model != "a" {
		t.Errorf("%d %v", len(rows), rows)
	}
	for period, want := range map[string]string{"day": "2026-03-08", "week": "2026-03-02", "month": "2026-03-01"} {
		if got := (&ranking{period: period}).begin(1772971200); got != want { // a Sunday
			t.Errorf("%s: %s", period, got)
		}
	}
}
