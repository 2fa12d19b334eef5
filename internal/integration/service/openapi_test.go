package service_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestOpenAPI(t *testing.T) {
	onEach(t, nil, func(t *testing.T, s *server) {
		a := s.browser().get(t, "/openapi.json").ok(t)
		var doc struct {
			OpenAPI string `json:"openapi"`
			Paths   map[string]map[string]struct {
				OperationID string `json:"operationId"`
				Parameters  []struct {
					Name, In string
					Required bool
				}
				RequestBody struct {
					Content map[string]struct {
						Schema struct {
							Properties map[string]any
							Required   []string
						}
					}
				}
			}
			Components struct {
				Schemas map[string]any
			}
		}
		a.decode(t, &doc)
		ids := map[string]bool{}
		for _, e := range s.auth.Endpoints() {
			path := regexp.MustCompile(`:(\w+)`).ReplaceAllString(e.Path, "{$1}")
			op, ok := doc.Paths[path][strings.ToLower(e.Method)]
			if !ok || op.OperationID != e.Name || ids[e.Name] {
				t.Errorf("%s %s: %+v", e.Method, e.Path, op)
			}
			ids[e.Name] = true
			if e.Summary == "" || e.Group == "" {
				t.Errorf("%s has no summary or group", e.Name)
			}
		}
		for _, ref := range regexp.MustCompile(`#/components/schemas/(\w+)`).FindAllStringSubmatch(string(a.body), -1) {
			if doc.Components.Schemas[ref[1]] == nil {
				t.Errorf("the schema %s is not in the document", ref[1])
			}
		}
		signUp := doc.Paths["/sign-up/email"]["post"].RequestBody.Content
		if body := signUp["application/json"].Schema; strings.Join(body.Required, " ") != "name email password" || body.Properties["rememberMe"] == nil || len(signUp) != 2 {
			t.Errorf("sign-up takes %+v", signUp)
		}
		page := s.browser().get(t, "/reference").ok(t)
		if page.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(string(page.body), "POST /sign-in/email") || page.header.Get("Content-Security-Policy") == "" {
			t.Errorf("the page is %s", page.body)
		}
		if s.browser().get(t, "/reference/").status != http.StatusNotFound {
			t.Error("a path with a slash at its end is another path")
		}
	})
}
