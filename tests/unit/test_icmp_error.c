/* test_icmp_error.c - ICMP errors as stimuli: names, bytes on the wire, and what the books say. */
#include "crafter/icmp_error.h"

#include <string.h>

#include <pcap/dlt.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/bytes.h"
#include "crafter/checksum.h"
#include "crafter/encode.h"
#include "crafter/segment_text.h"
#include "listener/ear.h"

#include "tests/unit/named_cell.h"
#include "tests/unit/suite.h"

/* RFC 792, RFC 4443. */
static const struct {
	const char *name;
	int type4, code4, type6, code6; /* -1: there is none */
} errors[] = {
	{ "icmp-net-unreachable", 3, 0, 1, 0 },      { "icmp-host-unreachable", 3, 1, 1, 3 },
	{ "icmp-protocol-unreachable", 3, 2, 4, 1 }, { "icmp-port-unreachable", 3, 3, 1, 4 },
	{ "icmp-prohibited", 3, 13, 1, 1 },          { "icmp-source-quench", 4, 0, -1, -1 },
	{ "icmp-time-exceeded", 11, 0, 3, 0 },       { "icmp-parameter-problem", 12, 0, 4, 0 },
	{ "icmp-fragmentation-needed", 3, 4, 2, 0 }, { "icmp-redirect", 5, 1, -1, -1 },
	{ "icmp-precedence-cutoff", 3, 15, -1, -1 }, { "icmp-unknown-code", 3, 16, 1, 16 },
};

START_TEST(names_and_codes)
{
	enum icmp_error error = icmp_error_parse(errors[_i].name);
	enum segment_kind kind = stimulus_kind_parse(errors[_i].name);
	uint8_t type = 99, code = 99;

	ck_assert_uint_eq(ROWS(errors), ICMP_ERROR_COUNT - 1);
	ck_assert_str_eq(icmp_error_name(error), errors[_i].name);
	ck_assert_int_eq(stimulus_kind_icmp(kind), error);
	ck_assert_str_eq(stimulus_kind_name(kind), errors[_i].name);
	ck_assert_uint_eq(stimulus_kind_flags(kind), 0);
	ck_assert(icmp_error_codes(error, 4, &type, &code));
	ck_assert_int_eq(type, errors[_i].type4);
	ck_assert_int_eq(code, errors[_i].code4);
	ck_assert_int_eq(icmp_error_of(4, type, code), error);
	ck_assert_int_eq(icmp_error_codes(error, 6, &type, &code), errors[_i].type6 >= 0);
	if (errors[_i].type6 < 0)
		return;
	ck_assert_int_eq(type, errors[_i].type6);
	ck_assert_int_eq(code, errors[_i].code6);
	ck_assert_int_eq(icmp_error_of(6, type, code), error);
}
END_TEST

START_TEST(no_such_error)
{
	uint8_t type, code;

	ck_assert_int_eq(icmp_error_parse("icmp-redirected"), ICMP_ERROR_NONE);
	ck_assert_int_eq(icmp_error_parse(""), ICMP_ERROR_NONE);
	ck_assert_int_eq(stimulus_kind_parse("icmp-redirected"), KIND_COUNT);
	ck_assert_ptr_null(icmp_error_name(ICMP_ERROR_NONE));
	ck_assert_ptr_null(icmp_error_name(ICMP_ERROR_COUNT));
	ck_assert(!icmp_error_codes(ICMP_ERROR_NONE, 4, &type, &code));
	ck_assert_int_eq(icmp_error_of(4, 3, 5), ICMP_ERROR_NONE);
	ck_assert_int_eq(icmp_error_of(4, 8, 0), ICMP_ERROR_NONE);
	ck_assert_int_eq(icmp_error_of(6, 1, 5), ICMP_ERROR_NONE);
}
END_TEST

static struct segment error_of(uint8_t family, enum icmp_error error)
{
	struct segment segment = { .ttl = 64, .seq = 0xfffffffe, .ip_id = 7, .icmp_error = (uint8_t)error };

	segment.tuple.source = (struct endpoint){ { .family = family, .bytes = { 192, 0, 2, 1 } }, 40000 };
	segment.tuple.target = (struct endpoint){ { .family = family, .bytes = { 192, 0, 2, 2 } }, 8888 };
	return segment;
}

/* A kernel takes it only with all checksums right, and quotes the other direction. */
START_TEST(on_the_wire)
{
	for (uint8_t family = 4; family <= 6; family += 2) {
		struct segment segment = error_of(family, (enum icmp_error)_i), heard;
		size_t ip = family == 4 ? 20 : 40, size;
		uint8_t packet[PACKET_SIZE_MAX], type, code;
		struct notice notice;

		size = encode(&segment, packet, sizeof(packet));
		if (!icmp_error_codes((enum icmp_error)_i, family, &type, &code)) {
			ck_assert_uint_eq(size, 0);
			continue;
		}
		ck_assert_uint_eq(size, ip + 8 + ip + 20);
		ck_assert_uint_eq(packet[ip], type);
		ck_assert_uint_eq(packet[ip + 1], code);
		/* The next link's MTU: 16 bits (RFC 1191 4), 32 bits (RFC 4443 3.2). */
		ck_assert_uint_eq(bytes_load32(packet + ip + 4), _i != ICMP_ERROR_FRAGMENTATION_NEEDED ? 0 :
				  family == 4 ? 65535 : 65536);
		ck_assert_uint_eq(family == 4 ? checksum_header(packet + ip, size - ip) :
						checksum_icmp6(packet + 8, packet + ip, size - ip), 0);
		ck_assert_uint_eq(bytes_load16(packet + ip + 8 + ip), 8888);
		ck_assert_uint_eq(bytes_load16(packet + ip + 8 + ip + 2), 40000);
		ck_assert_uint_eq(bytes_load32(packet + ip + 8 + ip + 4), 0xfffffffe);
		ck_assert_int_eq(ear_take(DLT_RAW, packet, size, size, &heard, &notice), EAR_NOTICE);
		ck_assert_int_eq(notice.kind, NOTICE_ICMP);
		ck_assert_int_eq(heard.icmp_error, _i);
		ck_assert(tuple_equal(&heard.tuple, &segment.tuple));
		ck_assert(segment_alike(&heard, &segment));
		ck_assert(segment_is_unsound(&segment));
	}
}
END_TEST

START_TEST(as_text)
{
	const struct segment_bases bases = { .seq = { "rcv_nxt", 5 }, .ack = { "snd_nxt", 1000 } };
	struct segment segment = error_of(4, ICMP_ERROR_PORT_UNREACHABLE), read;
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	char text[SEGMENT_TEXT_SIZE];
	struct error error = { "" };

	segment.seq = 999;
	segment_text_print(&segment, &bases, 0, text, sizeof(text));
	ck_assert_str_eq(text, "icmp-port-unreachable snd_nxt-1");
	ck_assert_int_eq(segment_text_parse(text, &bases, &read, payload, &error), 0);
	ck_assert_uint_eq(read.icmp_error, ICMP_ERROR_PORT_UNREACHABLE);
	ck_assert_uint_eq(read.seq, 999);
	ck_assert_int_eq(segment_text_parse("icmp-nothing 1", NULL, &read, payload, &error), -1);
	ck_assert_int_eq(segment_text_parse("icmp-port-unreachable", NULL, &read, payload, &error), -1);
	ck_assert_int_eq(segment_text_parse("icmp-port-unreachable 1 win 5", NULL, &read, payload, &error), -1);
}
END_TEST

/* tcp_v4_err(), tcp_v6_err(), tcp_req_err(), icmpv6_err_convert(); RFC 9293 3.9.2.2. An error is never answered; what it
 * does may be left open (STATE_UNKNOWN), but not where none of the ways to read it would end a connection. */
static const struct {
	const char *cell;
	enum state linux_after, rfc_after;
} rules[] = {
	{ "closed/icmp-port-unreachable/seq-equal/ts-absent", STATE_CLOSED, STATE_CLOSED },
	{ "listen/icmp-port-unreachable/seq-equal/ts-absent", STATE_LISTEN, STATE_LISTEN },
	{ "syn-sent/icmp-port-unreachable/seq-1/ts-absent", STATE_CLOSED, STATE_CLOSED },
	{ "syn-sent/icmp-port-unreachable/seq-equal/ts-absent", STATE_CLOSED, STATE_UNKNOWN },
	{ "syn-sent/icmp-port-unreachable/seq-2/ts-absent", STATE_SYN_SENT, STATE_UNKNOWN },
	{ "syn-sent/icmp-port-unreachable/seq+1/ts-absent", STATE_SYN_SENT, STATE_UNKNOWN },
	{ "syn-sent/icmp-net-unreachable/seq-1/ts-absent", STATE_CLOSED, STATE_SYN_SENT },
	{ "syn-sent/icmp-source-quench/seq-1/ts-absent", STATE_SYN_SENT, STATE_SYN_SENT },
	{ "syn-recv/icmp-net-unreachable/seq-1/ts-absent", STATE_CLOSED, STATE_SYN_RECV },
	{ "syn-recv/icmp-host-unreachable/seq-1/ts-absent", STATE_CLOSED, STATE_SYN_RECV },
	{ "syn-recv/icmp-time-exceeded/seq-1/ts-absent", STATE_CLOSED, STATE_SYN_RECV },
	{ "syn-recv/icmp-parameter-problem/seq-1/ts-absent", STATE_CLOSED, STATE_SYN_RECV },
	{ "syn-recv/icmp-net-unreachable/seq-equal/ts-absent", STATE_SYN_RECV, STATE_SYN_RECV },
	{ "syn-sent/icmp-source-quench/seq+1/ts-absent", STATE_SYN_SENT, STATE_SYN_SENT },
	{ "syn-recv/icmp-port-unreachable/seq-1/ts-absent", STATE_SYN_RECV, STATE_CLOSED },
	{ "syn-recv/icmp-protocol-unreachable/seq-1/ts-absent", STATE_SYN_RECV, STATE_CLOSED },
	{ "syn-recv/icmp-prohibited/seq-1/ts-absent", STATE_SYN_RECV, STATE_UNKNOWN },
	{ "syn-recv/icmp-net-unreachable/seq-1/ts-absent/ipv6", STATE_SYN_RECV, STATE_SYN_RECV },
	{ "syn-recv/icmp-time-exceeded/seq-1/ts-absent/ipv6", STATE_SYN_RECV, STATE_SYN_RECV },
	{ "syn-recv/icmp-port-unreachable/seq-1/ts-absent/ipv6", STATE_CLOSED, STATE_UNKNOWN },
	{ "syn-recv/icmp-prohibited/seq-1/ts-absent/ipv6", STATE_CLOSED, STATE_UNKNOWN },
	{ "syn-recv/icmp-parameter-problem/seq-1/ts-absent/ipv6", STATE_CLOSED, STATE_SYN_RECV },
	{ "syn-recv/icmp-protocol-unreachable/seq-1/ts-absent/ipv6", STATE_CLOSED, STATE_UNKNOWN },
	{ "syn-recv/icmp-port-unreachable/seq-1/ts-absent/opening-simultaneous", STATE_CLOSED, STATE_CLOSED },
	{ "established/icmp-port-unreachable/seq-equal/ts-absent", STATE_ESTABLISHED, STATE_UNKNOWN },
	{ "fin-wait-1/icmp-port-unreachable/seq-1/ts-absent", STATE_FIN_WAIT_1, STATE_CLOSED },
	{ "fin-wait-1/icmp-net-unreachable/seq-1/ts-absent", STATE_FIN_WAIT_1, STATE_FIN_WAIT_1 },
	{ "fin-wait-2/icmp-port-unreachable/seq-equal/ts-absent", STATE_FIN_WAIT_2, STATE_UNKNOWN },
	{ "time-wait/icmp-port-unreachable/seq-equal/ts-absent", STATE_TIME_WAIT, STATE_UNKNOWN },
	{ "last-ack/icmp-protocol-unreachable/seq-1/ts-absent", STATE_LAST_ACK, STATE_CLOSED },
	{ "syn-sent/icmp-fragmentation-needed/seq-1/ts-absent", STATE_SYN_SENT, STATE_SYN_SENT },
	{ "syn-recv/icmp-fragmentation-needed/seq-1/ts-absent/ipv6", STATE_SYN_RECV, STATE_SYN_RECV },
	{ "syn-sent/icmp-redirect/seq-1/ts-absent", STATE_SYN_SENT, STATE_SYN_SENT },
	{ "syn-recv/icmp-redirect/seq-1/ts-absent", STATE_SYN_RECV, STATE_SYN_RECV },
	{ "syn-sent/icmp-precedence-cutoff/seq-1/ts-absent", STATE_CLOSED, STATE_UNKNOWN },
	{ "syn-recv/icmp-precedence-cutoff/seq-1/ts-absent", STATE_SYN_RECV, STATE_UNKNOWN },
	/* icmp_unreach(): code > NR_ICMP_UNREACH; icmpv6_err_convert(): fatal = 1 before the table. */
	{ "syn-sent/icmp-unknown-code/seq-1/ts-absent", STATE_SYN_SENT, STATE_UNKNOWN },
	{ "syn-sent/icmp-unknown-code/seq-1/ts-absent/ipv6", STATE_CLOSED, STATE_UNKNOWN },
	{ "syn-recv/icmp-unknown-code/seq-1/ts-absent/ipv6", STATE_CLOSED, STATE_UNKNOWN },
	/* min_ttl of a full socket; a request has none. */
	{ "syn-sent/icmp-port-unreachable/seq-1/ts-absent/min-ttl=64/ttl=64", STATE_CLOSED, STATE_CLOSED },
	{ "syn-sent/icmp-port-unreachable/seq-1/ts-absent/min-ttl=64/ttl=63", STATE_SYN_SENT, STATE_UNKNOWN },
	{ "syn-sent/icmp-net-unreachable/seq-1/ts-absent/min-ttl=64/ttl=63", STATE_SYN_SENT, STATE_SYN_SENT },
	{ "syn-recv/icmp-port-unreachable/seq-1/ts-absent/min-ttl=2/ttl=1/ipv6", STATE_CLOSED, STATE_UNKNOWN },
};

START_TEST(books)
{
	const struct kernel kernel = { .timestamps = true };
	struct cell cell = named_cell(rules[_i].cell);
	struct expectation expected;

	cell_ask(BOOK_LINUX, &cell, &kernel, &expected);
	ck_assert_int_eq(expected.answer, ANSWER_SILENCE);
	ck_assert_str_eq(state_name(expected.after), state_name(rules[_i].linux_after));
	cell_ask(BOOK_RFC, &cell, &kernel, &expected);
	ck_assert_int_eq(expected.answer, ANSWER_SILENCE);
	ck_assert_int_eq(expected.after, rules[_i].rfc_after);
	cell_ask(BOOK_FOLK, &cell, &kernel, &expected);
	ck_assert_int_eq(expected.answer, ANSWER_OPEN);
}
END_TEST

static const struct {
	const char *cell, *error;
} refused[] = {
	{ "established/icmp-source-quench/seq-equal/ts-absent/ipv6", "IPv6 has no such error" },
	{ "established/icmp-port-unreachable/seq-equal/ts-above", "an ICMP error has no timestamps" },
	{ "established/icmp-port-unreachable/seq+wnd/ts-absent", "one of the subject's own" },
	{ "established/icmp-port-unreachable/seq-equal/ts-absent/payload=3", "is an ICMP error, no segment" },
	{ "established/icmp-port-unreachable/seq-equal/ts-absent/ack+1", "acknowledges nothing" },
	{ "established/icmp-port-unreachable/seq-equal/ts-absent/bad-checksum", "is an ICMP error, no segment" },
};

START_TEST(what_an_error_cannot_have)
{
	struct error error = { "" };
	struct cell cell;

	ck_assert_int_eq(cell_parse(refused[_i].cell, &cell, &error), -1);
	ck_assert_msg(strstr(error.text, refused[_i].error) != NULL, "%s", error.text);
}
END_TEST

int main(void)
{
	TCase *wire = tcase_create("wire"), *cells = tcase_create("cells");

	tcase_add_loop_test(wire, names_and_codes, 0, ROWS(errors));
	tcase_add_test(wire, no_such_error);
	tcase_add_loop_test(wire, on_the_wire, ICMP_ERROR_NONE + 1, ICMP_ERROR_COUNT);
	tcase_add_test(wire, as_text);
	tcase_add_loop_test(cells, books, 0, ROWS(rules));
	tcase_add_loop_test(cells, what_an_error_cannot_have, 0, ROWS(refused));
	return run_suite("ICMP errors", wire, cells, NULL);
}
