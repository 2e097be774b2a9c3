package gateway

import (
	"crypto/sha256"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"

	"openkitty/internal/chat"
)

// Users without a picture of their own get a generated one: a pattern of tiles,
// mirrored as faces are. It depends on the user's id alone, so the address
// tells nothing and may be cached for ever.

const (
	pictureTiles = 5
	tileSize     = 24 // pixels
	pictureEdge  = 12 // pixels around the tiles
)

func servePicture(w http.ResponseWriter, r *http.Request) {
	id, found := strings.CutSuffix(r.PathValue("picture"), ".png")
	if _, ok := parseID(id); !found || !ok {
		refuse(w, chat.Errorf(chat.NotFound, "there is no such picture"))
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	png.Encode(w, picture(id))
}

func picture(seed string) image.Image {
	digest := sha256.Sum256([]byte("picture " + seed))
	palette := color.Palette{
		color.RGBA{0xf2, 0xf2, 0xf0, 0xff},
		color.RGBA{0x30 + digest[0]%0x90, 0x30 + digest[1]%0x90, 0x30 + digest[2]%0x90, 0xff},
	}
	const size = pictureTiles*tileSize + 2*pictureEdge
	img := image.NewPaletted(image.Rect(0, 0, size, size), palette)
	for y := pictureEdge; y < size-pictureEdge; y++ {
		for x := pictureEdge; x < size-pictureEdge; x++ {
			row, column := (y-pictureEdge)/tileSize, (x-pictureEdge)/tileSize
			mirrored := min(column, pictureTiles-1-column)
			img.SetColorIndex(x, y, digest[3+row*pictureTiles+mirrored]&1)
		}
	}
	return img
}
