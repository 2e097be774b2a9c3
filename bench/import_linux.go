package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// talkAndImport measures a conversation for as long as an import lasts, from when
// its file has arrived.
func (r *runner) talkAndImport(ctx context.Context, h host, l *loop, s scenario) (Figures, error) {
	server, ok := h.(*furnished).host.(*serverHost)
	if !ok {
		return nil, errors.New("there is nothing to import into")
	}
	rooms, err := h.gather(ctx, l, s.shape)
	if err != nil {
		return nil, fmt.Errorf("gather the sessions: %w", err)
	}
	api, err := server.platform(ctx)
	if err != nil {
		return nil, err
	}
	upload, err := writeImport(r.directory, server, s)
	if err != nil {
		return nil, err
	}
	defer os.Remove(upload.path)
	job, err := api.importMessages(ctx, upload)
	if err != nil {
		return nil, err
	}
	c := &conversation{loop: l, rooms: rooms, rate: float64(s.rate)}
	c.start()
	start, err := takeStock(h)
	if err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- api.await(ctx, &job) }() // ends with the job, or with ctx
	for waiting := true; waiting; {
		if err := c.talkFor(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
		select {
		case err := <-ended:
			if err != nil {
				return nil, err
			}
			waiting = false
		default:
		}
	}
	end, err := takeStock(h)
	if err != nil {
		return nil, err
	}
	figures := c.figures(end.at.Sub(start.at))
	figures.spend(start, end, c.tally)
	figures[ImportsPerSecond] = float64(job.Progress.Done) / job.Ended.Sub(job.Created).Seconds()
	return figures, c.finish(ctx)
}

// importFile is a file to import, as the body of a request.
type importFile struct{ path, contentType string }

// writeImport writes the messages of a scenario to a file, as others export them:
// channel after channel.
func writeImport(directory string, h *serverHost, s scenario) (f importFile, err error) {
	file, err := os.Create(filepath.Join(directory, "import"))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffered := bufio.NewWriterSize(file, 1<<20)
	form := multipart.NewWriter(buffered)
	part, err := form.CreateFormFile("file", "messages.json")
	if err != nil {
		return f, err
	}
	text := strings.Repeat("words ", textSize)[:textSize]
	began := time.Now().Add(-time.Duration(s.imports) * time.Second).UTC()
	for i := range s.imports {
		room := i * s.rooms / s.imports
		fmt.Fprintf(part, "%s{\"type\":\"TEXT\",\"channel\":\"%s-%d\",\"user\":%q,\"body\":%q,\"created_time\":%q,\"idempotency_key\":\"message %d\"}\n",
			separator(i), h.name, room, h.user(room, 0), text, began.Add(time.Duration(i)*time.Second).Format(time.RFC3339), i)
	}
	fmt.Fprint(part, "]\n")
	return importFile{file.Name(), form.FormDataContentType()}, errors.Join(form.Close(), buffered.Flush())
}

func separator(i int) string {
	if i == 0 {
		return "["
	}
	return ","
}

// platformClient calls the Platform API of a server.
type platformClient struct {
	address *url.URL
	token   string
}

func (h *serverHost) platform(ctx context.Context) (*platformClient, error) {
	p := &platformClient{address: h.address}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address.JoinPath("oauth", "token").String(),
		strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(h.clientID, h.clientSecret)
	var granted struct {
		Token string `json:"access_token"`
	}
	err = answerTo(request, http.StatusOK, &granted)
	p.token = granted.Token
	return p, err
}

// importJob is what the server says of a job.
type importJob struct {
	ID       int64     `json:"id"`
	State    string    `json:"state"`
	Created  time.Time `json:"created_time"`
	Ended    time.Time `json:"ended_time"`
	Problem  string    `json:"problem"`
	Progress struct {
		Total, Done int64
	} `json:"progress"`
}

func (p *platformClient) importMessages(ctx context.Context, f importFile) (job importJob, err error) {
	body, err := os.Open(f.path)
	if err != nil {
		return job, err
	}
	defer body.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address.JoinPath("imports", "messages").String(), body)
	if err != nil {
		return job, err
	}
	request.Header.Set("Content-Type", f.contentType)
	request.Header.Set("Authorization", "Bearer "+p.token)
	return job, answerTo(request, http.StatusAccepted, &job)
}

// await waits for the end of a job.
func (p *platformClient) await(ctx context.Context, job *importJob) error {
	for job.Ended.IsZero() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.address.JoinPath("jobs", fmt.Sprint(job.ID)).String(), nil)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+p.token)
		if err := answerTo(request, http.StatusOK, job); err != nil {
			return err
		}
	}
	if job.State != "FINISHED" || job.Progress.Done != job.Progress.Total {
		return fmt.Errorf("the import ended as %s with %d of %d messages: %s", job.State, job.Progress.Done, job.Progress.Total, job.Problem)
	}
	return nil
}

// answerTo does a request and reads the answer, which must have a status.
func answerTo(request *http.Request, status int, into any) error {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != status {
		return fmt.Errorf("%s %s: %s: %s", request.Method, request.URL.Path, response.Status, bytes.TrimSpace(text))
	}
	return json.Unmarshal(text, into)
}
