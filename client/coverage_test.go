package client_test

import (
	"reflect"
	"testing"

	"openkitty/client"
)

// What the newest JavaScript SDK, @chatkitty/core 2.106, offers, and what this
// package has for it: methods, fields of handlers, or the reason why nothing.
type covered struct {
	methods  []any
	handlers []string // of client.UserHandlers
}

func by(methods ...any) covered          { return covered{methods: methods} }
func heardBy(handlers ...string) covered { return covered{handlers: handlers} }

var javaScriptMethods = map[string]covered{
	"startSession":                    by(client.Connect),
	"endSession":                      by((*client.Client).Close),
	"retrieveCurrentUser":             by((*client.Client).RetrieveCurrentUser, (*client.Client).CurrentUser),
	"updateCurrentUser":               by((*client.Client).UpdateCurrentUser),
	"updateCurrentUserDisplayPicture": by((*client.Client).UpdateDisplayPicture, (*client.Client).UpdateCurrentUser),
	"onCurrentUserChanged":            heardBy("OnCurrentUserChanged"),
	"onCurrentUserOnline":             heardBy("OnStateChanged"),
	"onCurrentUserOffline":            heardBy("OnStateChanged"),

	"createChannel":           by((*client.Client).CreateChannel),
	"listChannels":            by((*client.Client).Channels),
	"retrieveChannel":         by((*client.Client).Channel),
	"retrieveChannelContext":  by((*client.Client).RetrieveChannelContext),
	"joinChannel":             by((*client.Client).JoinChannel),
	"leaveChannel":            by((*client.Client).LeaveChannel, (*client.Client).RemoveMember),
	"addChannelModerator":     by((*client.Client).AddChannelModerator),
	"deleteChannelModerator":  by((*client.Client).DeleteChannelModerator),
	"listChannelModerators":   by((*client.Client).Moderators),
	"blockChannelUser":        by((*client.Client).BlockChannelUser),
	"unblockChannelUser":      by((*client.Client).UnblockChannelUser),
	"listChannelBlockRecords": by((*client.Client).ChannelBlocks),
	"countUnreadChannels":     by((*client.Client).CountUnreadChannels),
	"checkChannelUnread":      by((*client.Client).CheckChannelUnread),
	"readChannel":             by((*client.Client).ReadChannel),
	"muteChannel":             by((*client.Client).MuteChannel),
	"unmuteChannel":           by((*client.Client).UnmuteChannel),
	"clearChannelHistory":     by((*client.Client).ClearChannelHistory),
	"hideChannel":             by((*client.Client).HideChannel),
	"updateChannel":           by((*client.Client).UpdateChannel),
	"deleteChannel":           by((*client.Client).DeleteChannel),
	"inviteUser":              by((*client.Client).InviteUser),
	"listChannelMembers":      by((*client.Client).Members),

	"startChatSession": by((*client.Client).StartChat, (*client.Chat).End, (*client.Chat).SetThread),
	"sendKeystrokes":   by((*client.Client).SendKeystrokes, (*client.Client).SendThreadKeystrokes),
	"triggerEvent":     by((*client.Client).TriggerEvent),

	"sendMessage": by(
		(*client.Client).SendMessage, (*client.Client).SendFile, (*client.Client).SendExternalFile,
		(*client.Client).Reply, (*client.Client).ReplyWithFile, (*client.Client).ReplyWithExternalFile,
		(*client.Client).SendToThread, (*client.Client).SendFileToThread, (*client.Client).SendExternalFileToThread),
	"listMessages": by(
		(*client.Client).Messages, (*client.Client).MainThread, (*client.Client).Files, (*client.Client).Replies,
		(*client.Client).AllMessages),
	"countUnreadMessages":     by((*client.Client).CountUnreadMessages),
	"readMessage":             by((*client.Client).ReadMessage),
	"unreadMessage":           by((*client.Client).UnreadMessage),
	"retrieveLastReadMessage": by((*client.Client).LastReadMessage),
	"editMessage":             by((*client.Client).EditMessage),
	"updateMessageProperties": by((*client.Client).UpdateMessageProperties),
	"deleteMessage":           by((*client.Client).DeleteMessage),
	"countMessageReplies":     by((*client.Client).CountReplies),
	"retrieveMessageChannel":  by((*client.Client).MessageChannel),
	"retrieveMessageParent":   by((*client.Client).Parent),
	"reportMessage":           by((*client.Client).ReportMessage),

	"createThread":      by((*client.Client).CreateThread),
	"listThreads":       by((*client.Client).Threads),
	"listThreadChannel": by((*client.Client).ThreadChannel),
	"listThreadMessage": by((*client.Client).ThreadMessage),
	"readThread":        by((*client.Client).ReadThread),
	"reactToMessage":    by((*client.Client).React),
	"listReactions":     by((*client.Client).Reactions),
	"removeReaction":    by((*client.Client).RemoveReaction),
	"listReadReceipts":  by((*client.Client).ReadReceipts),

	"listUsers":                by((*client.Client).Users),
	"listUsersCount":           by((*client.Client).UsersCount),
	"retrieveUser":             by((*client.Client).User),
	"checkUserIsChannelMember": by((*client.Client).IsMember),
	"blockUser":                by((*client.Client).BlockUser),
	"listUserBlockedRecords":   by((*client.Client).UserBlocks),
	"deleteUserBlockedRecord":  by((*client.Client).UnblockUser),
	"deleteUser":               by((*client.Client).DeleteCurrentUser), // the server lets users delete nobody else

	"onNotificationReceived":       heardBy("OnNotificationReceived"),
	"onChannelJoined":              heardBy("OnChannelJoined"),
	"onChannelHidden":              heardBy("OnChannelHidden"),
	"onChannelUnhidden":            heardBy("OnChannelUnhidden"),
	"onChannelLeft":                heardBy("OnChannelLeft"),
	"onChannelDeleted":             heardBy("OnChannelDeleted"),
	"onChannelUpdated":             heardBy("OnChannelUpdated"),
	"onUserPresenceChanged":        heardBy("OnUserPresenceChanged"),
	"onUserUpdated":                heardBy("OnUserUpdated"),
	"onUserBlocked":                heardBy("OnUserBlocked"),
	"onUserUnblocked":              heardBy("OnUserUnblocked"),
	"onParticipantStartedTyping":   heardBy("OnParticipantStartedTyping"),
	"onParticipantStoppedTyping":   heardBy("OnParticipantStoppedTyping"),
	"onReadReceiptCreated":         heardBy("OnReadReceiptCreated"),
	"onReadReceiptDeleted":         heardBy("OnReadReceiptDeleted"),
	"onApplicationElementsChanged": heardBy("OnApplicationElementsChanged"),
	"onApplicationFeaturesChanged": heardBy("OnApplicationFeaturesChanged"),
	"onApplicationStylesChanged":   heardBy("OnApplicationStylesChanged"),
}

func TestEverythingThatTheJavaScriptSDKOffersIsOffered(t *testing.T) {
	t.Parallel()

	if len(javaScriptMethods) != 82 {
		t.Errorf("the list has %d methods, and the SDK 82", len(javaScriptMethods))
	}
	users := reflect.TypeFor[client.UserHandlers]()
	for name, c := range javaScriptMethods {
		if len(c.methods)+len(c.handlers) == 0 {
			t.Errorf("nothing covers %s", name)
		}
		for _, method := range c.methods {
			if reflect.TypeOf(method).Kind() != reflect.Func {
				t.Errorf("%s is covered by %v, which is no function", name, method)
			}
		}
		for _, handler := range c.handlers {
			if _, found := users.FieldByName(handler); !found {
				t.Errorf("%s: there is no handler %s", name, handler)
			}
		}
	}
}

// The handlers of a chat session, and what they are called here.
var chatHandlers = map[string]string{
	"onMessageReceived":            "OnMessage",
	"onMessageUpdated":             "OnMessageUpdated",
	"onMessageDeleted":             "OnMessageDeleted",
	"onKeystrokesReceived":         "OnKeystrokes",
	"onTypingStarted":              "OnTypingStarted",
	"onTypingStopped":              "OnTypingStopped",
	"onParticipantEnteredChat":     "OnParticipantEntered",
	"onParticipantLeftChat":        "OnParticipantLeft",
	"onParticipantPresenceChanged": "OnPresenceChanged",
	"onChannelUpdated":             "OnChannelUpdated",
	"onChannelDeleted":             "OnChannelDeleted",
	"onMessageRead":                "OnMessageRead",
	"onMessageUnread":              "OnMessageUnread",
	"onMessageReactionAdded":       "OnReactionAdded",
	"onMessageReactionRemoved":     "OnReactionRemoved",
	"onEventTriggered":             "OnEvent",
	"onMemberJoined":               "OnMemberJoined",
	"onMemberLeft":                 "OnMemberLeft",
	"onModeratorAdded":             "OnModeratorAdded",
	"onModeratorDeleted":           "OnModeratorDeleted",
	"onMemberBlocked":              "OnMemberBlocked",
	"onMemberUnblocked":            "OnMemberUnblocked",
}

var threadHandlers = map[string]string{
	"onThreadMessageReceived":    "OnMessage",
	"onThreadKeystrokesReceived": "OnKeystrokes",
	"onThreadTypingStarted":      "OnTypingStarted",
	"onThreadTypingStopped":      "OnTypingStopped",
}

func TestEveryHandlerOfAChatSessionHasItsField(t *testing.T) {
	t.Parallel()

	for handlers, names := range map[reflect.Type]map[string]string{
		reflect.TypeFor[client.ChatHandlers]():   chatHandlers,
		reflect.TypeFor[client.ThreadHandlers](): threadHandlers,
	} {
		for theirs, ours := range names {
			if _, found := handlers.FieldByName(ours); !found {
				t.Errorf("%s: %v has no field %s", theirs, handlers, ours)
			}
		}
	}
}
