//go:build !unix

package upstream

import "net"

// alive trusts the connection where there is no cheap look.
func alive(net.Conn) bool { return true }
