package broker_test

import (
	"testing"

	"openkitty/internal/broker"
	"openkitty/internal/broker/brokertest"
)

func TestLocalKeepsThePromisesOfABroker(t *testing.T) {
	t.Parallel()

	brokertest.Run(t, func(*testing.T) broker.Broker { return broker.NewLocal() })
}
