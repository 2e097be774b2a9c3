package gateway

import (
	"strings"

	"openkitty/internal/broker"
)

// Destinations are all that clients can reach, as "relay channels.messages",
// "action users.update", "topic channels.typing" and "stream users/display_picture".
func Destinations() (all []string) {
	for at := range relays {
		all = append(all, strings.TrimSuffix("relay "+string(at.noun)+"."+at.name, "."))
	}
	for at := range actions {
		all = append(all, "action "+string(at.noun)+"."+at.name)
	}
	for a := range aspectNames {
		for kind, topic := range map[string]broker.Topic{
			"users": {Kind: broker.User}, "channels": {Kind: broker.Channel},
		} {
			_, name, _ := strings.Cut(string(appendTopic(nil, topic, aspect(a))), "/0")
			all = append(all, "topic "+kind+name)
		}
	}
	for noun, links := range map[noun][]link{ofUser: currentUserStreams, ofChannel: channelStreams, ofMessage: messageStreams} {
		for _, l := range links {
			all = append(all, "stream "+string(noun)+l.suffix)
		}
	}
	return all
}
