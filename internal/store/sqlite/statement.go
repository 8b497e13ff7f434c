package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"strings"
)

// conn is a connection below database/sql: its owner is one goroutine, so there is nothing
// to pool or to lock.
type conn struct {
	driver.Conn
	kept *[]driver.Stmt // what was prepared, where the connection closes it; nil: whoever prepares does
}

// keeping is a connection that closes what is prepared on it with itself.
func keeping(d driver.Conn) conn { return conn{d, new([]driver.Stmt)} }

// Close closes the connection. SQLite would keep its files open until the last statement is
// closed.
func (c conn) Close() error {
	if c.kept != nil {
		for _, s := range *c.kept {
			_ = s.Close() // the connection says what is wrong
		}
	}
	return c.Conn.Close()
}

func (c conn) prepare(query string) (*statement, error) {
	s, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(context.Background(), query)
	if err != nil {
		return nil, fmt.Errorf("prepare %q: %w", query, err)
	}
	if c.kept != nil {
		*c.kept = append(*c.kept, s)
	}
	return &statement{stmt: s}, nil
}

// run executes a statement that is not worth keeping.
func (c conn) run(query string) error {
	_, err := c.Conn.(driver.ExecerContext).ExecContext(context.Background(), query, nil)
	return err
}

// number is the first column of the first row; 0 when it is NULL.
func (c conn) number(query string) (int64, error) {
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(context.Background(), query, nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	if err := rows.Next(values); err != nil {
		if err == io.EOF {
			err = fmt.Errorf("no answer to %q", query)
		}
		return 0, err
	}
	n, _ := values[0].(int64)
	return n, nil
}

// query calls f with every row of the answer to a query that is not worth keeping.
func (c conn) query(ctx context.Context, query string, f func([]driver.Value) error, args ...driver.Value) error {
	s, err := c.prepare(query)
	if err != nil {
		return err
	}
	if c.kept == nil {
		defer s.stmt.Close()
	}
	return s.eachOf(ctx, f, args...)
}

type statement struct {
	stmt driver.Stmt
	args []driver.NamedValue
}

func (s *statement) exec(args ...driver.Value) error {
	s.name(args)
	return s.execNamed(s.args)
}

// each calls f with every row of the answer, whose values are valid during the call.
func (s *statement) each(f func([]driver.Value) error, args ...driver.Value) error {
	return s.eachOf(context.Background(), f, args...)
}

func (s *statement) eachOf(ctx context.Context, f func([]driver.Value) error, args ...driver.Value) error {
	s.name(args)
	rows, err := s.stmt.(driver.StmtQueryContext).QueryContext(ctx, s.args)
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(values); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
		if err := f(values); err != nil {
			return err
		}
	}
}

func (s *statement) name(args []driver.Value) {
	s.args = s.args[:0]
	for i, v := range args {
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
}

func (s *statement) execNamed(args []driver.NamedValue) error {
	_, err := s.stmt.(driver.StmtExecContext).ExecContext(context.Background(), args)
	return err
}

// A bulk writes rows with as few statements as there are sizes for: a statement's fixed
// cost is about that of one row.
type bulk struct {
	columns int
	sizes   []sized // largest first
	args    []driver.NamedValue
}

type sized struct {
	rows int
	*statement
}

// newBulk prepares "head (?, …), (?, …) tail" for several numbers of rows.
func newBulk(c conn, columns int, head, tail string) (*bulk, error) {
	b := &bulk{columns: columns}
	one := "(" + strings.Repeat("?, ", columns-1) + "?)"
	for _, n := range [...]int{16, 4, 2, 1} {
		s, err := c.prepare(head + " VALUES " + strings.Repeat(one+", ", n-1) + one + " " + tail)
		if err != nil {
			return nil, err
		}
		b.sizes = append(b.sizes, sized{n, s})
	}
	return b, nil
}

// add is the next value of the row being added.
func (b *bulk) add(v driver.Value) { b.args = append(b.args, driver.NamedValue{Value: v}) }

// text is add for what is often the same as in the row before, which is then not copied.
func (b *bulk) text(s string) {
	if above := len(b.args) - b.columns; above >= 0 && b.args[above].Value == driver.Value(s) {
		b.args = append(b.args, b.args[above])
		return
	}
	b.add(s)
}

// flush writes the rows added since the last flush.
func (b *bulk) flush() error {
	rest := b.args
	defer func() {
		clear(b.args)
		b.args = b.args[:0]
	}()
	for _, s := range b.sizes {
		for n := s.rows * b.columns; len(rest) >= n; rest = rest[n:] {
			for i := range rest[:n] {
				rest[i].Ordinal = i + 1
			}
			if err := s.execNamed(rest[:n]); err != nil {
				return err
			}
		}
	}
	return nil
}
