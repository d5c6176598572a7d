/* test_decode.c - decode alone: hostile input, link types, what is skipped and what is cut. */
#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/checksum.h"
#include "crafter/encode.h"
#include "listener/decode.h"
#include "tests/unit/drawn_segment.h"
#include "tests/unit/wire_vectors.h"

#include "tests/unit/suite.h"

/* One or more bytes of a good packet replaced, at offsets from the IP header. */
static const struct hostile {
	const char *name;
	bool v6;
	size_t size; /* 0: all of it */
	struct { uint8_t at, value; } change[4];
	enum decode_result result;
} hostile[] = {
	{ "nothing", false, 0, { { 0, 0x45 } }, DECODE_OK },
	{ "one byte", false, 1, { { 0, 0x45 } }, DECODE_SHORT },
	{ "version 0", false, 0, { { 0, 0x05 } }, DECODE_NOT_IP },
	{ "version 5", false, 0, { { 0, 0x55 } }, DECODE_NOT_IP },
	{ "version 15", false, 0, { { 0, 0xff } }, DECODE_NOT_IP },
	{ "IPv4 header of 16 bytes", false, 0, { { 0, 0x44 } }, DECODE_BAD_LENGTH },
	{ "IPv4 header of 16 bytes, then what looks like TCP", false, 0, { { 0, 0x44 }, { 28, 0x50 } }, DECODE_BAD_LENGTH },
	{ "IPv4 header of 60 bytes, TCP behind the end", false, 0, { { 0, 0x4f } }, DECODE_BAD_LENGTH },
	{ "IPv4 header longer than the capture", false, 20, { { 0, 0x46 } }, DECODE_SHORT },
	{ "total length below the header", false, 0, { { 3, 19 } }, DECODE_BAD_LENGTH },
	{ "total length ends in the TCP header", false, 0, { { 3, 39 } }, DECODE_BAD_LENGTH },
	{ "total length ends in the options", false, 0, { { 3, 59 } }, DECODE_BAD_LENGTH },
	{ "total length 0: as captured", false, 0, { { 3, 0 } }, DECODE_OK },
	{ "UDP", false, 0, { { 9, 17 } }, DECODE_NOT_TCP },
	{ "more fragments", false, 0, { { 6, 0x20 } }, DECODE_FRAGMENT },
	{ "a later fragment", false, 0, { { 7, 1 } }, DECODE_FRAGMENT },
	{ "fragment offset 4096", false, 0, { { 6, 0x10 } }, DECODE_FRAGMENT },
	{ "the evil bit", false, 0, { { 6, 0xc0 } }, DECODE_OK },
	{ "IPv4 header cut", false, 19, { { 0, 0x45 } }, DECODE_SHORT },
	{ "TCP header missing", false, 20, { { 0, 0x45 } }, DECODE_SHORT },
	{ "TCP header cut", false, 39, { { 0, 0x45 } }, DECODE_SHORT },
	{ "options cut", false, 59, { { 0, 0x45 } }, DECODE_CUT },
	{ "data offset 4", false, 0, { { 32, 0x40 } }, DECODE_BAD_LENGTH },
	{ "data offset 0", false, 0, { { 32, 0x00 } }, DECODE_BAD_LENGTH },
	{ "data offset behind the packet", false, 0, { { 32, 0xf0 } }, DECODE_BAD_LENGTH },
	{ "reserved bits", false, 0, { { 32, 0xaf } }, DECODE_OK },
	{ "option of length 0", false, 0, { { 41, 0 } }, DECODE_BAD_OPTION },
	{ "option of length 1", false, 0, { { 41, 1 } }, DECODE_BAD_OPTION },
	{ "MSS of length 3", false, 0, { { 41, 3 } }, DECODE_BAD_OPTION },
	{ "option longer than the header", false, 0, { { 40, 254 }, { 41, 21 } }, DECODE_BAD_OPTION },
	{ "option as long as the header", false, 0, { { 40, 254 }, { 41, 20 } }, DECODE_OK },
	{ "option of length 255", false, 0, { { 40, 254 }, { 41, 255 } }, DECODE_BAD_OPTION },
	{ "timestamps of length 8", false, 0, { { 47, 8 } }, DECODE_BAD_OPTION },
	{ "SACK permitted of length 4", false, 0, { { 45, 4 } }, DECODE_BAD_OPTION },
	{ "window scale of length 2", false, 0, { { 58, 2 } }, DECODE_BAD_OPTION },
	{ "a kind in the last byte", false, 0, { { 57, 1 }, { 58, 1 }, { 59, 2 } }, DECODE_BAD_OPTION },
	{ "END in the last byte", false, 0, { { 57, 1 }, { 58, 1 }, { 59, 0 } }, DECODE_OK },
	{ "rubbish behind END", false, 0, { { 40, 0 }, { 41, 255 } }, DECODE_OK },

	{ "IPv6", true, 0, { { 0, 0x60 } }, DECODE_OK },
	{ "IPv6 header cut", true, 39, { { 0, 0x60 } }, DECODE_SHORT },
	{ "IPv6 without its TCP header", true, 40, { { 0, 0x60 } }, DECODE_SHORT },
	{ "IPv6 length ends in the TCP header", true, 0, { { 5, 19 } }, DECODE_BAD_LENGTH },
	{ "IPv6 length 0: as captured", true, 0, { { 5, 0 } }, DECODE_OK },
	{ "IPv6 length over the capture", true, 0, { { 4, 255 } }, DECODE_OK },
	{ "ICMPv6", true, 0, { { 6, 58 } }, DECODE_NOT_TCP },
	{ "ESP", true, 0, { { 6, 50 } }, DECODE_NOT_TCP },
	{ "no next header", true, 0, { { 6, 59 } }, DECODE_NOT_TCP },
	{ "hop-by-hop that leaves no room", true, 0, { { 6, 0 }, { 40, 6 }, { 41, 0 } }, DECODE_BAD_LENGTH },
	{ "hop-by-hop longer than the packet", true, 0, { { 6, 0 }, { 40, 6 }, { 41, 255 } }, DECODE_BAD_LENGTH },
	{ "destination options, cut", true, 44, { { 6, 60 }, { 40, 6 }, { 41, 0 } }, DECODE_SHORT },
	{ "routing header of 16 bytes, cut", true, 50, { { 6, 43 }, { 40, 6 }, { 41, 1 } }, DECODE_SHORT },
	{ "IPv6 first fragment", true, 0, { { 6, 44 }, { 40, 6 }, { 42, 0 }, { 43, 1 } }, DECODE_FRAGMENT },
	{ "IPv6 later fragment", true, 0, { { 6, 44 }, { 40, 6 }, { 42, 1 }, { 43, 0 } }, DECODE_FRAGMENT },
};

enum { HOSTILE = ROWS(hostile) };

/* The bytes stand at the end of a block of their own, so that ASan sees a step over it. */
static enum decode_result decode_alone(int link, const uint8_t *bytes, size_t size, struct segment *segment)
{
	uint8_t *copy = malloc(size ? size : 1);
	enum decode_result result;

	memcpy(copy, bytes, size);
	result = link < 0 ? decode(copy, size, segment) : decode_frame(link, copy, size, segment);
	decode_check(copy, size, size);
	free(copy);
	return result;
}

START_TEST(hostile_packets)
{
	const struct hostile *row = &hostile[_i];
	size_t size = row->v6 ? sizeof(data_v6) : sizeof(syn_v4);
	uint8_t packet[128];
	struct segment segment;

	memcpy(packet, row->v6 ? data_v6 : syn_v4, size);
	for (int i = 0; i < 4; i++)
		if (row->change[i].at || i == 0)
			packet[row->change[i].at] = row->change[i].value;
	ck_assert_msg(decode_alone(-1, packet, row->size ? row->size : size, &segment) == row->result, "%s", row->name);
}
END_TEST

START_TEST(every_cut_is_noticed)
{
	struct segment segment;

	for (size_t size = 0; size < sizeof(syn_v4); size++)
		ck_assert_int_eq(decode_alone(-1, syn_v4, size, &segment), size < 40 ? DECODE_SHORT : DECODE_CUT);
	for (size_t size = 0; size < sizeof(data_v6) - 3; size++)
		ck_assert_int_eq(decode_alone(-1, data_v6, size, &segment), DECODE_SHORT);
}
END_TEST

START_TEST(rubbish_is_survived)
{
	static const int links[] = { -1, DLT_EN10MB, DLT_RAW, DLT_NULL, DLT_LOOP, DLT_LINUX_SLL, DLT_LINUX_SLL2 };
	uint8_t bytes[128] = { 0 };
	struct segment segment;

	state = 7;
	for (int i = 0; i < 20000; i++) {
		size_t size = draw(sizeof(bytes) + 1);

		for (size_t at = 0; at < size; at++)
			bytes[at] = (uint8_t)draw(256);
		if (size > 9 && draw(2))
			bytes[0] = 0x45, bytes[6] = 0x40, bytes[7] = 0, bytes[2] = 0, bytes[9] = 6;
		ck_assert_uint_lt(decode_alone(links[i % 7], bytes, size, &segment), DECODE_RESULT_COUNT);
		ck_assert_uint_le(segment.option_count, SEGMENT_OPTIONS_MAX);
		ck_assert_uint_le(segment.raw_size, SEGMENT_OPTIONS_MAX);
	}
}
END_TEST

START_TEST(a_payload_that_is_not_at_hand)
{
	struct segment segment;

	for (size_t size = sizeof(data_v6) - 3; size < sizeof(data_v6); size++) {
		ck_assert_int_eq(decode(data_v6, size, &segment), DECODE_OK);
		ck_assert_uint_eq(segment.payload_size, 3);
		ck_assert_ptr_null(segment.payload);
	}
}
END_TEST

/* Ethernet pads a frame to 60 bytes: what stands behind the IP packet is no payload. */
START_TEST(ethernet_padding_is_no_payload)
{
	uint8_t frame[60] = { [12] = 0x08, [13] = 0x00 }, packet[PACKET_SIZE_MAX];
	struct segment bare = syn_v4_value(), back;

	bare.option_count = 0;
	ck_assert_uint_eq(encode(&bare, packet, sizeof(packet)), 40);
	memcpy(frame + 14, packet, 40);
	memset(frame + 54, 0xee, 6);
	ck_assert_int_eq(decode_frame(DLT_EN10MB, frame, sizeof(frame), &back), DECODE_OK);
	ck_assert_uint_eq(back.payload_size, 0);
	ck_assert(segment_equal(&bare, &back));
}
END_TEST

static const struct link_row {
	const char *name;
	int type;
	uint8_t size, header[28];
	enum decode_result result;
} links[] = {
	{ "Ethernet", DLT_EN10MB, 14, { [12] = 0x08, 0x00 }, DECODE_OK },
	{ "Ethernet, one tag", DLT_EN10MB, 18, { [12] = 0x81, 0x00, 0x00, 0x05, 0x08, 0x00 }, DECODE_OK },
	{ "Ethernet, two tags", DLT_EN10MB, 22, { [12] = 0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 0x08, 0x00 }, DECODE_OK },
	{ "Ethernet, ARP", DLT_EN10MB, 14, { [12] = 0x08, 0x06 }, DECODE_NOT_IP },
	{ "Ethernet, says IPv6", DLT_EN10MB, 14, { [12] = 0x86, 0xdd }, DECODE_NOT_IP },
	{ "cooked", DLT_LINUX_SLL, 16, { [14] = 0x08, 0x00 }, DECODE_OK },
	{ "cooked, a tag", DLT_LINUX_SLL, 20, { [14] = 0x81, 0x00, 0, 1, 0x08, 0x00 }, DECODE_OK },
	{ "cooked, not IP", DLT_LINUX_SLL, 16, { [14] = 0x00, 0x04 }, DECODE_NOT_IP },
	{ "cooked v2", DLT_LINUX_SLL2, 20, { 0x08, 0x00 }, DECODE_OK },
	{ "cooked v2, a tag", DLT_LINUX_SLL2, 24, { 0x81, 0x00, [21] = 5, 0x08, 0x00 }, DECODE_OK },
	{ "cooked v2, an old outer tag", DLT_LINUX_SLL2, 28, { 0x91, 0x00, [21] = 5, 0x81, 0x00, 0, 6, 0x08, 0x00 },
	  DECODE_OK },
	{ "cooked v2, two tags", DLT_LINUX_SLL2, 28, { 0x88, 0xa8, [21] = 5, 0x81, 0x00, 0, 6, 0x08, 0x00 }, DECODE_OK },
	{ "BSD loopback, little endian", DLT_NULL, 4, { 2, 0, 0, 0 }, DECODE_OK },
	{ "BSD loopback, big endian", DLT_LOOP, 4, { 0, 0, 0, 2 }, DECODE_OK },
	{ "PPP", DLT_PPP, 2, { 0x00, 0x21 }, DECODE_OK },
	{ "PPP, the protocol in one byte", DLT_PPP, 1, { 0x21 }, DECODE_OK },
	{ "PPP like HDLC", DLT_PPP_SERIAL, 4, { 0xff, 0x03, 0x00, 0x21 }, DECODE_OK },
	{ "PPP, not IP", DLT_PPP, 2, { 0xc0, 0x21 }, DECODE_NOT_IP },
	{ "PPPoE", DLT_PPP_ETHER, 8, { 0x11, 0, 0, 1, 0, 62, 0x00, 0x21 }, DECODE_OK },
	{ "PPPoE on Ethernet", DLT_EN10MB, 22, { [12] = 0x88, 0x64, 0x11, 0, 0, 1, 0, 62, 0x00, 0x21 }, DECODE_OK },
	{ "raw", DLT_RAW, 0, { 0 }, DECODE_OK },
	{ "IPv4", DLT_IPV4, 0, { 0 }, DECODE_OK },
	{ "Token Ring", DLT_IEEE802, 14, { [12] = 0x08, 0x00 }, DECODE_BAD_LINK },
	{ "no link type at all", -1234, 14, { [12] = 0x08, 0x00 }, DECODE_BAD_LINK },
};

enum { LINKS = ROWS(links) };

START_TEST(link_types)
{
	const struct link_row *row = &links[_i];
	uint8_t frame[128];
	struct segment wanted = syn_v4_value(), back;

	memcpy(frame, row->header, row->size);
	memcpy(frame + row->size, syn_v4, sizeof(syn_v4));
	ck_assert_msg(decode_frame(row->type, frame, row->size + sizeof(syn_v4), &back) == row->result,
		      "%s", row->name);
	if (row->result == DECODE_OK)
		ck_assert_msg(segment_equal(&wanted, &back), "%s", row->name);
	for (size_t size = 0; row->result == DECODE_OK && size < row->size + sizeof(syn_v4); size++)
		ck_assert_msg(decode_alone(row->type, frame, size, &back) ==
			      (size < (size_t)row->size + 40 ? DECODE_SHORT : DECODE_CUT), "%s cut to %zu", row->name, size);
}
END_TEST

/* The options of syn_v4: MSS, SACK permitted, timestamps, NOP, window scale. All else is known wherever they are cut. */
START_TEST(cut_in_the_options)
{
	struct segment whole = syn_v4_value(), cut;

	for (size_t size = 40; size < sizeof(syn_v4); size++) {
		ck_assert_int_eq(decode_captured(syn_v4, size, sizeof(syn_v4), &cut), DECODE_CUT);
		ck_assert_uint_eq(cut.seq, whole.seq);
		ck_assert_uint_eq(cut.window, whole.window);
		ck_assert_uint_eq(cut.flags, whole.flags);
		ck_assert_uint_eq(cut.payload_size, 0);
		ck_assert_int_eq(segment_has_option(&cut, OPTION_MSS), size >= 44);
		ck_assert_int_eq(segment_has_option(&cut, OPTION_TIMESTAMPS), size >= 56);
		ck_assert_uint_eq(cut.tsval, size >= 56 ? whole.tsval : 0);
	}
}
END_TEST

/* A total length of 0: the packet is as long as the frame (iph_totlen() with skb_is_gso). Captured are its first bytes. */
START_TEST(longer_than_its_length_can_say)
{
	uint8_t packet[sizeof(syn_v4)];
	struct segment large;

	memcpy(packet, syn_v4, sizeof(packet));
	packet[2] = packet[3] = 0;
	ck_assert_int_eq(decode_captured(packet, sizeof(packet), 200000, &large), DECODE_OK);
	ck_assert_uint_eq(large.payload_size, 200000 - sizeof(syn_v4));
	ck_assert_ptr_null(large.payload);
}
END_TEST

START_TEST(three_tags_are_too_many)
{
	uint8_t frame[26 + sizeof(syn_v4)] = { [12] = 0x81, 0, 0, 1, 0x81, 0, 0, 2, 0x81, 0, 0, 3, 0x08, 0x00 };
	struct segment back;

	memcpy(frame + 26, syn_v4, sizeof(syn_v4));
	ck_assert_int_eq(decode_frame(DLT_EN10MB, frame, sizeof(frame), &back), DECODE_NOT_IP);
}
END_TEST

/* Hop-by-hop, routing, a fragment header of a whole packet, destination options of 16 bytes, then TCP. */
START_TEST(extension_headers_are_skipped)
{
	static const uint8_t extensions[] = {
		43, 0, 1, 4, 0, 0, 0, 0,  44, 0, 0, 0, 0, 0, 0, 0,  60, 0, 0, 0, 1, 2, 3, 4,
		6, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	};
	uint8_t packet[128];
	struct segment wanted = data_v6_value(), back;
	size_t size = sizeof(data_v6) + sizeof(extensions);

	memcpy(packet, data_v6, TCP_V6);
	memcpy(packet + TCP_V6, extensions, sizeof(extensions));
	memcpy(packet + TCP_V6 + sizeof(extensions), data_v6 + TCP_V6, sizeof(data_v6) - TCP_V6);
	packet[5] = (uint8_t)(packet[5] + sizeof(extensions));
	packet[6] = 0;
	ck_assert_int_eq(decode(packet, size, &back), DECODE_OK);
	ck_assert(segment_equal(&wanted, &back));
	ck_assert_int_eq(decode_check(packet, size, size), DECODE_OK);
	for (size_t cut = 0; cut < size - 3; cut++)
		ck_assert_int_eq(decode_alone(-1, packet, cut, &back), DECODE_SHORT);
}
END_TEST

START_TEST(ipv4_options_are_skipped)
{
	uint8_t packet[sizeof(syn_v4) + 4];
	struct segment wanted = syn_v4_value(), back;

	memcpy(packet, syn_v4, TCP_V4);
	memset(packet + TCP_V4, 1, 4);
	memcpy(packet + TCP_V4 + 4, syn_v4 + TCP_V4, sizeof(syn_v4) - TCP_V4);
	packet[0] = 0x46, packet[3] = sizeof(packet);
	ck_assert_int_eq(decode(packet, sizeof(packet), &back), DECODE_OK);
	ck_assert(segment_equal(&wanted, &back));
}
END_TEST

/* RFC 7323 and RFC 9293 do not say which counts; tcp_parse_options lets each overwrite the one before. */
START_TEST(the_last_of_two_counts)
{
	uint8_t packet[sizeof(syn_v4)];
	struct segment back;

	memcpy(packet, syn_v4, sizeof(packet));
	/* SACK permitted, timestamps and NOP make room for a second MSS and NOPs. */
	memset(packet + 44, OPTION_NOP, 13);
	memcpy(packet + 48, (const uint8_t[]){ OPTION_MSS, 4, 0x02, 0x18 }, 4);
	ck_assert_int_eq(decode(packet, sizeof(packet), &back), DECODE_OK);
	ck_assert_uint_eq(back.mss, 536);
}
END_TEST

START_TEST(every_result_has_its_text)
{
	for (int i = 0; i < DECODE_RESULT_COUNT; i++)
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(decode_result_text((enum decode_result)i), decode_result_text((enum decode_result)j));
	ck_assert_ptr_nonnull(decode_result_text((enum decode_result)99));
}
END_TEST

/* The longest that the header of IPv6 can say (RFC 8200 3); a checksum over all of it. */
START_TEST(the_longest_packet)
{
	enum { HEADER = 40, PAYLOAD = 65535 };
	uint8_t *packet = calloc(1, HEADER + PAYLOAD), *tcp = packet + HEADER;
	struct segment segment;
	uint16_t sum;

	packet[0] = 0x60;
	packet[4] = packet[5] = 0xff;
	packet[6] = 6; /* TCP */
	packet[7] = 64;
	packet[8] = 0xfd;
	packet[24] = 0xfe;
	tcp[12] = 5 << 4;
	tcp[13] = FLAG_ACK;
	sum = checksum_tcp(packet + 8, 32, tcp, PAYLOAD);
	tcp[16] = (uint8_t)(sum >> 8);
	tcp[17] = (uint8_t)sum;
	ck_assert_int_eq(decode(packet, HEADER + PAYLOAD, &segment), DECODE_OK);
	ck_assert_int_eq(decode_check(packet, HEADER + PAYLOAD, HEADER + PAYLOAD), DECODE_OK);
	ck_assert_uint_eq(segment.payload_size, PAYLOAD - 20);
	tcp[PAYLOAD - 1] ^= 1;
	ck_assert_int_eq(decode_check(packet, HEADER + PAYLOAD, HEADER + PAYLOAD), DECODE_BAD_CHECKSUM);
	free(packet);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_loop_test(tcase, hostile_packets, 0, HOSTILE);
	tcase_add_test(tcase, every_cut_is_noticed);
	tcase_add_test(tcase, rubbish_is_survived);
	tcase_add_test(tcase, a_payload_that_is_not_at_hand);
	tcase_add_test(tcase, ethernet_padding_is_no_payload);
	tcase_add_loop_test(tcase, link_types, 0, LINKS);
	tcase_add_test(tcase, cut_in_the_options);
	tcase_add_test(tcase, longer_than_its_length_can_say);
	tcase_add_test(tcase, three_tags_are_too_many);
	tcase_add_test(tcase, extension_headers_are_skipped);
	tcase_add_test(tcase, ipv4_options_are_skipped);
	tcase_add_test(tcase, the_last_of_two_counts);
	tcase_add_test(tcase, every_result_has_its_text);
	tcase_add_test(tcase, the_longest_packet);
	return run_suite("decode", tcase, NULL);
}
