/* packed_line.c - deflate (RFC 1951), flushed after each part. */
#include "harness/engine/packed_line.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

enum { LEVEL = 1, PIECE = 16384 };

struct packed_line {
	z_stream stream;
	bool sends;
};

static struct packed_line *start(bool sends)
{
	struct packed_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->sends = sends;
	if ((sends ? deflateInit(&line->stream, LEVEL) : inflateInit(&line->stream)) == Z_OK)
		return line;
	free(line);
	return NULL;
}

struct packed_line *packed_line_new_sender(void)
{
	return start(true);
}

struct packed_line *packed_line_new_receiver(void)
{
	return start(false);
}

void packed_line_free(struct packed_line *line)
{
	if (!line)
		return;
	if (line->sends)
		deflateEnd(&line->stream);
	else
		inflateEnd(&line->stream);
	free(line);
}

int packed_line_pass(struct packed_line *line, const void *bytes, size_t size, packed_line_put *put, void *context)
{
	unsigned char piece[PIECE];
	int result;

	line->stream.next_in = (void *)(uintptr_t)bytes;
	line->stream.avail_in = (uInt)size;
	do {
		line->stream.next_out = piece;
		line->stream.avail_out = sizeof(piece);
		result = line->sends ? deflate(&line->stream, Z_SYNC_FLUSH) : inflate(&line->stream, Z_SYNC_FLUSH);
		if (result != Z_OK && result != Z_BUF_ERROR) /* Z_BUF_ERROR: there was nothing left to do */
			return -1;
		if (line->stream.avail_out < sizeof(piece))
			put(context, piece, sizeof(piece) - line->stream.avail_out);
	} while (line->stream.avail_out == 0);
	return 0;
}
