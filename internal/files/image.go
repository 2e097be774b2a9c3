package files

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"os"

	_ "image/gif"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"openkitty/internal/chat"
)

const (
	// ThumbnailEdge is the longer edge of a thumbnail, in pixels. Images that
	// are no larger have none.
	ThumbnailEdge = 320
	// pixelsMax bounds the images that are decoded: a small file can claim to be
	// an enormous image. Decoded, one takes 4 bytes a pixel.
	pixelsMax = 25_000_000
	// decodersMax is how many images are decoded at once; others wait.
	decodersMax = 2
)

// Painter measures images and makes thumbnails of them.
type Painter struct {
	spool *Spool
	turns chan struct{} // holds one for each image that is decoded now
}

// NewPainter returns a painter that leaves thumbnails in a spool.
func NewPainter(spool *Spool) *Painter {
	return &Painter{spool: spool, turns: make(chan struct{}, decodersMax)}
}

// Look measures an image, and makes a thumbnail if it is large. The thumbnail is
// nil if there is none. What is no image, or none that can be read, is no error.
func (p *Painter) Look(ctx context.Context, r *Received) (chat.Image, *Received, error) {
	file, err := os.Open(r.Path)
	if err != nil {
		return chat.Image{}, nil, fmt.Errorf("look at an image: %w", err)
	}
	defer file.Close()
	config, _, err := image.DecodeConfig(bufio.NewReader(file))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return chat.Image{}, nil, nil
	}
	measured := chat.Image{Width: config.Width, Height: config.Height}
	large := max(config.Width, config.Height) > ThumbnailEdge
	if !large || int64(config.Width)*int64(config.Height) > pixelsMax {
		return measured, nil, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return measured, nil, fmt.Errorf("look at an image: %w", err)
	}
	return p.reduce(ctx, measured, file)
}

// reduce makes the thumbnail of a measured image.
func (p *Painter) reduce(ctx context.Context, measured chat.Image, file io.Reader) (chat.Image, *Received, error) {
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return measured, nil, ctx.Err()
	}
	full, _, err := image.Decode(bufio.NewReader(file))
	if err != nil {
		return measured, nil, nil // it begins as an image and is none
	}
	small := image.NewRGBA(thumbnailBounds(full.Bounds()))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, full.Bounds(), draw.Src, nil)

	var encoded bytes.Buffer
	if err := encode(&encoded, small); err != nil {
		return measured, nil, fmt.Errorf("make a thumbnail: %w", err)
	}
	thumbnail, err := p.spool.Receive(ctx, &encoded, chat.FileLimits{Size: int64(encoded.Len())})
	if err != nil {
		return measured, nil, fmt.Errorf("make a thumbnail: %w", err)
	}
	measured.Thumbnail, measured.ThumbnailType = thumbnail.Digest, thumbnail.Seen
	return measured, thumbnail, nil
}

func encode(into io.Writer, img *image.RGBA) error {
	if img.Opaque() {
		return jpeg.Encode(into, img, &jpeg.Options{Quality: 80})
	}
	return png.Encode(into, img)
}

// thumbnailBounds fits an image into a square.
func thumbnailBounds(full image.Rectangle) image.Rectangle {
	width, height := full.Dx(), full.Dy()
	longer := max(width, height)
	return image.Rect(0, 0, max(1, width*ThumbnailEdge/longer), max(1, height*ThumbnailEdge/longer))
}
