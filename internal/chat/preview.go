package chat

import "slices"

// Bounds of link previews.
const (
	PreviewsMax           = 3 // links of a message that are looked up: its first ones
	PreviewTitleMax       = 300
	PreviewDescriptionMax = 1000
	PreviewSiteMax        = 100 // these three in characters
	PreviewURLMax         = 2048
)

// LinkPreview is what a page says about itself.
type LinkPreview struct {
	Source      string // the link, as it stands in the body
	URL         string // of the page that the link led to
	Title       string
	Image       string // an address, http or https
	Description string
	Site        string // the name of the site that the page is part of
}

// Preview returns what is known of the page behind a link; nil for nothing.
func (m *Message) Preview(source string) *LinkPreview {
	for i := range m.Previews {
		if m.Previews[i].Source == source {
			return &m.Previews[i]
		}
	}
	return nil
}

// Unpreviewed returns the links of a message to look up: among its first ones
// those of which nothing is known.
func (m *Message) Unpreviewed() (links []string) {
	if m.Type != Text {
		return nil
	}
	for i, link := range Links(m.Body) {
		if i == PreviewsMax {
			break
		}
		if m.Preview(link.Source) == nil && len(link.Source) <= PreviewURLMax && !slices.Contains(links, link.Source) {
			links = append(links, link.Source)
		}
	}
	return links
}
