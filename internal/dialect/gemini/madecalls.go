package gemini

// madeCalls are the calls that the model has made so far, in their order.
type madeCalls struct {
	list   []madeCall
	byID   map[string]int
	byName map[string][]int // those not answered yet
	first  int              // no call before it is open
}

// madeCall is one of them.
type madeCall struct {
	id, name string
	answered bool
}

func (m *madeCalls) add(id, name string) {
	if m.byID == nil {
		m.byID, m.byName = map[string]int{}, map[string][]int{}
	}
	m.byID[id] = len(m.list)
	m.byName[name] = append(m.byName[name], len(m.list))
	m.list = append(m.list, madeCall{id: id, name: name})
}

// answered is the call that a response answers: by id, else the first open one of the name,
// else the first open one. It is nil when there is none.
func (m *madeCalls) answered(id, name string) *madeCall {
	at, ok := m.byID[id]
	if !ok || id == "" {
		at = m.open(name)
	}
	if at < 0 {
		return nil
	}
	m.list[at].answered = true
	return &m.list[at]
}

// open is the place of the first open call of a name, of any name where there is none; -1
// for none at all.
func (m *madeCalls) open(name string) int {
	queue := m.byName[name]
	for len(queue) > 0 && m.list[queue[0]].answered {
		queue = queue[1:]
	}
	if len(queue) > 0 {
		m.byName[name] = queue[1:]
		return queue[0]
	}
	for m.first < len(m.list) && m.list[m.first].answered {
		m.first++
	}
	if m.first == len(m.list) {
		return -1
	}
	return m.first
}
