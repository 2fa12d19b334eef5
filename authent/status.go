package authent

import (
	"context"
	"html/template"
	"strings"
)

// OKOutput is the output of OK.
type OKOutput struct {
	OK bool `json:"ok"`
}

// OK tells that the service runs.
func (a *Auth) OK(context.Context) (*OKOutput, error) { return &OKOutput{OK: true}, nil }

// ErrorPageInput is the input of ErrorPage.
type ErrorPageInput struct {
	Error            string `json:"error,omitempty"`
	ErrorDescription string `json:"error_description,omitempty"`
}

// HTML is an output that is a page.
type HTML string

// ErrorPage is where a browser is sent when there is no other place to tell it of an error.
func (a *Auth) ErrorPage(_ context.Context, in ErrorPageInput) (HTML, error) {
	code := in.Error
	if code == "" || len(code) > 100 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'") != "" {
		code = "UNKNOWN"
	}
	description := in.ErrorDescription
	if len(description) > 500 {
		description = ""
	}
	var page strings.Builder
	if err := errorPage.Execute(&page, map[string]string{"Code": code, "Description": description, "Home": a.baseURL}); err != nil {
		return "", err
	}
	return HTML(page.String()), nil
}

// errorPage has no script and no style of its own: the handler's Content-Security-Policy allows neither.
var errorPage = template.Must(template.New("error").Parse(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>Error</title>
</head>
<body>
<h1>Something went wrong</h1>
<p>{{ with .Description }}{{ . }}{{ else }}The request could not be completed. Please go back and try again.{{ end }}</p>
<p>Code: <code>{{ .Code }}</code></p>
<p><a href="{{ .Home }}">Go to the start page</a></p>
</body>
</html>
`))
