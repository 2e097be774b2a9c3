package store_test

import (
	"bytes"
	"testing"
	"time"

	"openkitty/internal/chat"
	"openkitty/internal/store"
	"openkitty/internal/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestApplicationsAreFoundByIDNameKeyAndClient(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		first := newApplication(t, s, "first")
		settings := chat.DefaultSettings()
		settings.GuestUsers, settings.FileTypes = false, chat.MediaTypes{"image/*"}
		var second chat.Application
		update(t, s, func(tx *store.Tx) (err error) {
			second, err = tx.CreateApplication(ctx, chat.Application{
				Name: "second", APIKey: "key", ClientID: "client", Settings: settings, CreatedAt: now,
			}, []byte{0, 1, 255})
			return err
		})
		for name, find := range map[string]func() (chat.Application, error){
			"id":   func() (chat.Application, error) { return s.Application(ctx, second.ID) },
			"name": func() (chat.Application, error) { return s.ApplicationByName(ctx, "second") },
			"key":  func() (chat.Application, error) { return s.ApplicationByKey(ctx, "key") },
			"client": func() (chat.Application, error) {
				credential, err := s.CredentialByClient(ctx, "client")
				if err != nil || !bytes.Equal(credential.SecretHash, []byte{0, 1, 255}) {
					t.Errorf("the credential is %v, %v", credential, err)
				}
				return s.Application(ctx, credential.Application)
			},
		} {
			got, err := find()
			if err != nil {
				t.Errorf("by %s: %v", name, err)
			}
			if diff := cmp.Diff(second, got); diff != "" {
				t.Errorf("by %s:\n%s", name, diff)
			}
		}
		all, err := s.Applications(ctx)
		if diff := cmp.Diff([]chat.Application{first, second}, all); err != nil || diff != "" {
			t.Errorf("all applications: %v\n%s", err, diff)
		}
		if _, err := s.ApplicationByKey(ctx, "nobody's"); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("an unknown key: %v", err)
		}
	})
}

func TestKeysAndSecretsOfAnApplicationAreReplaced(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		app := newApplication(t, s, "app")
		update(t, s, func(tx *store.Tx) error {
			if err := tx.SetAPIKey(ctx, app.ID, "new key"); err != nil {
				return err
			}
			credential, err := tx.CredentialByClient(ctx, app.ClientID)
			if err != nil {
				return err
			}
			return tx.SetSecret(ctx, app.ID, credential.ID, []byte("new hash"), now.Add(time.Hour))
		})
		if _, err := s.ApplicationByKey(ctx, app.APIKey); !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the old key: %v", err)
		}
		if got, err := s.ApplicationByKey(ctx, "new key"); err != nil || got.ID != app.ID {
			t.Errorf("the new key: %v, %v", got, err)
		}
		credential, err := s.CredentialByClient(ctx, app.ClientID)
		if err != nil || string(credential.SecretHash) != "new hash" {
			t.Errorf("the new secret: %v, %v", credential, err)
		}
		if n := len(credential.ValidHashes(now)); n != 2 {
			t.Errorf("%d secrets work while the old one overlaps", n)
		}
		if n := len(credential.ValidHashes(now.Add(time.Hour))); n != 1 {
			t.Errorf("%d secrets work afterwards", n)
		}
		err = s.Update(ctx, 0, func(tx *store.Tx) error { return tx.SetAPIKey(ctx, app.ID+1, "x") })
		if !chat.IsKind(err, chat.NotFound) {
			t.Errorf("the key of no application: %v", err)
		}
	})
}

func TestAnApplicationNameIsTakenOnce(t *testing.T) {
	t.Parallel()

	forEachEngine(t, func(t *testing.T, s *store.Store) {
		newApplication(t, s, "app")
		err := s.Update(t.Context(), 0, func(tx *store.Tx) error {
			_, err := tx.CreateApplication(t.Context(), chat.Application{Name: "app", APIKey: "k", ClientID: "c", Settings: chat.DefaultSettings(), CreatedAt: now}, []byte{1})
			return err
		})
		if refusal := chat.AsError(err); refusal.Kind != chat.Conflict || refusal.Name != "ApplicationNameTakenError" {
			t.Errorf("the second application of a name: %v", err)
		}
	})
}

func TestASecretIsTheSameForEveryNode(t *testing.T) {
	t.Parallel()

	shared := func(t *testing.T, o store.Options) {
		nodes := []*store.Store{open(t, o), open(t, o)}
		secrets := make(chan []byte)
		for range 4 {
			for _, node := range nodes {
				go func() {
					secret, err := node.Secret(t.Context(), "grants")
					if err != nil {
						t.Errorf("secret: %v", err)
					}
					secrets <- secret
				}()
			}
		}
		first := <-secrets
		if len(first) != 32 {
			t.Errorf("the secret has %d bytes", len(first))
		}
		for range 7 {
			if next := <-secrets; !bytes.Equal(first, next) {
				t.Error("two askers got two secrets")
			}
		}
		if other, err := nodes[0].Secret(t.Context(), "other"); err != nil || bytes.Equal(first, other) {
			t.Errorf("another name has the same secret (%v)", err)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		shared(t, store.Options{Directory: storetest.SQLite(t)})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		shared(t, store.Options{Database: storetest.Postgres(t)})
	})
}
