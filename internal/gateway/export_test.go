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
		_, name, _ := strings.Cut(string((&threadTopic{}).appendTo(nil, aspect(a))), "/0")
		all = append(all, "topic threads"+name)
	}
	for at := range streams {
		all = append(all, "stream "+string(at.noun)+"/"+at.name)
	}
	return all
}
