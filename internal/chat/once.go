package chat

// Answer is what a request that is done only once was answered with.
type Answer struct {
	Hash   []byte // of the request
	Status int
	Body   []byte
}
