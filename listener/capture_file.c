/* capture_file.c - which format it is; the frames of a pcap file. */
#include "listener/capture_file_internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <pcap/dlt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crafter/units.h"

/* draft-ietf-opsawg-pcap. The upper bits of the last field of the file's header say whether frames end with a checksum. */
enum {
	MAGIC_MICRO = 0xa1b2c3d4,
	MAGIC_NANO = 0xa1b23c4d,
	MAGIC_MODIFIED = 0xa1b2cd34, /* of old patched libpcaps: longer frame headers */
	MAGIC_PCAPNG = 0x0a0d0d0a,
	FILE_HEADER_SIZE = 24,
	FRAME_HEADER_SIZE = 16,
	LINK_TYPE_MASK = 0x0fffffff,
	LINKTYPE_RAW = 101,
};

int capture_file_link_type(uint32_t number)
{
	return number == LINKTYPE_RAW ? DLT_RAW : number > INT32_MAX ? -1 : (int)number;
}

int capture_file_fail(const struct capture_file *file, struct error *error, const char *format, ...)
{
	char text[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return fail(error, "%.200s: at byte %llu: %s", byte_stream_name(file->stream),
		    (unsigned long long)byte_stream_offset(file->stream), text);
}

struct capture_interface *capture_file_add_interface(struct capture_file *file, struct error *error)
{
	struct capture_interface *interface;

	if (file->interface_count == CAPTURE_INTERFACES_MAX) {
		capture_file_fail(file, error, "more than %d interfaces", CAPTURE_INTERFACES_MAX);
		return NULL;
	}
	if (file->interface_count == file->interface_room) {
		uint32_t room = file->interface_room ? 2 * file->interface_room : 4;
		struct capture_interface *larger = realloc(file->interfaces, room * sizeof(*larger));

		if (!larger) {
			capture_file_fail(file, error, "out of memory");
			return NULL;
		}
		file->interfaces = larger;
		file->interface_room = room;
	}
	interface = &file->interfaces[file->interface_count++];
	memset(interface, 0, sizeof(*interface));
	return interface;
}

static int take_pcap_header(struct capture_file *file, const uint8_t *header, struct error *error)
{
	struct capture_interface *interface = capture_file_add_interface(file, error);

	if (!interface)
		return -1;
	interface->link_type = capture_file_link_type(capture_file_load32(file, header + 20) & LINK_TYPE_MASK);
	interface->ticks_per_second = file->nanoseconds ? 1000000000 : 1000000;
	byte_stream_skip(file->stream, FILE_HEADER_SIZE);
	return 0;
}

/* Either byte order of `magic`? */
static bool is_magic(struct capture_file *file, const uint8_t *bytes, uint32_t magic)
{
	for (int little = 0; little < 2; little++) {
		file->little = little;
		if (capture_file_load32(file, bytes) == magic)
			return true;
	}
	return false;
}

bool capture_file_begins(const uint8_t bytes[4])
{
	static const uint32_t magics[] = { MAGIC_MICRO, MAGIC_NANO, MAGIC_MODIFIED, MAGIC_PCAPNG };
	struct capture_file any = { 0 };

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		if (is_magic(&any, bytes, magics[i]))
			return true;
	}
	return false;
}

static bool is_text(const uint8_t *bytes, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		if (!isprint(bytes[i]) && !isspace(bytes[i]))
			return false;
	}
	return true;
}

static int begin(struct capture_file *file, struct error *error)
{
	const char *name = byte_stream_name(file->stream);
	const uint8_t *header;
	int64_t count = byte_stream_peek(file->stream, FILE_HEADER_SIZE, &header, error);

	if (count < 0)
		return -1;
	if (count > FILE_HEADER_SIZE)
		count = FILE_HEADER_SIZE;
	if (count == 0)
		return fail(error, byte_stream_cut(file->stream) ?
			    "%.200s: the compressed data breaks off before its first byte" :
			    "%.200s: empty; a capture has at least a header", name);
	if (count >= 4 && is_magic(file, header, MAGIC_PCAPNG)) {
		file->ng = true;
		return 0;
	}
	if (count >= 4 && is_magic(file, header, MAGIC_MODIFIED))
		return fail(error, "%.200s: a pcap of a modified format; write it again with editcap -F pcap", name);
	file->nanoseconds = count >= 4 && is_magic(file, header, MAGIC_NANO);
	if (!file->nanoseconds && !(count >= 4 && is_magic(file, header, MAGIC_MICRO)))
		return fail(error, "%.200s: not a capture file: it begins neither as pcap nor as pcapng does%s", name,
			    is_text(header, count) ? "; --text reads what tcpdump and tshark print" : "");
	if (count < FILE_HEADER_SIZE)
		return fail(error, "%.200s: a pcap whose header breaks off after %d of %d bytes", name, (int)count,
			    FILE_HEADER_SIZE);
	return take_pcap_header(file, header, error);
}

static struct capture_file *open_file(const char *path, bool growing, struct error *error)
{
	struct capture_file *file = calloc(1, sizeof(*file));

	if (!file) {
		fail(error, "%.200s: out of memory", path);
		return NULL;
	}
	file->unbegun = growing;
	file->stream = growing ? byte_stream_open_growing(path, error) : byte_stream_open(path, error);
	if (file->stream && (growing || begin(file, error) == 0))
		return file;
	capture_file_close(file);
	return NULL;
}

struct capture_file *capture_file_open(const char *path, struct error *error)
{
	return open_file(path, false, error);
}

struct capture_file *capture_file_open_growing(const char *path, struct error *error)
{
	return open_file(path, true, error);
}

/* 1: its header is there. */
static int begin_growing(struct capture_file *file, struct error *error)
{
	const uint8_t *header;
	int64_t count = byte_stream_peek(file->stream, FILE_HEADER_SIZE, &header, error);

	if (count < FILE_HEADER_SIZE)
		return count < 0 ? -1 : 0;
	file->unbegun = false;
	return begin(file, error) < 0 ? -1 : 1;
}

static int next_pcap(struct capture_file *file, struct capture_frame *frame, struct error *error)
{
	const struct capture_interface *interface = &file->interfaces[0];
	const uint8_t *header;
	int64_t count = byte_stream_peek(file->stream, FRAME_HEADER_SIZE, &header, error);
	uint32_t seconds, fraction, size, length;

	if (count < FRAME_HEADER_SIZE) {
		file->cut = count > 0;
		return count < 0 ? -1 : 0;
	}
	seconds = capture_file_load32(file, header);
	fraction = capture_file_load32(file, header + 4);
	size = capture_file_load32(file, header + 8);
	length = capture_file_load32(file, header + 12);
	if (size > CAPTURE_FRAME_MAX)
		return capture_file_fail(file, error, "frame %llu says that %u bytes of it were captured; the file is damaged",
					 (unsigned long long)file->frames + 1, size);
	file->pending = FRAME_HEADER_SIZE + (size_t)size;
	if (count < (int64_t)file->pending)
		count = byte_stream_peek(file->stream, file->pending, &header, error);
	if (count < (int64_t)file->pending) {
		file->pending = 0;
		file->cut = count >= 0;
		return count < 0 ? -1 : 0;
	}
	/* One by one: compilers clear a whole structure with a slow loop. */
	frame->time_ns = seconds * NSEC_PER_SEC + (file->nanoseconds ? fraction : fraction * (uint64_t)1000);
	frame->has_time = true;
	frame->interface = 0;
	frame->link_type = interface->link_type;
	frame->interface_name = interface->name;
	frame->length = length < size ? size : length;
	frame->size = size;
	frame->bytes = header + FRAME_HEADER_SIZE;
	frame->options = NULL;
	frame->options_size = 0;
	frame->options_little = false;
	return 1;
}

int capture_file_next(struct capture_file *file, struct capture_frame *frame, struct error *error)
{
	int result = file->unbegun ? begin_growing(file, error) : 1;

	if (result <= 0)
		return result;
	byte_stream_skip(file->stream, file->pending);
	file->pending = 0;
	result = file->ng ? capture_file_next_pcapng(file, frame, error) : next_pcap(file, frame, error);
	if (result > 0)
		frame->number = ++file->frames;
	return result;
}

/* Only a file that nobody has open for writing gets a lease for reading (fcntl(2)). Were it opened for that just now, SIGIO
 * would end this process. */
static bool is_being_written(int descriptor)
{
	if (fcntl(descriptor, F_SETSIG, SIGURG) < 0 || fcntl(descriptor, F_SETLEASE, F_RDLCK) < 0)
		return true;
	fcntl(descriptor, F_SETLEASE, F_UNLCK);
	return false;
}

bool capture_file_grows(const struct capture_file *file)
{
	struct pollfd polled = { .fd = byte_stream_descriptor(file->stream), .events = POLLIN };
	struct stat status;

	if (fstat(polled.fd, &status) == 0 && S_ISREG(status.st_mode))
		return is_being_written(polled.fd);
	return poll(&polled, 1, 0) < 0 || !(polled.revents & (POLLHUP | POLLERR)) || polled.revents & POLLIN;
}

bool capture_file_cut(const struct capture_file *file)
{
	return file->cut || byte_stream_cut(file->stream);
}

uint32_t capture_file_interfaces(const struct capture_file *file)
{
	return file->interface_count;
}

uint64_t capture_file_consumed(const struct capture_file *file)
{
	return byte_stream_consumed(file->stream);
}

uint64_t capture_file_size(const struct capture_file *file)
{
	return byte_stream_size(file->stream);
}

void capture_file_close(struct capture_file *file)
{
	if (!file)
		return;
	byte_stream_close(file->stream);
	free(file->interfaces);
	free(file);
}
