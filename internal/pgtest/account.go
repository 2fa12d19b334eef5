package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is the system account that the server runs as. The zero value is that of the
// test process.
type account struct {
	uid, gid uint32
}

// serverAccount returns the account for the server. Postgres refuses to run as root, so
// root hands it to an unprivileged account.
func serverAccount() (account, error) {
	if os.Getuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("account %s: %w", name, err)
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return account{}, fmt.Errorf("account %s: %w", name, err)
		}
		return account{uid: uint32(uid), gid: uint32(gid)}, nil
	}
	return account{}, errors.New("start a Postgres for tests: it does not run as root, and there is no account \"postgres\" or \"nobody\" to run it as")
}

// tempDir returns where the account can make and remove a directory. A TMPDIR of root's
// need not let another account in.
func (a account) tempDir() string {
	if a.uid == 0 {
		return os.TempDir()
	}
	return "/tmp"
}

// own gives a directory to the account.
func (a account) own(dir string) error {
	if a.uid == 0 {
		return nil
	}
	return os.Chown(dir, int(a.uid), int(a.gid))
}

// run makes a command run as the account. It gets a process group of its own: Ctrl-C is
// for the tests, the server ends after them.
func (a account) run(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
		cmd.Env = append(os.Environ(), "HOME="+cmd.Dir)
	}
}
