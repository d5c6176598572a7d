/* capture_file_ng.c - the blocks of a pcapng file (draft-ietf-opsawg-pcapng). */
#include "listener/capture_file_internal.h"

#include <stdio.h>

#include "crafter/units.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 2, /* obsolete */
	BLOCK_SIMPLE = 3,
	BLOCK_ENHANCED = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	OPTIONS_END = 0,
	OPTION_COMMENT = 1,
	INTERFACE_NAME = 2,
	INTERFACE_RESOLUTION = 9,
	INTERFACE_OFFSET = 14,
	BLOCK_SIZE_LEAST = 12, /* type, length, and the length again */
};

#define NANOSECONDS NSEC_PER_SEC
/* A number below this times NANOSECONDS fits. */
#define TICKS_EXACT (UINT64_C(1) << 34)

/* A block without its type and lengths. */
struct body {
	const uint8_t *bytes;
	size_t size;
};

/* 6: microseconds; the highest bit set: a power of two. What no clock has is refused. */
static bool set_resolution(struct capture_interface *interface, uint8_t value)
{
	unsigned power = value & 0x7f;

	interface->ticks_per_second = 1;
	if (power > (value & 0x80 ? 63 : 19))
		return false;
	for (; power > 0; power--)
		interface->ticks_per_second *= value & 0x80 ? 2 : 10;
	return true;
}

static uint64_t load_words(const struct capture_file *file, const uint8_t *high, const uint8_t *low)
{
	return (uint64_t)capture_file_load32(file, high) << 32 | capture_file_load32(file, low);
}

static int take_option(const struct capture_file *file, struct capture_interface *interface, unsigned code,
		       const struct body *value, struct error *error)
{
	if (code == INTERFACE_RESOLUTION && value->size == 1 && !set_resolution(interface, value->bytes[0]))
		return capture_file_fail(file, error, "an interface whose clock ticks 10^%u or 2^%u times a second",
					 value->bytes[0] & 0x7f, value->bytes[0] & 0x7f);
	if (code == INTERFACE_NAME)
		snprintf(interface->name, sizeof(interface->name), "%.*s", (int)value->size, (const char *)value->bytes);
	if (code == INTERFACE_OFFSET && value->size == 8)
		interface->offset_s = (int64_t)load_words(file, value->bytes + (file->little ? 4 : 0),
							  value->bytes + (file->little ? 0 : 4));
	return 0;
}

static int take_options(const struct capture_file *file, struct capture_interface *interface, struct body options,
			struct error *error)
{
	while (options.size >= 4) {
		unsigned code = capture_file_load16(file, options.bytes);
		struct body value = { options.bytes + 4, capture_file_load16(file, options.bytes + 2) };
		size_t padded = 4 + (value.size + 3) / 4 * 4;

		if (code == OPTIONS_END)
			return 0;
		if (padded > options.size)
			return capture_file_fail(file, error, "option %u of an interface runs out of its block", code);
		if (take_option(file, interface, code, &value, error) < 0)
			return -1;
		options.bytes += padded;
		options.size -= padded;
	}
	return 0;
}

static int take_interface(struct capture_file *file, struct body body, struct error *error)
{
	struct capture_interface *interface;

	if (body.size < 8)
		return capture_file_fail(file, error, "an interface block of %zu bytes", body.size);
	interface = capture_file_add_interface(file, error);
	if (!interface)
		return -1;
	interface->link_type = capture_file_link_type(capture_file_load16(file, body.bytes));
	interface->snap_length = capture_file_load32(file, body.bytes + 4);
	interface->ticks_per_second = 1000000;
	return take_options(file, interface, (struct body){ body.bytes + 8, body.size - 8 }, error);
}

static uint64_t to_nanoseconds(const struct capture_interface *interface, uint64_t ticks)
{
	uint64_t rate = interface->ticks_per_second, seconds = ticks / rate, rest = ticks % rate;
	uint64_t fraction;

	if (rate % NANOSECONDS == 0) {
		fraction = rest / (rate / NANOSECONDS);
	} else { /* coarse, or a power of two: its halves that must go for the product to fit are less than a nanosecond */
		for (; rate > TICKS_EXACT; rate /= 2)
			rest /= 2;
		fraction = rest * NANOSECONDS / rate;
	}
	return (seconds + (uint64_t)interface->offset_s) * NANOSECONDS + fraction;
}

/* The packet of a block: where its bytes begin, how many are there. */
static int take_packet(const struct capture_file *file, struct capture_frame *frame, uint32_t interface,
		       struct body packet, struct error *error)
{
	size_t padded = (frame->size + 3) / 4 * 4;
	const struct capture_interface *from;

	if (interface >= file->interface_count - file->section)
		return capture_file_fail(file, error, "a frame of interface %u, which no block before it describes", interface);
	frame->interface = file->section + interface;
	if (frame->size > packet.size)
		return capture_file_fail(file, error, "a frame of %zu bytes in a block with room for %zu", frame->size,
					 packet.size);
	if (frame->length < frame->size)
		frame->length = frame->size;
	from = &file->interfaces[frame->interface];
	frame->link_type = from->link_type;
	frame->interface_name = from->name;
	frame->bytes = packet.bytes;
	if (padded < packet.size) {
		frame->options = packet.bytes + padded;
		frame->options_size = packet.size - padded;
		frame->options_little = file->little;
	}
	return 1;
}

/* The enhanced block, and the obsolete one that differs in its first word only. */
static int take_enhanced(const struct capture_file *file, struct capture_frame *frame, bool obsolete, struct body body,
			 struct error *error)
{
	uint32_t interface;
	uint64_t ticks;

	if (body.size < 20)
		return capture_file_fail(file, error, "a packet block of %zu bytes", body.size);
	interface = obsolete ? capture_file_load16(file, body.bytes) : capture_file_load32(file, body.bytes);
	ticks = load_words(file, body.bytes + 4, body.bytes + 8);
	*frame = (struct capture_frame){
		.has_time = true,
		.size = capture_file_load32(file, body.bytes + 12),
		.length = capture_file_load32(file, body.bytes + 16),
	};
	if (take_packet(file, frame, interface, (struct body){ body.bytes + 20, body.size - 20 }, error) < 0)
		return -1;
	frame->time_ns = to_nanoseconds(&file->interfaces[frame->interface], ticks);
	return 1;
}

/* It has no time, and its size is the smaller one of the packet's and of what the interface captures. */
static int take_simple(const struct capture_file *file, struct capture_frame *frame, struct body body, struct error *error)
{
	uint32_t limit;

	if (body.size < 4)
		return capture_file_fail(file, error, "a simple packet block of %zu bytes", body.size);
	if (file->interface_count == file->section)
		return capture_file_fail(file, error, "a frame before any interface is described");
	limit = file->interfaces[file->section].snap_length;
	*frame = (struct capture_frame){ .length = capture_file_load32(file, body.bytes) };
	frame->size = limit && limit < frame->length ? limit : frame->length;
	return take_packet(file, frame, 0, (struct body){ body.bytes + 4, body.size - 4 }, error);
}

bool capture_frame_comment(const struct capture_frame *frame, size_t *at, const char **text, size_t *size)
{
	const struct capture_file order = { .little = frame->options_little };

	while (*at + 4 <= frame->options_size) {
		const uint8_t *option = frame->options + *at;
		unsigned code = capture_file_load16(&order, option);
		size_t length = capture_file_load16(&order, option + 2);

		if (code == OPTIONS_END || length > frame->options_size - *at - 4)
			return false;
		*at += 4 + (length + 3) / 4 * 4;
		*text = (const char *)option + 4;
		*size = length;
		if (code == OPTION_COMMENT)
			return true;
	}
	return false;
}

static int take_section(struct capture_file *file, struct error *error)
{
	const uint8_t *bytes;
	int64_t count = byte_stream_peek(file->stream, 12, &bytes, error);

	if (count < 12) {
		file->cut = count >= 0;
		return count < 0 ? -1 : 0;
	}
	for (int little = 0; little < 2; little++) {
		file->little = little;
		if (capture_file_load32(file, bytes + 8) == BYTE_ORDER_MAGIC) {
			file->section = file->interface_count;
			return 1;
		}
	}
	return capture_file_fail(file, error, "a section whose byte order is none");
}

/* The next block whole: 1 with its type and body, 0 at the end. */
static int next_block(struct capture_file *file, uint32_t *type, struct body *body, struct error *error)
{
	const uint8_t *bytes;
	int64_t count = byte_stream_peek(file->stream, 8, &bytes, error);
	uint32_t size;
	int result;

	if (count < 8) {
		file->cut = count > 0;
		return count < 0 ? -1 : 0;
	}
	/* A section says the byte order that its own length is in; its type reads the same in both. */
	if (bytes_load32(bytes) == BLOCK_SECTION) {
		result = take_section(file, error);
		if (result <= 0)
			return result;
		count = byte_stream_peek(file->stream, 8, &bytes, error); /* they are in the buffer, but it may have moved */
		if (count < 8)
			return -1;
	}
	*type = capture_file_load32(file, bytes);
	size = capture_file_load32(file, bytes + 4);
	if (size < BLOCK_SIZE_LEAST || size % 4 || size > CAPTURE_FRAME_MAX)
		return capture_file_fail(file, error, "a block of %u bytes; the file is damaged", size);
	count = byte_stream_peek(file->stream, size, &bytes, error);
	if (count < (int64_t)size) {
		file->cut = count >= 0;
		return count < 0 ? -1 : 0;
	}
	*body = (struct body){ bytes + 8, size - BLOCK_SIZE_LEAST };
	file->pending = size;
	return 1;
}

int capture_file_next_pcapng(struct capture_file *file, struct capture_frame *frame, struct error *error)
{
	struct body body = { 0 };
	uint32_t type = 0;
	int result;

	while ((result = next_block(file, &type, &body, error)) > 0) {
		if (type == BLOCK_ENHANCED || type == BLOCK_PACKET)
			return take_enhanced(file, frame, type == BLOCK_PACKET, body, error);
		if (type == BLOCK_SIMPLE)
			return take_simple(file, frame, body, error);
		if (type == BLOCK_INTERFACE && take_interface(file, body, error) < 0)
			return -1;
		byte_stream_skip(file->stream, file->pending);
		file->pending = 0;
	}
	return result;
}
