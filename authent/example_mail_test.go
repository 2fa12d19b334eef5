package authent_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"

	"github.com/agentuity/auth-go/authent"
)

// A Mailer that puts messages in a queue: the answer to a request waits for it.
func ExampleMailer() {
	queue := make(chan string, 100) // What a worker sends.
	auth, client := newAuth(authent.Config{
		Mailer: authent.MailerFunc(func(_ context.Context, m authent.Message) error {
			switch m.Kind {
			case authent.MailVerifyEmail:
				queue <- "To: " + m.To + "\nSubject: Is this your address?\n\nPlease open " + m.URL
			case authent.MailResetPassword:
				queue <- "To: " + m.To + "\nSubject: Your new password\n\nChoose it at " + m.URL
			default:
				return fmt.Errorf("there is no text for %s", m.Kind)
			}
			return nil
		}),
		Password: authent.PasswordConfig{RequireVerification: true},
	})
	defer client.Close()
	ctx := context.Background()
	_, err := auth.SignUpEmail(ctx, authent.SignUpEmailInput{Name: "Ada", Email: "ada@example.com", Password: "correct horse"})
	if err != nil {
		log.Fatal(err)
	}
	text, _, _ := strings.Cut(<-queue, "?token=")
	fmt.Println(text)
	// Output:
	// To: ada@example.com
	// Subject: Is this your address?
	//
	// Please open https://app.example.com/api/auth/verify-email
}

// A reset by mail: the link leads to the page of the app, which sends the token with the new password.
func ExampleAuth_RequestPasswordReset() {
	var sent authent.Message
	auth, client := newAuth(authent.Config{Mailer: authent.MailerFunc(func(_ context.Context, m authent.Message) error {
		sent = m
		return nil
	})})
	defer client.Close()
	signUp(auth, "Ada")
	ctx := context.Background()

	_, err := auth.RequestPasswordReset(ctx, authent.RequestPasswordResetInput{Email: "ada@example.com", RedirectTo: "/new-password"})
	if err != nil {
		log.Fatal(err)
	}
	page := get(auth.Handler(), sent.URL, nil).Header().Get("Location")
	fmt.Println(page == "https://app.example.com/new-password?token="+sent.Token)

	_, err = auth.ResetPassword(ctx, authent.ResetPasswordInput{Token: sent.Token, NewPassword: "battery staple"})
	if err != nil {
		log.Fatal(err)
	}
	_, err = auth.SignInEmail(ctx, authent.SignInEmailInput{Email: "ada@example.com", Password: "battery staple"})
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// In development, links are in the log.
func ExampleLogMailer() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	mailer := authent.LogMailer(logger)
	err := mailer.Send(context.Background(), authent.Message{Kind: authent.MailResetPassword, To: "ada@example.com", URL: "http://localhost:8080/reset"})
	fmt.Println(err)
	// Output:
	// level=INFO msg=mail kind=reset-password to=ada@example.com url=http://localhost:8080/reset
	// <nil>
}
