package telnet

// Resize notes the size of the player's terminal, and returns the bytes that tell
// the server of it: none where it does not want to know (NAWS, RFC 1073).
func (c *Client) Resize(w Window) []byte {
	c.Window = w
	if !c.negotiator.UsesLocal(NAWS) {
		return nil
	}
	return w.append(nil)
}
