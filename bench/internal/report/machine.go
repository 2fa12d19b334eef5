package report

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine says what the benchmarks ran on.
type Machine struct {
	CPU    string
	Cores  int
	Memory string
	OS     string
}

// ThisMachine reads what the kernel says. What it does not say is "unknown".
func ThisMachine() Machine {
	return Machine{
		CPU:    field("/proc/cpuinfo", "model name"),
		Cores:  runtime.NumCPU(),
		Memory: field("/proc/meminfo", "MemTotal"),
		OS:     runtime.GOOS + "/" + runtime.GOARCH,
	}
}

func field(file, name string) string {
	f, err := os.Open(file)
	if err != nil {
		return "unknown"
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func (m Machine) String() string {
	return fmt.Sprintf("%s, %d cores, memory %s, %s", m.CPU, m.Cores, m.Memory, m.OS)
}
