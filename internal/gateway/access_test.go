package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"openkitty/internal/chat"
	"openkitty/internal/config"
	"openkitty/internal/gateway"
	"openkitty/internal/servertest"
	"openkitty/stomp"
)

// The access table: who may do what. It has a row for each destination of the
// protocol, and a test fails for a destination without one. To add a destination,
// add a line: its name as in the tables relays, actions and aspectNames of the
// gateway, the type of channel that it is tried in, the body, and a letter for each
// actor. Run the test with the letters left out, and it says what they are; then
// see whether that is right.
//
// The subject is a channel, its creator's message in it, the thread of that
// message's replies, the record that keeps a stranger out of the channel, or, of
// destinations of users, the creator. The actors, in the order of the letters:
//
//	C  the creator of the channel, author of the message
//	M  a moderator
//	U  another member
//	B  a member whom the creator has blocked
//	E  who was a member once (of a direct channel, where nobody leaves: a stranger)
//	S  a stranger, of the same application
//	F  a foreigner: a user of another application
//
// All of them are guests: guests have the rights of other users. Who is not
// connected at all is refused at the first frame, at every destination; users who
// are deleted have no connection, and their grants are worth nothing.
const actors = "CMUBESF"

// verdicts are the letters of the table.
var verdicts = map[string]rune{
	"":                          '+', // done
	"NotPermittedError":         '-',
	"ChannelNotFoundError":      '0', // hidden, or not there, in the same words
	"MessageNotFoundError":      '0',
	"UserNotFoundError":         '0',
	"ThreadNotFoundError":       '0',
	"BlockRecordNotFoundError":  '0',
	"ReportNotFoundError":       '0',
	"NotSupportedError":         '*', // so far
	"UserBlockedError":          'b',
	"InvalidRequestError":       'i', // makes no sense from this actor
	"AlreadyMemberError":        'a',
	"DirectChannelMembersError": 'd', // who is in a direct channel is settled
	"ParentNotFoundError":       'p', // the message is no reply
	"UnauthorizedError":         'u',
	"nothing":                   '.', // confirmed, and without effect
}

type accessRow struct {
	destination string
	channel     string // its type
	verdicts    string
	body        string // {member} and {stranger} stand for users
}

const user = `{"id":{member}}`

var accessTable = []accessRow{
	{"relay users", "PRIVATE", "++++++0", ""},
	{"relay users.read_file_access_grant", "PRIVATE", "+------", ""},
	{"relay users.write_file_access_grant", "PRIVATE", "+------", ""},
	{"relay users.channels", "PRIVATE", "+------", ""},
	{"relay users.joinable_channels", "PRIVATE", "+------", ""},
	{"relay users.channels_count", "PRIVATE", "+------", ""},
	{"relay users.channel_member", "PRIVATE", "++++000", ""},
	{"relay users.channel_member", "PUBLIC", "++++++0", ""},
	{"relay users.unread_channels", "PRIVATE", "+------", ""},
	{"relay users.unread_channels_count", "PRIVATE", "+------", ""},
	{"relay users.unread_messages_count", "PRIVATE", "+------", ""},
	{"relay users.contacts", "PRIVATE", "+------", ""},
	{"relay users.contacts_count", "PRIVATE", "+------", ""},
	{"relay users.user_block_list_items", "PRIVATE", "+------", ""},
	{"relay users.messages", "PRIVATE", "+------", ""},

	{"relay channels", "PRIVATE", "++++000", ""},
	{"relay channels", "PUBLIC", "++++++0", ""},
	{"relay channels", "DIRECT", "++++000", ""},
	{"relay channels.messages", "PRIVATE", "++++000", ""},
	{"relay channels.messages", "PUBLIC", "++++--0", ""},
	{"relay channels.messages", "DIRECT", "++++000", ""},
	{"relay channels.messages_count", "PRIVATE", "++++000", ""},
	{"relay channels.messages_count", "PUBLIC", "++++--0", ""},
	{"relay channels.members", "PRIVATE", "++++000", ""},
	{"relay channels.members", "PUBLIC", "++++++0", ""},
	{"relay channels.moderators", "PRIVATE", "++++000", ""},
	{"relay channels.moderators", "PUBLIC", "++++++0", ""},
	{"relay channels.unread", "PRIVATE", "++++000", ""},
	{"relay channels.unread", "PUBLIC", "++++--0", ""},
	{"relay channels.last_received_message", "PRIVATE", "++++000", ""},
	{"relay channels.last_received_message", "PUBLIC", "++++--0", ""},
	{"relay channels.last_read_message", "PRIVATE", "++++000", ""},
	{"relay channels.last_read_message", "PUBLIC", "++++--0", ""},
	{"relay channels.threads", "PRIVATE", "++++000", ""},
	{"relay channels.threads", "PUBLIC", "++++--0", ""},
	{"relay channels.thread", "PRIVATE", "++++000", ""},
	{"relay channels.thread", "PUBLIC", "++++--0", ""},
	{"relay channels.calls", "PRIVATE", "*******", ""},
	{"relay channels.context", "PRIVATE", "++++000", ""},
	{"relay channels.context", "PUBLIC", "++++--0", ""},
	{"relay channels.block_records", "PRIVATE", "++++000", ""},
	{"relay channels.block_records", "PUBLIC", "++++--0", ""},

	{"relay messages", "PRIVATE", "++++000", ""},
	{"relay messages", "PUBLIC", "++++000", ""},
	{"relay messages.channel", "PRIVATE", "++++000", ""},
	{"relay messages.replies", "PRIVATE", "++++000", ""},
	{"relay messages.replies_count", "PRIVATE", "++++000", ""},
	{"relay messages.parent", "PRIVATE", "pppp000", ""},
	{"relay messages.reactions", "PRIVATE", "++++000", ""},
	{"relay messages.read_receipts", "PRIVATE", "++++000", ""},
	{"relay messages.read_receipts", "PUBLIC", "++++000", ""},
	{"relay messages.report_count", "PRIVATE", "++++000", ""},
	{"relay messages.report_count", "PUBLIC", "++++000", ""},
	{"relay messages.reports", "PRIVATE", "++--000", ""},
	{"relay messages.reports", "PUBLIC", "++--000", ""},

	{"relay threads", "PRIVATE", "++++000", ""},
	{"relay threads", "PUBLIC", "++++000", ""},
	{"relay threads.channel", "PRIVATE", "++++000", ""},
	{"relay threads.channel", "PUBLIC", "++++000", ""},
	{"relay threads.message", "PRIVATE", "++++000", ""},
	{"relay threads.message", "PUBLIC", "++++000", ""},
	{"relay threads.messages", "PRIVATE", "++++000", ""},
	{"relay threads.messages", "PUBLIC", "++++000", ""},
	{"relay threads.unread", "PRIVATE", "++++000", ""},
	{"relay threads.unread", "PUBLIC", "++++000", ""},

	{"action users.create_channel", "PRIVATE", "+------", `{"type":"PRIVATE"}`},
	{"action users.update", "PRIVATE", "+------", `{"displayName":"Other"}`},
	{"action users.update_display_picture", "PRIVATE", "+------", `{"url":"https://example.com/a.png","name":"a.png","contentType":"image/png","size":1}`},
	{"action users.block", "PRIVATE", "i+++++0", `{}`},
	{"action users.unblock", "PRIVATE", "++++++0", `{}`},
	{"action users.delete", "PRIVATE", "+-----0", `{}`},

	{"action channels.message", "PRIVATE", "++++000", `{"type":"TEXT","body":"x"}`},
	{"action channels.message", "PUBLIC", "++++--0", `{"type":"TEXT","body":"x"}`},
	{"action channels.message", "DIRECT", "b++b000", `{"type":"TEXT","body":"x"}`},
	{"action channels.keystrokes", "PRIVATE", "++++---", `{"keys":"x"}`},
	{"action channels.keystrokes", "DIRECT", "b++b---", `{"keys":"x"}`},
	{"action channels.trigger_event", "PRIVATE", "++++000", `{"type":"x","properties":{}}`},
	{"action channels.trigger_event", "PUBLIC", "++++--0", `{"type":"x","properties":{}}`},
	{"action channels.trigger_event", "DIRECT", "b++b000", `{"type":"x","properties":{}}`},
	{"action channels.join", "PRIVATE", "++++000", `{}`},
	{"action channels.join", "PUBLIC", "++++++0", `{}`},
	{"action channels.join", "DIRECT", "dddd000", `{}`},
	{"action channels.leave", "PRIVATE", "++++000", `{}`},
	{"action channels.leave", "PUBLIC", "++++--0", `{}`},
	{"action channels.leave", "DIRECT", "dddd000", `{}`},
	{"action channels.leave", "PRIVATE", "+++-000", `{"user":` + user + `}`}, // removes the member
	{"action channels.invite", "PRIVATE", "++++000", `{"user":{"id":{stranger}}}`},
	{"action channels.invite", "PUBLIC", "++++--0", `{"user":{"id":{stranger}}}`},
	{"action channels.invite", "DIRECT", "dddd000", `{"user":{"id":{stranger}}}`},
	{"action channels.add_moderator", "PRIVATE", "++--000", user},
	{"action channels.add_moderator", "PUBLIC", "++----0", user},
	{"action channels.add_moderator", "DIRECT", "----000", user},
	{"action channels.delete_moderator", "PRIVATE", "++--000", user},
	{"action channels.mute", "PRIVATE", "++++000", `{"state":"ON"}`},
	{"action channels.mute", "PUBLIC", "++++--0", `{"state":"ON"}`},
	{"action channels.update", "PRIVATE", "++--000", `{"displayName":"Other"}`},
	{"action channels.update", "PUBLIC", "++----0", `{"displayName":"Other"}`},
	{"action channels.update", "DIRECT", "++++000", `{"properties":{"a":1}}`},
	{"action channels.delete", "PRIVATE", "++--000", `{}`},
	{"action channels.delete", "PUBLIC", "++----0", `{}`},
	{"action channels.delete", "DIRECT", "++++000", `{}`},
	{"action channels.clear_history", "PRIVATE", "++++000", `{}`},
	{"action channels.clear_history", "PUBLIC", "++++--0", `{}`},
	{"action channels.hide", "PRIVATE", "----000", `{}`},
	{"action channels.hide", "DIRECT", "++++000", `{}`},
	{"action channels.read", "PRIVATE", "++++000", `{}`},
	{"action channels.read", "PUBLIC", "++++--0", `{}`},
	{"action channels.call", "PRIVATE", "*******", `{}`},
	{"action channels.create_thread", "PRIVATE", "++++000", `{"name":"x"}`},
	{"action channels.create_thread", "PUBLIC", "++++--0", `{"name":"x"}`},
	{"action channels.create_thread", "DIRECT", "b++b000", `{"name":"x"}`},
	{"action channels.block", "PRIVATE", "++--000", user},
	{"action channels.block", "PUBLIC", "++----0", user},
	{"action channels.block", "DIRECT", "dddd000", user},

	{"action messages.reply", "PRIVATE", "++++000", `{"type":"TEXT","body":"x"}`},
	{"action messages.reply", "PUBLIC", "++++000", `{"type":"TEXT","body":"x"}`},
	{"action messages.reply", "DIRECT", "b++b000", `{"type":"TEXT","body":"x"}`},
	{"action messages.edit", "PRIVATE", "+---000", `{"body":"x"}`},
	{"action messages.update_properties", "PRIVATE", "+---000", `{"properties":{}}`},
	{"action messages.delete", "PRIVATE", "++--000", `{}`},
	{"action messages.delete", "DIRECT", "+---000", `{}`},
	{"action messages.delete_for_me", "PRIVATE", "++++000", `{}`},
	{"action messages.react", "PRIVATE", "++++000", `{"emoji":"👍"}`},
	{"action messages.react", "DIRECT", "++++000", `{"emoji":"👍"}`},
	{"action messages.remove_reaction", "PRIVATE", "++++000", `{"emoji":"👍"}`},
	{"action messages.read", "PRIVATE", "++++000", `{}`},
	{"action messages.read", "PUBLIC", "++++000", `{}`},
	{"action messages.unread", "PRIVATE", "++++000", `{}`},
	{"action messages.unread", "PUBLIC", "++++000", `{}`},
	{"action messages.report", "PRIVATE", "-+++000", `{"reason":"rude"}`},
	{"action messages.report", "PUBLIC", "-+++000", `{"reason":"rude"}`},
	{"action messages.remove_report", "PRIVATE", "0+++000", `{}`},
	{"action messages.remove_report", "PUBLIC", "0+++000", `{}`},

	{"action threads.message", "PRIVATE", "++++000", `{"type":"TEXT","body":"x"}`},
	{"action threads.message", "PUBLIC", "++++000", `{"type":"TEXT","body":"x"}`},
	{"action threads.message", "DIRECT", "b++b000", `{"type":"TEXT","body":"x"}`},
	{"action threads.keystrokes", "PRIVATE", "++++000", `{"keys":"x"}`},
	{"action threads.keystrokes", "DIRECT", "b++b000", `{"keys":"x"}`},
	{"action threads.read", "PRIVATE", "++++000", `{}`},
	{"action threads.read", "PUBLIC", "++++000", `{}`},

	{"action block_records.delete", "PRIVATE", "++--000", `{}`},
	{"action block_records.delete", "PUBLIC", "++--000", `{}`},

	// An asterisk stands for all topics of a user or a channel.
	{"topic users*", "PRIVATE", "+......", ""},
	{"topic channels*", "PRIVATE", "++++...", ""},
	{"topic channels*", "PUBLIC", "++++--.", ""},
	{"topic channels*", "DIRECT", "++++...", ""},
	{"topic threads*", "PRIVATE", "++++...", ""},
	{"topic threads*", "PUBLIC", "++++...", ""},

	{"stream users/display_picture", "PRIVATE", "+------", ""},
	{"stream channels/messages", "PRIVATE", "++++000", ""},
	{"stream channels/messages", "PUBLIC", "++++--0", ""},
	{"stream channels/messages", "DIRECT", "b++b000", ""},
	{"stream messages/replies", "PRIVATE", "++++000", ""},
	{"stream messages/replies", "PUBLIC", "++++000", ""},
	{"stream messages/replies", "DIRECT", "b++b000", ""},
	{"stream threads/messages", "PRIVATE", "++++000", ""},
	{"stream threads/messages", "PUBLIC", "++++000", ""},
	{"stream threads/messages", "DIRECT", "b++b000", ""},
}

func TestEveryDestinationHasARowInTheAccessTable(t *testing.T) {
	t.Parallel()

	all := gateway.Destinations()
	for _, destination := range all {
		if !slices.ContainsFunc(accessTable, func(r accessRow) bool { return r.covers(destination) }) {
			t.Errorf("the access table has no row for %q", destination)
		}
	}
	for _, row := range accessTable {
		if !slices.ContainsFunc(all, row.covers) {
			t.Errorf("the access table has a row for %q, which does not exist", row.destination)
		}
	}
}

func (r accessRow) covers(destination string) bool {
	prefix, many := strings.CutSuffix(r.destination, "*")
	if !many {
		return r.destination == destination
	}
	name, found := strings.CutPrefix(destination, prefix)
	return found && (name == "" || name[0] == '.')
}

func TestTheAccessTableIsTrue(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.RateLimits = "off" }})
	foreign := s.CreateApplication("foreign")
	for _, row := range accessTable {
		t.Run(row.destination+" "+row.channel, func(t *testing.T) {
			if !strings.HasPrefix(row.destination, "topic") { // their verdict is a count of the whole server
				t.Parallel()
			}
			got := ""
			scene := newScene(t, s, foreign, row.channel)
			for i := len(actors) - 1; i >= 0; i-- { // the creator last: it may delete itself
				switch {
				case i == len(actors)-1 || !strings.HasPrefix(row.destination, "action"):
				case row.channel == "DIRECT": // these users have no other
					scene = newScene(t, s, foreign, row.channel)
				default:
					scene.open(row.channel)
				}
				refused := scene.try(row, actors[i])
				verdict, known := verdicts[refused]
				if !known {
					t.Errorf("%c is refused by %s, which has no letter", actors[i], refused)
				}
				got = string(verdict) + got
			}
			if got != row.verdicts {
				t.Errorf("\n     %s\ngot  %s\nwant %s", actors, got, row.verdicts)
			}
		})
	}
}

func TestWhoIsNotConnectedReachesNoDestination(t *testing.T) {
	t.Parallel()

	s := servertest.Start(t, servertest.Options{Change: func(c *config.Serve) { c.RateLimits = "off" }})
	alice := connect(t, s, "alice")
	grant, _ := alice.read(alice.me().link("_relays", "writeFileAccessGrant"))
	alice.send(stomp.Send, []byte(`{}`), "destination", alice.me().link("_actions", "delete"))
	if refused, _ := alice.end(); refused.Error != "AccessDeniedError" {
		t.Errorf("the session of a deleted user ended with %+v", refused)
	}
	for _, destination := range gateway.Destinations() {
		kind, path, _ := strings.Cut(destination, " ")
		switch kind {
		case "stream":
			for what, value := range map[string]string{"no grant": "", "a deleted user's grant": fmt.Sprint(grant["grant"])} {
				if status, _ := upload(t, s, path, 1, value); status != http.StatusUnauthorized && status != http.StatusNotFound {
					t.Errorf("%s with %s: status %d", destination, what, status)
				}
			}
		default:
			p := dial(t, s, "/rtm/websocket", key(s.APIKey()))
			command := stomp.Subscribe
			if kind == "action" {
				command = stomp.Send
			}
			p.send(command, []byte(`{}`), "id", "1", "destination", destinationOf(kind, path, 1))
			if refused, _ := p.end(); refused.Error != "InvalidRequestError" {
				t.Errorf("%s was answered with %+v", destination, refused)
			}
		}
	}
}

// destinationOf is the destination of a path as "channels.messages" with an id.
func destinationOf(kind, path string, id int64) string {
	noun, name, dotted := strings.Cut(path, ".")
	if dotted {
		name = "." + name
	}
	switch kind {
	case "relay":
		return fmt.Sprintf("/application/%s/%d%s.relay", noun, id, name)
	case "action":
		return fmt.Sprintf("/application/%s/%d%s", noun, id, name)
	default:
		return fmt.Sprintf("/topic/%s/%d%s", noun, id, name)
	}
}

// upload posts a picture to a stream of a path as "channels/messages", and returns
// how it was answered.
func upload(t *testing.T, s *servertest.Server, path string, id int64, grant string) (int, refusal) {
	t.Helper()
	noun, name, _ := strings.Cut(path, "/")
	contentType, body := form(t, part{"file", "a.png", "image/png", pngOf(t, 2, 2)})
	status, answer := postForm(t, fmt.Sprintf("%s/rtm-streams/%s/%d/%s", s.URL, noun, id, name), grant, contentType, body)
	name, _ = answer["error"].(string)
	return status, refusal{Error: name}
}

// scene is a channel with a message, and all actors.
type scene struct {
	t       *testing.T
	s       *servertest.Server
	reader  string // who has read the message
	actors  map[byte]*peer
	users   map[byte]int64
	channel int64
	message int64
	thread  int64
	block   int64
}

var scenes atomic.Int64

func newScene(t *testing.T, s *servertest.Server, foreign chat.Application, kind string) *scene {
	t.Helper()
	c := &scene{t: t, s: s, actors: map[byte]*peer{}, users: map[byte]int64{}}
	number := scenes.Add(1)
	for _, actor := range []byte(actors) {
		apiKey := s.APIKey()
		if actor == 'F' {
			apiKey = foreign.APIKey
		}
		p := connectTo(t, s, apiKey, fmt.Sprintf("%c%d", actor, number))
		c.actors[actor], c.users[actor] = p, p.me().id()
	}
	c.reader = fmt.Sprintf("U%d", number)
	c.open(kind)
	return c
}

// open makes a channel with a message, before the creator blocks anybody.
func (c *scene) open(kind string) {
	c.t.Helper()
	creator, blocked := c.actors['C'], fmt.Sprintf("/application/users/%d", c.users['B'])
	creator.send(stomp.Send, []byte(`{}`), "destination", blocked+".unblock")
	members := fmt.Sprintf(`{"id":%d},{"id":%d},{"id":%d}`, c.users['M'], c.users['U'], c.users['B'])
	if kind != "DIRECT" {
		members += fmt.Sprintf(`,{"id":%d}`, c.users['E'])
	}
	channel := creator.create(fmt.Sprintf(`{"type":%q,"members":[%s]}`, kind, members))
	c.channel = channel.id()
	c.message = creator.do(channel, "message", `{"type":"TEXT","body":"hello"}`).id()
	if kind != "DIRECT" {
		creator.do(channel, "addModerator", fmt.Sprintf(`{"id":%d}`, c.users['M']))
		creator.do(channel, "leave", fmt.Sprintf(`{"user":{"id":%d}}`, c.users['E']))
	}
	creator.must(fmt.Sprintf("/application/messages/%d.reply", c.message), `{"type":"TEXT","body":"hello"}`)
	c.actors['U'].confirm(fmt.Sprintf("/application/messages/%d.read", c.message), `{}`)
	threads := creator.items(channel.link("_relays", "threads"), "threads", "id", "includeMainThread", "false")
	c.thread = int64(threads[0].(float64))
	if kind != "DIRECT" {
		c.block = c.keepOut(creator, channel)
	}
	creator.send(stomp.Send, []byte(`{}`), "destination", blocked+".block")
	creator.settle()
}

// keepOut blocks somebody in the channel, and returns the id of the record.
func (c *scene) keepOut(creator *peer, channel resource) int64 {
	c.t.Helper()
	loud := connect(c.t, c.s, fmt.Sprintf("loud %d", channel.id()))
	defer loud.conn.Close()
	record := creator.do(channel, "block", fmt.Sprintf(`{"id":%d}`, loud.me().id()))
	var id int64
	if _, err := fmt.Sscanf(record.link("_actions", "delete"), "/application/block_records/%d.delete", &id); err != nil {
		c.t.Fatal(err)
	}
	return id
}

// try lets an actor reach for a row's destination, and returns the name of the
// refusal.
func (c *scene) try(row accessRow, actor byte) string {
	c.t.Helper()
	kind, path, _ := strings.Cut(row.destination, " ")
	noun, _, _ := strings.Cut(strings.TrimSuffix(path, "*"), ".")
	noun, _, _ = strings.Cut(noun, "/")
	id := map[string]int64{
		"users": c.users['C'], "channels": c.channel, "messages": c.message, "threads": c.thread, "block_records": c.block,
	}[noun]
	p := c.actors[actor]
	switch kind {
	case "relay":
		_, refused := p.read(destinationOf(kind, path, id), "channelId", fmt.Sprint(c.channel), "username", c.reader)
		return refused.Error
	case "action":
		return c.act(p, destinationOf(kind, path, id), row.body)
	case "topic":
		return c.listen(p, row, id)
	default:
		grant, refused := p.read(p.me().link("_relays", "writeFileAccessGrant"))
		if refused.Error == "" {
			_, refused = upload(c.t, c.s, path, id, fmt.Sprint(grant["grant"]))
		}
		return refused.Error
	}
}

// act performs an action in a chat session, where the actor may have one.
func (c *scene) act(p *peer, destination, body string) string {
	c.t.Helper()
	p.send(stomp.Subscribe, nil, "id", fmt.Sprint("chat ", c.channel), "destination", fmt.Sprintf("/topic/channels/%d", c.channel))
	if strings.HasSuffix(destination, ".remove_reaction") {
		p.send(stomp.Send, []byte(body), "destination", strings.Replace(destination, "remove_reaction", "react", 1))
	}
	if report, removal := strings.CutSuffix(destination, ".remove_report"); removal {
		p.send(stomp.Send, []byte(`{"reason":"rude"}`), "destination", report+".report")
	}
	body = strings.NewReplacer("{member}", fmt.Sprint(c.users['U']), "{stranger}", fmt.Sprint(c.users['S'])).Replace(body)
	p.send(stomp.Send, []byte(body), "destination", destination, "receipt", "verdict")
	answer := p.await("the answer", func(f stomp.Frame) bool { return f.Header.Get("receipt-id") == "verdict" })
	if answer.Header.Get("subscription") == "errors" {
		return decode[refusal](c.t, answer.Body).Error
	}
	return ""
}

// listen subscribes to all topics of a row, and returns their common verdict.
// Whether a subscription that was confirmed is one, the server's count says.
func (c *scene) listen(p *peer, row accessRow, id int64) string {
	c.t.Helper()
	found := map[string]string{}
	for i, destination := range gateway.Destinations() {
		if !row.covers(destination) {
			continue
		}
		_, path, _ := strings.Cut(destination, " ")
		before := metric(c.t, c.s, "openkitty_subscriptions")
		name := fmt.Sprint("topic ", i)
		p.send(stomp.Subscribe, nil, "id", name, "receipt", name, "destination", destinationOf("topic", path, id))
		answer := p.await(destination, func(f stomp.Frame) bool {
			return f.Header.Get("receipt-id") == name || f.Header.Get("subscription-id") == name
		})
		one := "nothing"
		if answer.Command == stomp.Message {
			one = decode[refusal](c.t, answer.Body).Error
		} else if metric(c.t, c.s, "openkitty_subscriptions") > before {
			one = ""
		}
		found[one] = destination
	}
	if len(found) != 1 {
		c.t.Errorf("topics differ: %v", found)
	}
	for verdict := range found {
		return verdict
	}
	return "no topic"
}
