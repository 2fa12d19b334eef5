package authent

import (
	"context"
	"log/slog"
)

// Mailer sends messages. The answer to a request waits for it, and must not tell by its time whether there is such a
// user: put messages in a queue rather than wait for a mail server.
type Mailer interface {
	// Send sends a message. An error fails the request and is logged.
	Send(ctx context.Context, m Message) error
}

// MailerFunc is a function that is a Mailer.
type MailerFunc func(ctx context.Context, m Message) error

// Send calls the function.
func (f MailerFunc) Send(ctx context.Context, m Message) error { return f(ctx, m) }

// MessageKind says what a message is about.
type MessageKind string

// The kinds of messages.
const (
	// MailVerifyEmail has the link that proves an address.
	MailVerifyEmail MessageKind = "verify-email"
	// MailResetPassword has the link to choose a new password.
	MailResetPassword MessageKind = "reset-password"
	// MailConfirmChange asks the current address to approve a new one.
	MailConfirmChange MessageKind = "confirm-change-email"
	// MailVerifyChange has the link that proves the new address.
	MailVerifyChange MessageKind = "verify-change-email"
	// MailDeleteUser has the link that deletes the user.
	MailDeleteUser MessageKind = "delete-user"
	// MailInvitation invites somebody to an organization.
	MailInvitation MessageKind = "invitation"
)

// Message is something to send by mail.
type Message struct {
	Kind MessageKind
	// To is the address.
	To string
	// URL is the link to open. Empty for an invitation whose page the config does not name.
	URL string
	// Token is the part of the link that makes it valid: a secret.
	Token string
	// User is whom the message is about; for an invitation, who invites.
	User *User
	// NewEmail is the new address, for MailConfirmChange.
	NewEmail string
	// Invitation and Organization are those of MailInvitation.
	Invitation   *Invitation
	Organization *Organization
}

// LogMailer is a Mailer for development: it logs each message with its link instead of sending it. The links
// are secrets: never use it in production. Without a logger it is slog.Default().
func LogMailer(logger *slog.Logger) Mailer {
	if logger == nil {
		logger = slog.Default()
	}
	return MailerFunc(func(ctx context.Context, m Message) error {
		logger.InfoContext(ctx, "mail", "kind", m.Kind, "to", m.To, "url", m.URL)
		return nil
	})
}
