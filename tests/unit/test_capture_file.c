/* test_capture_file.c - files written byte by byte, in both formats and byte orders: what is read, and what is refused. */
#include "listener/capture_file.h"

#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "tests/unit/suite.h"

static uint8_t bytes[1 << 16];
static size_t size;
static bool little;
static char path[64];

static void setup(void)
{
	size = 0;
	little = true;
	snprintf(path, sizeof(path), "/tmp/test_capture_file.%d", (int)getpid());
}

static void teardown(void)
{
	unlink(path);
}

static void put16(unsigned value)
{
	bytes[size + !little] = (uint8_t)value;
	bytes[size + little] = (uint8_t)(value >> 8);
	size += 2;
}

static void put32(uint32_t value)
{
	put16(little ? value & 0xffff : value >> 16);
	put16(little ? value >> 16 : value & 0xffff);
}

static void put_text(const char *text, size_t padded)
{
	memset(bytes + size, 0, padded);
	memcpy(bytes + size, text, strlen(text));
	size += padded;
}

static void put_pcap_header(uint32_t magic, uint32_t link_type)
{
	put32(magic);
	put16(2);
	put16(4);
	put32(0);
	put32(0);
	put32(262144);
	put32(link_type);
}

static void put_pcap_frame(uint32_t seconds, uint32_t fraction, const char *frame, uint32_t length)
{
	put32(seconds);
	put32(fraction);
	put32((uint32_t)strlen(frame));
	put32(length);
	put_text(frame, strlen(frame));
}

static void put_section(void)
{
	put32(0x0a0d0d0a);
	put32(28);
	put32(0x1a2b3c4d);
	put16(1);
	put16(0);
	put32(UINT32_MAX);
	put32(UINT32_MAX);
	put32(28);
}

/* An interface block with a name, and a resolution where it is not -1. */
static void put_interface(unsigned link_type, const char *name, int resolution)
{
	uint32_t padded = (uint32_t)(strlen(name) + 3) / 4 * 4;
	uint32_t length = 8 + 8 + 4 + padded + (resolution >= 0 ? 8 : 0) + 4 + 4;

	put32(1);
	put32(length);
	put16(link_type);
	put16(0);
	put32(0);
	put16(2);
	put16((unsigned)strlen(name));
	put_text(name, padded);
	if (resolution >= 0) {
		put16(9);
		put16(1);
		bytes[size] = (uint8_t)resolution;
		memset(bytes + size + 1, 0, 3);
		size += 4;
	}
	put32(0);
	put32(length);
}

static void put_enhanced(uint32_t interface, uint64_t ticks, const char *frame, uint32_t length)
{
	uint32_t padded = (uint32_t)(strlen(frame) + 3) / 4 * 4;

	put32(6);
	put32(32 + padded);
	put32(interface);
	put32((uint32_t)(ticks >> 32));
	put32((uint32_t)ticks);
	put32((uint32_t)strlen(frame));
	put32(length);
	put_text(frame, padded);
	put32(32 + padded);
}

static void put_simple(const char *frame, uint32_t length)
{
	uint32_t padded = (uint32_t)(strlen(frame) + 3) / 4 * 4;

	put32(3);
	put32(16 + padded);
	put32(length);
	put_text(frame, padded);
	put32(16 + padded);
}

static void write_file(size_t count)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
	fclose(file);
}

static struct capture_file *opened(void)
{
	struct error error = { "" };
	struct capture_file *file = capture_file_open(path, &error);

	ck_assert_msg(file != NULL, "%s", error.text);
	return file;
}

static void assert_frame(struct capture_file *file, uint64_t number, uint64_t time_ns, const char *text, size_t length)
{
	struct capture_frame frame;
	struct error error = { "" };

	ck_assert_msg(capture_file_next(file, &frame, &error) == 1, "%s", error.text);
	ck_assert_uint_eq(frame.number, number);
	ck_assert_uint_eq(frame.time_ns, time_ns);
	ck_assert_uint_eq(frame.size, strlen(text));
	ck_assert_mem_eq(frame.bytes, text, strlen(text));
	ck_assert_uint_eq(frame.length, length);
}

static void assert_end(struct capture_file *file, bool cut)
{
	struct capture_frame frame;
	struct error error = { "" };

	ck_assert_msg(capture_file_next(file, &frame, &error) == 0, "%s", error.text);
	ck_assert_int_eq(capture_file_cut(file), cut);
	capture_file_close(file);
}

static void assert_refused(const char *text)
{
	struct error error = { "" };
	struct capture_frame frame;
	struct capture_file *file = capture_file_open(path, &error);
	int result = 1;

	while (file && result > 0)
		result = capture_file_next(file, &frame, &error);
	ck_assert_msg(!file || result < 0, "it was read");
	ck_assert_msg(strstr(error.text, text) != NULL, "'%s' lacks '%s'", error.text, text);
	ck_assert_msg(strstr(error.text, path) != NULL, "'%s' does not name the file", error.text);
	capture_file_close(file);
}

START_TEST(pcap_of_both_orders_and_clocks)
{
	bool nano = _i & 2;
	struct capture_file *file;

	little = _i & 1;
	put_pcap_header(nano ? 0xa1b23c4d : 0xa1b2c3d4, 101);
	put_pcap_frame(10, 500, "first", 5);
	put_pcap_frame(11, 999999, "second one", 1500);
	write_file(size);
	file = opened();
	assert_frame(file, 1, UINT64_C(10000000000) + (nano ? 500 : 500000), "first", 5);
	assert_frame(file, 2, UINT64_C(11000000000) + (nano ? 999999 : 999999000), "second one", 1500);
	assert_end(file, false);
}
END_TEST

/* Half a second after three, whatever the clock counts in. */
START_TEST(clocks_finer_than_a_nanosecond)
{
	static const struct clock {
		int resolution;
		uint64_t rate;
	} clocks[] = {
		{ 0x80 | 30, UINT64_C(1) << 30 }, { 0x80 | 35, UINT64_C(1) << 35 }, { 0x80 | 60, UINT64_C(1) << 60 },
		{ 10, UINT64_C(10000000000) }, { 12, UINT64_C(1000000000000) }, { 18, UINT64_C(1000000000000000000) },
	};
	struct capture_file *file;

	little = true;
	put_section();
	put_interface(101, "tun0", clocks[_i].resolution);
	put_enhanced(0, 3 * clocks[_i].rate + clocks[_i].rate / 2, "half", 4);
	write_file(size);
	file = opened();
	assert_frame(file, 1, UINT64_C(3500000000), "half", 4);
	assert_end(file, false);
}
END_TEST

/* LINKTYPE_RAW is 101 in files; decode knows DLT_RAW. */
START_TEST(interfaces_of_several_link_types_and_sections)
{
	struct capture_frame frame;
	struct capture_file *file;
	struct error error;

	little = _i;
	put_section();
	put_interface(1, "eth0", -1);
	put_interface(101, "tun0", 9);
	put_enhanced(1, 7000000001, "raw", 3);
	put_enhanced(0, 7000001, "ether", 60);
	little = !little;
	put_section();
	put_interface(113, "any", 0x80 | 10);
	put_enhanced(0, 3 * 1024 + 512, "sll", 3);
	put_simple("simple", 6);
	write_file(size);
	file = opened();
	assert_frame(file, 1, 7000000001, "raw", 3);
	assert_frame(file, 2, 7000001000, "ether", 60);
	assert_frame(file, 3, 3500000000, "sll", 3);
	ck_assert_int_eq(capture_file_next(file, &frame, &error), 1);
	ck_assert(!frame.has_time);
	ck_assert_int_eq(frame.link_type, DLT_LINUX_SLL);
	ck_assert_uint_eq(frame.interface, 2);
	ck_assert_uint_eq(capture_file_interfaces(file), 3);
	assert_end(file, false);
}
END_TEST

/* Wherever a file breaks off, the frames before that are read, and no more. */
START_TEST(a_file_that_breaks_off)
{
	size_t first, all;

	if (_i) {
		put_section();
		put_interface(1, "eth0", -1);
		put_enhanced(0, 1, "first", 5);
		first = size;
		put_enhanced(0, 2, "second", 6);
	} else {
		put_pcap_header(0xa1b2c3d4, 1);
		put_pcap_frame(0, 1, "first", 5);
		first = size;
		put_pcap_frame(0, 2, "second", 6);
	}
	all = size;
	for (size_t end = first; end < all; end++) {
		struct capture_file *file;

		write_file(end);
		file = opened();
		assert_frame(file, 1, 1000, "first", 5);
		assert_end(file, end != first);
	}
}
END_TEST

static void assert_refused_exactly(const char *text)
{
	struct error error;

	ck_assert_ptr_null(capture_file_open(path, &error));
	ck_assert_str_eq(strstr(error.text, ": ") + 2, text);
}

START_TEST(what_is_no_capture)
{
	write_file(0);
	assert_refused("empty");
	memcpy(bytes, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 28);
	write_file(28);
	assert_refused("not a capture file: it begins neither as pcap nor as pcapng does; --text reads");
	memcpy(bytes, "\x7f" "ELF", 4);
	write_file(28);
	assert_refused_exactly("not a capture file: it begins neither as pcap nor as pcapng does");
	size = 0;
	put_pcap_header(0xa1b2c3d4, 1);
	write_file(size - 1);
	assert_refused("breaks off after 23 of 24 bytes");
	bytes[0] = 0x34; /* a1b2cd34 */
	bytes[1] = 0xcd;
	write_file(size);
	assert_refused("modified format");
}
END_TEST

START_TEST(damaged_pcap)
{
	put_pcap_header(0xa1b2c3d4, 1);
	put_pcap_frame(0, 1, "first", 5);
	put32(0);
	put32(0);
	put32(UINT32_MAX); /* captured: 4 GB */
	put32(5);
	write_file(size);
	assert_refused("at byte 45: frame 2 says that 4294967295 bytes");
}
END_TEST

static const struct {
	unsigned at; /* of the word that is spoilt, in a file of a section, an interface and a frame */
	uint32_t value;
	const char *text;
} spoilt[] = {
	{ 8, 0x11111111, "at byte 0: a section whose byte order is none" },
	{ 4, 8, "at byte 0: a block of 8 bytes" },
	{ 4, 30, "at byte 0: a block of 30 bytes" },
	{ 28 + 4, UINT32_MAX - 3, "at byte 28: a block of 4294967292 bytes" },
	{ 28 + 16, 0x00ff0002, "at byte 28: option 2 of an interface runs out of its block" },
	{ 60 + 8, 5, "at byte 60: a frame of interface 5" },
	{ 60 + 20, 9, "at byte 60: a frame of 9 bytes in a block with room for 8" },
};

START_TEST(damaged_pcapng)
{
	put_section();
	put_interface(1, "eth0", -1);
	put_enhanced(0, 1, "first", 5);
	size = spoilt[_i].at;
	put32(spoilt[_i].value);
	write_file(60 + 32 + 8);
	assert_refused(spoilt[_i].text);
}
END_TEST

START_TEST(compressed)
{
	gzFile packed = gzopen(path, "wb");
	struct capture_file *file;

	put_pcap_header(0xa1b2c3d4, 1);
	for (unsigned i = 0; i < 1000; i++)
		put_pcap_frame(i, 0, "the same again", 14);
	ck_assert_int_eq(gzwrite(packed, bytes, (unsigned)size), (int)size);
	gzclose(packed);
	file = opened();
	for (unsigned i = 0; i < 1000; i++)
		assert_frame(file, i + 1, i * UINT64_C(1000000000), "the same again", 14);
	assert_end(file, false);
}
END_TEST

START_TEST(compressed_and_cut_or_damaged)
{
	gzFile packed = gzopen(path, "wb");
	struct capture_frame frame;
	struct capture_file *file;
	struct error error;
	long length;
	FILE *raw;

	put_pcap_header(0xa1b2c3d4, 1);
	while (size < sizeof(bytes) - 64) {
		char text[16];

		snprintf(text, sizeof(text), "%zu", size * 7919);
		put_pcap_frame(1, 0, text, 16);
	}
	ck_assert_int_eq(gzwrite(packed, bytes, (unsigned)size), (int)size);
	gzclose(packed);
	raw = fopen(path, "r+b");
	fseek(raw, 0, SEEK_END);
	length = ftell(raw);
	ck_assert_int_eq(ftruncate(fileno(raw), length / 2), 0);
	file = opened();
	while (capture_file_next(file, &frame, &error) == 1)
		;
	ck_assert_uint_gt(frame.number, 100);
	assert_end(file, true);
	fseek(raw, 300, SEEK_SET);
	fwrite("damaged, damaged, damaged", 1, 25, raw);
	fclose(raw);
	assert_refused("the compressed data is damaged");
}
END_TEST

/* What was unpacked before a wrong checksum is read; a file that ends in gzip's header is not one that is empty. */
START_TEST(compressed_with_a_wrong_end)
{
	gzFile packed = gzopen(path, "wb");
	struct capture_frame frame;
	struct capture_file *file;
	struct error error;
	long length;
	FILE *raw;

	put_pcap_header(0xa1b2c3d4, 1);
	for (unsigned i = 0; i < 100; i++)
		put_pcap_frame(i, 0, "the same again", 14);
	ck_assert_int_eq(gzwrite(packed, bytes, (unsigned)size), (int)size);
	gzclose(packed);
	raw = fopen(path, "r+b");
	fseek(raw, -8, SEEK_END); /* RFC 1952 2.3: CRC32, ISIZE */
	fwrite("\x55\xaa", 1, 2, raw);
	fflush(raw);
	length = ftell(raw);
	ck_assert_int_gt(length, 20);
	file = opened();
	for (unsigned i = 0; i < 100; i++)
		assert_frame(file, i + 1, i * UINT64_C(1000000000), "the same again", 14);
	ck_assert_int_eq(capture_file_next(file, &frame, &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "the compressed data is damaged"));
	capture_file_close(file);
	ck_assert_int_eq(ftruncate(fileno(raw), 6), 0);
	fclose(raw);
	assert_refused("breaks off before its first byte");
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("capture_file");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, pcap_of_both_orders_and_clocks, 0, 4);
	tcase_add_loop_test(tests, clocks_finer_than_a_nanosecond, 0, 6);
	tcase_add_loop_test(tests, interfaces_of_several_link_types_and_sections, 0, 2);
	tcase_add_loop_test(tests, a_file_that_breaks_off, 0, 2);
	tcase_add_test(tests, what_is_no_capture);
	tcase_add_test(tests, damaged_pcap);
	tcase_add_loop_test(tests, damaged_pcapng, 0, ROWS(spoilt));
	tcase_add_test(tests, compressed);
	tcase_add_test(tests, compressed_and_cut_or_damaged);
	tcase_add_test(tests, compressed_with_a_wrong_end);
	return run_suite("capture_file", tests, NULL);
}
