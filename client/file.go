package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"openkitty/stomp"
)

const (
	FileMessage MessageType = "FILE"
	SystemFile  MessageType = "SYSTEM_FILE"
)

// File is what a message of the type FILE carries.
type File struct {
	Hosted        bool // the server keeps it; otherwise the URL is anybody's
	URL           string
	Name          string
	ContentType   string
	Size          int64 // bytes
	Width, Height int   // pixels; zero unless the server keeps it and it is an image
}

// NewFile is a file to upload.
type NewFile struct {
	Name        string
	ContentType string // empty: the server decides by the first bytes
	Content     io.Reader
	GroupTag    string          // of the message; joins messages to one gallery
	Properties  json.RawMessage // of the message; a JSON object of the application's own

	// OnProgress hears how many bytes of the content were sent so far. It runs
	// on another goroutine than the call, and must not block. Nil: nobody cares.
	OnProgress func(sent int64)
}

// ExternalFile describes a file that is elsewhere. All but the size is required.
type ExternalFile struct {
	URL         string // http or https
	Name        string
	ContentType string
	Size        int64
	GroupTag    string
	Properties  json.RawMessage
}

// SendFile uploads a file as a message to a channel. The call takes as long as
// the upload: only its context bounds it.
func (c *Client) SendFile(ctx context.Context, channel *Channel, file NewFile) (Message, error) {
	var message Message
	err := c.upload(ctx, "send a file", channel.links.uploads, file, &message)
	return message, err
}

// ReplyWithFile uploads a file as a reply to a message, as [Client.SendFile].
func (c *Client) ReplyWithFile(ctx context.Context, to Message, file NewFile) (Message, error) {
	var message Message
	err := c.upload(ctx, "reply with a file", linkIn(to.links.streams, "replies"), file, &message)
	return message, err
}

// SendFileToThread uploads a file as a message to a thread, as [Client.SendFile].
func (c *Client) SendFileToThread(ctx context.Context, thread *Thread, file NewFile) (Message, error) {
	var message Message
	err := c.upload(ctx, "send a file to a thread", thread.links.uploads, file, &message)
	return message, err
}

// SendExternalFile sends a message that is a file elsewhere. Members fetch it
// from there.
func (c *Client) SendExternalFile(ctx context.Context, channel *Channel, file ExternalFile) (Message, error) {
	return c.changeMessage(ctx, "send an external file", channel.links.message, file.message())
}

// ReplyWithExternalFile replies to a message with a file elsewhere.
func (c *Client) ReplyWithExternalFile(ctx context.Context, to Message, file ExternalFile) (Message, error) {
	return c.changeMessage(ctx, "reply with an external file", to.links.action("reply"), file.message())
}

// SendExternalFileToThread is [Client.SendExternalFile] for a thread.
func (c *Client) SendExternalFileToThread(ctx context.Context, thread *Thread, file ExternalFile) (Message, error) {
	return c.changeMessage(ctx, "send an external file to a thread", thread.links.message, file.message())
}

// message is the request for a message that is the file.
func (file ExternalFile) message() any {
	type fileBody struct {
		URL         string `json:"url"`
		Name        string `json:"name"`
		ContentType string `json:"contentType"`
		Size        int64  `json:"size"`
	}
	return struct {
		Type       MessageType     `json:"type"`
		File       fileBody        `json:"file"`
		GroupTag   string          `json:"groupTag,omitempty"`
		Properties json.RawMessage `json:"properties,omitempty"`
	}{FileMessage, fileBody{file.URL, file.Name, file.ContentType, file.Size}, file.GroupTag, file.Properties}
}

// UpdateDisplayPicture uploads an image (JPEG, PNG, GIF or WebP) that shows the
// current user from now on, and returns what the user is then.
func (c *Client) UpdateDisplayPicture(ctx context.Context, file NewFile) (CurrentUser, error) {
	var user CurrentUser
	if err := c.upload(ctx, "update the display picture", c.CurrentUser().links.picture, file, &user); err != nil {
		return CurrentUser{}, err
	}
	c.setUser(user)
	return user, nil
}

// Files lists the messages of a channel that are files, the newest first.
func (c *Client) Files(ctx context.Context, channel *Channel) (*Page[Message], error) {
	list := listing{what: "list files", content: "messages", relay: channel.links.messages, header: stomp.Header{field("type", "FILE")}}
	return fetch[Message](ctx, c, list)
}

// Download reads a file. Close what it returns. Only the server that keeps a
// file is shown the user's grant.
func (c *Client) Download(ctx context.Context, file File) (io.ReadCloser, error) {
	address := file.URL
	if file.Hosted {
		grant, err := c.grant(ctx, "read")
		if err != nil {
			return nil, fmt.Errorf("download a file: %w", err)
		}
		address += "?" + url.Values{"grant": {grant}}.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("download a file: %w", err)
	}
	answer, err := c.ask2xx(request)
	if err != nil {
		return nil, fmt.Errorf("download a file: %w", err)
	}
	return answer.Body, nil
}

// grant asks for leave to read or to write files. It costs little, so it is
// asked for anew each time.
func (c *Client) grant(ctx context.Context, access string) (string, error) {
	var g grant
	err := c.relay(ctx, "get a file grant", "/application/user."+access+"_file_access_grant.relay", nil, &g)
	return string(g), err
}

// grant is the resource of a grant.
type grant string

func (g *grant) read(c *cursor) {
	c.object(func(key []byte) {
		if string(key) == "grant" {
			*g = grant(c.string())
			return
		}
		c.skip()
	})
}

// upload sends a file to where a stream leads, and reads what it became.
func (c *Client) upload(ctx context.Context, what, stream string, file NewFile, into resource) error {
	if stream == "" {
		return fmt.Errorf("%s: %w", what, ErrNotOffered)
	}
	if file.Content == nil {
		return fmt.Errorf("%s: the file has no content", what)
	}
	granted, err := c.grant(ctx, "write")
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	body, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	written := make(chan struct{})
	go func() { // ends when the request has read or closed its body
		defer close(written)
		writer.CloseWithError(file.write(form))
	}()
	defer func() {
		body.Close()
		<-written
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.streamAddress(stream), body)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	request.Header.Set("Grant", granted)
	request.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := c.ask2xx(request)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, messageMax))
	if err == nil {
		err = read(text, into)
	}
	if err != nil {
		return fmt.Errorf("%s: read the answer: %w", what, err)
	}
	return nil
}

// ask2xx performs a request; whatever does not succeed is an error.
func (c *Client) ask2xx(request *http.Request) (*http.Response, error) {
	answer, err := c.web.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 == 2 {
		return answer, nil
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if refusal := readError(text); err == nil && strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		return nil, refusal
	}
	return nil, errors.New("the server answers " + answer.Status)
}

// streamAddress completes the path of a stream by where the server is.
func (c *Client) streamAddress(stream string) string {
	if !strings.HasPrefix(stream, "/") {
		return stream
	}
	base := strings.TrimRight(c.options.URL, "/")
	if rest, ok := strings.CutPrefix(base, "ws"); ok {
		base = "http" + rest
	}
	return base + stream
}

// write writes the parts of an upload. The file comes last, so that the server
// knows all about it when it has arrived.
func (f NewFile) write(form *multipart.Writer) error {
	if len(f.Properties) > 0 {
		if err := form.WriteField("properties", string(f.Properties)); err != nil {
			return err
		}
	}
	if f.GroupTag != "" {
		quoted, err := json.Marshal(f.GroupTag)
		if err != nil {
			return err
		}
		if err := form.WriteField("groupTag", string(quoted)); err != nil {
			return err
		}
	}
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", multipart.FileContentDisposition("file", f.Name))
	if f.ContentType != "" {
		header.Set("Content-Type", f.ContentType)
	}
	part, err := form.CreatePart(header)
	if err != nil {
		return err
	}
	if _, err := io.Copy(part, &progress{f.Content, 0, f.OnProgress}); err != nil {
		return err
	}
	return form.Close()
}

// progress tells how much was read.
type progress struct {
	io.Reader
	sent int64
	tell func(int64)
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if p.sent += int64(n); n > 0 && p.tell != nil {
		p.tell(p.sent)
	}
	return n, err
}

func (f *File) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "type":
			f.Hosted = c.string() == "HOSTED"
		case "url":
			f.URL = c.string()
		case "name":
			f.Name = c.string()
		case "contentType":
			f.ContentType = c.string()
		case "size":
			f.Size = c.int()
		case "width":
			f.Width = int(c.int())
		case "height":
			f.Height = int(c.int())
		default:
			c.skip()
		}
	})
}

// LinkPreview is what a page that a message links to says about itself.
type LinkPreview struct {
	URL         string
	Title       string
	Image       string // an address
	Description string // may be empty
	SiteName    string // may be empty
}

func (p *LinkPreview) read(c *cursor) {
	c.object(func(key []byte) {
		switch string(key) {
		case "url":
			p.URL = c.string()
		case "title":
			p.Title = c.string()
		case "description":
			p.Description = c.string()
		case "siteName":
			p.SiteName = c.string()
		case "image":
			c.links(func(key []byte) *string {
				if string(key) == "source" {
					return &p.Image
				}
				return nil
			})
		default:
			c.skip()
		}
	})
}
