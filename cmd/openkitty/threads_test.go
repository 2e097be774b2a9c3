package main

import "testing"

func TestOneThreadWaitsForTheDiskWhereThereAreSeveralProcessors(t *testing.T) {
	t.Parallel()

	for processors, want := range map[int]int{1: 1, 2: 3, 16: 17} {
		if got := threads(processors); got != want {
			t.Errorf("%d processors have %d threads, want %d", processors, got, want)
		}
	}
}
