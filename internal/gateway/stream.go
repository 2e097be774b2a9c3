package gateway

import (
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/engine"
)

const (
	// fieldMax bounds the fields of an upload beside its file, in bytes each.
	fieldMax = chat.PropertiesMax + 1<<10
	// partsMax bounds the parts of an upload. SDKs send three.
	partsMax = 16
	// leftoverMax is how much of a refused upload is still read, so that its
	// client gets to hear why: until it has sent all, it does not listen.
	leftoverMax = 8 << 20
	// uploadsMax is how many uploads arrive at once; further ones are refused.
	uploadsMax = 256
)

// upload is a request to a stream.
type upload struct {
	*http.Request
	g     *Gateway
	actor chat.Actor
	id    int64 // of the subject

	file       *chat.File
	properties chat.Properties
	groupTag   string
}

// stream is what can be uploaded to a subject. It looks at the request before
// the file arrives, and makes the resource that answers it afterwards.
type stream struct {
	admit func(u *upload) error
	take  func(u *upload) ([]byte, error)
}

// streams are all destinations that clients may upload to.
var streams = map[route]stream{
	{ofUser, "display_picture"}: {admit: (*upload).isOwn, take: (*upload).updatePicture},
	{ofChannel, "messages"}:     {admit: (*upload).canSend, take: (*upload).sendMessage},
	{ofMessage, "replies"}:      {admit: (*upload).canReply, take: (*upload).reply},
	{ofThread, "messages"}:      {admit: (*upload).canSendToThread, take: (*upload).sendToThread},
}

func (u *upload) isOwn() error {
	if chat.UserID(u.id) != u.actor.User {
		return chat.Errorf(chat.Denied, "this is for user %d alone", u.id)
	}
	return nil
}

func (u *upload) updatePicture() ([]byte, error) {
	user, err := u.g.engine.UpdatePicture(u.Context(), u.actor, *u.file)
	return u.g.render.currentUser(nil, &user), err
}

func (u *upload) canSend() error {
	return u.g.engine.CheckSend(u.Context(), u.actor, chat.ChannelID(u.id))
}

func (u *upload) sendMessage() ([]byte, error) {
	request := u.message()
	request.Channel = chat.ChannelID(u.id)
	message, err := u.g.engine.SendMessage(u.Context(), u.actor, request)
	return u.g.render.message(nil, &message), err
}

func (u *upload) canReply() error {
	message, err := u.g.engine.Message(u.Context(), u.actor, chat.MessageID(u.id))
	if err != nil {
		return err
	}
	if err := message.CheckPresent(); err != nil {
		return err
	}
	return u.g.engine.CheckSend(u.Context(), u.actor, message.Channel)
}

func (u *upload) reply() ([]byte, error) {
	message, err := u.g.engine.ReplyToMessage(u.Context(), u.actor, chat.MessageID(u.id), u.message())
	return u.g.render.message(nil, &message), err
}

func (u *upload) canSendToThread() error {
	thread, err := u.g.engine.Thread(u.Context(), u.actor, chat.ThreadID(u.id))
	if err != nil {
		return err
	}
	return u.g.engine.CheckSend(u.Context(), u.actor, thread.Channel)
}

func (u *upload) sendToThread() ([]byte, error) {
	message, err := u.g.engine.SendToThread(u.Context(), u.actor, chat.ThreadID(u.id), u.message())
	return u.g.render.message(nil, &message), err
}

// message asks for the message that the upload makes.
func (u *upload) message() chat.NewMessage {
	return chat.NewMessage{Type: chat.FileMessage, File: u.file, GroupTag: u.groupTag, Properties: u.properties}
}

// IsStream reports whether a path is one that clients upload to, and so takes
// larger bodies, for longer, than others. The gateway bounds them itself.
func IsStream(path string) bool { return strings.Contains(path, streamsBase) }

// serveStream receives uploads. They come from pages of any origin, without
// credentials: the grant is the credential.
func (g *Gateway) serveStream(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", "*")
	switch r.Method {
	case http.MethodOptions:
		allowCrossOrigin(header, "POST", "Grant, Content-Type")
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPost:
		g.receive(w, r)
	default:
		header.Set("Allow", "OPTIONS, POST")
		writeError(w, http.StatusMethodNotAllowed, chat.Errorf(chat.Invalid, "uploads are POST requests"))
	}
}

// allowCrossOrigin answers the question of a browser what pages may do.
func allowCrossOrigin(header http.Header, methods, headers string) {
	header.Set("Access-Control-Allow-Methods", methods)
	header.Set("Access-Control-Allow-Headers", headers)
	header.Set("Access-Control-Max-Age", "86400")
}

func (g *Gateway) receive(w http.ResponseWriter, r *http.Request) {
	connection := http.NewResponseController(w)
	if err := connection.SetReadDeadline(time.Now().Add(g.limits.UploadTime)); err != nil {
		return // the client is gone
	}
	defer connection.SetReadDeadline(time.Time{})
	resource, err := g.upload(r)
	if err != nil {
		g.logFailure(r, err)
		_, _ = io.CopyN(io.Discard, r.Body, leftoverMax) // what can't be read matters no more
		refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(resource)
}

// upload does what a request asks for, and returns the resource that answers it.
func (g *Gateway) upload(r *http.Request) ([]byte, error) {
	select {
	case g.uploads <- struct{}{}:
		defer func() { <-g.uploads }()
	default:
		return nil, chat.Errorf(chat.Limited, "the server is busy with other uploads; try again")
	}
	u := &upload{Request: r, g: g}
	var err error
	if u.actor, err = g.engine.CheckGrant(r.Context(), r.Header.Get("Grant"), chat.WriteFiles); err != nil {
		return nil, err
	}
	if err := g.engine.Allow(r.Context(), u.actor, engine.Uploading); err != nil {
		return nil, err
	}
	to, err := u.locate(strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, g.prefix), streamsBase))
	if err != nil {
		return nil, err
	}
	if err := to.admit(u); err != nil {
		return nil, err
	}
	if err := u.read(); err != nil {
		return nil, err
	}
	return to.take(u)
}

// locate finds the stream of a path, as channels/7/messages.
func (u *upload) locate(path string) (stream, error) {
	parts := strings.Split(path, "/")
	unknown := chat.Errorf(chat.NotFound, "there is no stream %s", quoted(path)).Named("UnknownDestinationError")
	if len(parts) != 3 {
		return stream{}, unknown
	}
	to, known := streams[route{noun(parts[0]), parts[2]}]
	if !known {
		return stream{}, unknown
	}
	var ok bool
	if u.id, ok = parseID(parts[1]); !ok {
		return stream{}, noSubject(noun(parts[0]), parts[1], unknown)
	}
	return to, nil
}

// read takes the parts of an upload, which may come in any order.
func (u *upload) read() error {
	limits, err := u.g.engine.FileLimits(u.Context(), u.actor.Application)
	if err != nil {
		return err
	}
	if u.ContentLength > limits.Size+partsMax*fieldMax {
		return limits.TooLarge()
	}
	parts, err := u.MultipartReader()
	if err != nil {
		return chat.Errorf(chat.Invalid, "an upload is a request of the type multipart/form-data").Named(notMultipart)
	}
	return u.readParts(parts)
}

// partReader is a multipart.Reader.
type partReader interface {
	NextPart() (*multipart.Part, error)
}

func (u *upload) readParts(parts partReader) error {
	for range partsMax {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			if u.file == nil {
				return chat.Errorf(chat.Invalid, "an upload needs a part named file")
			}
			return nil
		}
		if err != nil {
			return malformed(err)
		}
		if err := u.readPart(part); err != nil {
			return err
		}
	}
	return chat.Errorf(chat.Invalid, "an upload has at most %d parts", partsMax)
}

func (u *upload) readPart(part *multipart.Part) error {
	switch part.FormName() {
	case "file":
		return u.readFile(part)
	case "properties":
		return readField(part, func(text []byte) (err error) {
			if string(text) != undefined {
				u.properties, err = chat.ParseProperties(text)
			}
			return err
		})
	case "groupTag":
		return readField(part, func(text []byte) error {
			u.groupTag = parseGroupTag(text)
			return nil
		})
	}
	return nil // of a later SDK; the next part passes over it
}

func (u *upload) readFile(part *multipart.Part) error {
	if u.file != nil {
		return chat.Errorf(chat.Invalid, "an upload holds one file; join several messages by a group tag")
	}
	file, err := u.g.engine.ReceiveFile(u.Context(), u.actor, part.FileName(), part.Header.Get("Content-Type"), part)
	if err != nil {
		return broken(err)
	}
	u.file = &file
	return nil
}

// readField passes the whole of a short field to take.
func readField(part io.Reader, take func(text []byte) error) error {
	text, err := io.ReadAll(io.LimitReader(part, fieldMax+1))
	switch {
	case err != nil:
		return malformed(err)
	case len(text) > fieldMax:
		return chat.Errorf(chat.Invalid, "a field of an upload has at most %d bytes", fieldMax)
	}
	return take(text)
}

// undefined is what some SDKs write for a field without a value.
const undefined = "undefined"

// parseGroupTag reads a tag, which SDKs write as a JSON string.
func parseGroupTag(text []byte) string {
	var tag *string
	if string(text) == undefined {
		return ""
	}
	if json.Unmarshal(text, &tag) != nil {
		return string(text)
	}
	if tag == nil {
		return ""
	}
	return *tag
}

// broken makes a refusal of an upload that ended early. What else goes wrong
// while a file is kept is the server's fault.
func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return malformed(err)
	}
	return err
}

// malformed makes a refusal of what can't be read as an upload, for whatever
// reason: a client sent it, or cut it off.
func malformed(err error) error {
	return chat.Errorf(chat.Invalid, "the upload ended early, or is no proper multipart/form-data: %v", err)
}

// notMultipart is the name of the refusal of a request in another form.
const notMultipart = "UnsupportedMediaTypeError"

// refuse answers a request with an error.
func refuse(w http.ResponseWriter, err error) {
	e := chat.AsError(err)
	if e.Kind == chat.Limited {
		writeTooMany(w, e)
		return
	}
	writeError(w, statusOf(e), e)
}

// statusOf is the status of HTTP for a refusal.
func statusOf(e *chat.Error) int {
	switch e.Name {
	case chat.FileTooLarge:
		return http.StatusRequestEntityTooLarge
	case chat.FileTypeNotAllowed, notMultipart:
		return http.StatusUnsupportedMediaType
	case chat.AccessDeniedName:
		return http.StatusUnauthorized
	}
	status, known := map[chat.Kind]int{
		chat.Invalid:     http.StatusBadRequest,
		chat.Denied:      http.StatusForbidden,
		chat.NotFound:    http.StatusNotFound,
		chat.Conflict:    http.StatusConflict,
		chat.Unsupported: http.StatusNotImplemented,
	}[e.Kind]
	if !known {
		return http.StatusInternalServerError
	}
	return status
}

// logFailure logs what is the server's fault.
func (g *Gateway) logFailure(r *http.Request, err error) {
	if chat.AsError(err).Kind == chat.Internal && r.Context().Err() == nil {
		g.log.ErrorContext(r.Context(), "serve a file", "path", r.URL.Path, "error", err)
	}
}

func writeError(w http.ResponseWriter, status int, e *chat.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(appendError(nil, e))
}
