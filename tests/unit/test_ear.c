/* test_ear.c - frames that are sound, unsound, or about something else: built by encode, then spoilt byte by byte. */
#include "listener/ear.h"

#include <stdlib.h>
#include <string.h>

#include <pcap/dlt.h>

#include "crafter/bytes.h"
#include "crafter/checksum.h"
#include "crafter/encode.h"

#include "tests/unit/suite.h"

enum { FRAME_SIZE = 256 };

static uint8_t frame[FRAME_SIZE];
static struct segment heard;
static struct notice notice;

static struct segment answer(uint8_t family)
{
	struct segment segment = { .ttl = 64, .seq = 1000, .ack = 2000, .flags = FLAG_ACK, .window = 500 };

	segment.tuple.source = (struct endpoint){ { .family = family, .bytes = { 192, 0, 2, 2 } }, 8888 };
	segment.tuple.target = (struct endpoint){ { .family = family, .bytes = { 192, 0, 2, 1 } }, 40000 };
	segment_add_option(&segment, OPTION_NOP);
	segment_add_option(&segment, OPTION_NOP);
	segment_add_option(&segment, OPTION_TIMESTAMPS);
	return segment;
}

static size_t build(uint8_t family)
{
	struct segment segment = answer(family);
	size_t size = 0;

	memset(frame, 0, sizeof(frame));
	size = encode(&segment, frame, sizeof(frame));
	ck_assert_uint_gt(size, 0);
	return size;
}

static enum ear_result take(size_t size)
{
	return ear_take(DLT_RAW, frame, size, size, &heard, &notice);
}

static void mend_ip(void)
{
	bytes_store16(frame + 10, 0);
	bytes_store16(frame + 10, checksum_header(frame, 20));
}

static void mend_tcp(size_t size)
{
	bytes_store16(frame + 20 + 16, 0);
	bytes_store16(frame + 20 + 16, checksum_tcp(frame + 12, 8, frame + 20, size - 20));
}

static void assert_notice(size_t size, enum notice_kind kind)
{
	ck_assert_int_eq(take(size), EAR_NOTICE);
	ck_assert_str_eq(notice_name(notice.kind), notice_name(kind));
	ck_assert_uint_eq(heard.tuple.source.port, 8888);
	ck_assert_uint_eq(heard.tuple.target.port, 40000);
}

START_TEST(a_sound_segment)
{
	for (uint8_t family = 4; family <= 6; family += 2) {
		size_t size = build(family);

		ck_assert_int_eq(take(size), EAR_SEGMENT);
		ck_assert_uint_eq(heard.ack, 2000);
	}
}
END_TEST

/* Every single bit of the TCP segment: whatever it makes of it, no host would take it, and it is nobody's answer. */
START_TEST(no_flipped_bit_is_an_answer)
{
	for (uint8_t family = 4; family <= 6; family += 2) {
		size_t size = build(family), tcp = family == 4 ? 20 : 40;

		for (size_t bit = 8 * tcp; bit < 8 * size; bit++) {
			build(family);
			frame[bit / 8] = (uint8_t)(frame[bit / 8] ^ 1U << bit % 8);
			ck_assert_msg(take(size) == EAR_NOTICE && notice.kind == NOTICE_CHECKSUM, "IPv%u bit %zu", family, bit);
		}
	}
}
END_TEST

START_TEST(a_wrong_ip_checksum)
{
	size_t size = build(4);

	frame[10] ^= 0x12;
	assert_notice(size, NOTICE_CHECKSUM);
}
END_TEST

/* tcp_v4_send_check with CHECKSUM_PARTIAL: the kernel's own segments on loopback and veth. */
START_TEST(a_checksum_left_to_the_card_is_right)
{
	size_t size = build(4);

	bytes_store16(frame + 20 + 16, checksum_pseudo(frame + 12, 8, size - 20));
	ck_assert_int_eq(take(size), EAR_SEGMENT);
	bytes_store16(frame + 20 + 16, (uint16_t)(checksum_pseudo(frame + 12, 8, size - 20) + 1));
	assert_notice(size, NOTICE_CHECKSUM);
}
END_TEST

/* Of BIG TCP: the IP header's length is 0, and in IPv6 a jumbo payload option (RFC 2675) says it. The checksum is the card's to
 * fill in, and none could be verified: neither of what was captured nor beyond what the pseudo-header's length can say. */
START_TEST(longer_than_its_header_can_say)
{
	enum { LENGTH = 160000 };
	static const uint8_t jumbo[] = { 6, 0, 0xc2, 4, 0, 2, 0x70, 0xd8 };
	uint8_t *whole = calloc(1, LENGTH);

	for (uint8_t family = 4; family <= 6; family += 2) {
		size_t size = build(family);

		if (family == 4) {
			bytes_store16(frame + 2, 0);
			mend_ip();
		} else {
			bytes_store16(frame + 4, 0);
			frame[6] = 0;
			memmove(frame + 40 + sizeof(jumbo), frame + 40, size - 40);
			memcpy(frame + 40, jumbo, sizeof(jumbo));
			size += sizeof(jumbo);
		}
		for (size_t cut = size; cut < FRAME_SIZE; cut++) {
			ck_assert_int_eq(ear_take(DLT_RAW, frame, cut, LENGTH, &heard, &notice), EAR_SEGMENT);
			ck_assert_uint_eq(heard.payload_size, LENGTH - size);
		}
		ck_assert_int_eq(ear_take(DLT_RAW, frame, size - 1, LENGTH, &heard, &notice), EAR_CUT);
		memcpy(whole, frame, FRAME_SIZE);
		ck_assert_int_eq(ear_take(DLT_RAW, whole, LENGTH, LENGTH, &heard, &notice), EAR_SEGMENT);
		ck_assert_uint_eq(heard.payload_size, LENGTH - size);
	}
	free(whole);
}
END_TEST

/* Checksums right, the rest wrong: an option's length of 0, 9 and 255, a data offset of 0 and 15, lengths that lie. */
START_TEST(what_cannot_be_read_is_malformed)
{
	static const struct { size_t at; uint8_t value; } spoilt[] = {
		{ 20 + 23, 0 }, { 20 + 23, 9 }, { 20 + 23, 255 }, { 20 + 12, 0 }, { 20 + 12, 0xf0 },
	};
	size_t size;

	for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
		size = build(4);
		frame[spoilt[i].at] = spoilt[i].value;
		mend_tcp(size);
		assert_notice(size, NOTICE_MALFORMED);
	}
	size = build(4);
	bytes_store16(frame + 2, 30);
	mend_ip();
	assert_notice(size, NOTICE_MALFORMED);
	size = build(4);
	bytes_store16(frame + 2, 60000);
	mend_ip();
	assert_notice(size, NOTICE_MALFORMED);
}
END_TEST

START_TEST(fragments)
{
	size_t size = build(4);

	bytes_store16(frame + 6, 0x2000);
	mend_ip();
	assert_notice(size, NOTICE_FRAGMENT);
	bytes_store16(frame + 6, 0x0010); /* one from the middle: nobody knows whose */
	mend_ip();
	ck_assert_int_eq(take(size), EAR_NOTICE);
	ck_assert_int_eq(notice.kind, NOTICE_FRAGMENT);
	ck_assert_uint_eq(heard.tuple.source.port, 0);
}
END_TEST

/* An ICMP error quotes what *we* sent; it is about the connection on which the answer would have come. */
static size_t build_icmp(uint8_t family, size_t quoted)
{
	struct segment ours = answer(family);
	uint8_t packet[FRAME_SIZE];
	size_t header = family == 4 ? 20 : 40, size;

	ours.tuple = tuple_reversed(&ours.tuple);
	ours.seq = 777;
	size = encode(&ours, packet, sizeof(packet));
	ck_assert_uint_ge(size, quoted);
	memset(frame, 0, sizeof(frame));
	frame[0] = family == 4 ? 0x45 : 0x60;
	frame[family == 4 ? 9 : 6] = family == 4 ? 1 : 58;
	bytes_store16(frame + (family == 4 ? 2 : 4), (uint16_t)(8 + quoted + (family == 4 ? header : 0)));
	memcpy(frame + (family == 4 ? 12 : 8), (const uint8_t[]){ 198, 51, 100, 7 }, 4);
	frame[header] = family == 4 ? 3 : 1;
	frame[header + 1] = family == 4 ? 13 : 1;
	memcpy(frame + header + 8, packet, quoted);
	return header + 8 + quoted;
}

START_TEST(an_icmp_error_names_its_connection)
{
	for (uint8_t family = 4; family <= 6; family += 2) {
		size_t size = build_icmp(family, (family == 4 ? 20 : 40) + 8U);
		char text[NOTICE_TEXT_SIZE];

		assert_notice(size, NOTICE_ICMP);
		ck_assert_uint_eq(heard.seq, 777);
		ck_assert_uint_eq(notice.from.bytes[3], 7);
		ck_assert_ptr_nonnull(strstr(notice_text(&notice, text, sizeof(text)), "administratively prohibited"));
		for (size_t cut = 0; cut < size; cut++) /* as little of it as may have been captured */
			ck_assert_int_eq(take(cut), EAR_NOTHING);
	}
}
END_TEST

START_TEST(what_is_no_error_or_not_tcp_is_nothing)
{
	size_t size = build_icmp(4, 28);

	frame[20] = 8; /* an echo request */
	ck_assert_int_eq(take(size), EAR_NOTHING);
	size = build_icmp(4, 28);
	frame[20 + 8 + 9] = 17; /* quotes UDP */
	ck_assert_int_eq(take(size), EAR_NOTHING);
	size = build(4);
	frame[9] = 17;
	ck_assert_int_eq(take(size), EAR_NOTHING);
}
END_TEST

START_TEST(cut_off_anywhere_it_never_reads_further)
{
	for (uint8_t family = 4; family <= 6; family += 2) {
		size_t size = build(family);

		for (size_t cut = 0; cut < size; cut++) {
			uint8_t *copy = malloc(cut + !cut);

			ck_assert_ptr_nonnull(copy);
			memcpy(copy, frame, cut);
			ear_take(DLT_RAW, copy, cut, size, &heard, &notice); /* ASan looks on */
			free(copy);
		}
	}
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("ear");

	tcase_add_test(tests, a_sound_segment);
	tcase_add_test(tests, no_flipped_bit_is_an_answer);
	tcase_add_test(tests, a_wrong_ip_checksum);
	tcase_add_test(tests, a_checksum_left_to_the_card_is_right);
	tcase_add_test(tests, longer_than_its_header_can_say);
	tcase_add_test(tests, what_cannot_be_read_is_malformed);
	tcase_add_test(tests, fragments);
	tcase_add_test(tests, an_icmp_error_names_its_connection);
	tcase_add_test(tests, what_is_no_error_or_not_tcp_is_nothing);
	tcase_add_test(tests, cut_off_anywhere_it_never_reads_further);
	return run_suite("ear", tests, NULL);
}
