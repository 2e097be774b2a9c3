package chat

// UserSecretsMax is how many secrets a user has at most; UserSecretSizeMax bounds
// each, in bytes of JSON.
const (
	UserSecretsMax    = 100
	UserSecretSizeMax = 16 << 10
)

// CheckSecret reports what is wrong with a secret and its name.
func CheckSecret(name string, value []byte) error {
	if err := checkName("name of the secret", name); err != nil {
		return err
	}
	if len(value) > UserSecretSizeMax {
		return Errorf(Invalid, "the secret has %d bytes; at most %d are allowed", len(value), UserSecretSizeMax)
	}
	return nil
}

// NoSecret refuses what is asked of a secret that is not there.
func NoSecret(name string) *Error {
	return Errorf(NotFound, "the user has no secret %.80q", name).Named("SecretNotFoundError")
}
