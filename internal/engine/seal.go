package engine

import (
	"crypto/aes"
	"crypto/cipher"
	"fmt"
)

// sealer encrypts what must not be read in the database, or in a backup of it
// that lacks the table of settings.
type sealer struct{ aead cipher.AEAD }

// newSealer takes a key of 32 bytes.
func newSealer(key []byte) (sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("use the key of sealed values: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

// seal encrypts a value that is only opened again in the same place: a value that
// is moved to another row does not open there.
func (s sealer) seal(value []byte, place string) []byte {
	return s.aead.Seal(nil, nil, value, []byte(place))
}

func (s sealer) open(sealed []byte, place string) ([]byte, error) {
	value, err := s.aead.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return nil, fmt.Errorf("open what is sealed in %s: %w", place, err)
	}
	return value, nil
}
