package preview

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"openkitty/internal/chat"
)

var errNothing = errors.New("the page has no title or no image")

// parse reads the head of a page that was found at an address.
func parse(page io.Reader, at *url.URL) (chat.LinkPreview, error) {
	said, base := readHead(page, at)
	preview := chat.LinkPreview{
		URL:         at.String(),
		Title:       said.first(chat.PreviewTitleMax, "og:title", "twitter:title", "title"),
		Description: said.first(chat.PreviewDescriptionMax, "og:description", "twitter:description", "description"),
		Site:        said.first(chat.PreviewSiteMax, "og:site_name", "application-name"),
	}
	for _, name := range []string{"og:image:secure_url", "og:image", "og:image:url", "twitter:image", "image_src", "icon"} {
		if preview.Image = resolve(base, said[name]); preview.Image != "" {
			break
		}
	}
	if preview.Title == "" || preview.Image == "" || len(preview.URL) > chat.PreviewURLMax {
		return chat.LinkPreview{}, errNothing
	}
	return preview, nil
}

// statements are what a page says of itself, by the names of its meta elements
// and the relations of its links. The first of a name counts.
type statements map[string]string

func (s statements) say(name, value string) {
	name = strings.ToLower(strings.TrimSpace(name))
	if _, said := s[name]; !said && name != "" && strings.TrimSpace(value) != "" {
		s[name] = value
	}
}

// first returns the first of some statements that there is, as one line of at
// most so many characters.
func (s statements) first(most int, names ...string) string {
	for _, name := range names {
		if text := line(s[name], most); text != "" {
			return text
		}
	}
	return ""
}

func line(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return string(runes)
}

// readHead reads a page up to its body. Links are relative to the base.
func readHead(page io.Reader, at *url.URL) (said statements, base *url.URL) {
	said, base = statements{}, at
	tokens := html.NewTokenizer(page)
	tokens.SetMaxBuf(pageMax)
	for {
		switch tokens.Next() {
		case html.ErrorToken: // the end, or what is no page
			return said, base
		case html.EndTagToken:
			if name, _ := tokens.TagName(); atom.Lookup(name) == atom.Head {
				return said, base
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			switch token.DataAtom {
			case atom.Body:
				return said, base
			case atom.Base:
				if u, err := at.Parse(attribute(token, "href")); err == nil {
					base = u
				}
			case atom.Title:
				if tokens.Next() == html.TextToken {
					said.say("title", tokens.Token().Data)
				}
			case atom.Meta:
				said.say(attribute(token, "property"), attribute(token, "content"))
				said.say(attribute(token, "name"), attribute(token, "content"))
			case atom.Link:
				for relation := range strings.FieldsSeq(attribute(token, "rel")) {
					said.say(relation, attribute(token, "href"))
				}
			}
		}
	}
}

func attribute(token html.Token, name string) string {
	for _, a := range token.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// resolve makes a whole address of an image's; empty for what clients must not
// load.
func resolve(base *url.URL, address string) string {
	address = strings.TrimSpace(address)
	u, err := base.Parse(address)
	if address == "" || err != nil || checkLink(u) != nil {
		return ""
	}
	if text := u.String(); len(text) <= chat.PreviewURLMax {
		return text
	}
	return ""
}
