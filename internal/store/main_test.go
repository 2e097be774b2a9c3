package store_test

import (
	"os"
	"testing"
)

// TestMain turns the test binary into the server that the tests of crashes kill.
func TestMain(m *testing.M) {
	if os.Getenv(victimVariable) != "" {
		os.Exit(runVictim())
	}
	os.Exit(m.Run())
}
