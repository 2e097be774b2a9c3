package engine_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"

	"github.com/google/go-cmp/cmp"
)

// inBubble runs a test in which time passes at once.
func inBubble(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t, "")) })
}

// shown describes events in short.
func shown(events []chat.Event) (all string) {
	for _, event := range events {
		switch e := event.(type) {
		case chat.TypingChanged:
			all += fmt.Sprintf("typing %v to %d; ", e.Typing, len(e.Members))
		case chat.KeystrokesMade:
			all += fmt.Sprintf("keys %s; ", e.Keys)
		case chat.ParticipantChanged:
			all += fmt.Sprintf("%s active %v; ", e.User.Name, e.Active)
		case chat.PresenceChanged:
			all += fmt.Sprintf("%s to %d channels, %d contacts; ", e.User.Name, len(e.Channels), len(e.Contacts))
		case chat.MessagePosted:
			all += "message; "
		default:
			all += fmt.Sprintf("%T; ", e)
		}
	}
	return all
}

func (w *world) expect(want string) {
	w.t.Helper()
	synctest.Wait()
	if got := shown(w.take()); got != want {
		w.t.Errorf("announced %q, want %q", got, want)
	}
}

func (w *world) keys(actor chat.Actor, channel chat.ChannelID, keys string) {
	w.t.Helper()
	if err := w.SendKeystrokes(w.t.Context(), actor, channel, keys); err != nil {
		w.t.Error(err)
	}
}

func TestTypingEndsBySilenceEmptyKeysAMessageOrTheChatSession(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}}})
		if err := w.StartChat(t.Context(), alice, channel); err != nil {
			t.Fatal(err)
		}
		w.take()

		w.keys(alice, channel, "h")
		time.Sleep(4 * time.Second)
		w.keys(alice, channel, "he")
		time.Sleep(4 * time.Second)
		w.expect("keys h; typing true to 2; keys he; ")
		time.Sleep(time.Second)
		w.expect("typing false to 2; ")

		w.keys(alice, channel, "h")
		w.keys(alice, channel, "")
		w.expect("keys h; typing true to 2; keys ; typing false to 2; ")

		w.keys(alice, channel, "h")
		if _, err := w.SendMessage(t.Context(), alice, text(channel, "hello")); err != nil {
			t.Fatal(err)
		}
		w.expect("keys h; typing true to 2; message; typing false to 2; ")

		w.keys(alice, channel, "h")
		w.EndChat(alice, channel)
		w.expect("keys h; typing true to 2; typing false to 2; alice active false; ")
		time.Sleep(time.Minute)
		w.expect("")
	})
}

func TestAStormOfKeystrokesBecomesAFewEventsThatEndWithTheLast(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		if err := w.StartChat(t.Context(), alice, channel); err != nil {
			t.Fatal(err)
		}
		w.take()
		for i := range 30 {
			w.keys(alice, channel, strings.Repeat("x", i+1))
			time.Sleep(37 * time.Millisecond)
		}
		time.Sleep(200 * time.Millisecond)
		var lengths []int
		for _, event := range w.take() {
			if e, is := event.(chat.KeystrokesMade); is {
				lengths = append(lengths, len(e.Keys))
			}
		}
		if diff := cmp.Diff([]int{1, 6, 11, 17, 22, 28, 30}, lengths); diff != "" {
			t.Errorf("the lengths of what is shown (-want +got):\n%s", diff)
		}

		w.keys(alice, channel, "hell")
		w.keys(alice, channel, "hello")
		if _, err := w.SendMessage(t.Context(), alice, text(channel, "hello")); err != nil {
			t.Fatal(err)
		}
		w.take()
		time.Sleep(time.Second)
		w.expect("")
	})
}

func TestOnlyTheFirstAndTheLastChatSessionOfAUserAreAnnounced(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public})
		w.take()
		for range 2 {
			if err := w.StartChat(t.Context(), alice, channel); err != nil {
				t.Fatal(err)
			}
		}
		w.expect("alice active true; ")
		w.EndChat(alice, channel)
		w.expect("")
		w.EndChat(alice, channel)
		w.expect("alice active false; ")
	})
}

func TestAReconnectWithinTheGraceTimeGoesUnnoticedAndAGoodbyeDoesNot(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice := w.user("alice")
		w.channel(alice, chat.NewChannel{Type: chat.Direct, Members: []chat.UserRef{{Name: "bob"}}})
		w.take()
		w.Connected(alice)
		w.expect("alice to 0 channels, 1 contacts; ")
		w.Disconnected(alice, false)
		time.Sleep(29 * time.Second)
		w.Connected(alice)
		time.Sleep(time.Minute)
		w.expect("")
		w.Disconnected(alice, false)
		time.Sleep(29 * time.Second)
		if !w.Online(alice.User) {
			t.Error("alice is offline before the grace time is over")
		}
		time.Sleep(time.Second)
		w.expect("alice to 0 channels, 1 contacts; ")
		if w.Online(alice.User) {
			t.Error("alice is online without a connection")
		}
		w.Connected(alice)
		w.expect("alice to 0 channels, 1 contacts; ")
		w.Disconnected(alice, true)
		w.expect("alice to 0 channels, 1 contacts; ")
	})
}

func TestAnEngineBesideTheServersLeavesWhoIsOnline(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		online := true
		others := func() int64 {
			count, err := w.CountUsers(t.Context(), alice, chat.UserFilter{Online: &online})
			if err != nil {
				t.Fatal(err)
			}
			return count
		}
		w.Connected(bob)
		w.until("bob is listed as online", func() bool { return others() == 1 })

		beside, err := engine.New(t.Context(), engine.Options{
			Store: w.db, Directory: w.data, Limits: testLimits, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer beside.Close()
		if got := others(); got != 1 {
			t.Errorf("beside another engine %d others are online, want 1", got)
		}
		if err := beside.ForgetOnline(t.Context()); err != nil || others() != 0 {
			t.Errorf("%d others are online when a server starts: %v", others(), err)
		}
	})
}

func TestPresenceConcernsChannelsThatSomebodyChatsIn(t *testing.T) {
	t.Parallel()

	inBubble(t, func(t *testing.T, w *world) {
		alice, bob := w.user("alice"), w.user("bob")
		channel := w.channel(alice, chat.NewChannel{Type: chat.Public, Members: []chat.UserRef{{ID: bob.User}}})
		w.channel(alice, chat.NewChannel{Type: chat.Public})
		if err := w.StartChat(t.Context(), bob, channel); err != nil {
			t.Fatal(err)
		}
		w.take()
		w.Connected(alice)
		w.expect("alice to 1 channels, 1 contacts; ")
	})
}
