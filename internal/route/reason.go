package route

// Reason is why an endpoint stands where it stands, or why it is out.
type Reason string
