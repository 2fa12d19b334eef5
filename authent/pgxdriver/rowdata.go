package pgxdriver

import (
	"encoding/binary"
	"sync"
)

// rowData are the columns of rows that were read, of each its length, or -1 for NULL, and its bytes. They are in
// chunks of memory, so that nothing is copied when there are more rows. The memory is used again.
type rowData struct {
	chunks []*[]byte
	size   int
	rest   []byte // what was not read of the chunk before the next one
	next   int    // chunk
}

// The first chunk has at least minChunk bytes, each further one twice as many up to maxChunk, unless a row is larger.
// Chunks with more than maxKeptChunk bytes are not used again.
const (
	minChunk     = 2 << 10
	maxChunk     = 64 << 10
	maxKeptChunk = 1 << 20
)

// chunks are the memory of rows that were read.
var chunks sync.Pool

// isNull is the length of a column that is NULL.
const isNull = 1<<32 - 1

// add adds the columns of a row.
func (d *rowData) add(values [][]byte) {
	size := 4 * len(values)
	for _, v := range values {
		size += len(v)
	}
	d.size += size
	chunk := d.chunk(size)
	b := *chunk
	for _, v := range values {
		n := uint32(len(v)) //nolint:gosec // A column is shorter than 1 GB.
		if v == nil {
			n = isNull
		}
		b = binary.BigEndian.AppendUint32(b, n)
		b = append(b, v...)
	}
	*chunk = b
}

// chunk returns the last chunk, in which there is room for some bytes.
func (d *rowData) chunk(size int) *[]byte {
	grown := minChunk
	if last := len(d.chunks) - 1; last >= 0 {
		chunk := d.chunks[last]
		if cap(*chunk)-len(*chunk) >= size {
			return chunk
		}
		grown = min(2*cap(*chunk), maxChunk)
	}
	chunk, ok := chunks.Get().(*[]byte)
	if !ok || cap(*chunk) < size {
		b := make([]byte, 0, max(grown, size))
		chunk = &b
	}
	d.chunks = append(d.chunks, chunk)
	return chunk
}

// read reads the columns of the next row. It returns false if there is none.
func (d *rowData) read(values [][]byte) bool {
	for len(d.rest) == 0 {
		if d.next == len(d.chunks) {
			return false
		}
		d.rest = *d.chunks[d.next]
		d.next++
	}
	data := d.rest
	for i := range values {
		n := binary.BigEndian.Uint32(data)
		data = data[4:]
		if n == isNull {
			values[i] = nil
			continue
		}
		values[i], data = data[:n:n], data[n:]
	}
	d.rest = data
	return true
}

// free gives the memory back.
func (d *rowData) free() {
	for _, chunk := range d.chunks {
		if cap(*chunk) <= maxKeptChunk {
			*chunk = (*chunk)[:0]
			chunks.Put(chunk)
		}
	}
	*d = rowData{}
}
