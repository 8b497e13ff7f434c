package bedrock

// framed reports whether a body that begins so is one of frames. A frame begins with its
// length, whose first byte is below white space.
func framed(first byte) bool { return first < ' ' }
