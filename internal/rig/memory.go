package rig

// Memory is what a process holds, in bytes: RSS counts shared pages whole, PSS by share.
type Memory struct{ RSS, PSS int64 }
