package chat

import "time"

// JobID identifies a job.
type JobID int64

// JobType says what a job does.
type JobType string

const (
	UserImport    JobType = "USER_IMPORT"
	ChannelImport JobType = "CHANNEL_IMPORT"
	MemberImport  JobType = "CHANNEL_MEMBERS_IMPORT"
	MessageImport JobType = "MESSAGE_IMPORT"

	UserExport    JobType = "USER_ANALYTICS_EXPORT"
	ChannelExport JobType = "CHANNEL_ANALYTICS_EXPORT"
	MessageExport JobType = "MESSAGE_ANALYTICS_EXPORT"
)

// Import reports whether jobs of this type read a file; the others write one.
func (t JobType) Import() bool {
	return t == UserImport || t == ChannelImport || t == MemberImport || t == MessageImport
}

// JobState is how far a job is.
type JobState string

const (
	JobPending  JobState = "PENDING"
	JobRunning  JobState = "RUNNING"
	JobFinished JobState = "FINISHED"
	// JobFailed jobs ended before they were through; Job.Problem says why. What
	// they had done until then stays.
	JobFailed JobState = "FAILED"
)

// Bounds of jobs.
const (
	JobsWaitingMax  = 100 // unfinished jobs of an application
	JobUploadsMax   = 4   // files of an application that are on their way to a job
	JobProblemsMax  = 100 // problems that a job keeps; further ones are only counted
	JobFileLifetime = 7 * 24 * time.Hour
	JobLifetime     = 90 * 24 * time.Hour // from its end
)

// Job is work that goes on after the request for it was answered.
type Job struct {
	ID          JobID
	Application ApplicationID
	Type        JobType
	State       JobState
	Channel     ChannelID // that members are imported to; zero otherwise
	File        string    // the name of its file in the data directory; empty once that is gone
	Problem     string    // why it failed
	Progress    JobProgress
	CreatedAt   time.Time
	StartedAt   time.Time // zero until it runs
	EndedAt     time.Time // zero until it ended
}

// JobProgress is what a job has done. A job that is resumed goes on from here.
type JobProgress struct {
	Total     int64 // items of an import's file; zero for exports
	Done      int64 // items imported, or written
	Unchanged int64 // items that were there already
	Failed    int64 // items that could not be imported

	Offset int64  // bytes of the file that are dealt with
	Cursor string // where an export goes on
}

// Ended reports whether the job neither runs nor waits.
func (j Job) Ended() bool { return j.State == JobFinished || j.State == JobFailed }

// JobProblem is why an item was not imported.
type JobProblem struct {
	Line   int64 // of the file, from 1, in which the item begins
	Reason string
}

// JobFilter selects jobs. The zero value selects all.
type JobFilter struct {
	Running *bool // true for those that have not ended, false for the others
}

// ImportTooLarge is the name of the refusal of a file that is longer than imports
// may be.
const ImportTooLarge = "ImportTooLargeError"

// TooManyJobs refuses a further job while so many wait.
func TooManyJobs() *Error {
	return Errorf(Limited, "%d jobs wait already; try again when some have ended", JobsWaitingMax)
}

// NoJob refuses a job that does not exist.
func NoJob(id JobID) *Error {
	return Errorf(NotFound, "there is no job %d", id).Named("JobNotFoundError")
}
