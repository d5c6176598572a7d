/* test_segment_text.c - the text notation of a segment: written by hand, printed and parsed again, refused with its column. */
#include <string.h>
#include <time.h>

#include "crafter/encode.h"
#include "crafter/escape.h"
#include "crafter/segment_text.h"
#include "tests/unit/drawn_segment.h"
#include "tests/unit/written.h"

#include "tests/unit/suite.h"

/* Texts as they are printed with all parts, and one thing each that the segment then is. */
static const struct {
	const char *text;
	struct segment segment;
} texts[] = {
	{ "R 7:7(0) win 0 <nop,raw 08000102> id 1 bad checksum",
	  { .ttl = 64, .flags = FLAG_RST, .seq = 7, .option_count = 1, .options = { OPTION_NOP }, .tail_size = 4,
	    .raw = { 8, 0, 1, 2 }, .ip_id = 1, .bad_checksum = true } },
	{ "none 7:7(0) win 0 <kind 30 05,raw ff>",
	  { .ttl = 64, .seq = 7, .option_count = 1, .options = { 30 }, .raw_size = 2, .tail_size = 1, .raw = { 1, 5, 255 } } },
	{ "S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0>",
	  { .ttl = 64, .flags = FLAG_SYN, .window = 65535, .option_count = 3, .mss = 1460, .tsval = 1,
	    .options = { OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS } } },
	{ "none 5:5(0) win 0", { .ttl = 64, .seq = 5 } },
	{ "FSRPAUECe 1:1(0) ack 2 win 3 urg 4 ttl 5 tos 6 id 7",
	  { .flags = 0x1ff, .seq = 1, .ack = 2, .window = 3, .urgent = 4, .ttl = 5, .tos = 6, .ip_id = 7 } },
	{ "R 1:1(0) ack 9 win 0 urg 1", { .ttl = 64, .flags = FLAG_RST, .seq = 1, .ack = 9, .urgent = 1 } },
	{ "PA 4294967290:4(10) ack 0 win 502",
	  { .ttl = 64, .flags = FLAG_PSH | FLAG_ACK, .seq = 0xfffffffa, .payload_size = 10, .window = 502 } },
	{ "A 5:70005(70000) ack 1 win 0",
	  { .ttl = 64, .flags = FLAG_ACK, .seq = 5, .ack = 1, .payload_size = 70000 } },
	{ "P 1:4(3) win 0 \"\\r\\x00\\\"\"",
	  { .ttl = 64, .flags = FLAG_PSH, .seq = 1, .payload_size = 3, .payload = (const uint8_t *)"\r\0\"" } },
	{ "A 1:1(0) ack 1 win 0 <nop,nop,sack 1:2 3:4294967295>",
	  { .ttl = 64, .flags = FLAG_ACK, .seq = 1, .ack = 1, .option_count = 3, .options = { 1, 1, OPTION_SACK },
	    .raw_size = 17, .raw = { 16, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 255, 255, 255, 255 } } },
	{ "S 0:0(0) win 0 <kind 5 00ff,kind 34,kind 254 f989,wscale 14,eol>",
	  { .ttl = 64, .flags = FLAG_SYN, .option_count = 5, .options = { OPTION_SACK, 34, 254, OPTION_WSCALE, OPTION_END },
	    .wscale = 14, .raw_size = 7, .raw = { 2, 0, 0xff, 0, 2, 0xf9, 0x89 } } },
	{ "192.0.2.1:40000 > 192.0.2.2:80 R 1:1(0) win 0",
	  { .ttl = 64, .flags = FLAG_RST, .seq = 1,
	    .tuple = { { { 4, { 192, 0, 2, 1 }, 0 }, 40000 }, { { 4, { 192, 0, 2, 2 }, 0 }, 80 } } } },
	{ "[2001:db8::1]:1 > [::]:2 R 1:1(0) win 0",
	  { .ttl = 64, .flags = FLAG_RST, .seq = 1,
	    .tuple = { { { 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, 0 }, 1 }, { { 6, { 0 }, 0 }, 2 } } } },
	{ "*:40000 > *:80 R 1:1(0) win 0",
	  { .ttl = 64, .flags = FLAG_RST, .seq = 1, .tuple = { .source.port = 40000, .target.port = 80 } } },
};

START_TEST(by_hand)
{
	struct segment read = written(texts[_i].text);
	char text[SEGMENT_TEXT_SIZE];

	ck_assert_msg(segment_equal(&read, &texts[_i].segment), "%s", texts[_i].text);
	ck_assert_uint_eq(read.option_count, texts[_i].segment.option_count);
	ck_assert_str_eq(segment_text_print(&texts[_i].segment, NULL, SEGMENT_TEXT_ALL, text, sizeof(text)), texts[_i].text);
}
END_TEST

static const struct segment_bases connection = {
	.seq = { "rcv_nxt", 1000 }, .ack = { "snd_nxt", 0xfffffff0 }, .tsval = { "ts_recent", 50 }, .tsecr = { NULL, 0 },
};
static const struct segment_bases bare = { .seq = { NULL, 1000 }, .ack = { NULL, 0xfffffff0 } };

static const struct {
	const char *named, *bare;
	unsigned parts;
	struct segment segment;
} related[] = {
	{ "S rcv_nxt-1000 <TS val ts_recent+1>", "S 4294966296 <TS val 51>", SEGMENT_TEXT_BRIEF,
	  { .ttl = 64, .flags = FLAG_SYN, .option_count = 1, .options = { OPTION_TIMESTAMPS }, .tsval = 51 } },
	{ "PA rcv_nxt:rcv_nxt+10(10) ack snd_nxt+17", "PA 0:10(10) ack 17", 0,
	  { .ttl = 64, .flags = FLAG_PSH | FLAG_ACK, .seq = 1000, .payload_size = 10, .ack = 1 } },
	{ "A rcv_nxt+2^30:rcv_nxt+2^30(0) ack snd_nxt-2^31 win 5", "A 1073741824:1073741824(0) ack 2147483648 win 5",
	  SEGMENT_TEXT_END | SEGMENT_TEXT_WINDOW,
	  { .ttl = 64, .flags = FLAG_ACK, .seq = 1000 + (1U << 30), .ack = 0x7ffffff0, .window = 5 } },
	/* So far away that the distance means nothing; a number that acknowledges nothing has no base. */
	{ "R 123456789 ack 5", "R 123455789 ack 5", 0, { .ttl = 64, .flags = FLAG_RST, .seq = 123456789, .ack = 5 } },
	{ "A rcv_nxt+999999 ack snd_nxt+65537", "A 999999 ack 65537", 0,
	  { .ttl = 64, .flags = FLAG_ACK, .seq = 1000999, .ack = 65521 } },
};

START_TEST(relative_numbers)
{
	const struct segment *segment = &related[_i].segment;
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	char text[SEGMENT_TEXT_SIZE];
	struct segment read;

	ck_assert_str_eq(segment_text_print(segment, &connection, related[_i].parts, text, sizeof(text)), related[_i].named);
	ck_assert_int_eq(segment_text_parse(text, &connection, &read, payload, NULL), 0);
	ck_assert_msg(segment_equal(segment, &read), "%s", text);
	ck_assert_str_eq(segment_text_print(segment, &bare, related[_i].parts, text, sizeof(text)), related[_i].bare);
	ck_assert_int_eq(segment_text_parse(text, &bare, &read, payload, NULL), 0);
	ck_assert_msg(segment_equal(segment, &read), "%s", text);
}
END_TEST

START_TEST(brief_options)
{
	struct segment segment = { .ttl = 64, .flags = FLAG_ACK, .seq = 1000, .ack = 0xfffffff0, .tsval = 7, .option_count = 3,
				   .options = { OPTION_TIMESTAMPS, OPTION_NOP, OPTION_SACK }, .raw_size = 9,
				   .raw = { 8, 0, 0, 0, 0, 0, 0, 0, 4 } };
	char text[SEGMENT_TEXT_SIZE];

	segment_text_print(&segment, &connection, SEGMENT_TEXT_BRIEF, text, sizeof(text));
	ck_assert_str_eq(text, "A rcv_nxt ack snd_nxt <TS val ts_recent-43> <sack snd_nxt+16:snd_nxt+20>");
	segment.options[0] = OPTION_NOP;
	segment_text_print(&segment, &connection, SEGMENT_TEXT_BRIEF, text, sizeof(text));
	ck_assert_str_eq(text, "A rcv_nxt ack snd_nxt <sack snd_nxt+16:snd_nxt+20>");
}
END_TEST

START_TEST(a_bare_distance_may_be_negative)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct segment read;

	ck_assert_int_eq(segment_text_parse("A -1000:-999(1) ack -1", &bare, &read, payload, NULL), 0);
	ck_assert_uint_eq(read.seq, 0);
	ck_assert_uint_eq(read.ack, 0xffffffef);
}
END_TEST

static struct segment_base draw_base(const char *name)
{
	return (struct segment_base){ draw(2) ? name : NULL, draw(2) ? draw32() : 0 };
}

START_TEST(what_is_printed_is_read)
{
	uint64_t seed = (uint64_t)time(NULL);
	uint8_t packet[PACKET_SIZE_MAX], payload[SEGMENT_PAYLOAD_MAX];
	char text[SEGMENT_TEXT_SIZE];
	unsigned count = 0;

	printf("test_segment_text: seed %llu\n", (unsigned long long)seed);
	state = seed;
	for (int i = 0; i < 20000; i++) {
		struct segment_bases bases = { draw_base("rcv_nxt"), draw_base("snd_nxt"), draw_base("ts_recent"),
					       draw_base("ts_echo") };
		struct segment segment = draw_segment(), read;
		struct error error = { "" };

		if (encode(&segment, packet, sizeof(packet)) == 0) /* options that do not fit */
			continue;
		count++;
		if (draw(3) == 0)
			segment.tuple = (struct tuple){ .source.port = (uint16_t)draw(3), .target.port = (uint16_t)draw(3) };
		if (draw(3) == 0)
			segment.payload = NULL;
		if (draw(3) == 0)
			segment.seq = bases.seq.value + draw(3) - 1;
		segment_text_print(&segment, &bases, SEGMENT_TEXT_ALL, text, sizeof(text));
		ck_assert_msg(segment_text_parse(text, &bases, &read, payload, &error) == 0, "seed %llu, %d: %s",
			      (unsigned long long)seed, i, error.text);
		ck_assert_msg(segment_equal(&segment, &read), "seed %llu, %d: %s", (unsigned long long)seed, i, text);
		ck_assert_uint_eq(segment.option_count, read.option_count);
	}
	ck_assert_uint_gt(count, 5000);
}
END_TEST

static const struct {
	const char *text;
	unsigned column;
	const char *expected; /* a part of it */
} refused[] = {
	{ "", 1, "ADDRESS:PORT" },
	{ "SX 0", 1, "ADDRESS:PORT" },
	{ "AS 0 ack 1", 2, "in the order FSRPAUECe" },
	{ "SS 0", 2, "each once" },
	{ "192.0.2.1:1 R 0", 12, "' > ' and the target" },
	{ "192.0.2.1:1 > 192.0.2:1 R 0", 15, "a numeric address" },
	{ "192.0.2.1:65536 > 192.0.2.2:1 R 0", 11, "a port from 0 to 65535" },
	{ "[::1:1 > [::2]:1 R 0", 1, "ADDRESS:PORT" },
	{ "192.0.2.1:1 > 192.0.2.2:1", 26, "a blank and the flags" },
	{ "192.0.2.1:1 > 192.0.2.2:1 X 0", 27, "flags: letters" },
	{ "S", 2, "the sequence number" },
	{ "S x", 3, "a number from 0 to 4294967295" },
	{ "S 4294967296", 3, "a number from 0 to 4294967295" },
	{ "S 5:5", 6, "the length in parentheses" },
	{ "S 5:6(0)", 5, "that the sequence number and the length make" },
	{ "S 5:5(0", 8, "')' after the length" },
	{ "P 0:1(4294967296)", 7, "a length from 0 to 4294967295" },
	{ "A 5:5(0) win 3", 9, "' ack ' and a number, since A is among the flags" },
	{ "A 5 ack", 4, "' ack ' and a number" },
	{ "S 5 win 65536", 9, "from 0 to 65535" },
	{ "S 5 ttl 256", 9, "from 0 to 255" },
	{ "S 5 ttl 1 win 5", 10, "in this order" },
	{ "S 5 win 5 ", 10, "in this order" },
	{ "S 5 <>", 6, "an option: eol" },
	{ "S 5 <nop", 9, "or '>'" },
	{ "S 5 <mss>", 6, "an option: eol" },
	{ "S 5 <mss x>", 10, "from 0 to 65535" },
	{ "S 5 <wscale 256>", 13, "from 0 to 255" },
	{ "S 5 <TS val >", 13, "a number from 0" },
	{ "S 5 <TS val 1 ecr>", 14, "or '>'" },
	{ "S 5 <sack 1>", 12, "the right edge" },
	{ "S 5 <kind 256>", 11, "an option kind from 0 to 255" },
	{ "S 5 <kind 2 05b4>", 11, "a kind without its own name" },
	{ "S 5 <kind 9 0>", 13, "pairs of hexadecimal" },
	{ "S 5 <kind 9 012>", 15, "pairs of hexadecimal" },
	{ "S 5 <sack 1:2 1:2 1:2 1:2 1:2>", 30, "at most 40 bytes" },
	{ "P 5:7(2) \"a\"", 12, "as many bytes as the length" },
	{ "P 5:7(2) \"abc\"", 13, "the quote that ends the payload" },
	{ "P 5:7(2) \"a\\q\"", 12, "\\xHH" },
	{ "P 5:7(2) \"ab", 13, "the quote that ends the payload" },
};

START_TEST(refused_with_the_column)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct error error = { "" };
	struct segment segment;
	char column[32];

	snprintf(column, sizeof(column), "', column %u: expected ", refused[_i].column);
	ck_assert_int_eq(segment_text_parse(refused[_i].text, NULL, &segment, payload, &error), -1);
	ck_assert_msg(strstr(error.text, column) && strstr(error.text, refused[_i].expected), "%s: %s", refused[_i].text,
		      error.text);
}
END_TEST

START_TEST(a_name_that_nothing_counts_from)
{
	static const char *const wrong[] = {
		"S rcv_nx", "S snd_nxt", "S rcv_nxt1", "S rcv_nxtbelow", "S rcv_nxt+2^31", "S -1",
	};
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct error error = { "" };
	struct segment segment;

	for (int i = 0; i < ROWS(wrong); i++) {
		ck_assert_msg(segment_text_parse(wrong[i], &connection, &segment, payload, &error) == -1, "%s", wrong[i]);
		ck_assert_ptr_nonnull(strstr(error.text, "column 3: expected a number, or the name it counts from"));
	}
}
END_TEST

/* No text is longer than its buffer. */
START_TEST(cut_off_where_the_buffer_ends)
{
	char whole[SEGMENT_TEXT_SIZE], text[SEGMENT_TEXT_SIZE];

	segment_text_print(&texts[0].segment, NULL, SEGMENT_TEXT_ALL, whole, sizeof(whole));
	for (size_t size = 1; size < strlen(whole); size++) {
		memset(text, '#', sizeof(text));
		segment_text_print(&texts[0].segment, NULL, SEGMENT_TEXT_ALL, text, size);
		ck_assert_uint_eq(strlen(text), size - 1);
		ck_assert_int_eq(strncmp(text, whole, size - 1), 0);
		ck_assert_int_eq(text[size], '#');
	}
}
END_TEST

START_TEST(every_byte_has_its_escape)
{
	for (unsigned value = 0; value < 256; value++) {
		char letter[ESCAPE_SIZE];
		const char *text = escape_print((uint8_t)value, letter), *at = text;
		uint8_t read;

		ck_assert_int_eq(escape_read(&at, &read), 0);
		ck_assert_uint_eq(read, value);
		ck_assert_str_eq(at, "");
		for (; *text; text++)
			ck_assert_msg(*text >= ' ' && *text <= '~', "%u", value);
	}
}
END_TEST

START_TEST(escapes_that_are_none)
{
	static const char *const wrong[] = { "", "\\", "\\x", "\\x1", "\\xg0", "\\0", "\\a" };
	uint8_t byte;

	for (int i = 0; i < ROWS(wrong); i++) {
		const char *at = wrong[i];

		ck_assert_int_eq(escape_read(&at, &byte), -1);
		ck_assert_ptr_eq(at, wrong[i]);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, by_hand, 0, ROWS(texts));
	tcase_add_loop_test(tcase, relative_numbers, 0, ROWS(related));
	tcase_add_test(tcase, brief_options);
	tcase_add_test(tcase, a_bare_distance_may_be_negative);
	tcase_add_test(tcase, what_is_printed_is_read);
	tcase_add_loop_test(tcase, refused_with_the_column, 0, ROWS(refused));
	tcase_add_test(tcase, a_name_that_nothing_counts_from);
	tcase_add_test(tcase, cut_off_where_the_buffer_ends);
	tcase_add_test(tcase, every_byte_has_its_escape);
	tcase_add_test(tcase, escapes_that_are_none);
	return run_suite("segment_text", tcase, NULL);
}
