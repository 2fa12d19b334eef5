package authenttest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/agentuity/auth-go/authent"
)

// Mailbox is a Mailer that keeps messages. It is safe for concurrent use.
type Mailbox struct {
	mu       sync.Mutex
	messages []authent.Message
}

// Send keeps a message.
func (m *Mailbox) Send(_ context.Context, message authent.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.messages = append(m.messages, message)
	return nil
}

// All returns the messages that were sent, oldest first.
func (m *Mailbox) All() []authent.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.messages)
}

// Last returns the newest message of a kind to an address. Its URL is the link that the reader opens. The test ends if
// there is none.
func (m *Mailbox) Last(t testing.TB, kind authent.MessageKind, to string) authent.Message {
	t.Helper()
	all := m.All()
	for _, message := range slices.Backward(all) {
		if message.Kind == kind && message.To == to {
			return message
		}
	}
	if len(all) == 0 {
		t.Fatalf("no %s was sent to %s: the mailbox is empty", kind, to)
	}
	sent := make([]string, len(all))
	for i, message := range all {
		sent[i] = fmt.Sprintf("\n  %s to %s", message.Kind, message.To)
	}
	t.Fatalf("no %s was sent to %s; what was sent:%s", kind, to, strings.Join(sent, ""))
	return authent.Message{}
}
