package chat

import (
	"strings"
	"unicode/utf8"
)

// Emoji is a pictogram to react with. Of those without an alias only the
// character is known.
type Emoji struct {
	Character   string
	Description string
	Aliases     []string // names for people to type, without colons
	Tags        []string
}

// ParseEmoji returns the emoji that a text is or names: a character, or an
// alias, with or without colons.
func ParseEmoji(text string) (Emoji, error) {
	if known, ok := emojis[strings.ReplaceAll(text, variation, "")]; ok {
		return known, nil
	}
	if known, ok := emojis[strings.Trim(text, ":")]; ok {
		return known, nil
	}
	if isEmoji(text) {
		return Emoji{Character: text}, nil
	}
	return Emoji{}, Errorf(Invalid, "there is no emoji %.40q; send the character itself, or an alias as thumbsup", text).
		Named("UnknownEmojiError")
}

// EmojiOf returns what is known of an emoji, given its character.
func EmojiOf(character string) Emoji {
	if known, ok := emojis[strings.ReplaceAll(character, variation, "")]; ok {
		return known
	}
	return Emoji{Character: character}
}

// emojiMax is longer than any emoji in use, in bytes.
const emojiMax = 64

const (
	joiner    = '\u200d'
	variation = "\ufe0f" // asks for colours where a character has a plain form too
	keycap    = '\u20e3'
)

// isEmoji reports whether a text is one emoji, by the grammar of emoji sequences:
// elements joined to one picture, flags, and keys. Which of them fonts can draw
// is not known here.
func isEmoji(text string) bool {
	if len(text) > emojiMax || !utf8.ValidString(text) {
		return false
	}
	for {
		rest, ok := cutElement(text)
		if !ok || rest == "" {
			return ok
		}
		first, size := utf8.DecodeRuneInString(rest)
		if first != joiner {
			return false
		}
		text = rest[size:]
	}
}

// cutElement takes one element from the beginning of a text.
func cutElement(text string) (rest string, ok bool) {
	first, size := utf8.DecodeRuneInString(text)
	rest = text[size:]
	switch {
	case regional(first):
		second, size := utf8.DecodeRuneInString(rest)
		return rest[min(size, len(rest)):], regional(second)
	case first == '#' || first == '*' || first >= '0' && first <= '9':
		return strings.CutPrefix(strings.TrimPrefix(rest, variation), string(keycap))
	case !pictographic(first):
		return rest, false
	}
	rest = strings.TrimPrefix(rest, variation)
	if tone, size := utf8.DecodeRuneInString(rest); tone >= 0x1F3FB && tone <= 0x1F3FF {
		rest = rest[size:]
	}
	// Flags of regions are a black flag and invisible letters.
	return strings.TrimLeftFunc(rest, func(r rune) bool { return r >= 0xE0020 && r <= 0xE007F }), true
}

func regional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// pictographic reports whether a character is in the blocks that hold emojis.
func pictographic(r rune) bool {
	switch {
	case r >= 0x1F000 && r <= 0x1FAFF, r >= 0x2190 && r <= 0x2BFF:
		return true
	}
	return strings.ContainsRune("©®‼⁉™ℹ〰〽㊗㊙", r)
}

// emojis are known by their character, without variation selectors, and by each alias.
var emojis = readEmojis(emojiTable)

func readEmojis(table string) map[string]Emoji {
	known := map[string]Emoji{}
	for line := range strings.Lines(table) {
		parts := strings.Split(strings.TrimSpace(line), "|")
		e := Emoji{Character: parts[0], Description: parts[1], Aliases: strings.Fields(parts[2]), Tags: strings.Fields(parts[3])}
		known[strings.ReplaceAll(e.Character, variation, "")] = e
		for _, alias := range e.Aliases {
			known[alias] = e
		}
	}
	return known
}

// emojiTable holds the emojis that people react with: character, description,
// aliases, tags.
const emojiTable = `👍|thumbs up|thumbsup +1|approve ok
👎|thumbs down|thumbsdown -1|disapprove
❤️|red heart|heart|love
🧡|orange heart|orange_heart|love
💛|yellow heart|yellow_heart|love
💚|green heart|green_heart|love
💙|blue heart|blue_heart|love
💜|purple heart|purple_heart|love
🖤|black heart|black_heart|love
💔|broken heart|broken_heart|sad
😀|grinning face|grinning|smile happy
😃|grinning face with big eyes|smiley|happy
😄|grinning face with smiling eyes|smile|happy
😁|beaming face with smiling eyes|grin|happy
😆|grinning squinting face|laughing satisfied|happy
😅|grinning face with sweat|sweat_smile|hot
😂|face with tears of joy|joy|tears laugh
🤣|rolling on the floor laughing|rofl|laugh
😊|smiling face with smiling eyes|blush|proud
😇|smiling face with halo|innocent|angel
🙂|slightly smiling face|slightly_smiling_face|smile
🙃|upside-down face|upside_down_face|irony
😉|winking face|wink|flirt
😍|smiling face with heart-eyes|heart_eyes|love crush
😘|face blowing a kiss|kissing_heart|love
😋|face savoring food|yum|tongue
😜|winking face with tongue|stuck_out_tongue_winking_eye|prank
🤔|thinking face|thinking|hmm
🤨|face with raised eyebrow|raised_eyebrow|suspicious
😐|neutral face|neutral_face|meh
🙄|face with rolling eyes|roll_eyes|
😏|smirking face|smirk|smug
😬|grimacing face|grimacing|
😌|relieved face|relieved|whew
😴|sleeping face|sleeping|zzz
😎|smiling face with sunglasses|sunglasses|cool
🤓|nerd face|nerd_face|geek
😕|confused face|confused|
😮|face with open mouth|open_mouth|surprise wow
😲|astonished face|astonished|amazed
😳|flushed face|flushed|
🥺|pleading face|pleading_face|puppy
😢|crying face|cry|sad tear
😭|loudly crying face|sob|sad cry
😱|face screaming in fear|scream|horror
😡|enraged face|rage pout|angry
😠|angry face|angry|mad
🤯|exploding head|exploding_head|mind blown
🥳|partying face|partying_face|celebration
🤗|smiling face with open hands|hugs hugging|
🤷|person shrugging|shrug|
🤦|person facepalming|facepalm|
👏|clapping hands|clap|praise applause
🙌|raising hands|raised_hands|hooray
🙏|folded hands|pray|please thanks
💪|flexed biceps|muscle|strong
👌|ok hand|ok_hand|
✌️|victory hand|v|peace
🤞|crossed fingers|crossed_fingers|luck
👋|waving hand|wave|hello goodbye
🤝|handshake|handshake|deal
👀|eyes|eyes|look see
🔥|fire|fire|hot burn
🎉|party popper|tada|hooray party
🎊|confetti ball|confetti_ball|party
✨|sparkles|sparkles|shiny
⭐|star|star|
🌟|glowing star|star2|
💯|hundred points|100|score perfect
💥|collision|boom collision|explode
🚀|rocket|rocket|ship launch
✅|check mark button|white_check_mark|done
✔️|check mark|heavy_check_mark|
❌|cross mark|x|no
❓|red question mark|question|confused
❗|red exclamation mark|exclamation heavy_exclamation_mark|bang
⚠️|warning|warning|caution
💡|light bulb|bulb|idea
☕|hot beverage|coffee|cafe
🍺|beer mug|beer|drink
🍕|pizza|pizza|food
🎂|birthday cake|birthday|party
🏆|trophy|trophy|award contest
🐈|cat|cat2|pet
🐶|dog face|dog|pet
💩|pile of poo|poop hankey|
👻|ghost|ghost|halloween
🤖|robot|robot|`
