package platform

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"openkitty/internal/chat"
)

func (a *API) registerImports() {
	for _, op := range []struct {
		id, path, summary, scope string
		kind                     chat.JobType
	}{
		{"import-users", "/imports/users", "Import users", "create:user", chat.UserImport},
		{"import-channels", "/imports/channels", "Import channels", "create:channel", chat.ChannelImport},
		{"import-messages", "/imports/messages", "Import messages", "create:message", chat.MessageImport},
	} {
		huma.Register(a.huma, importing(op.id, op.path, op.summary, op.scope),
			func(ctx context.Context, in *importInput) (*reply[applicationJobResource], error) {
				return a.startImport(ctx, op.kind, 0, in.Upload)
			})
		a.describeUpload(op.path)
	}
	const members = "/imports/channels/{id}/members"
	huma.Register(a.huma, importing("import-channel-members", members, "Import members of a channel",
		"create:channel_membership"), a.importMembers)
	a.describeUpload(members)
}

// importing is an operation that takes a file and answers with a job.
func importing(id, path, summary, scope string) huma.Operation {
	return accepted(marked(operation(id, http.MethodPost, path, summary, scope), streamedBody))
}

// describeUpload tells the specification of a body that the operation reads
// itself: huma would read what it knew of.
func (a *API) describeUpload(path string) {
	file := &huma.Schema{
		Type: huma.TypeString, Format: "binary",
		Description: "A JSON array of objects, or such objects one after another, each of at most 1 MB",
	}
	a.huma.OpenAPI().Paths[path].Post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": file}, Required: []string{"file"},
	}}}}
}

// accepted lets an operation answer before its work is done.
func accepted(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusAccepted
	return op
}

// Upload is the file of a request, as it arrives.
type Upload struct{ request *http.Request }

// Resolve is called by huma.
func (u *Upload) Resolve(ctx huma.Context) []error {
	u.request, _ = humago.Unwrap(ctx)
	return nil
}

// file is the part of the name "file", whether it was sent as a file or as a
// field of text.
func (u *Upload) file() (io.Reader, error) {
	parts, err := u.request.MultipartReader()
	if err != nil {
		return nil, chat.Errorf(chat.Invalid, "the body must be multipart/form-data with a part named file")
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil, chat.Errorf(chat.Invalid, "the part named file is missing")
		}
		if err != nil {
			return nil, chat.Errorf(chat.Invalid, "the body is not valid multipart/form-data")
		}
		if part.FormName() == "file" {
			return brokenUpload{part}, nil
		}
	}
}

// brokenUpload makes an upload that broke off the client's fault.
type brokenUpload struct{ io.Reader }

func (b brokenUpload) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = chat.Errorf(chat.Invalid, "the upload broke off")
	}
	return n, err
}

// uploaded is the file of an upload, which is looked for when it is read: what
// the request is for is checked first.
type uploaded struct {
	upload Upload
	file   io.Reader
}

func (u *uploaded) Read(p []byte) (n int, err error) {
	if u.file == nil {
		if u.file, err = u.upload.file(); err != nil {
			return 0, err
		}
	}
	return u.file.Read(p)
}

type importInput struct{ Upload }

type importMembersInput struct {
	JobInput
	Upload
}

func (a *API) importMembers(ctx context.Context, in *importMembersInput) (*reply[applicationJobResource], error) {
	return a.startImport(ctx, chat.MemberImport, chat.ChannelID(in.ID), in.Upload)
}

func (a *API) startImport(ctx context.Context, kind chat.JobType, channel chat.ChannelID, u Upload) (*reply[applicationJobResource], error) {
	job, err := a.engine.Import(ctx, actorOf(ctx).Application, kind, channel, &uploaded{upload: u})
	return answer(a.job(ctx, job), err)
}
