package broker

// Local is the broker of a single node. It delivers at once, in the caller's
// goroutine, and loses nothing.
type Local struct{ node Node }

// NewLocal returns the broker of a single node.
func NewLocal() *Local { return &Local{} }

func (l *Local) Join(node Node)          { l.node = node }
func (l *Local) Follow(Topic)            {}
func (l *Local) Unfollow(Topic)          {}
func (l *Local) Wanted(topic Topic) bool { return l.node.Listening(topic) }
func (l *Local) Publish(p *Publication)  { l.node.Deliver(p) }
func (l *Local) Close()                  {}
