package money

// plain reads digits with at most one point, the way prices and amounts are nearly always
// written, without the detour over big numbers. ok is false for everything else, which
// the exact reader then reads or refuses.
func plain(s string, decimals int) (v int64, ok bool) {
	if len(s) == 0 || len(s) > 18 {
		return 0, false // more digits might not fit
	}
	point := -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			v = v*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0 && i < len(s)-1:
			point = i
		default:
			return 0, false
		}
	}
	missing := decimals
	if point >= 0 {
		missing -= len(s) - 1 - point
	}
	if missing < 0 {
		return 0, false
	}
	for ; missing > 0; missing-- {
		if v > (1<<63-1)/10 {
			return 0, false
		}
		v *= 10
	}
	return v, true
}
