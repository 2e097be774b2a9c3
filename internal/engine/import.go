package engine

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/transfer"
)

// Bounds of a batch: of one transaction, for which everybody else's wait.
const (
	importBatchMin = 32 // items, of those that take some 20 µs each
	importBatchMax = 1024
	// importLearns is after how many entries the database looks at what it has got,
	// and importSmall how many are too few for that at the end.
	importLearns   = 50_000
	importSmall    = 1_000
	memberBatchMax = 8 // of those that take some 100 µs
)

// importEntry is an item on its way into the database.
type importEntry struct {
	line    int64
	offset  int64 // where the file goes on behind it
	item    any
	part    bool // more of the item follows in the next entry
	problem error
}

// fail notes why an item can't be imported. What is no refusal of the item is
// returned.
func (n *importEntry) fail(err error) error {
	var refusal *chat.Error
	if err == nil || !errors.As(err, &refusal) || refusal.Kind == chat.Internal {
		return err
	}
	if n.problem == nil {
		n.problem = refusal
	}
	return nil
}

// importKind is how items of one type are imported.
type importKind struct {
	parse func(e *Engine, item []byte) ([]any, error) // an item, in parts if it is long
	// apply stores items. It sets the problems of those that it can't, and
	// counts the others as done unless it moves them to unchanged.
	apply              func(b *importBatch) error
	batchMin, batchMax int // items; at the least, as on a busy machine everything seems to take long
	// lane is the channel whose changes the first of the entries belongs to.
	lane func(ctx context.Context, e *Engine, job chat.Job, item any) chat.ChannelID
}

var importKinds = map[chat.JobType]importKind{
	chat.UserImport:    {parse: parseUser, apply: (*importBatch).users, batchMin: importBatchMin, batchMax: importBatchMax},
	chat.ChannelImport: {parse: parseChannel, apply: (*importBatch).channels, batchMin: 1, batchMax: 1, lane: laneOfItem},
	chat.MemberImport:  {parse: parseMember, apply: (*importBatch).members, batchMin: 1, batchMax: memberBatchMax, lane: laneOfJob},
	chat.MessageImport: {parse: parseMessage, apply: (*importBatch).messages, batchMin: importBatchMin, batchMax: importBatchMax},
}

func laneOfJob(_ context.Context, _ *Engine, job chat.Job, _ any) chat.ChannelID { return job.Channel }

func parseUser(_ *Engine, item []byte) ([]any, error) {
	u, err := transfer.ParseUser(item)
	return []any{u}, err
}

func parseMember(_ *Engine, item []byte) ([]any, error) {
	m, err := transfer.ParseMember(item)
	return []any{m}, err
}

func parseMessage(e *Engine, item []byte) ([]any, error) {
	m, err := transfer.ParseMessage(item, e.limits.MessageSize)
	return []any{m}, err
}

// importer is one run of an import.
type importer struct {
	engine *Engine
	kind   importKind
	job    chat.Job
	reader *transfer.Reader
	ahead  []importEntry // parts of an item that were read, but not yet taken
	bad    int64         // the offset of the latest item that had a problem in a part
	fresh  int           // entries that the database has not looked at
}

// importBatch is one run of the transaction that imports a batch.
type importBatch struct {
	ctx       context.Context
	engine    *Engine
	tx        *store.Tx
	job       chat.Job
	entries   []importEntry
	unchanged int
	events    []chat.Event
}

// good calls fn for the entries without a problem.
func (b *importBatch) good(fn func(n *importEntry) error) error {
	for i := range b.entries {
		if n := &b.entries[i]; n.problem == nil {
			if err := fn(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// runImport does what is left of an import, in batches that take as long as the
// pace says.
func (e *Engine) runImport(ctx context.Context, job chat.Job) error {
	file, err := os.Open(e.jobs.files.path(job.File))
	if os.IsNotExist(err) {
		return chat.Errorf(chat.Invalid, "the file is not here any more; import it again")
	}
	if err != nil {
		return err
	}
	defer file.Close()
	im := &importer{engine: e, kind: importKinds[job.Type], job: job}
	if im.reader, err = transfer.Resume(file, job.Progress.Offset); err != nil {
		return err
	}
	size, pace := im.kind.batchMin, pace{store: e.store}
	for {
		allowed := pace.batch()
		took, more, err := im.step(ctx, size)
		if err != nil {
			return err
		}
		if im.fresh >= importLearns || !more && im.fresh >= importSmall {
			if err := im.learn(ctx); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
		switch {
		case took > allowed:
			size = max(size*3/4, im.kind.batchMin)
		case took < allowed*3/4:
			size = min(size*4/3+1, im.kind.batchMax)
		}
		if !pace.rest(ctx, took) {
			return ctx.Err()
		}
	}
}

// step imports up to size entries. It reports for how long that kept the processor
// or the database from others, and whether there were any.
func (im *importer) step(ctx context.Context, size int) (took time.Duration, more bool, err error) {
	began := time.Now()
	batch, err := im.take(size)
	if err != nil || len(batch) == 0 {
		return 0, false, err
	}
	parsed := time.Since(began)
	took, err = im.commit(ctx, batch)
	return parsed + took, true, err
}

// take reads up to n entries.
func (im *importer) take(n int) ([]importEntry, error) {
	batch := make([]importEntry, 0, n)
	for {
		taken := min(n-len(batch), len(im.ahead))
		batch, im.ahead = append(batch, im.ahead[:taken]...), im.ahead[taken:]
		if len(batch) == n {
			return batch, nil
		}
		item, err := im.reader.Next()
		if err == io.EOF {
			return batch, nil
		}
		if err != nil {
			return nil, err
		}
		parts, problem := im.kind.parse(im.engine, item.JSON)
		for i, part := range parts {
			im.ahead = append(im.ahead, importEntry{
				line: item.Line, offset: item.Offset, item: part, problem: problem, part: i < len(parts)-1,
			})
		}
	}
}

// commit imports a batch and notes that it did, and returns for how long others
// had to wait for it.
func (im *importer) commit(ctx context.Context, entries []importEntry) (took time.Duration, err error) {
	var progress chat.JobProgress
	var lane chat.ChannelID
	if im.kind.lane != nil {
		lane = im.kind.lane(ctx, im.engine, im.job, entries[0].item)
	}
	run := make([]importEntry, len(entries))
	going := false
	err = im.engine.store.UpdateBehind(ctx, int64(lane), func(tx *store.Tx) error {
		started := time.Now()
		defer func() { took = time.Since(started) }()
		copy(run, entries)
		b := &importBatch{ctx: ctx, engine: im.engine, tx: tx, job: im.job, entries: run}
		if err := im.kind.apply(b); err != nil {
			return err
		}
		var problems []chat.JobProblem
		progress, problems = im.account(b)
		if going, err = tx.AdvanceJob(ctx, im.job.Application, im.job.ID, progress, problems); err != nil {
			return err
		}
		if !going {
			return errCancelled
		}
		tx.AfterCommit(func() { im.engine.announce(b.events...) })
		return nil
	})
	if err != nil {
		return 0, err
	}
	im.settle(run)
	im.job.Progress = progress
	im.fresh += len(run)
	return took, nil
}

// learn lets the database make plans for what was imported.
func (im *importer) learn(ctx context.Context) error {
	im.fresh = 0
	return im.engine.store.Learn(ctx)
}

// account is how far the job is with a batch, and the problems of it that are
// worth keeping.
func (im *importer) account(b *importBatch) (chat.JobProgress, []chat.JobProblem) {
	p, bad := im.job.Progress, im.bad
	room := chat.JobProblemsMax - p.Failed
	var problems []chat.JobProblem
	for _, n := range b.entries {
		if n.problem != nil && int64(len(problems)) < room && (len(problems) == 0 || problems[len(problems)-1].Line != n.line) {
			problems = append(problems, chat.JobProblem{Line: n.line, Reason: chat.AsError(n.problem).Message})
		}
		switch {
		case n.part && n.problem != nil:
			bad = n.offset
		case n.part:
		case n.problem != nil || bad == n.offset:
			p.Failed++
		default:
			p.Done++
		}
		if !n.part {
			p.Offset = n.offset
		}
	}
	p.Done -= int64(b.unchanged)
	p.Unchanged += int64(b.unchanged)
	return p, problems
}

// settle remembers which item had a problem in its latest part.
func (im *importer) settle(entries []importEntry) {
	for _, n := range entries {
		if n.problem != nil {
			im.bad = n.offset
		}
	}
}

func orNow(t, now time.Time) time.Time {
	if t.IsZero() {
		return now
	}
	return t
}
