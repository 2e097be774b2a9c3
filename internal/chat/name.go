package chat

import (
	"unicode"
	"unicode/utf8"
)

// CheckUsername reports what keeps a text from being a username.
func CheckUsername(name string) error { return checkName("username", name) }

// checkName holds the rule for everything that users name.
func checkName(what, name string) error {
	switch {
	case name == "":
		return Errorf(Invalid, "the %s is empty", what)
	case !utf8.ValidString(name):
		return Errorf(Invalid, "the %s is not valid UTF-8", what)
	case utf8.RuneCountInString(name) > NameMax:
		return Errorf(Invalid, "the %s has more than %d characters", what, NameMax)
	}
	for _, r := range name {
		if unicode.IsControl(r) {
			return Errorf(Invalid, "the %s contains a control character", what)
		}
	}
	return nil
}
