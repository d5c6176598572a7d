/* byte_stream.h - the bytes of a file, of a pipe or of standard input in order; what gzip compressed is unpacked on the way. */
#ifndef TWPROBE_LISTENER_BYTE_STREAM_H
#define TWPROBE_LISTENER_BYTE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

struct byte_stream; /* owns the descriptor and the buffer */

/* What every stream begins with: the bytes that are in the buffer and were not skipped. For the two functions below, which are
 * here because each frame of a capture needs them. */
struct byte_stream_unread {
	const uint8_t *next;
	size_t size;
};

/* "-": standard input. NULL with an error that names the file. */
struct byte_stream *byte_stream_open(const char *path, struct error *error);
/* One that is still being written: its end is only that of what is there so far, and nothing is waited for. */
struct byte_stream *byte_stream_open_growing(const char *path, struct error *error);

/* Until `need` bytes are in the buffer, or the end is. */
int byte_stream_fill(struct byte_stream *stream, size_t need, struct error *error);
/* Makes the next `need` bytes (not 0) available in one piece: *bytes points to them until the next call. Returns how many there
 * are, which may be more, and are fewer than `need` only at the end; never waits for more than that. -1 with an error: reading
 * failed, or the compressed data is damaged. The buffer grows to the largest `need`, which is the caller's to bound. */
static inline int64_t byte_stream_peek(struct byte_stream *stream, size_t need, const uint8_t **bytes, struct error *error)
{
	const struct byte_stream_unread *unread = (const void *)stream;

	if (unread->size < need && byte_stream_fill(stream, need, error) < 0)
		return -1;
	*bytes = unread->next;
	return (int64_t)unread->size;
}

/* Goes on by `count` bytes, which a byte_stream_peek has shown. */
static inline void byte_stream_skip(struct byte_stream *stream, size_t count)
{
	struct byte_stream_unread *unread = (void *)stream;

	unread->next += count;
	unread->size -= count;
}

/* How many bytes, unpacked, lie behind. */
uint64_t byte_stream_offset(const struct byte_stream *stream);
/* At the end: compressed data that breaks off. */
bool byte_stream_cut(const struct byte_stream *stream);
/* How much of the file itself was read, and its size: for a progress line. Size 0: not known. */
uint64_t byte_stream_consumed(const struct byte_stream *stream);
uint64_t byte_stream_size(const struct byte_stream *stream);
/* "capture.pcap", "standard input" */
const char *byte_stream_name(const struct byte_stream *stream);

/* To be asked about; what is read of it is missed here. */
int byte_stream_descriptor(const struct byte_stream *stream);
void byte_stream_close(struct byte_stream *stream); /* NULL is fine */

#endif
