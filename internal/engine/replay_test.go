package engine_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

// changeKinds are the names of all kinds of changes, as their source has them.
func changeKinds(t *testing.T) map[string]chat.ChangeKind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../chat/change.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]chat.ChangeKind{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, ok := spec.Type.(*ast.Ident); ok && of.Name == "ChangeKind" {
			var number int
			fmt.Sscan(spec.Values[0].(*ast.BasicLit).Value, &number)
			found[spec.Names[0].Name] = chat.ChangeKind(number)
		}
		return true
	})
	return found
}

func TestEveryKindOfChangeCanBeToldAgain(t *testing.T) {
	t.Parallel()

	all := changeKinds(t)
	if len(all) < 25 {
		t.Fatalf("only %d kinds were found", len(all))
	}
	for name, kind := range all {
		if !engine.IsRetold(kind) {
			t.Errorf("retold has no row for %s: how is a client told of it that was away?", name)
		}
	}
}

// told is what a replay of a stream tells, a word for each event.
func (w *world) told(actor chat.Actor, stream chat.Stream, after int64) string {
	w.t.Helper()
	replay, err := w.Replay(context.Background(), actor, stream, after)
	if err != nil {
		w.t.Fatal(err)
	}
	var words []string
	for _, event := range replay.Events {
		switch e := event.(type) {
		case chat.MessagePosted:
			words = append(words, "created "+e.Message.Body)
		case chat.MessageChanged:
			words = append(words, "updated "+e.Message.Body)
		case chat.ReactionChanged:
			words = append(words, fmt.Sprintf("reaction %s %s removed %t", e.Reaction.Emoji.Character, e.Reaction.User.Name, e.Removed))
		case chat.MemberChanged:
			words = append(words, fmt.Sprintf("member %d %s", e.Kind, e.User.Name))
		case chat.UserJoinedChannel:
			words = append(words, "joined "+e.Channel.Name)
		case chat.UserChannelChanged:
			words = append(words, fmt.Sprintf("place %d %s%s", e.Kind, e.Channel.Name, e.Channel.Properties))
		case chat.UserBlockAdded:
			words = append(words, "blocked "+e.Block.User.Name)
		default:
			words = append(words, strings.TrimPrefix(fmt.Sprintf("%T", e), "chat."))
		}
	}
	return strings.Join(words, "; ")
}

func TestAReplayTellsWhatHappenedWithWhatIsNow(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Private, Name: "room", Members: []chat.UserRef{{Name: "bob"}}})
		stream := chat.Stream{Channel: channel}
		start, err := w.Sequence(t.Context(), bob, stream)
		if err != nil {
			t.Fatal(err)
		}
		say := func(body string) chat.MessageID {
			message, err := w.SendMessage(t.Context(), alice, text(channel, body))
			if err != nil {
				t.Fatal(err)
			}
			return message.ID
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		kept, gone, hidden := say("kept"), say("gone"), say("hidden")
		must(w.EditMessage(t.Context(), alice, kept, "edited"))
		_, _, err = w.React(t.Context(), bob, kept, "👍")
		must(err)
		must(w.RemoveReaction(t.Context(), bob, kept, "👍"))
		must(w.DeleteMessage(t.Context(), alice, gone))
		_, err = w.HideMessage(t.Context(), bob, hidden)
		must(err)
		_, err = w.InviteUser(t.Context(), alice, channel, chat.UserRef{Name: "cid"})
		must(err)

		want := "created edited; updated edited; reaction 👍 bob removed false; reaction 👍 bob removed true; MessageWithdrawn; member 2 cid"
		if got := w.told(bob, stream, start); got != want {
			t.Errorf("the channel is told as\n%s, not\n%s", got, want)
		}
		must(w.ClearHistory(t.Context(), bob, channel))
		if got := w.told(bob, stream, start); got != "member 2 cid" {
			t.Errorf("after clearing the history: %s", got)
		}
		if _, err := w.Replay(t.Context(), w.user("eve"), stream, start); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("a stranger's replay: %v", err)
		}
		if _, err := w.Replay(t.Context(), alice, chat.Stream{User: bob.User}, 0); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("a replay of another's own stream: %v", err)
		}
	})
}

func TestAReplayOfTheUsersOwnStreamShowsNothingOfWhatTheyLeft(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		room := w.channel(alice, chat.NewChannel{Type: chat.Private, Name: "room", Properties: `{"a":1}`, Members: []chat.UserRef{{Name: "bob"}}})
		doomed := w.channel(alice, chat.NewChannel{Type: chat.Private, Name: "doomed", Members: []chat.UserRef{{Name: "bob"}}})
		stays := w.channel(alice, chat.NewChannel{Type: chat.Private, Name: "stays", Members: []chat.UserRef{{Name: "bob"}}})
		for _, err := range []error{
			w.MuteChannel(t.Context(), bob, stays, true),
			second(w.LeaveChannel(t.Context(), alice, room, &chat.UserRef{Name: "bob"})),
			w.DeleteChannel(t.Context(), alice, doomed),
			second(w.BlockUser(t.Context(), bob, alice.User)),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		want := fmt.Sprintf("joined stays; place %d stays; place %d room; place %d ; blocked alice", chat.ChannelMuted, chat.ChannelLeft, chat.ChannelLost)
		if got := w.told(bob, chat.Stream{User: bob.User}, 0); got != want {
			t.Errorf("told\n%s, not\n%s", got, want)
		}
	})
}

func second[A, B any](_ A, _ B, err error) error { return err }

func TestAReplayComesInPagesAndSaysWhatIsNoLongerKept(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		stream := chat.Stream{Channel: channel}
		for range 2 * engine.ReplayMax {
			if _, err := w.SendMessage(t.Context(), alice, text(channel, "x")); err != nil {
				t.Fatal(err)
			}
		}
		page, err := w.Replay(t.Context(), alice, stream, 0)
		if err != nil || page.Last != engine.ReplayMax || !page.More || page.Lost != 0 {
			t.Errorf("the first page: %d, %t, %d, %v", page.Last, page.More, page.Lost, err)
		}
		latest, err := w.Sequence(t.Context(), alice, stream)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Sweep(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		if page, err = w.Replay(t.Context(), alice, stream, 0); err != nil || page.Lost != 0 {
			t.Errorf("what is not old was removed: %d, %v", page.Lost, err)
		}
		if err := w.Sweep(t.Context(), time.Now().Add(chat.DefaultSettings().ChangeRetention+time.Minute)); err != nil {
			t.Fatal(err)
		}
		page, err = w.Replay(t.Context(), alice, stream, 1)
		want := engine.Replay{Last: latest, Lost: latest - 1}
		if diff := cmp.Diff(want, page); err != nil || diff != "" {
			t.Errorf("past the retention: %v\n%s", err, diff)
		}
	})
}

func TestAMessageSentAgainUnderItsKeyIsTheSame(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}}})
		request := text(channel, "once")
		request.Key = "key"
		send := func(actor chat.Actor) chat.MessageID {
			message, err := w.SendMessage(t.Context(), actor, request)
			if err != nil {
				t.Fatal(err)
			}
			return message.ID
		}
		first := send(alice)
		w.take()
		if again := send(alice); again != first {
			t.Errorf("sent again, it is message %d beside %d", again, first)
		}
		if events := w.take(); len(events) != 1 {
			t.Errorf("announced %v", events)
		} else if _, private := events[0].(chat.MessageRepeated); !private {
			t.Errorf("announced %v", events)
		}
		if send(bob) == first {
			t.Error("another user's key found it")
		}
		if err := w.Sweep(t.Context(), time.Now().Add(chat.KeyLife+time.Minute)); err != nil {
			t.Fatal(err)
		}
		if send(alice) == first {
			t.Error("the key is remembered for too long")
		}
		request.Key = strings.Repeat("k", chat.KeyMax+1)
		if _, err := w.SendMessage(t.Context(), alice, request); !chat.IsKind(err, chat.Invalid) {
			t.Errorf("a key that is too long: %v", err)
		}
	})
}

func TestASessionIsFoundByItsUserUntilItEndsOrExpires(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		record := chat.SessionRecord{
			ID: chat.SessionIDOf("secret"), Application: alice.Application, User: alice.User, Positions: []byte("here"),
			At: time.Now().Truncate(time.Microsecond),
		}
		save := func() {
			t.Helper()
			if err := w.SaveSessions(t.Context(), []chat.SessionRecord{record}); err != nil {
				t.Fatal(err)
			}
		}
		save()
		record.Positions = []byte("there")
		save()
		got, err := w.SavedSession(t.Context(), alice, record.ID)
		if string(got.Positions) != "there" || err != nil {
			t.Errorf("got %q, %v", got.Positions, err)
		}
		stolen := record
		stolen.User, stolen.Positions = bob.User, []byte("stolen")
		if err := w.SaveSessions(t.Context(), []chat.SessionRecord{stolen}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.SavedSession(t.Context(), bob, record.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("another user found it: %v", err)
		}
		record.Ended = true
		save()
		if all, err := w.SavedSessions(t.Context(), alice); len(all) != 0 || err != nil {
			t.Errorf("after its end: %d, %v", len(all), err)
		}
		record.Ended, record.At = false, time.Now().Add(-chat.DefaultSettings().ChangeRetention-time.Minute)
		save()
		if _, err := w.SavedSession(t.Context(), alice, record.ID); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("an expired session: %v", err)
		}
	})
}
