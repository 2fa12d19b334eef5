package load

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

// answers reads those of HTTP/1.1 with little work: the generator shares the machine with
// the servers that it measures.
type answers struct {
	in   *bufio.Reader
	body []byte // Of the last answer.
}

func newAnswers(conn net.Conn) *answers { return &answers{in: bufio.NewReaderSize(conn, 64<<10)} }

// next reads an answer and returns its status.
func (a *answers) next() (int, error) {
	line, err := a.line()
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("not a status line: %q", line)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, fmt.Errorf("not a status line: %q", line)
	}
	length, chunked := -1, false
	for {
		line, err := a.line()
		if err != nil {
			return 0, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return 0, fmt.Errorf("not a length: %q", line)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked"))
		}
	}
	a.body = a.body[:0]
	switch {
	case chunked:
		return status, a.chunks()
	case length >= 0:
		return status, a.read(length)
	}
	return 0, errors.New("an answer without a length")
}

func (a *answers) chunks() error {
	for {
		line, err := a.line()
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(string(line), 16, 31)
		if err != nil {
			return fmt.Errorf("not the length of a chunk: %q", line)
		}
		if err := a.read(int(n)); err != nil {
			return err
		}
		if line, err = a.line(); err != nil {
			return err
		}
		if len(line) != 0 {
			return fmt.Errorf("a chunk does not end: %q", line)
		}
		if n == 0 {
			return nil
		}
	}
}

// read appends n bytes to the body.
func (a *answers) read(n int) error {
	at := len(a.body)
	a.body = append(a.body, make([]byte, n)...)
	_, err := io.ReadFull(a.in, a.body[at:])
	return err
}

// line reads up to the end of a line. It is valid until the next read.
func (a *answers) line() ([]byte, error) {
	line, err := a.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}
