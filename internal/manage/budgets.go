package manage

import (
	"fmt"
	"slices"

	"github.com/dragoman-gateway/dragoman/internal/account"
	"github.com/dragoman-gateway/dragoman/internal/directory"
	"github.com/dragoman-gateway/dragoman/internal/fault"
	"github.com/dragoman-gateway/dragoman/internal/money"
)

// lifetime is the interval of a budget that never starts again.
const lifetime = "lifetime"

// interval is the window that the path names.
func (c *call) interval() (account.Window, error) {
	switch w := account.Window(c.PathValue("interval")); w {
	case lifetime:
		return account.Never, nil
	case account.Daily, account.Weekly, account.Monthly:
		return w, nil
	}
	return "", fault.Bad("interval", "The interval must be daily, weekly, monthly or lifetime")
}

func intervalName(w account.Window) string {
	if w == account.Never {
		return lifetime
	}
	return string(w)
}

func (a *API) listBudgets(c *call) (any, error) {
	w, err := a.findWorkspace(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	rows := []budgetRow{}
	for i := range w.Budgets {
		rows = append(rows, newBudgetRow(w, &w.Budgets[i]))
	}
	return budgetAnswer{rows, w.BYOKInBudgets}, nil
}

func (a *API) getBudget(c *call) (any, error) {
	w, err := a.findWorkspace(c, c.PathValue("id"))
	if err != nil {
		return nil, err
	}
	window, err := c.interval()
	if err != nil {
		return nil, err
	}
	b, ok := w.BudgetIn(window)
	if !ok {
		return nil, noBudget(window)
	}
	return budgetAnswer{newBudgetRow(w, b), w.BYOKInBudgets}, nil
}

func noBudget(w account.Window) error {
	return fault.New(fault.NotFound, fmt.Sprintf("The workspace has no %s budget; set one with PUT", intervalName(w)))
}

// putBudget creates or replaces the budget of an interval.
func (a *API) putBudget(c *call) (any, error) {
	window, err := c.interval()
	if err != nil {
		return nil, err
	}
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	limit := b.amount("limit_usd", false)
	switch {
	case b.err != nil:
	case limit == nil:
		b.fail("limit_usd", "given")
	case *limit <= 0:
		b.fail("limit_usd", "more than 0")
	}
	byok := b.flag("include_byok_in_budgets")
	if b.err != nil {
		return nil, b.err
	}
	w, err := a.rewriteWorkspace(c, "budget.set", map[string]any{"interval": intervalName(window), "limit_usd": limit}, func(_ *directory.Tx, w *account.Workspace) error {
		if b.has("include_byok_in_budgets") {
			w.BYOKInBudgets = byok
		}
		old, ok := w.BudgetIn(window)
		if !ok {
			w.Budgets = append(w.Budgets, account.Budget{ID: newUUID(), Window: window, Created: c.now})
			old = &w.Budgets[len(w.Budgets)-1]
		}
		old.Limit, old.Updated = *limit, c.now
		slices.SortFunc(w.Budgets, func(a, b account.Budget) int { return rank(a.Window) - rank(b.Window) })
		return shrinking(w.Budgets)
	})
	if err != nil {
		return nil, err
	}
	set, _ := w.BudgetIn(window)
	return budgetAnswer{newBudgetRow(w, set), w.BYOKInBudgets}, nil
}

func rank(w account.Window) int { return slices.Index(account.Windows[:], w) }

// shrinking demands that a shorter window has less (reference §3.22).
func shrinking(budgets []account.Budget) error {
	for i := 1; i < len(budgets); i++ {
		if long, short := budgets[i-1], budgets[i]; short.Limit >= long.Limit {
			return fault.Bad("limit_usd", fmt.Sprintf("The %s budget of $%s must be less than the %s budget of $%s",
				intervalName(short.Window), short.Limit, intervalName(long.Window), long.Limit))
		}
	}
	return nil
}

func (a *API) deleteBudget(c *call) (any, error) {
	window, err := c.interval()
	if err != nil {
		return nil, err
	}
	_, err = a.rewriteWorkspace(c, "budget.delete", map[string]any{"interval": intervalName(window)}, func(_ *directory.Tx, w *account.Workspace) error {
		i := slices.IndexFunc(w.Budgets, func(b account.Budget) bool { return b.Window == window })
		if i < 0 {
			return noBudget(window)
		}
		w.Budgets = slices.Delete(w.Budgets, i, i+1)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return gone{true}, nil
}

type budgetAnswer struct {
	Data any  `json:"data"`
	BYOK bool `json:"include_byok_in_budgets"`
}

// budgetRow is a budget as the API shows it.
type budgetRow struct {
	ID        string       `json:"id"`
	Workspace string       `json:"workspace_id"`
	Limit     money.Amount `json:"limit_usd"`
	Interval  *string      `json:"reset_interval"` // null: lifetime
	Created   string       `json:"created_at"`
	Updated   string       `json:"updated_at"`
}

func newBudgetRow(w *account.Workspace, b *account.Budget) budgetRow {
	return budgetRow{ID: b.ID, Workspace: w.ID, Limit: b.Limit, Interval: present(string(b.Window)), Created: timestamp(b.Created), Updated: timestamp(b.Updated)}
}
