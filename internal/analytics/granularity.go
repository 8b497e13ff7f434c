package analytics

import "time"

// Granularity is how a query cuts time, always in UTC: weeks begin on Monday.
type Granularity string

// The granularities. None sums over the whole range.
const (
	None   Granularity = ""
	Minute Granularity = "minute"
	Hour   Granularity = "hour"
	Day    Granularity = "day"
	Week   Granularity = "week"
	Month  Granularity = "month"
)

// A Cut is a row of the table of granularities.
type Cut struct {
	Name  Granularity
	Label string
	most  time.Duration // the longest range, 0 any
	grain Grain
}

// Cuts are all granularities, finest first.
var Cuts = [...]Cut{
	{Minute, "Minute", 24 * time.Hour, Records},
	{Hour, "Hour", 31 * day, Hours},
	{Day, "Day", 0, Days},
	{Week, "Week", 0, Days},
	{Month, "Month", 0, Days},
}

const day = 24 * time.Hour

// column is the name of the time in a row.
func (g Granularity) column() string { return "date__" + string(g) }

// start is when the part of time that contains a second began.
func (g Granularity) start(at int64) int64 {
	switch g {
	case Minute:
		return floor(at, 60)
	case Hour:
		return floor(at, 3600)
	case Day:
		return floor(at, 86400)
	case Week:
		return floor(at+3*86400, 7*86400) - 3*86400 // the first of January 1970 was a Thursday
	case Month:
		t := time.Unix(at, 0).UTC()
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	return 0
}

func floor(at, unit int64) int64 {
	if m := at % unit; m < 0 {
		return at - m - unit
	}
	return at - at%unit
}
