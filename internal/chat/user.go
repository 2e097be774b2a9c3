package chat

import (
	"net/url"
	"unicode"
	"unicode/utf8"
)

// Status is what a user is seen as while connected.
type Status string

const (
	Available    Status = "AVAILABLE" // as is the empty status
	DoNotDisturb Status = "DO_NOT_DISTURB"
	// Invisible users are offline to everybody but themselves.
	Invisible Status = "INVISIBLE"
	// Unavailable is shown of users who are offline; nobody can choose it.
	Unavailable Status = "UNAVAILABLE"
)

// Presence says whether a user is here, and in what mood.
type Presence struct {
	Status Status
	Online bool
}

// Presence is what others see of a user who has a connection, or has none.
func (u User) Presence(connected bool) Presence {
	if u.Status == Invisible {
		connected = false
	}
	return u.OwnPresence(connected)
}

// OwnPresence is what the user sees of itself.
func (u User) OwnPresence(connected bool) Presence {
	switch {
	case !connected:
		return Presence{Status: Unavailable}
	case u.Status == "":
		return Presence{Status: Available, Online: true}
	default:
		return Presence{Status: u.Status, Online: true}
	}
}

// PictureURLMax bounds the address of an external picture, in bytes.
const PictureURLMax = 2048

// UserChange says what a user wants changed of itself. What is nil stays.
type UserChange struct {
	DisplayName *string
	Properties  *Properties
	Picture     *string // an address, or empty for the generated picture
	Status      *Status
	Guest       *bool  // for administrators
	Merge       []byte // a merge patch of the properties, for administrators; nil for none
}

// Check reports what is wrong with the request.
func (c UserChange) Check() error {
	if c.DisplayName != nil {
		if err := checkName("display name", *c.DisplayName); err != nil {
			return err
		}
	}
	if c.Picture != nil && *c.Picture != "" {
		if err := checkPictureURL(*c.Picture); err != nil {
			return err
		}
	}
	if c.Status != nil {
		switch *c.Status {
		case Available, DoNotDisturb, Invisible:
		default:
			return Errorf(Invalid, "the presence status must be AVAILABLE, DO_NOT_DISTURB or INVISIBLE, not %.40q", *c.Status)
		}
	}
	return nil
}

// checkPictureURL admits what any client can load, and nothing that could be a
// script or a file of the reader's own machine.
func checkPictureURL(address string) error {
	if len(address) > PictureURLMax {
		return Errorf(Invalid, "the address of the picture has %d bytes; at most %d are allowed", len(address), PictureURLMax)
	}
	parsed, err := url.Parse(address)
	if err != nil || !utf8.ValidString(address) || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return Errorf(Invalid, "the address of the picture must be a whole http or https URL")
	}
	for _, r := range address {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return Errorf(Invalid, "the address of the picture contains white space or a control character")
		}
	}
	return nil
}

// Apply makes the changes.
func (c UserChange) Apply(u User) User {
	if c.DisplayName != nil {
		u.DisplayName = *c.DisplayName
	}
	if c.Properties != nil {
		u.Properties = *c.Properties
	}
	if c.Picture != nil {
		u.Picture = *c.Picture
	}
	if c.Guest != nil {
		u.Guest = *c.Guest
	}
	if c.Status != nil {
		u.Status = *c.Status
		if u.Status == Available {
			u.Status = ""
		}
	}
	return u
}

// UserFilter selects users. The zero value selects all.
type UserFilter struct {
	Name        string // a part of the username, in any case
	DisplayName string // a part of the display name, in any case
	Online      *bool  // as others see it
}

// DeletedDisplayName is what is seen of a deleted user.
const DeletedDisplayName = "Deleted user"
