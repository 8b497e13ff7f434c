//go:build !linux

package rig

import (
	"errors"
	"os/exec"
	"runtime"
	"time"
)

var errLinux = errors.New("the rig reads clocks and memory that only Linux gives; run it there")

func cpuTime(int) (time.Duration, error) { return 0, errLinux }
func memoryOf(int) (Memory, error)       { return Memory{}, errLinux }
func processors() ([]int, error)         { return nil, errLinux }
func startPinned(*exec.Cmd, int) error   { return errLinux }
func raiseFileLimit() (int, error)       { return 0, errLinux }
func machine() string                    { return runtime.GOOS }
func busy() float64                      { return -1 }
