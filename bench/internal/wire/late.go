package wire

import (
	"net"
	"runtime"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// awake is how long before it is due a piece is waited for without sleep: a processor that was idle takes that long to
// be back.
const awake = 150 * time.Microsecond

// late copies src to dst, each piece by a delay after it came.
func late(dst, src net.Conn, delay time.Duration, spoke func()) {
	type piece struct {
		data []byte
		due  time.Time
	}
	pieces := make(chan piece, 4096)
	var writer sync.WaitGroup
	writer.Go(func() {
		// A timer of Go is late by up to a millisecond: the thread sleeps itself.
		runtime.LockOSThread()
		precise()
		broken := false
		for p := range pieces {
			if broken {
				continue
			}
			sleep(time.Until(p.due) - awake)
			for time.Now().Before(p.due) {
			}
			if _, err := dst.Write(p.data); err != nil {
				broken = true
				_ = src.Close()
			}
		}
	})
	for {
		buf := make([]byte, 32<<10)
		n, err := src.Read(buf)
		if n > 0 {
			spoke()
			pieces <- piece{buf[:n], time.Now().Add(delay)}
		}
		if err != nil {
			break
		}
	}
	close(pieces)
	writer.Wait()
}

// precise asks the kernel not to be late for the sake of other timers: by default it may be
// by 50 microseconds.
func precise() {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}

// sleep stops the thread.
func sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	left := unix.NsecToTimespec(int64(d))
	_, _, _ = unix.Syscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, 0, uintptr(unsafe.Pointer(&left)), uintptr(unsafe.Pointer(&left)), 0, 0)
}
