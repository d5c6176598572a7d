/* capture_write.c - the blocks of a pcapng file (draft-ietf-opsawg-pcapng), in little-endian order. */
#include "listener/capture_write.h"

#include <errno.h>
#include <pcap/dlt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crafter/units.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_ENHANCED = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	OPTIONS_END = 0,
	COMMENT_CODE = 1,
	SECTION_SYSTEM = 3,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	NANOSECONDS = 9, /* 10^-9 s */
	LINKTYPE_RAW = 101,
	LINKTYPE_MAX = UINT16_MAX,
	OPTION_MAX = UINT16_MAX,
	FLUSH_SIZE = 1 << 16,
};

struct capture_write {
	struct capture_write_options options;
	uint8_t *bytes;      /* what is not written yet */
	size_t size, room;
	bool streams;        /* who reads a pipe sees each frame when it is written */
	size_t block;        /* where the block begins that is being put together */
	uint32_t *numbers;   /* in the file, of the interfaces, from 1; 0: not described yet */
	uint32_t number_room, interfaces;
	uint64_t last_ns;    /* of the last frame */
	uint64_t flushed_ns; /* of the last frame, when that was written */
	struct error failed; /* the first error; "": none */
};

static int again(const struct capture_write *writer, struct error *error)
{
	return fail(error, "%s", writer->failed.text);
}

static int cannot_write(struct capture_write *writer, const char *why, struct error *error)
{
	fail(&writer->failed, "%.200s: cannot be written: %s", writer->options.name, why);
	return again(writer, error);
}

/* Room for `count` more bytes, which are 0 then. NULL: out of memory, which the end of the block tells. */
static uint8_t *put(struct capture_write *writer, size_t count)
{
	size_t need = writer->size + count, room = writer->room ? writer->room : 2 * FLUSH_SIZE;
	uint8_t *larger;

	while (room < need)
		room *= 2;
	if (room != writer->room) {
		larger = realloc(writer->bytes, room);
		if (!larger) {
			fail(&writer->failed, "%.200s: out of memory", writer->options.name);
			return NULL;
		}
		writer->bytes = larger;
		writer->room = room;
	}
	larger = memset(writer->bytes + writer->size, 0, count);
	writer->size += count;
	return larger;
}

static void store(uint8_t *bytes, uint32_t value, size_t count)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static void put16(struct capture_write *writer, unsigned value)
{
	uint8_t *bytes = put(writer, 2);

	if (bytes)
		store(bytes, value, 2);
}

static void put32(struct capture_write *writer, uint32_t value)
{
	uint8_t *bytes = put(writer, 4);

	if (bytes)
		store(bytes, value, 4);
}

/* Filled up to four bytes. */
static void put_padded(struct capture_write *writer, const void *from, size_t size)
{
	uint8_t *bytes = put(writer, (size + 3) / 4 * 4);

	if (bytes && size)
		memcpy(bytes, from, size);
}

/* A character of UTF-8 is kept or cut off whole. */
static void put_option(struct capture_write *writer, unsigned code, const char *value, size_t size)
{
	if (size > OPTION_MAX) {
		size = OPTION_MAX;
		while (size > 0 && ((uint8_t)value[size] & 0xc0) == 0x80)
			size--;
	}
	put16(writer, code);
	put16(writer, (unsigned)size);
	put_padded(writer, value, size);
}

static void begin_block(struct capture_write *writer, uint32_t type)
{
	writer->block = writer->size;
	put32(writer, type);
	put32(writer, 0);
}

/* Who is killed while it listens loses no more than the last second. */
static bool is_due(const struct capture_write *writer)
{
	return writer->streams || writer->size >= FLUSH_SIZE || writer->last_ns - writer->flushed_ns >= NSEC_PER_SEC;
}

/* `options`: some were written, and they end here. */
static int end_block(struct capture_write *writer, bool options, struct error *error)
{
	uint32_t size;

	if (options)
		put32(writer, OPTIONS_END);
	size = (uint32_t)(writer->size - writer->block) + 4;
	put32(writer, size);
	if (writer->failed.text[0])
		return again(writer, error);
	store(writer->bytes + writer->block + 4, size, 4);
	return is_due(writer) ? capture_write_flush(writer, error) : 0;
}

static int write_section(struct capture_write *writer, struct error *error)
{
	begin_block(writer, BLOCK_SECTION);
	put32(writer, BYTE_ORDER_MAGIC);
	put16(writer, 1); /* version 1.0 */
	put16(writer, 0);
	put32(writer, UINT32_MAX); /* its length is not known */
	put32(writer, UINT32_MAX);
	put_option(writer, SECTION_SYSTEM, writer->options.system, strlen(writer->options.system));
	put_option(writer, SECTION_APPLICATION, writer->options.application, strlen(writer->options.application));
	return end_block(writer, true, error);
}

static int begin_file(struct capture_write *writer, struct error *error)
{
	int descriptor = writer->options.descriptor;
	struct stat kind;

	if (fstat(descriptor, &kind) < 0 || (S_ISREG(kind.st_mode) && ftruncate(descriptor, 0) < 0))
		return cannot_write(writer, strerror(errno), error);
	writer->streams = S_ISFIFO(kind.st_mode) || S_ISSOCK(kind.st_mode);
	return write_section(writer, error);
}

struct capture_write *capture_write_open(const struct capture_write_options *options, struct error *error)
{
	struct capture_write *writer = calloc(1, sizeof(*writer));

	if (!writer) {
		fail(error, "%.200s: out of memory", options->name);
		return NULL;
	}
	writer->options = *options;
	if (begin_file(writer, error) == 0)
		return writer;
	capture_write_close(writer);
	return NULL;
}

/* A DLT_ as the LINKTYPE_ of a file; -1: files have no number for it. */
static int file_link_type(int link_type)
{
	if (link_type == DLT_RAW)
		return LINKTYPE_RAW;
	return link_type < 0 || link_type > LINKTYPE_MAX ? -1 : link_type;
}

static int write_interface(struct capture_write *writer, const struct capture_frame *frame, struct error *error)
{
	const char *name = frame->interface_name;
	int link_type = file_link_type(frame->link_type);

	if (link_type < 0)
		return cannot_write(writer, "pcapng has no number for the frames' link type", error);
	begin_block(writer, BLOCK_INTERFACE);
	put16(writer, (unsigned)link_type);
	put16(writer, 0);
	/* No limit: frames may be larger than their file says, interfaces may differ, and libpcap refuses files with either. */
	put32(writer, 0);
	if (name && *name)
		put_option(writer, INTERFACE_NAME, name, strlen(name));
	put_option(writer, INTERFACE_RESOLUTION, &(char){ NANOSECONDS }, 1);
	return end_block(writer, true, error);
}

int capture_write_interface(struct capture_write *writer, const struct capture_frame *frame, struct error *error)
{
	uint32_t number = frame->interface;

	if (writer->failed.text[0])
		return again(writer, error);
	if (number >= writer->number_room) {
		uint32_t room = writer->number_room ? writer->number_room : 8;
		uint32_t *larger;

		while (room <= number)
			room *= 2;
		larger = number < CAPTURE_INTERFACES_MAX ? realloc(writer->numbers, room * sizeof(*larger)) : NULL;
		if (!larger)
			return cannot_write(writer, "too many interfaces", error);
		memset(larger + writer->number_room, 0, (room - writer->number_room) * sizeof(*larger));
		writer->numbers = larger;
		writer->number_room = room;
	}
	if (writer->numbers[number])
		return 0;
	writer->numbers[number] = ++writer->interfaces;
	return write_interface(writer, frame, error);
}

static bool is_replaced(const struct capture_write *writer, const struct capture_comment *comment)
{
	const char *begins = writer->options.replaces;

	return begins && comment->size >= strlen(begins) && memcmp(comment->text, begins, strlen(begins)) == 0;
}

int capture_write_frame(struct capture_write *writer, const struct capture_frame *frame,
			const struct capture_comment *comments, size_t count, struct error *error)
{
	struct capture_comment own;
	bool any = count > 0;
	size_t at = 0;

	if (capture_write_interface(writer, frame, error) < 0)
		return -1;
	if (frame->has_time)
		writer->last_ns = frame->time_ns;
	begin_block(writer, BLOCK_ENHANCED);
	put32(writer, writer->numbers[frame->interface] - 1);
	put32(writer, (uint32_t)(writer->last_ns >> 32));
	put32(writer, (uint32_t)writer->last_ns);
	put32(writer, (uint32_t)frame->size);
	put32(writer, (uint32_t)frame->length);
	put_padded(writer, frame->bytes, frame->size);
	while (capture_frame_comment(frame, &at, &own.text, &own.size)) {
		if (is_replaced(writer, &own))
			continue;
		put_option(writer, COMMENT_CODE, own.text, own.size);
		any = true;
	}
	for (size_t i = 0; i < count; i++)
		put_option(writer, COMMENT_CODE, comments[i].text, comments[i].size);
	return end_block(writer, any, error);
}

int capture_write_flush(struct capture_write *writer, struct error *error)
{
	size_t done = 0;

	if (writer->failed.text[0])
		return again(writer, error);
	while (done < writer->size) {
		ssize_t count = write(writer->options.descriptor, writer->bytes + done, writer->size - done);

		if (count >= 0)
			done += (size_t)count;
		else if (errno == EAGAIN) /* somebody made the pipe such */
			poll(&(struct pollfd){ .fd = writer->options.descriptor, .events = POLLOUT }, 1, -1);
		else if (errno != EINTR)
			return cannot_write(writer, strerror(errno), error);
	}
	writer->size = 0;
	writer->flushed_ns = writer->last_ns;
	return 0;
}

void capture_write_close(struct capture_write *writer)
{
	if (!writer)
		return;
	free(writer->bytes);
	free(writer->numbers);
	free(writer);
}
