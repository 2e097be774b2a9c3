package main

// threads is how many threads may run Go code at once on so many processors: one more,
// since whoever waits for the disk counts among them for up to 10 ms, and there is
// nearly always somebody who does. With one processor the lane of the store would then
// take its batches before others have put anything into them.
func threads(processors int) int {
	if processors == 1 {
		return 1
	}
	return processors + 1
}
