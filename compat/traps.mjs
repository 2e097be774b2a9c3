/**
 * Where the published packages go wrong unless the server takes care, by the
 * number that the protocol's notes give them. Each names the steps of the
 * conversation that would fail without that care, or the tests of the server
 * that show it, or the reason why there is nothing to show. A title says what the
 * server takes care of.
 */

const PACKAGE = 'A defect inside the package: the server has no part in it.';

/** @type {import('./judge.mjs').Row[]} */
export const traps = [
	{id: 'Q1', title: 'A text message has no `file`, not even null', steps: ['message', 'found'], tests: ['TestAMessageHasWhatTheSDKsReadAndNothingThatBreaksThem']},
	{id: 'Q2', title: 'A system message has no `user`', tests: ['TestASystemMessageHasNoUser', 'TestASystemMessageIsHeardAndListedWithoutAUser']},
	{id: 'Q3', title: 'Every topic key is there; unknown topics are confirmed and silent', steps: ['start'], tests: ['TestACurrentUserHasEveryTopicOfTheNewestGeneration', 'TestTopicsOfOthersAreConfirmedAndSilent']},
	{id: 'Q4', title: 'Every topic of every resource is another', tests: ['TestEveryTopicOfEveryResourceIsAnother']},
	{id: 'Q5', title: 'The functions that listeners return end nothing', reason: PACKAGE},
	{id: 'Q6', title: '`onMessageRead` and `onMessageUnread` share one end', reason: PACKAGE},
	{id: 'Q7', title: 'Every subscription to a topic is confirmed', steps: ['chat'], tests: ['TestTopicsOfOthersAreConfirmedAndSilent']},
	{id: 'Q8', title: 'A chat session ends with its connection', tests: ['TestAChatSessionEndsWithItsConnectionWithoutAWord']},
	{id: 'Q9', title: 'What is said in a thread is heard in the channel', steps: ['threadMessage', 'threadSet'], tests: ['TestWhoListensToAThreadHearsOnlyOfIt']},
	{id: 'Q10', title: 'chatkitty 1.1 hears of no failed relay', reason: 'A refusal is sent, and the package does not look at it; what exists is answered with data.'},
	{id: 'Q11', title: 'A user that is not there is refused, though no package listens', tests: ['TestRelaysThatAreNotThereFailByName']},
	{id: 'Q12', title: 'Events are whole and valid, and answers need no topic that is gone', steps: ['quiet', 'deleted', 'aside'], tests: ['TestADeletedChannelEndsForAll']},
	{id: 'Q13', title: 'A message always has `_relays`', tests: ['TestAMessageHasWhatTheSDKsReadAndNothingThatBreaksThem']},
	{id: 'Q14', title: 'No last read message is answered as each generation can take it', steps: ['readNothing'], tests: ['TestNoLastReadMessageIsNullToTheSDKsThatTakeIt']},
	{id: 'Q15', title: 'Sessions are refused with `AccessDeniedError` alone', steps: ['refused'], tests: ['TestASessionWithoutAValidAPIKeyIsRefusedForGood', 'TestUsernamesThatNobodyCanHaveAreRefused']},
	{id: 'Q16', title: 'The body of an ERROR is JSON', steps: ['refused'], tests: ['TestMalformedFramesAreAnsweredWithAnErrorAndTheEnd']},
	{id: 'Q17', title: 'CONNECTED comes within 5 s', steps: ['start']},
	{id: 'Q18', title: 'Topics of the user before are tolerated', tests: ['TestTopicsOfOthersAreConfirmedAndSilent']},
	{id: 'Q19', title: 'Answers that packages filter by type have exactly that type', steps: ['direct', 'same', 'departed', 'deleted', 'channelBlocked', 'userDeleted']},
	{id: 'Q20', title: 'A display picture of `{}` is refused, not left unanswered', steps: ['pictureless'], tests: ['TestUpdatesOfUsersThatMakeNoSenseAreRefused']},
	{id: 'Q21', title: 'Uploads are answered with the bare resource', steps: ['fileUploaded', 'fileReplied', 'pictureUploaded'], tests: ['TestAnUploadIsAMessageThatEveryMemberReceivesAndDownloads', 'TestHostileUploadsAreRefusedAndLeaveNothing']},
	{id: 'Q22', title: 'The addresses of files take a grant as their query', steps: ['fileDownloaded', 'fileElsewhere'], tests: ['TestAFileElsewhereIsPassedOnAsItIs']},
	{id: 'Q23', title: 'The text `undefined` is no value', tests: ['TestTheContextOfAChannelIsAStretchOfItsMessages', 'TestABlockIsAnsweredWithTheUserBeforeItIsToldAsARecord']},
	{id: 'Q24', title: '`coolOffDuration` is written as `PT2S`', tests: ['TestWhatComesTooFastIsRefusedWithATimeToTryAgain']},
	{id: 'Q25', title: 'A retry changes the request that it repeats', reason: PACKAGE},
	{id: 'Q26', title: 'Who leaves hears of it under both names', steps: ['departed'], tests: ['TestEachGenerationHearsOfALeftChannelAsItListens']},
	{id: 'Q27', title: 'A block is answered with the user, and told as a record', steps: ['block', 'blockHeard'], tests: ['TestABlockIsAnsweredWithTheUserBeforeItIsToldAsARecord']},
	{id: 'Q28', title: 'A new moderator is answered with the channel, and told as a user', steps: ['moderated', 'moderators'], tests: ['TestModeratorsAreNamedListedAndDismissed']},
	{id: 'Q29', title: 'An invitation is answered with the user', steps: ['invited'], tests: ['TestAnInvitationIsAnsweredWithTheUser']},
	{id: 'Q30', title: '`connectApi` gets an answer to its counts', steps: ['start']},
	{id: 'Q31', title: 'The data of a notification always has a type', steps: ['notified', 'notifiedMention', 'notificationWatched'], tests: ['TestNotificationsReachAllConnectionsOfWhoIsAway']},
	{id: 'Q32', title: 'What fails gets no receipt', tests: ['TestARefusedActionGetsNoReceipt']},
	{id: 'Q33', title: 'An error names the request that it is about', tests: ['TestARefusalNamesTheOneRequestThatItRefuses']},
	{id: 'Q34', title: 'Every page has its links and its content under the right name', steps: ['pages', 'members', 'reacted', 'blockList', 'threadCreated'], tests: ['TestMessagesArePagedInBothDirections']},
	{id: 'Q35', title: 'The asynchronous mapper of pages is broken', reason: 'No method uses it.'},
	{id: 'Q36', title: 'A final refusal is `AccessDeniedError`, and a stop is a closed connection', steps: ['returned'], tests: ['TestASessionWithoutAValidAPIKeyIsRefusedForGood', 'TestAGracefulStopAnswersWhatWasBegunAndAsksClientsBack']},
	{id: 'Q37', title: '`onCurrentUserOffline` runs once at the start', reason: PACKAGE},
	{id: 'Q38', title: 'The types of c1.1 name a field that no code reads', reason: PACKAGE},
	{id: 'Q39', title: 'The types of 1.50 name an older form of reactions', reason: 'No code reads it; it is not sent.'},
	{id: 'Q40', title: 'Keystrokes of chatkitty 1.10 come one by one', steps: ['typing', 'keystrokes']},
	{id: 'Q41', title: 'Events can be acknowledged, and acknowledgements of nothing are ignored', tests: ['TestAcknowledgementsOfNothingAreIgnored']},
	{id: 'Q42', title: 'A session has a name, and `undefined` is none', steps: ['returned'], tests: ['TestASessionNamedUndefinedIsAFreshOne']},
	{id: 'Q43', title: 'A username in an address is decoded as in any query', steps: ['start']},
	{id: 'Q44', title: 'Relays leave no subscription behind', tests: ['TestRelaysLeaveNoSubscriptionBehind']},
	{id: 'Q45', title: 'The oldest packages take any answer for a new channel', steps: ['direct']},
	{id: 'Q46', title: 'Bodies hold whole resources', steps: ['joined', 'updated', 'renamed'], tests: ['TestAnActionMayCarryAResourceOfManyKilobytes', 'TestAnUpdateTakesTheWholeUserAndAppliesWhatTheUserDecides']},
	{id: 'Q47', title: '2.5 reads `process.env` in pages', reason: `${PACKAGE} Its pages here have such an object.`},
	{id: 'Q48', title: 'One client for each API key, whatever the host', reason: `${PACKAGE} Every conversation here has a key of its own.`},
	{id: 'Q49', title: 'Only replies have the relay `parent`', steps: ['parent'], tests: ['TestRepliesFormAThreadOfTwoLevels']},
	{id: 'Q50', title: 'Methods throw without a session', reason: PACKAGE},
];
