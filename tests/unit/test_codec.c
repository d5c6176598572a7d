/* test_codec.c - encode and decode: bytes written by hand, and each the other's mirror image. */
#include <pcap/dlt.h>
#include <string.h>

#include "crafter/encode.h"
#include "listener/decode.h"
#include "tests/unit/drawn_segment.h"
#include "tests/unit/wire_vectors.h"

#include "tests/unit/suite.h"

START_TEST(bytes_by_hand)
{
	struct segment v4 = syn_v4_value(), v6 = data_v6_value(), back;
	uint8_t packet[PACKET_SIZE_MAX];

	ck_assert_uint_eq(encode(&v4, packet, sizeof(packet)), sizeof(syn_v4));
	ck_assert_mem_eq(packet, syn_v4, sizeof(syn_v4));
	ck_assert_int_eq(decode(syn_v4, sizeof(syn_v4), &back), DECODE_OK);
	ck_assert(segment_equal(&v4, &back));
	ck_assert_uint_eq(encode(&v6, packet, sizeof(packet)), sizeof(data_v6));
	ck_assert_mem_eq(packet, data_v6, sizeof(data_v6));
	ck_assert_int_eq(decode(data_v6, sizeof(data_v6), &back), DECODE_OK);
	ck_assert(segment_equal(&v6, &back));
	ck_assert_ptr_eq(back.payload, data_v6 + sizeof(data_v6) - 3);
	ck_assert_int_eq(decode_check(syn_v4, sizeof(syn_v4), sizeof(syn_v4)), DECODE_OK);
	ck_assert_int_eq(decode_check(data_v6, sizeof(data_v6), sizeof(data_v6)), DECODE_OK);
}
END_TEST

/* Any one bit that flips is noticed, but where no checksum covers it: IPv6 has none for its header beyond the addresses and
 * the length. A flip may also hit what says where TCP lies. */
START_TEST(checksums_notice_every_bit)
{
	uint8_t packet[128];

	for (size_t bit = 0; bit < sizeof(syn_v4) * 8; bit++) {
		memcpy(packet, syn_v4, sizeof(syn_v4));
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_int_ne(decode_check(packet, sizeof(syn_v4), sizeof(syn_v4)), DECODE_OK);
	}
	for (size_t bit = 8 * 8; bit < sizeof(data_v6) * 8; bit++) {
		memcpy(packet, data_v6, sizeof(data_v6));
		packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert_int_eq(decode_check(packet, sizeof(data_v6), sizeof(data_v6)), DECODE_BAD_CHECKSUM);
	}
	ck_assert_int_eq(decode_check(syn_v4, sizeof(syn_v4) - 1, sizeof(syn_v4) - 1), DECODE_SHORT);
}
END_TEST

START_TEST(decode_mirrors_encode)
{
	static const int links[] = { DLT_RAW, DLT_IPV4, DLT_IPV6 };
	uint8_t packet[PACKET_SIZE_MAX], again[PACKET_SIZE_MAX];
	unsigned encoded = 0, families[2] = { 0 };

	state = 42;
	for (int i = 0; i < 20000; i++) {
		struct segment segment = draw_segment(), back;
		size_t size = encode(&segment, packet, sizeof(packet));

		if (size == 0) /* options that do not fit */
			continue;
		encoded++;
		families[segment.tuple.source.address.family == 6]++;
		ck_assert_int_eq(decode(packet, size, &back), DECODE_OK);
		ck_assert(segment_equal(&segment, &back));
		ck_assert_int_eq(decode_check(packet, size, size), DECODE_OK);
		ck_assert_uint_eq(encode(&back, again, sizeof(again)), size);
		ck_assert_mem_eq(packet, again, size);
		ck_assert_int_eq(decode_frame(links[i % 3], packet, size, &back), DECODE_OK);
		ck_assert(segment_equal(&segment, &back));
		ck_assert_uint_eq(encode(&segment, again, size - 1), 0);
	}
	ck_assert_uint_gt(encoded, 10000);
	ck_assert_uint_gt(families[0], 5000);
	ck_assert_uint_gt(families[1], 5000);
}
END_TEST

START_TEST(the_largest_segment)
{
	static const uint8_t payload[SEGMENT_FILL_MAX];
	struct segment segment = data_v6_value(), back;
	uint8_t packet[PACKET_SIZE_MAX];

	for (int i = 0; i < SEGMENT_OPTIONS_MAX; i++)
		segment_add_option(&segment, OPTION_NOP);
	segment.payload = payload;
	segment.payload_size = SEGMENT_FILL_MAX;
	ck_assert_uint_eq(encode(&segment, packet, sizeof(packet)), PACKET_SIZE_MAX);
	ck_assert_int_eq(decode(packet, PACKET_SIZE_MAX, &back), DECODE_OK);
	ck_assert(segment_equal(&segment, &back));
}
END_TEST

START_TEST(what_cannot_be_encoded)
{
	static const uint8_t payload[SEGMENT_FILL_MAX + 1];
	uint8_t packet[PACKET_SIZE_MAX + 10];
	struct segment s;

#define REFUSED(change) do { s = syn_v4_value(); change; \
	ck_assert_msg(encode(&s, packet, sizeof(packet)) == 0, "%s", #change); } while (0)
	REFUSED(s.tuple.target.address.family = 6);
	REFUSED(s.tuple.source.address.family = 6);
	REFUSED(s.tuple.source.address.family = s.tuple.target.address.family = 0);
	REFUSED(s.tuple.source.address.family = s.tuple.target.address.family = 5);
	REFUSED(s.payload_size = 1);
	REFUSED((s.payload_size = SEGMENT_FILL_MAX + 1, s.payload = payload));
	REFUSED(s.options[0] = OPTION_END);            /* others follow */
	REFUSED(s.options[3] = OPTION_END);            /* one follows */
	REFUSED(s.options[0] = 254);                   /* its data is missing */
	REFUSED((s.raw_size = 1, s.raw[0] = 0));       /* data of no option */
	REFUSED((s.options[3] = 254, s.raw_size = 1, s.raw[0] = 1));  /* less data than said */
	REFUSED((s.options[3] = 254, s.raw_size = 41, s.raw[0] = 40));
	REFUSED((s.options[3] = 254, s.raw_size = 22, s.raw[0] = 21)); /* 42 bytes in all */
	REFUSED(s.option_count = SEGMENT_OPTIONS_MAX + 1);
	REFUSED((memset(s.options, OPTION_MSS, 11), s.option_count = 11));
#undef REFUSED
	s = syn_v4_value();
	ck_assert_uint_eq(encode(&s, packet, 59), 0);
	ck_assert_uint_eq(encode(&s, packet, 60), 60);
	ck_assert_uint_eq(encode(&s, packet, 0), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, bytes_by_hand);
	tcase_add_test(tcase, checksums_notice_every_bit);
	tcase_add_test(tcase, decode_mirrors_encode);
	tcase_add_test(tcase, the_largest_segment);
	tcase_add_test(tcase, what_cannot_be_encoded);
	return run_suite("codec", tcase, NULL);
}
