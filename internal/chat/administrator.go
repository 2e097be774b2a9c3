package chat

// An application acts itself through the Platform API, as an actor without a
// user. In each of its channels it stands like a moderator, without being a
// member: it is in no list, nobody hears of it, and it can do to messages and
// members what it takes an author or a creator for.

// IsApplication reports whether the application itself acts.
func (a Actor) IsApplication() bool { return a.User == 0 }

// Administrator is how the application stands in a channel.
func Administrator(channel ChannelID) *Membership {
	return &Membership{Channel: channel, Moderator: true, Administrator: true}
}

// Standing is how the actor stands in a channel, given the membership that was
// found of its user, nil if there is none.
func (a Actor) Standing(channel ChannelID, found *Membership) *Membership {
	if a.IsApplication() {
		return Administrator(channel)
	}
	return found
}

// CheckDelegate refuses text that no user could have chosen as a status, or that
// could not be shown. Unlike users, an application may make up a status.
func (c UserChange) CheckDelegate() error {
	if c.Status != nil {
		if err := checkName("presence status", string(*c.Status)); err != nil {
			return err
		}
		c.Status = nil
	}
	return c.Check()
}
