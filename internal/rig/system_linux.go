package rig

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cpuTime is the processor time a process has used, user and system, in all its threads
// and to the nanosecond. It reads the process's clock (clock_getcpuclockid(3)) because
// /proc/PID/stat counts in ticks of 10 ms. PID 0 has used none.
func cpuTime(pid int) (time.Duration, error) {
	if pid == 0 {
		return 0, nil
	}
	const schedClock = 2 // CPUCLOCK_SCHED of the kernel's posix-timers.h
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|schedClock), &ts); err != nil {
		return 0, fmt.Errorf("read the processor clock of process %d: %w", pid, err)
	}
	return time.Duration(ts.Nano()), nil
}

// memoryOf reads /proc/PID/smaps_rollup.
func memoryOf(pid int) (Memory, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
	if err != nil {
		return Memory{}, err
	}
	var m Memory
	for line := range bytes.Lines(raw) {
		f := bytes.Fields(line)
		if len(f) < 3 {
			continue
		}
		kb, _ := strconv.ParseInt(string(f[1]), 10, 64) // other lines are not counts
		switch string(f[0]) {
		case "Rss:":
			m.RSS = kb << 10
		case "Pss:":
			m.PSS = kb << 10
		}
	}
	return m, nil
}

// processors are the ones this process may run on.
func processors() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("ask which processors there are: %w", err)
	}
	var out []int
	for i := range len(set) * 64 {
		if set.IsSet(i) {
			out = append(out, i)
		}
	}
	return out, nil
}

// startPinned starts cmd on one processor; everything it starts stays there. A child
// inherits the processors of the thread that forks it, so that is set before and put back
// after. The child ends with this process.
func startPinned(cmd *exec.Cmd, processor int) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var old, one unix.CPUSet
	if err := unix.SchedGetaffinity(0, &old); err != nil {
		return err
	}
	one.Set(processor)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("pin to processor %d: %w", processor, err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Start()
	if back := unix.SchedSetaffinity(0, &old); err == nil && back != nil {
		err = fmt.Errorf("unpin: %w", back)
	}
	return err
}

// raiseFileLimit lets this process and its children open as many files as the system
// allows, and says how many that is.
func raiseFileLimit() (int, error) {
	const wish = 65536
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 0, err
	}
	if l.Max < wish {
		raised := unix.Rlimit{Cur: wish, Max: wish}
		if unix.Setrlimit(unix.RLIMIT_NOFILE, &raised) == nil { // root may
			return wish, nil
		}
	}
	l.Cur = min(l.Max, wish)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 0, fmt.Errorf("raise the limit of open files: %w", err)
	}
	return int(l.Cur), nil
}

// machine describes where figures come from, in one line.
func machine() string {
	model := "unknown processor"
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range bytes.Lines(raw) {
			if name, ok := bytes.CutPrefix(line, []byte("model name\t: ")); ok {
				model = string(bytes.TrimSpace(name))
				break
			}
		}
	}
	var u unix.Utsname
	kernel := "unknown"
	if unix.Uname(&u) == nil {
		kernel = unix.ByteSliceToString(u.Release[:])
	}
	return fmt.Sprintf("%d × %s, Linux %s, %s", runtime.NumCPU(), model, kernel, runtime.Version())
}

// busy is how many processors other work has used in the last minute, or -1.
func busy() float64 {
	raw, err := os.ReadFile("/proc/loadavg")
	f := bytes.Fields(raw)
	if err != nil || len(f) == 0 {
		return -1
	}
	load, err := strconv.ParseFloat(string(f[0]), 64)
	if err != nil {
		return -1
	}
	return load
}
