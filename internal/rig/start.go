package rig

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"
)

// How often a starting process is knocked at, and for how long.
const (
	knock       = 200 * time.Microsecond
	startBudget = 10 * time.Second
)

// targetFresh is the gateway's first start, on an empty data directory.
const targetFresh = "dragoman, empty data"

// starts measures the time from starting a process to its first answer, again and again:
// the baseline, the gateway on data it has seen before, and the gateway on none.
func (r *Rig) starts(ctx context.Context, s scenario, up *process, row *Row) error {
	home, err := os.MkdirTemp(r.dir, "gateway-")
	if err != nil {
		return err
	}
	first, err := r.startGateway(ctx, home, "127.0.0.1:0", s, up)
	if err != nil {
		return err
	}
	err = first.announced()
	first.stop()
	if err != nil {
		return err
	}
	for range starts {
		if err := r.startBaseline(ctx, s, up, row); err != nil {
			return err
		}
		if err := r.startAgain(ctx, s, up, home, first.Key, row); err != nil {
			return err
		}
		if err := r.startFresh(ctx, s, up, row); err != nil {
			return err
		}
	}
	return nil
}

func (r *Rig) startBaseline(ctx context.Context, s scenario, up *process, row *Row) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	t := &target{path: "/v1/chat/completions", model: s.model()}
	return r.timeStart(s, t, targetRevproxy, row, func() (*process, error) {
		return r.spawn(ctx, targetRevproxy, r.measured, nil, r.self, childRevproxy, up.Address, address)
	}, address)
}

func (r *Rig) startAgain(ctx context.Context, s scenario, up *process, home, key string, row *Row) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	t := &target{path: "/api/v1/chat/completions", key: key, model: gatewayModel}
	return r.timeStart(s, t, targetGateway, row, func() (*process, error) {
		return r.startGateway(ctx, home, address, s, up)
	}, address)
}

// startFresh cannot knock: the key is only known from the announcement.
func (r *Rig) startFresh(ctx context.Context, s scenario, up *process, row *Row) error {
	begin := time.Now()
	t, err := r.gateway(ctx, s, up)
	if err != nil {
		return err
	}
	defer t.stop()
	if err := r.firstAnswer(s, t, t.host()); err != nil {
		return fmt.Errorf("%w\n%s", err, t.logTail())
	}
	row.started(targetFresh, time.Since(begin))
	return nil
}

// timeStart spawns, knocks until it is answered, and stops the process again.
func (r *Rig) timeStart(s scenario, t *target, name string, row *Row, spawn func() (*process, error), address string) error {
	begin := time.Now()
	p, err := spawn()
	if err != nil {
		return err
	}
	defer p.stop()
	go func() { _ = p.announced() }() // reads its output; knocking says whether it is there
	t.process = p
	if err := r.firstAnswer(s, t, address); err != nil {
		return fmt.Errorf("%w\n%s", err, p.logTail())
	}
	row.started(name, time.Since(begin))
	return nil
}

// firstAnswer knocks until a connection is taken and asks once.
func (r *Rig) firstAnswer(s scenario, t *target, address string) error {
	body, err := s.speaks().requestBody(s.body, t.model, false)
	if err != nil {
		return err
	}
	request := requestBytes(address, t.path, t.key, body)
	c := newClient(address, 16<<10, startBudget)
	defer c.close()
	deadline := time.Now().Add(startBudget)
	for c.connect() != nil {
		if time.Now().After(deadline) {
			return fmt.Errorf("nothing listens on %s after %s", address, startBudget)
		}
		time.Sleep(knock)
	}
	status, err := c.do(request)
	if err != nil {
		return err
	}
	return s.speaks().check(status, c.body, 0)
}

// freeAddress is one that nobody listens on now.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return "127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}
