package chat

import (
	"errors"
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// The bounds of settings.
const (
	retentionMin    = time.Hour
	retentionMax    = 36_500 * day
	fileSizeMax     = 1 << 40
	fileTypesMax    = 100
	chatSessionsMax = 10_000
	rateCountMax    = 1_000_000_000
)

// toggle is on or off.
type toggle bool

func (t *toggle) String() string {
	if *t {
		return "ENABLED"
	}
	return "DISABLED"
}

func (t *toggle) parse(text string) error {
	switch text {
	case "ENABLED":
		*t = true
	case "DISABLED":
		*t = false
	default:
		return fmt.Errorf("expected ENABLED or DISABLED but got %.80q", text)
	}
	return nil
}

// ChannelTypes is a set of channel types.
type ChannelTypes struct{ Direct, Public, Private bool }

// Has reports whether t is in the set.
func (c ChannelTypes) Has(t ChannelType) bool {
	flag := c.of(t)
	return flag != nil && *flag
}

// of is where the set remembers a type; nil if there is no such type.
func (c *ChannelTypes) of(t ChannelType) *bool {
	switch t {
	case Direct:
		return &c.Direct
	case Public:
		return &c.Public
	case Private:
		return &c.Private
	}
	return nil
}

const noTypes = "NONE"

func (c *ChannelTypes) String() string {
	var names []string
	for _, t := range []ChannelType{Direct, Public, Private} {
		if c.Has(t) {
			names = append(names, string(t))
		}
	}
	if names == nil {
		return noTypes
	}
	return strings.Join(names, ",")
}

func (c *ChannelTypes) parse(text string) error {
	var set ChannelTypes
	if text != noTypes {
		for name := range strings.SplitSeq(text, ",") {
			flag := set.of(ChannelType(name))
			if flag == nil {
				return fmt.Errorf("expected NONE, or some of DIRECT,PUBLIC,PRIVATE, but got %.80q", text)
			}
			*flag = true
		}
	}
	*c = set
	return nil
}

// MediaTypes is a set of types of files, as "image/png", or "image/*" for all of
// a kind. The empty set has them all.
type MediaTypes []string

// Has reports whether a media type, with or without parameters, is in the set.
func (m MediaTypes) Has(mediaType string) bool {
	if len(m) == 0 {
		return true
	}
	exact, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return false
	}
	kind, _, _ := strings.Cut(exact, "/")
	return slices.Contains(m, exact) || slices.Contains(m, kind+"/*")
}

const anyType = "ANY"

func (m *MediaTypes) String() string {
	if len(*m) == 0 {
		return anyType
	}
	return strings.Join(*m, ",")
}

func (m *MediaTypes) parse(text string) error {
	if text == anyType {
		*m = nil
		return nil
	}
	types := strings.Split(text, ",")
	if len(types) > fileTypesMax {
		return fmt.Errorf("at most %d types are allowed", fileTypesMax)
	}
	for _, t := range types {
		plain, parameters, err := mime.ParseMediaType(t)
		kind, name, _ := strings.Cut(t, "/")
		if err != nil || plain != t || len(parameters) > 0 || name == "" || kind == "*" {
			return fmt.Errorf("expected ANY, or types as image/*,application/pdf, but got %.80q", t)
		}
	}
	*m = types
	return nil
}

// retention is an age, or zero for none.
type retention time.Duration

const forever = "FOREVER"

func (r *retention) String() string {
	switch d := time.Duration(*r); {
	case d == 0:
		return forever
	case d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	default:
		return d.String()
	}
}

func (r *retention) parse(text string) error {
	if text == forever {
		*r = 0
		return nil
	}
	age, err := parseDays(text)
	if err != nil || age < retentionMin || age > retentionMax {
		return fmt.Errorf("expected FOREVER, or an age of an hour to 36500 days, as 30d or 36h, but got %.80q", text)
	}
	*r = retention(age)
	return nil
}

// parseDays reads a duration as package time does, or a number of days.
func parseDays(text string) (time.Duration, error) {
	days, found := strings.CutSuffix(text, "d")
	if !found {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseInt(days, 10, 32)
	if n > int64(retentionMax/day) {
		return 0, errors.New("too many days")
	}
	return time.Duration(n) * day, err
}

type fileSize int64

func (f *fileSize) String() string { return strconv.FormatInt(int64(*f), 10) }

func (f *fileSize) parse(text string) error {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > fileSizeMax {
		return fmt.Errorf("expected a number of bytes up to %d but got %.80q", int64(fileSizeMax), text)
	}
	*f = fileSize(n)
	return nil
}

type sessions int

func (s *sessions) String() string { return strconv.Itoa(int(*s)) }

func (s *sessions) parse(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > chatSessionsMax {
		return fmt.Errorf("expected a number from 1 to %d but got %.80q", chatSessionsMax, text)
	}
	*s = sessions(n)
	return nil
}

// Rate is how often something may be done: Count times at once, and then again as
// time passes, Count times in each Per. The zero Rate has no limit.
type Rate struct {
	Count int
	Per   time.Duration
}

// Unlimited reports whether the rate has no limit.
func (r Rate) Unlimited() bool { return r == Rate{} }

const unlimited = "UNLIMITED"

// UnmarshalText reads what String writes.
func (r *Rate) UnmarshalText(text []byte) error { return r.parse(string(text)) }

func (r *Rate) String() string {
	if r.Unlimited() {
		return unlimited
	}
	return fmt.Sprintf("%d/%v", r.Count, shortened(r.Per))
}

// shortened writes a duration without the zeros that package time ends it with.
func shortened(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func (r *Rate) parse(text string) error {
	if text == unlimited {
		*r = Rate{}
		return nil
	}
	count, per, _ := strings.Cut(text, "/")
	n, err := strconv.Atoi(count)
	d, bad := time.ParseDuration(per)
	if err != nil || bad != nil || n < 1 || n > rateCountMax || d < time.Millisecond || d > day {
		return fmt.Errorf("expected UNLIMITED, or a count and a time up to 24h, as 300/10s, but got %.80q", text)
	}
	*r = Rate{n, d}
	return nil
}
