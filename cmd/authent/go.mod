module github.com/agentuity/auth-go/cmd/authent

go 1.26.0

require github.com/agentuity/auth-go v0.0.0

replace github.com/agentuity/auth-go => ../..
