package chat

import (
	"maps"
	"slices"
	"time"
)

// Settings say how one application behaves; [DefaultSettings] says how one does
// that nobody changed. Whoever needs a setting by its name uses the table
// [AllSettings]: it is what is stored, what the command line shows, and what
// the Platform API calls them.
type Settings struct {
	GuestUsers          bool          // unknown usernames may start a session, or be named as members, and become guests
	UserCreatedChannels bool          // users may create channels, of the types in CreatableTypes
	CreatableTypes      ChannelTypes  // channels that users may create; administrators may create any
	PersistentTypes     ChannelTypes  // channels whose messages are kept; in others they are only delivered
	MessageRetention    time.Duration // age at which messages are removed; zero keeps them for ever
	ChangeRetention     time.Duration // age at which the change log forgets, and a client can no longer catch up; zero for never
	MaxFileSize         int64         // bytes of one file, where the server does not allow less
	FileTypes           MediaTypes    // of files that may be uploaded
	LinkPreviews        bool          // links in messages are fetched and shown
	MaxChatSessions     int           // channels that one device may chat in at once
	Rates               Rates
}

// Rates bound how fast things are done, by one user and by the whole
// application together.
type Rates struct {
	Sends      RatePair // messages and replies
	Keystrokes RatePair // shown to others; those above the rate are dropped
	Connects   RatePair // sessions that start
	Uploads    RatePair // files
	Requests   RatePair // relays and all other actions
}

// RatePair is a rate for each user, and one for all of an application.
type RatePair struct{ User, Application Rate }

// DefaultSettings is how an application behaves that nobody changed.
func DefaultSettings() Settings {
	return Settings{
		GuestUsers:          true,
		UserCreatedChannels: true,
		CreatableTypes:      ChannelTypes{Direct: true, Public: true, Private: true},
		PersistentTypes:     ChannelTypes{Direct: true, Public: true, Private: true},
		ChangeRetention:     30 * day,
		MaxFileSize:         100 << 20,
		LinkPreviews:        true,
		MaxChatSessions:     10,
		Rates: Rates{
			Sends:      RatePair{Rate{300, 10 * time.Second}, Rate{50_000, 10 * time.Second}},
			Keystrokes: RatePair{Rate{200, 10 * time.Second}, Rate{100_000, 10 * time.Second}},
			Connects:   RatePair{Rate{120, time.Minute}, Rate{20_000, 10 * time.Second}},
			Uploads:    RatePair{Rate{120, time.Minute}, Rate{10_000, time.Minute}},
			Requests:   RatePair{Rate{1_000, 10 * time.Second}, Rate{200_000, 10 * time.Second}},
		},
	}
}

// Setting is an entry of the table of settings.
type Setting struct {
	Name string // as "guest_users"
	Help string // what it does, and what it may be
	at   func(*Settings) settingValue
}

// settingValue is a field of Settings that is read from text and written as such.
type settingValue interface {
	String() string
	parse(text string) error
}

var settings = []Setting{
	{"guest_users", "Whether unknown usernames may connect, as guests: ENABLED or DISABLED.",
		func(s *Settings) settingValue { return (*toggle)(&s.GuestUsers) }},
	{"user_created_channels", "Whether users may create channels: ENABLED or DISABLED.",
		func(s *Settings) settingValue { return (*toggle)(&s.UserCreatedChannels) }},
	{"creatable_channel_types", "Types of channels that users may create: NONE, or some of DIRECT,PUBLIC,PRIVATE.",
		func(s *Settings) settingValue { return &s.CreatableTypes }},
	{"persistent_channel_types", "Types of channels whose messages are kept: NONE, or some of DIRECT,PUBLIC,PRIVATE. In others they are delivered and forgotten.",
		func(s *Settings) settingValue { return &s.PersistentTypes }},
	{"message_retention", "Age at which messages are removed, as 90d or 36h, or FOREVER.",
		func(s *Settings) settingValue { return (*retention)(&s.MessageRetention) }},
	{"change_retention", "Age up to which a client that was away is given what it missed, as 30d or 36h, or FOREVER.",
		func(s *Settings) settingValue { return (*retention)(&s.ChangeRetention) }},
	{"max_file_size", "Bytes of one uploaded file, where the server does not allow less.",
		func(s *Settings) settingValue { return (*fileSize)(&s.MaxFileSize) }},
	{"file_types", "Types of files that may be uploaded, as image/*,application/pdf, or ANY.",
		func(s *Settings) settingValue { return &s.FileTypes }},
	{"link_previews", "Whether links in messages are fetched and shown: ENABLED or DISABLED.",
		func(s *Settings) settingValue { return (*toggle)(&s.LinkPreviews) }},
	{"max_chat_sessions", "Channels that one device may chat in at once.",
		func(s *Settings) settingValue { return (*sessions)(&s.MaxChatSessions) }},
	rate("sends_per_user", "Messages of one user", func(r *Rates) *Rate { return &r.Sends.User }),
	rate("sends_per_application", "Messages of all users", func(r *Rates) *Rate { return &r.Sends.Application }),
	rate("keystrokes_per_user", "Keystrokes of one user", func(r *Rates) *Rate { return &r.Keystrokes.User }),
	rate("keystrokes_per_application", "Keystrokes of all users", func(r *Rates) *Rate { return &r.Keystrokes.Application }),
	rate("connects_per_user", "Sessions that one user starts", func(r *Rates) *Rate { return &r.Connects.User }),
	rate("connects_per_application", "Sessions that all users start", func(r *Rates) *Rate { return &r.Connects.Application }),
	rate("uploads_per_user", "Files of one user", func(r *Rates) *Rate { return &r.Uploads.User }),
	rate("uploads_per_application", "Files of all users", func(r *Rates) *Rate { return &r.Uploads.Application }),
	rate("requests_per_user", "Relays and other actions of one user", func(r *Rates) *Rate { return &r.Requests.User }),
	rate("requests_per_application", "Relays and other actions of all users", func(r *Rates) *Rate { return &r.Requests.Application }),
}

func rate(name, what string, at func(*Rates) *Rate) Setting {
	return Setting{name, what + ", as 300/10s for 300 in ten seconds, or UNLIMITED.",
		func(s *Settings) settingValue { return at(&s.Rates) }}
}

// AllSettings is the table of settings, in the order they are shown in.
func AllSettings() []Setting { return slices.Clone(settings) }

// Text is the setting's value in s.
func (e Setting) Text(s Settings) string { return e.at(&s).String() }

// Set gives the setting of a name the value that a text says. It refuses names
// that there are not, and values out of their bounds.
func (s *Settings) Set(name, text string) error {
	i := slices.IndexFunc(settings, func(e Setting) bool { return e.Name == name })
	if i < 0 {
		return Errorf(Invalid, "there is no setting %.80q", name).Named("UnknownSettingError")
	}
	if err := settings[i].at(s).parse(text); err != nil {
		return Errorf(Invalid, "%s: %v", name, err).Named("InvalidSettingError")
	}
	return nil
}

// Check refuses settings with a value that no text could have given them.
func (s Settings) Check() error {
	for _, e := range settings {
		if err := s.Set(e.Name, e.Text(s)); err != nil {
			return err
		}
	}
	return nil
}

// Changed is what distinguishes s from the default settings, by name. It is all
// that is stored: so a default that a later version changes changes for everybody
// who had left it alone.
func (s Settings) Changed() map[string]string {
	changed := map[string]string{}
	for _, e := range settings {
		if text := e.Text(s); text != e.Text(DefaultSettings()) {
			changed[e.Name] = text
		}
	}
	return changed
}

// ParseSettings is the inverse of [Settings.Changed].
func ParseSettings(changed map[string]string) (Settings, error) {
	s := DefaultSettings()
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		if err := s.Set(name, changed[name]); err != nil {
			return s, err
		}
	}
	return s, nil
}

// CheckCreate refuses users to create channels of a type.
func (s Settings) CheckCreate(t ChannelType) error {
	if !s.UserCreatedChannels {
		return Errorf(Denied, "users may not create channels in this application")
	}
	if !s.CreatableTypes.Has(t) {
		return Errorf(Denied, "users may not create %s channels in this application", t)
	}
	return nil
}

// CheckFile refuses a file of a size in bytes and a media type.
func (s Settings) CheckFile(size int64, mediaType string) error {
	if size > s.MaxFileSize {
		return Errorf(Invalid, "the file has more than %d bytes, which is what this application allows", s.MaxFileSize).Named("FileTooLargeError")
	}
	if !s.FileTypes.Has(mediaType) {
		return Errorf(Invalid, "files of type %.80q are not allowed in this application", mediaType).Named("FileTypeError")
	}
	return nil
}
