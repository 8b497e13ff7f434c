package manage

import (
	"encoding/xml"
	"fmt"
	"time"
)

type rss struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Channel channel  `xml:"channel"`
}

type channel struct {
	Title       string `xml:"title"`
	Link        string `xml:"link"`
	Description string `xml:"description"`
	Items       []item `xml:"item"`
}

type item struct {
	Title       string `xml:"title"`
	Link        string `xml:"link"`
	GUID        guid   `xml:"guid"`
	Published   string `xml:"pubDate,omitempty"`
	Description string `xml:"description,omitempty"`
}

type guid struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	Text      string `xml:",chardata"`
}

// feed is a list of models as RSS 2.0. Whatever links the client asks for, every item
// links to its model's description.
func (a *API) feed(c *call, models []modelRow) (any, error) {
	base := a.ownAddress(c)
	ch := channel{Title: "Models", Link: base + "/api/v1/models", Description: "The models that this gateway serves"}
	for _, m := range models {
		i := item{Title: m.Name, Link: base + "/api/v1/model/" + m.ID, GUID: guid{Text: m.ID}, Description: m.Description}
		if m.Created > 0 {
			i.Published = time.Unix(m.Created, 0).UTC().Format(time.RFC1123Z)
		}
		ch.Items = append(ch.Items, i)
	}
	body, err := xml.MarshalIndent(rss{Version: "2.0", Channel: ch}, "", " ")
	if err != nil {
		return nil, fmt.Errorf("encode the feed: %w", err)
	}
	return document{"application/rss+xml; charset=utf-8", append([]byte(xml.Header), body...)}, nil
}

// ownAddress is scheme and host as the client sees them.
func (a *API) ownAddress(c *call) string {
	switch {
	case a.PublicURL != "":
		return a.PublicURL
	case c.trusted:
		return a.Listening
	case a.Door.Secure(c.Request):
		return "https://" + c.Host
	}
	return "http://" + c.Host
}
