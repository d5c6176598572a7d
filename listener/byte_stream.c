/* byte_stream.c - a buffer in front of read(), with zlib between them where the file is compressed. */
#include "listener/byte_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* Inputs of a fuzzer are short: buffers that they fill are filled again, as those of real files are. */
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
enum { BUFFER_SIZE = 512, PACKED_SIZE = 256, ALIGNMENT = 64 };
#else
enum { BUFFER_SIZE = 128 << 10, PACKED_SIZE = 64 << 10, ALIGNMENT = 4096 };
#endif

enum {
	GZIP_ONLY = 16 + MAX_WBITS, /* inflateInit2(): a gzip header, the largest window */
};

struct byte_stream {
	struct byte_stream_unread unread; /* in `buffer` */
	int descriptor;
	char *name;
	uint64_t size;     /* of the file; 0: no regular one */
	uint64_t consumed; /* of the file */
	uint8_t *buffer;
	size_t room;       /* of the buffer */
	uint64_t filled;   /* how much ever was in it */
	bool begun, cut;

	uint8_t *packed;   /* NULL: the file is not compressed */
	z_stream inflate;
	bool between;      /* members of a gzip file: here it may end */
};

static int open_descriptor(const char *path, bool growing, struct error *error)
{
	bool standard_input = strcmp(path, "-") == 0;
	int descriptor = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) :
			 open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (growing ? O_NONBLOCK : 0));

	if (descriptor < 0 || (growing && standard_input && fcntl(descriptor, F_SETFL, O_NONBLOCK) < 0))
		return fail(error, "%.200s: %s", path, strerror(errno));
	return descriptor;
}

static int start(struct byte_stream *stream, const char *path, bool growing, struct error *error)
{
	struct stat status;

	stream->descriptor = open_descriptor(path, growing, error);
	if (stream->descriptor < 0)
		return -1;
	if (fstat(stream->descriptor, &status) < 0)
		return fail(error, "%.200s: %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return fail(error, "%.200s: a folder, not a file", path);
	if (isatty(stream->descriptor))
		return fail(error, "%.200s: a terminal; a capture is a file or comes through a pipe",
			    strcmp(path, "-") ? path : "standard input");
	if (S_ISREG(status.st_mode))
		stream->size = (uint64_t)status.st_size;
	stream->name = strdup(strcmp(path, "-") ? path : "standard input");
	stream->buffer = aligned_alloc(ALIGNMENT, BUFFER_SIZE);
	stream->unread.next = stream->buffer;
	stream->room = BUFFER_SIZE;
	return stream->name && stream->buffer ? 0 : fail(error, "%.200s: out of memory", path);
}

static struct byte_stream *open_stream(const char *path, bool growing, struct error *error)
{
	struct byte_stream *stream = calloc(1, sizeof(*stream));

	if (!stream) {
		fail(error, "%.200s: out of memory", path);
		return NULL;
	}
	stream->descriptor = -1;
	if (start(stream, path, growing, error) == 0)
		return stream;
	byte_stream_close(stream);
	return NULL;
}

struct byte_stream *byte_stream_open(const char *path, struct error *error)
{
	return open_stream(path, false, error);
}

struct byte_stream *byte_stream_open_growing(const char *path, struct error *error)
{
	return open_stream(path, true, error);
}

/* One read(): what a pipe has is enough, so that a capture can be watched while it grows. */
static int64_t read_some(struct byte_stream *stream, uint8_t *bytes, size_t size, struct error *error)
{
	ssize_t count;

	do
		count = read(stream->descriptor, bytes, size);
	while (count < 0 && errno == EINTR);
	if (count < 0 && errno == EAGAIN) /* of a growing one: no more now */
		return 0;
	if (count < 0)
		return fail(error, "%.200s: %s", stream->name, strerror(errno));
	stream->consumed += (uint64_t)count;
	return count;
}

static int damaged(const struct byte_stream *stream, struct error *error)
{
	return fail(error, "%.200s: the compressed data is damaged at byte %llu (%.100s)", stream->name,
		    (unsigned long long)(stream->consumed - stream->inflate.avail_in),
		    stream->inflate.msg ? stream->inflate.msg : "not gzip");
}

/* Sets inflate.next_in and avail_in, unless the file is over. */
static int refill_packed(struct byte_stream *stream, struct error *error)
{
	int64_t count;

	if (stream->inflate.avail_in > 0)
		return 0;
	count = read_some(stream, stream->packed, PACKED_SIZE, error);
	if (count < 0)
		return -1;
	stream->inflate.next_in = stream->packed;
	stream->inflate.avail_in = (unsigned)count;
	return 0;
}

/* Some bytes more, or none at the end of the file. Members of a gzip file follow one another; what follows them and is no
 * member is padding, as for gzip itself. */
static int64_t unpack_some(struct byte_stream *stream, uint8_t *bytes, size_t size, struct error *error)
{
	z_stream *inflating = &stream->inflate;

	inflating->next_out = bytes;
	inflating->avail_out = size > INT32_MAX ? INT32_MAX : (unsigned)size;
	while (inflating->next_out == bytes) {
		int result;

		if (refill_packed(stream, error) < 0)
			return -1;
		if (inflating->avail_in == 0 || (stream->between && inflating->next_in[0] != 0x1f)) {
			stream->cut = !stream->between;
			return 0;
		}
		stream->between = false;
		result = inflate(inflating, Z_NO_FLUSH);
		if (result == Z_STREAM_END) {
			stream->between = true;
			inflateReset(inflating);
		} else if (result != Z_OK) {
			/* What came before the damage counts; inflate() says the same again. */
			return inflating->next_out == bytes ? damaged(stream, error) : inflating->next_out - bytes;
		}
	}
	return inflating->next_out - bytes;
}

/* The first bytes decide whether it is compressed. They are in the buffer then, and move. */
static int begin(struct byte_stream *stream, struct error *error)
{
	int64_t count;

	stream->begun = true;
	while (stream->unread.size < 2) {
		count = read_some(stream, stream->buffer + stream->unread.size, PACKED_SIZE - stream->unread.size, error);
		if (count <= 0)
			return (int)count;
		stream->filled = stream->unread.size += (size_t)count;
	}
	if (stream->buffer[0] != 0x1f || stream->buffer[1] != 0x8b)
		return 0;
	stream->packed = malloc(PACKED_SIZE);
	if (!stream->packed || inflateInit2(&stream->inflate, GZIP_ONLY) != Z_OK) {
		free(stream->packed);
		stream->packed = NULL;
		return fail(error, "%.200s: out of memory", stream->name);
	}
	memcpy(stream->packed, stream->buffer, stream->unread.size);
	stream->inflate.next_in = stream->packed;
	stream->inflate.avail_in = (unsigned)stream->unread.size;
	stream->filled = stream->unread.size = 0;
	return 0;
}

/* Room for `need` unread bytes. What is read next begins at the same place of a page as in the file: the kernel copies that a
 * little faster. */
static int make_room(struct byte_stream *stream, size_t need, struct error *error)
{
	size_t left = stream->unread.size, at = (ALIGNMENT - left % ALIGNMENT) % ALIGNMENT, room = stream->room;
	uint8_t *buffer = stream->buffer;

	if (at + need > room) {
		room = (at + need + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
		buffer = aligned_alloc(ALIGNMENT, room);
		if (!buffer)
			return fail(error, "%.200s: out of memory for %zu bytes", stream->name, need);
	}
	memmove(buffer + at, stream->unread.next, left);
	if (buffer != stream->buffer)
		free(stream->buffer);
	stream->buffer = buffer;
	stream->room = room;
	stream->unread.next = buffer + at;
	return 0;
}

int byte_stream_fill(struct byte_stream *stream, size_t need, struct error *error)
{
	struct byte_stream_unread *unread = &stream->unread;

	if (!stream->begun && begin(stream, error) < 0)
		return -1;
	while (unread->size < need) {
		size_t at = (size_t)(unread->next - stream->buffer), end;
		int64_t count;

		if (stream->room - at < need && make_room(stream, need, error) < 0)
			return -1;
		end = (size_t)(unread->next - stream->buffer) + unread->size;
		count = (stream->packed ? unpack_some : read_some)(stream, stream->buffer + end, stream->room - end, error);
		if (count < 0)
			return -1;
		if (count == 0)
			break;
		unread->size += (size_t)count;
		stream->filled += (uint64_t)count;
	}
	return 0;
}

uint64_t byte_stream_offset(const struct byte_stream *stream)
{
	return stream->filled - stream->unread.size;
}

bool byte_stream_cut(const struct byte_stream *stream)
{
	return stream->cut;
}

uint64_t byte_stream_consumed(const struct byte_stream *stream)
{
	return stream->consumed;
}

uint64_t byte_stream_size(const struct byte_stream *stream)
{
	return stream->size;
}

const char *byte_stream_name(const struct byte_stream *stream)
{
	return stream->name;
}

int byte_stream_descriptor(const struct byte_stream *stream)
{
	return stream->descriptor;
}

void byte_stream_close(struct byte_stream *stream)
{
	if (!stream)
		return;
	if (stream->packed)
		inflateEnd(&stream->inflate);
	if (stream->descriptor >= 0)
		close(stream->descriptor);
	free(stream->packed);
	free(stream->buffer);
	free(stream->name);
	free(stream);
}
