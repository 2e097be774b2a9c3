package gateway

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"openkitty/stomp"
)

func TestAReceiptIsSentByTheNextSaveThoughTheSessionWasSavedJustBefore(t *testing.T) {
	t.Parallel()

	m, err := newMetrics(prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	s := &session{g: &Gateway{metrics: m}, id: newSessionID(), moved: true}
	made := standing{added: true}
	if saved := s.appendRecord(nil); len(saved) != 1 || saved[0].owed != 0 {
		t.Fatalf("the subscription is saved as %+v", saved)
	}
	s.confirm(stomp.Frame{Header: stomp.Header{{Name: "receipt", Value: "r"}}}, made)
	if saved := s.appendRecord(nil); len(saved) != 1 || saved[0].owed == 0 {
		t.Errorf("after that, its receipt is left to %+v", saved)
	}
}
