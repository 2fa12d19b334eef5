// Package drizzle runs the cases with Drizzle on node-postgres, in a process of Node.
package drizzle

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/agentuity/auth-go/bench/internal/canon"
	"github.com/agentuity/auth-go/bench/internal/seed"
	"github.com/agentuity/auth-go/bench/internal/suite"
)

// Open starts Node in the folder with the code, where "npm ci" has been run. With prepared,
// queries are prepared once; otherwise they are built for each call.
func Open(ctx context.Context, folder, url string, prepared bool) (suite.Contender, error) {
	args := []string{"contender.mjs"}
	if prepared {
		args = append(args, "prepared")
	}
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "DATABASE_URL="+url, "NODE_ENV=production")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Node for Drizzle: %w", err)
	}
	return &contender{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 1<<20)}, nil
}

type contender struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

type request struct {
	Case      string              `json:"case"`
	Arguments []map[string]string `json:"arguments"`
	Result    bool                `json:"result"`
}

type reply struct {
	Times  []float64 `json:"times"`
	CPU    float64   `json:"cpu"`
	Result any       `json:"result"`
	Error  string    `json:"error"`
}

func (c *contender) ask(r request) (reply, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return reply{}, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return reply{}, fmt.Errorf("ask Node: %w", err)
	}
	line, err = c.out.ReadBytes('\n')
	if err != nil {
		return reply{}, fmt.Errorf("the process of Node ended: %w", err)
	}
	var answer reply
	if err := json.Unmarshal(line, &answer); err != nil {
		return reply{}, fmt.Errorf("answer of Node: %w", err)
	}
	if answer.Error != "" {
		return reply{}, errors.New(answer.Error)
	}
	return answer, nil
}

// arguments are those of the i-th call.
func arguments(name string, i int) map[string]string {
	switch name {
	case suite.Get, suite.Member:
		return map[string]string{"id": seed.UserID(i)}
	case suite.List:
		return map[string]string{"id": seed.PageAfter("user", i)}
	case suite.Session:
		return map[string]string{"id": seed.Token(i)}
	case suite.Members:
		return map[string]string{"id": seed.OrganizationID(i)}
	case suite.Projects:
		return map[string]string{"id": seed.FullOrganizationID(i)}
	case suite.Page:
		return map[string]string{"id": seed.PageAfter("project", i)}
	case suite.Shared:
		return map[string]string{"id": seed.PageAfter("task", i)}
	case suite.Wide:
		return map[string]string{"id": seed.WideOrganizationID()}
	case suite.Update:
		return map[string]string{"id": seed.WrittenUserID(i), "name": seed.Name(i)}
	case suite.Tx:
		return map[string]string{"project": seed.WrittenProjectID(i), "title": seed.NewTask, "name": seed.Name(i)}
	}
	return nil
}

func (c *contender) Has(k suite.Case) bool { return arguments(k.Name, 0) != nil }

func (c *contender) Turn(_ context.Context, k suite.Case, first, n int) (suite.Sample, error) {
	r := request{Case: k.Name}
	for i := first; i < first+n; i++ {
		r.Arguments = append(r.Arguments, arguments(k.Name, i))
	}
	answer, err := c.ask(r)
	if err != nil {
		return suite.Sample{}, fmt.Errorf("%s: %w", k.Name, err)
	}
	sample := suite.Sample{CPU: time.Duration(answer.CPU)}
	for _, t := range answer.Times {
		sample.Times = append(sample.Times, time.Duration(t))
	}
	return sample, nil
}

func (c *contender) Result(_ context.Context, k suite.Case, i int) (string, error) {
	answer, err := c.ask(request{Case: k.Name, Arguments: []map[string]string{arguments(k.Name, i)}, Result: true})
	if err != nil {
		return "", fmt.Errorf("%s: %w", k.Name, err)
	}
	return canon.Text(answer.Result, k.Ignore), nil
}

// Close ends Node, which closes its connections.
func (c *contender) Close() error { return errors.Join(c.in.Close(), c.cmd.Wait()) }
