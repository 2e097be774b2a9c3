package chat

import (
	"mime"
	"net/url"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of what is said of a file, in bytes.
const (
	FileNameMax    = 255
	ContentTypeMax = 255
	FileURLMax     = 2048
	FileSizeMax    = 1 << 53 // of files elsewhere; larger numbers lose digits in JavaScript
)

// UnknownType is the content type of a file that could be anything.
const UnknownType = "application/octet-stream"

// FileKey names a hosted file within its application. Nobody can guess it.
type FileKey string

// File is what a message carries, or a user shows as a picture: bytes that this
// server keeps under a key, or the address of something elsewhere.
type File struct {
	Key         FileKey // empty for a file elsewhere
	URL         string  // of a file elsewhere
	Name        string
	ContentType string
	Size        int64 // bytes
	Digest      Digest
	Image       Image // zero unless the server hosts it and could read it
}

// Digest is the SHA-256 of a file's bytes, in hexadecimal.
type Digest string

// Image is what is known of a picture.
type Image struct {
	Width, Height int    // pixels
	Thumbnail     Digest // of a smaller picture; empty where the file itself is small
	ThumbnailType string // the thumbnail's content type
}

// Hosted reports whether this server keeps the file.
func (f File) Hosted() bool { return f.Key != "" }

// FilesPath begins the address of every hosted file, on the server that hosts it.
const FilesPath = "/files/"

// Address is where the file is found. That of a hosted file is a path, to follow
// the public address of the server.
func (f File) Address(app ApplicationID) string {
	if f.Hosted() {
		return FilesPath + strconv.FormatInt(int64(app), 10) + "/" + string(f.Key)
	}
	return f.URL
}

// Check reports what is wrong with the description of a file elsewhere.
func (f File) Check() error {
	if err := checkURL("the address of the file", f.URL, FileURLMax); err != nil {
		return err
	}
	switch _, _, err := mime.ParseMediaType(f.ContentType); {
	case f.Name == "" || len(f.Name) > FileNameMax || !utf8.ValidString(f.Name):
		return Errorf(Invalid, "a file needs a name of at most %d bytes", FileNameMax)
	case err != nil || len(f.ContentType) > ContentTypeMax:
		return Errorf(Invalid, "a file needs a content type, as image/png")
	case f.Size < 0 || f.Size > FileSizeMax:
		return Errorf(Invalid, "the size of a file is a number of bytes, not %d", f.Size)
	}
	return nil
}

// checkURL admits what any client can load, and nothing that could be a script
// or a file of the reader's own machine.
func checkURL(what, address string, most int) error {
	if len(address) > most {
		return Errorf(Invalid, "%s has %d bytes; at most %d are allowed", what, len(address), most)
	}
	parsed, err := url.Parse(address)
	if err != nil || !utf8.ValidString(address) || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return Errorf(Invalid, "%s must be a whole http or https URL", what)
	}
	for _, r := range address {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return Errorf(Invalid, "%s contains white space or a control character", what)
		}
	}
	return nil
}

// CleanFileName makes a name of what a client calls an uploaded file: without
// directories and control characters, and of bounded length.
func CleanFileName(given string) string {
	name := strings.ToValidUTF8(given, "")
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	if name = strings.TrimSpace(name); name == "" || name == "." || name == ".." || name == "/" {
		return "file"
	}
	if len(name) <= FileNameMax {
		return name
	}
	// The end tells what kind of file it is.
	extension := path.Ext(name)
	if len(extension) > FileNameMax/4 {
		extension = ""
	}
	return strings.ToValidUTF8(name[:FileNameMax-len(extension)], "") + extension
}

// inlineTypes are those that browsers show without running anything in them.
var inlineTypes = map[string]bool{
	"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true, "image/avif": true, "image/bmp": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/aac": true, "audio/ogg": true, "audio/wav": true, "audio/wave": true,
	"audio/webm": true, "audio/flac": true,
	"video/mp4": true, "video/webm": true, "video/ogg": true, "video/quicktime": true,
}

// InlineSafe reports whether files of a content type may be shown in a page;
// others are only ever saved.
func InlineSafe(contentType string) bool { return inlineTypes[mediaType(contentType)] }

// Thumbnailed reports whether the server makes thumbnails of files of a type.
func Thumbnailed(contentType string) bool {
	switch mediaType(contentType) {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
		return true
	}
	return false
}

// SettleContentType decides what an uploaded file is, given what its sender
// says and what its first bytes look like (as http.DetectContentType tells). Who
// claims a type that is shown in pages must have sent it.
func SettleContentType(claimed, seen string) string {
	kind, parameters, err := mime.ParseMediaType(claimed)
	if err != nil || len(claimed) > ContentTypeMax {
		kind, parameters = UnknownType, nil
	}
	seen = mediaType(seen)
	switch {
	case kind == UnknownType:
		return seen
	case !inlineTypes[kind], seen == kind:
		return mime.FormatMediaType(kind, parameters)
	case inlineTypes[seen]:
		return sameFamily(kind, seen)
	case strings.HasPrefix(kind, "image/") && kind != "image/avif", strings.HasPrefix(seen, "text/"):
		return UnknownType
	}
	return kind // many sounds and films are not told by their first bytes
}

// sameFamily keeps a claim about what can't be told apart exactly.
func sameFamily(claimed, seen string) string {
	playable := func(kind string) bool { return strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/") }
	if playable(claimed) && playable(seen) {
		return claimed
	}
	return seen
}

func mediaType(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return UnknownType
	}
	return kind
}

// FileLimits bound what is uploaded.
type FileLimits struct {
	Size  int64    // bytes of one file
	Types []string // as "image/png" or "image/*"; empty, or with "*", for any

	Allowed MediaTypes // of these, what the application's settings allow
}

// CheckType refuses files of other types than those that are allowed.
func (l FileLimits) CheckType(contentType string) error {
	kind := mediaType(contentType)
	if !l.Allowed.Has(kind) {
		return Errorf(Invalid, "this application allows no files of the type %s, only %s", kind, l.Allowed.String()).
			Named(FileTypeNotAllowed)
	}
	family, _, _ := strings.Cut(kind, "/")
	for _, allowed := range l.Types {
		if allowed == "*" || allowed == kind || allowed == family+"/*" {
			return nil
		}
	}
	if len(l.Types) == 0 {
		return nil
	}
	return Errorf(Invalid, "files of the type %s can't be uploaded here, only %s", kind, strings.Join(l.Types, ", ")).
		Named(FileTypeNotAllowed)
}

// The names of refusals that HTTP has a status for.
const (
	FileTooLarge       = "FileTooLargeError"
	FileTypeNotAllowed = "FileTypeNotAllowedError"
)

// TooLarge refuses a file that is larger than allowed.
func (l FileLimits) TooLarge() *Error {
	return Errorf(Invalid, "the file is too large; at most %d bytes are allowed", l.Size).Named(FileTooLarge)
}

// NoFile refuses in the same words a file that is not there and one that is not
// the actor's to see.
func NoFile() *Error { return Errorf(NotFound, "there is no such file").Named("FileNotFoundError") }
