/* test_capture_write.c - pcapng as it is written, byte by byte and as our own reader reads it; frames held back. */
#include "listener/capture_write.h"

#include <fcntl.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener/held_frames.h"

#include "tests/unit/suite.h"

static char path[64];
static int descriptor;
static struct capture_write *writer;
static struct error error;

static void set_up(void)
{
	snprintf(path, sizeof(path), "/tmp/test_capture_write.%d", (int)getpid());
	descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(descriptor, 0);
	ck_assert_int_eq(write(descriptor, "an older file", 13), 13);
	lseek(descriptor, 0, SEEK_SET);
	writer = capture_write_open(&(struct capture_write_options){
		.descriptor = descriptor, .name = "out.pcapng", .application = "twprobe", .system = "Linux",
		.replaces = "old: ",
	}, &error);
	ck_assert_ptr_nonnull(writer);
}

static void tear_down(void)
{
	capture_write_close(writer);
	close(descriptor);
	unlink(path);
}

static struct capture_frame frame_of(uint64_t number, const char *bytes)
{
	return (struct capture_frame){
		.number = number, .time_ns = 0x0123456789abcdef, .has_time = true, .link_type = DLT_EN10MB,
		.interface_name = "eth0", .length = 1500, .size = strlen(bytes),
		.bytes = (const uint8_t *)bytes,
	};
}

static void put(const struct capture_frame *frame, const char *comment)
{
	struct capture_comment list = { comment, comment ? strlen(comment) : 0 };

	ck_assert_int_eq(capture_write_frame(writer, frame, &list, comment != NULL, &error), 0);
}

/* The numbers are those of draft-ietf-opsawg-pcapng 4.1 to 4.3, 3.5 and 4.2, in little-endian order. */
START_TEST(blocks)
{
	static const uint8_t expected[] = {
		/* section header */
		0x0a, 0x0d, 0x0d, 0x0a, 56, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		3, 0, 5, 0, 'L', 'i', 'n', 'u', 'x', 0, 0, 0, /* shb_os */
		4, 0, 7, 0, 't', 'w', 'p', 'r', 'o', 'b', 'e', 0, /* shb_userappl */
		0, 0, 0, 0, 56, 0, 0, 0,
		/* interface description: Ethernet, no limit of size */
		1, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
		2, 0, 4, 0, 'e', 't', 'h', '0', /* if_name */
		9, 0, 1, 0, 9, 0, 0, 0, /* if_tsresol: nanoseconds */
		0, 0, 0, 0, 40, 0, 0, 0,
		/* enhanced packet: interface 0, its time, 5 of 1500 bytes */
		6, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 0x67, 0x45, 0x23, 0x01, 0xef, 0xcd, 0xab, 0x89,
		5, 0, 0, 0, 0xdc, 0x05, 0, 0, 'h', 'e', 'l', 'l', 'o', 0, 0, 0,
		1, 0, 2, 0, 'o', 'k', 0, 0, /* opt_comment */
		0, 0, 0, 0, 52, 0, 0, 0,
		/* one without options */
		6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0x67, 0x45, 0x23, 0x01, 0xef, 0xcd, 0xab, 0x89,
		4, 0, 0, 0, 0xdc, 0x05, 0, 0, 'm', 'o', 'r', 'e', 36, 0, 0, 0,
	};
	struct capture_frame first = frame_of(1, "hello"), second = frame_of(2, "more");
	uint8_t found[512];

	put(&first, "ok");
	put(&second, NULL);
	ck_assert_int_eq(capture_write_flush(writer, &error), 0);
	ck_assert_int_eq(pread(descriptor, found, sizeof(found), 0), sizeof(expected));
	for (size_t i = 0; i < sizeof(expected); i++)
		ck_assert_msg(found[i] == expected[i], "byte %zu is %#x and not %#x", i, found[i], expected[i]);
}
END_TEST

static struct capture_file *read_back(void)
{
	struct capture_file *file;

	ck_assert_int_eq(capture_write_flush(writer, &error), 0);
	file = capture_file_open(path, &error);
	ck_assert_msg(file != NULL, "%s", error.text);
	return file;
}

static void next_is(struct capture_file *file, struct capture_frame *frame, const char *bytes)
{
	ck_assert_int_eq(capture_file_next(file, frame, &error), 1);
	ck_assert_uint_eq(frame->size, strlen(bytes));
	ck_assert_mem_eq(frame->bytes, bytes, frame->size);
}

static void comments_are(const struct capture_frame *frame, const char *expected)
{
	char text[256] = "";
	const char *comment;
	size_t at = 0, size;

	while (capture_frame_comment(frame, &at, &comment, &size))
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "[%.*s]", (int)size, comment);
	ck_assert_str_eq(text, expected);
}

/* Their numbers in the input have gaps; here they are in the order of their first frames. */
START_TEST(interfaces)
{
	struct capture_frame raw = frame_of(1, "raw"), cooked = frame_of(2, "cooked"), frame;
	struct capture_file *file;

	raw.interface = 7;
	raw.link_type = DLT_RAW;
	raw.interface_name = NULL;
	cooked.interface = 3;
	cooked.link_type = DLT_LINUX_SLL2;
	cooked.interface_name = "any";
	put(&raw, NULL);
	put(&cooked, NULL);
	put(&raw, NULL);
	file = read_back();
	next_is(file, &frame, "raw");
	ck_assert_uint_eq(frame.interface, 0);
	ck_assert_int_eq(frame.link_type, DLT_RAW);
	ck_assert_str_eq(frame.interface_name, "");
	next_is(file, &frame, "cooked");
	ck_assert_uint_eq(frame.interface, 1);
	ck_assert_int_eq(frame.link_type, DLT_LINUX_SLL2);
	ck_assert_str_eq(frame.interface_name, "any");
	ck_assert_uint_eq(frame.time_ns, 0x0123456789abcdef);
	next_is(file, &frame, "raw");
	ck_assert_uint_eq(frame.interface, 0);
	ck_assert_int_eq(capture_file_next(file, &frame, &error), 0);
	ck_assert(!capture_file_cut(file));
	capture_file_close(file);
}
END_TEST

/* A frame's own ones come first, in either byte order; those of an earlier run of ours do not come again. */
START_TEST(comments)
{
	static const uint8_t little[] = {
		1, 0, 3, 0, 'o', 'n', 'e', 0, 2, 0, 4, 0, 1, 0, 0, 0, 1, 0, 6, 0, 'o', 'l', 'd', ':', ' ', 'x', 0, 0,
		1, 0, 3, 0, 't', 'w', 'o', 0, 0, 0, 0, 0, 1, 0, 1, 0, '?', 0, 0, 0,
	};
	static const uint8_t big[] = { 0, 1, 0, 3, 'b', 'i', 'g', 0, 0, 1, 0, 200, 'c', 'u', 't', 0 };
	struct capture_frame frame = frame_of(1, "bytes"), found;
	struct capture_file *file;

	frame.options = little;
	frame.options_size = sizeof(little);
	frame.options_little = true;
	put(&frame, "new");
	frame.options = big;
	frame.options_size = sizeof(big);
	frame.options_little = false;
	put(&frame, NULL);
	file = read_back();
	next_is(file, &found, "bytes");
	comments_are(&found, "[one][two][new]");
	next_is(file, &found, "bytes");
	comments_are(&found, "[big]");
	capture_file_close(file);
}
END_TEST

/* 65,535 bytes are in the middle of a character of three. */
START_TEST(long_comment)
{
	enum { CHARACTERS = 30000 };
	struct capture_frame frame = frame_of(1, "bytes"), found;
	char *text = malloc(3 * CHARACTERS + 2);
	struct capture_file *file;
	const char *comment;
	size_t at = 0, size;

	text[0] = 'x';
	for (int i = 0; i < CHARACTERS; i++)
		memcpy(text + 1 + 3 * i, "\xe2\x82\xac", 3);
	text[1 + 3 * CHARACTERS] = '\0';
	put(&frame, text);
	file = read_back();
	next_is(file, &found, "bytes");
	ck_assert(capture_frame_comment(&found, &at, &comment, &size));
	ck_assert_uint_eq(size, 1 + 3 * 21844);
	ck_assert(!capture_frame_comment(&found, &at, &comment, &size));
	capture_file_close(file);
	free(text);
}
END_TEST

START_TEST(no_time)
{
	struct capture_frame frame = frame_of(1, "timed"), untimed = frame_of(2, "untimed"), found;
	struct capture_file *file;

	untimed.has_time = false;
	untimed.time_ns = 0;
	put(&frame, NULL);
	put(&untimed, NULL);
	file = read_back();
	next_is(file, &found, "timed");
	next_is(file, &found, "untimed");
	ck_assert_uint_eq(found.time_ns, frame.time_ns);
	capture_file_close(file);
}
END_TEST

START_TEST(no_link_type)
{
	struct capture_frame frame = frame_of(1, "bytes");

	frame.link_type = 1 << 20;
	ck_assert_int_eq(capture_write_frame(writer, &frame, NULL, 0, &error), -1);
	ck_assert_str_eq(error.text, "out.pcapng: cannot be written: pcapng has no number for the frames' link type");
}
END_TEST

/* The first error stays, and nothing comes after it. */
START_TEST(full_disk)
{
	int full = open("/dev/full", O_WRONLY);
	struct capture_write *other = capture_write_open(&(struct capture_write_options){
		.descriptor = full, .name = "full.pcapng", .application = "twprobe", .system = "Linux" }, &error);
	struct capture_frame frame = frame_of(1, "bytes");

	ck_assert_ptr_nonnull(other);
	frame.time_ns = 0; /* written to the disk when there is enough of it, or a second has passed */
	ck_assert_int_eq(capture_write_frame(other, &frame, NULL, 0, &error), 0);
	for (int i = 0; i < 2; i++) {
		error.text[0] = '\0';
		ck_assert_int_eq(capture_write_flush(other, &error), -1);
		ck_assert_str_eq(error.text, "full.pcapng: cannot be written: No space left on device");
	}
	ck_assert_int_eq(capture_write_frame(other, &frame, NULL, 0, &error), -1);
	capture_write_close(other);
	close(full);
}
END_TEST

static off_t on_disk(void)
{
	return lseek(descriptor, 0, SEEK_END);
}

/* Nothing of a capture that goes on waits for more than a second to be written. */
START_TEST(every_second)
{
	struct capture_frame frame = frame_of(1, "bytes");
	off_t first;

	put(&frame, NULL);
	first = on_disk();
	ck_assert_int_gt(first, 0);
	frame.time_ns += 999999999;
	put(&frame, NULL);
	ck_assert_int_eq(on_disk(), first);
	frame.time_ns += 1;
	put(&frame, NULL);
	ck_assert_int_eq(on_disk(), first + 2 * 40);
}
END_TEST

START_TEST(held_back)
{
	static const uint64_t numbers[] = { 3, 7, 8, 20 };
	struct held_frames *held = held_frames_open(writer, HELD_FRAMES_BYTES);
	struct capture_frame frame, found;
	struct capture_file *file;
	off_t written;

	ck_assert_uint_eq(held_frames_number(held, 3), 0);
	for (size_t i = 0; i < 4; i++) {
		frame = frame_of(numbers[i], &"0\0001\0002\0003"[2 * i]);
		ck_assert_int_eq(held_frames_take(held, &frame, i == 0 ? UINT64_MAX : 7, &error), 0);
	}
	/* 3 was written at once; 7 is the second of the file. */
	ck_assert(!held_frames_comment(held, 3, "too late"));
	ck_assert(!held_frames_comment(held, 9, "no such frame"));
	ck_assert_uint_eq(held_frames_number(held, 3), 0);
	ck_assert_uint_eq(held_frames_number(held, 7), 2);
	ck_assert_uint_eq(held_frames_number(held, 20), 4);
	ck_assert(held_frames_comment(held, 8, "about 8"));
	ck_assert(held_frames_comment(held, 7, "about 7"));
	ck_assert(held_frames_comment(held, 8, "more about 8"));
	frame = frame_of(21, "4");
	ck_assert_int_eq(held_frames_take(held, &frame, 8, &error), 0);
	ck_assert_uint_eq(held_frames_number(held, 7), 0);
	ck_assert_uint_eq(held_frames_number(held, 8), 3);
	written = on_disk();
	ck_assert_int_eq(held_frames_settle(held, 8, &error), 0);
	ck_assert_uint_eq(held_frames_number(held, 8), 3);
	ck_assert_int_eq(held_frames_settle(held, 9, &error), 0); /* no frame comes, and yet it is in the file */
	ck_assert_uint_eq(held_frames_number(held, 8), 0);
	ck_assert_int_gt(on_disk(), written);
	ck_assert_int_eq(held_frames_finish(held, &error), 0);
	held_frames_close(held);
	file = read_back();
	for (int i = 0; i < 5; i++) {
		next_is(file, &found, (char[]){ (char)('0' + i), '\0' });
		comments_are(&found, i == 1 ? "[about 7]" : i == 2 ? "[about 8][more about 8]" : "");
	}
	ck_assert_int_eq(capture_file_next(file, &found, &error), 0);
	capture_file_close(file);
}
END_TEST

/* Memory has an end: the oldest frames go, and the others keep their places. */
START_TEST(too_many_held)
{
	enum { FRAMES = 5000, MOST = 100000 };
	struct held_frames *held = held_frames_open(writer, MOST);
	struct capture_frame frame, found;
	struct capture_file *file;
	uint64_t kept = 0;

	for (uint64_t i = 1; i <= FRAMES; i++) {
		frame = frame_of(i, "bytes");
		ck_assert_int_eq(held_frames_take(held, &frame, 1, &error), 0);
	}
	for (uint64_t i = 1; i <= FRAMES; i++) {
		uint64_t number = held_frames_number(held, i);

		ck_assert(number == 0 || number == i);
		ck_assert(number || !kept);
		kept += number != 0;
		ck_assert(held_frames_comment(held, i, "word") == (number != 0));
	}
	ck_assert_uint_gt(kept, 100);
	ck_assert_uint_lt(kept, MOST / 100);
	ck_assert_int_eq(held_frames_finish(held, &error), 0);
	held_frames_close(held);
	file = read_back();
	for (uint64_t i = 1; i <= FRAMES; i++) {
		next_is(file, &found, "bytes");
		comments_are(&found, i + kept > FRAMES ? "[word]" : "");
	}
	capture_file_close(file);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("capture_write");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, blocks);
	tcase_add_test(tcase, interfaces);
	tcase_add_test(tcase, comments);
	tcase_add_test(tcase, long_comment);
	tcase_add_test(tcase, no_time);
	tcase_add_test(tcase, no_link_type);
	tcase_add_test(tcase, full_disk);
	tcase_add_test(tcase, every_second);
	tcase_add_test(tcase, held_back);
	tcase_add_test(tcase, too_many_held);
	return run_suite("capture_write", tcase, NULL);
}
