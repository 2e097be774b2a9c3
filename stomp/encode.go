package stomp

import "strconv"

// Append writes the frame to the end of dst and returns the longer slice. It
// adds a content-length if the frame has a body and states none. CONNECT and
// CONNECTED have no way to write a line end inside a name or value: their
// callers must not let one in.
func (f Frame) Append(dst []byte) []byte {
	dst = append(dst, f.Command...)
	dst = append(dst, '\n')
	for _, field := range f.Header {
		if escapes(f.Command) {
			dst = AppendField(dst, field.Name, field.Value)
			continue
		}
		dst = append(dst, field.Name...)
		dst = append(dst, ':')
		dst = append(dst, field.Value...)
		dst = append(dst, '\n')
	}
	if _, stated := f.Header.Lookup("content-length"); !stated && len(f.Body) > 0 {
		dst = AppendLength(dst, len(f.Body))
	}
	dst = append(dst, '\n')
	dst = append(dst, f.Body...)
	return append(dst, 0)
}

// AppendField writes one escaped header line. With [AppendLength] it lets a
// server that sends one body to many subscribers write the frame in parts.
func AppendField(dst []byte, name, value string) []byte {
	dst = AppendEscaped(dst, name)
	dst = append(dst, ':')
	dst = AppendEscaped(dst, value)
	return append(dst, '\n')
}

// AppendLength writes the content-length line for a body of n bytes.
func AppendLength(dst []byte, n int) []byte {
	dst = append(dst, "content-length:"...)
	dst = strconv.AppendInt(dst, int64(n), 10)
	return append(dst, '\n')
}

// AppendEscaped writes a header name or value with the escapes of "Value
// Encoding".
func AppendEscaped(dst []byte, text string) []byte {
	plain := 0 // where the part starts that is not yet written
	for i := range len(text) {
		var escape string
		switch text[i] {
		case '\\':
			escape = `\\`
		case '\r':
			escape = `\r`
		case '\n':
			escape = `\n`
		case ':':
			escape = `\c`
		default:
			continue
		}
		dst = append(append(dst, text[plain:i]...), escape...)
		plain = i + 1
	}
	return append(dst, text[plain:]...)
}
