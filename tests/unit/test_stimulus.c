/* test_stimulus.c - offsets as text, segment kinds, and stimulus + baseline = segment, also around the circle. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/encode.h"
#include "crafter/stimulus.h"

#include "tests/unit/suite.h"

#define HALF INT64_C(2147483648)

static const struct {
	const char *what, *text, *formatted;
	enum offset_form form;
	int64_t value;
} good[] = {
	{ "seq", "below", "-below", OFFSET_BELOW, -1000 },
	{ "seq", "above", "-above", OFFSET_ABOVE, 1000 },
	{ "seq", "equal", "-equal", OFFSET_NUMBER, 0 },
	{ "seq", "0", "-equal", OFFSET_NUMBER, 0 },
	{ "seq", "-0", "-equal", OFFSET_NUMBER, 0 },
	{ "seq", "1", "+1", OFFSET_NUMBER, 1 },
	{ "seq", "+1", "+1", OFFSET_NUMBER, 1 },
	{ "seq", "-1", "-1", OFFSET_NUMBER, -1 },
	{ "seq", "-1000", "-1000", OFFSET_NUMBER, -1000 },
	{ "seq", "2", "+2", OFFSET_NUMBER, 2 },
	{ "seq", "2^4", "+16", OFFSET_NUMBER, 16 },
	{ "seq", "65535", "+65535", OFFSET_NUMBER, 65535 },
	{ "seq", "65536", "+2^16", OFFSET_NUMBER, 65536 },
	{ "seq", "66536", "+2^16+1000", OFFSET_NUMBER, 66536 },
	{ "seq", "66537", "+66537", OFFSET_NUMBER, 66537 },
	{ "seq", "-130072", "-2^17+1000", OFFSET_NUMBER, -130072 },
	{ "seq", "-130071", "-130071", OFFSET_NUMBER, -130071 },
	{ "seq", "+2^30", "+2^30", OFFSET_NUMBER, 1073741824 },
	{ "seq", "1073741824", "+2^30", OFFSET_NUMBER, 1073741824 },
	{ "seq", "+2^31-1", "+2^31-1", OFFSET_NUMBER, 2147483647 },
	{ "seq", "2147483647", "+2^31-1", OFFSET_NUMBER, 2147483647 },
	{ "seq", "-2^31", "-2^31", OFFSET_NUMBER, -HALF },
	{ "seq", "-2147483648", "-2^31", OFFSET_NUMBER, -HALF },
	{ "seq", "-2^31+1", "-2^31+1", OFFSET_NUMBER, -2147483647 },
	{ "seq", "-2^30-5", "-2^30-5", OFFSET_NUMBER, -1073741829 },
	{ "seq", "wnd", "+wnd", OFFSET_WINDOW, 0 },
	{ "seq", "+wnd", "+wnd", OFFSET_WINDOW, 0 },
	{ "seq", "wnd-1", "+wnd-1", OFFSET_WINDOW, -1 },
	{ "seq", "wnd+2^30-1", "+wnd+2^30-1", OFFSET_WINDOW, 1073741823 },
	{ "ts", "below", "-below", OFFSET_BELOW, -1000 },
	{ "ts", "absent", "-absent", OFFSET_ABSENT, 0 },
	{ "ts", "zero", "-zero", OFFSET_ZERO, 0 },
	{ "ts", "-2^31+1", "-2^31+1", OFFSET_NUMBER, -2147483647 },
	{ "tsecr", "zero", "-zero", OFFSET_ZERO, 0 },
	{ "tsecr", "-2^31", "-2^31", OFFSET_NUMBER, -HALF },
	{ "ack", "+1", "+1", OFFSET_NUMBER, 1 },
	{ "ack", "below", "-below", OFFSET_BELOW, -1000 },
};

START_TEST(offsets_are_read_and_written)
{
	struct offset offset;
	struct error error = { "" };
	char text[OFFSET_TEXT_SIZE];

	ck_assert_msg(offset_parse(good[_i].what, good[_i].text, &offset, &error) == 0, "%s", error.text);
	ck_assert_int_eq(offset.form, good[_i].form);
	ck_assert_int_eq(offset.value, good[_i].value);
	ck_assert_str_eq(offset_format(&offset, text), good[_i].formatted);
}
END_TEST

static const struct {
	const char *what, *text, *message;
} bad[] = {
	{ "seq", "", "bad seq offset ''" },
	{ "seq", "12abc", "bad seq offset '12abc': expected below, equal, above" },
	{ "seq", "+", "expected below" },
	{ "seq", "+-1", "expected below" },
	{ "seq", " 1", "expected below" },
	{ "seq", "1 ", "expected below" },
	{ "seq", "0x10", "expected below" },
	{ "seq", "1.5", "expected below" },
	{ "seq", "2^", "expected below" },
	{ "seq", "2^-1", "expected below" },
	{ "seq", "3^2", "expected below" },
	{ "seq", "2^30-", "expected below" },
	{ "seq", "2^30-2^4", "expected below" },
	{ "seq", "5-1", "expected below" },
	{ "seq", "wnd1", "expected below" },
	{ "seq", "wnd+", "expected below" },
	{ "seq", "-wnd", "expected below" },
	{ "seq", "absent", "or wnd, wnd-1" },
	{ "seq", "zero", "or wnd, wnd-1" },
	{ "ts", "wnd", "absent or zero" },
	{ "tsecr", "absent", "bad tsecr offset 'absent': expected below, equal, above, a number such as -1, +1000, "
			     "+2^30 or +2^31-1, or zero" },
	{ "ack", "zero", "bad ack offset 'zero'" },
	{ "ack", "absent", "bad ack offset 'absent'" },
	{ "ack", "wnd", "bad ack offset 'wnd'" },
	{ "seq", "+2^31", "it is written -2^31" },
	{ "seq", "2147483648", "it is written -2^31" },
	{ "seq", "2147483649", "from -2^31 to +2^31-1" },
	{ "seq", "-2^31-1", "from -2^31 to +2^31-1" },
	{ "seq", "2^32", "from -2^31 to +2^31-1" },
	{ "ts", "2^9999999999999999999999", "from -2^31 to +2^31-1" },
	{ "ts", "-99999999999999999999999999", "from -2^31 to +2^31-1" },
	{ "seq", "2^31+99999999999999999999", "from -2^31 to +2^31-1" },
};

START_TEST(bad_offsets_are_refused)
{
	struct offset offset = { OFFSET_ZERO, 77 };
	struct error error = { "" };

	ck_assert_int_eq(offset_parse(bad[_i].what, bad[_i].text, &offset, &error), -1);
	ck_assert_msg(strstr(error.text, bad[_i].message) != NULL, "%s: %s", bad[_i].text, error.text);
	ck_assert_int_eq(offset.value, 77);
}
END_TEST

/* Whatever is written can be read back, in particular near powers of two. */
START_TEST(written_offsets_are_read_back)
{
	char text[OFFSET_TEXT_SIZE], again[OFFSET_TEXT_SIZE];
	struct offset offset, read;

	for (int k = 0; k <= 31; k++) {
		for (int64_t near = -1002; near <= 1002; near++) {
			for (int sign = -1; sign <= 1; sign += 2) {
				offset = (struct offset){ OFFSET_NUMBER, sign * ((INT64_C(1) << k) + near) };
				if (offset.value == 0 || offset.value < -HALF || offset.value >= HALF)
					continue;
				offset_format(&offset, text);
				ck_assert_msg(offset_parse("seq", text, &read, NULL) == 0, "%s", text);
				ck_assert_msg(read.value == offset.value, "%s is read as %" PRId64, text, read.value);
				ck_assert_str_eq(offset_format(&read, again), text);
			}
		}
	}
}
END_TEST

START_TEST(same_offsets)
{
	static const struct offset below = { OFFSET_BELOW, -1000 }, number = { OFFSET_NUMBER, -1000 };
	static const struct offset window = { OFFSET_WINDOW, -1000 }, zero = { OFFSET_ZERO, 0 };
	static const struct offset equal = { OFFSET_NUMBER, 0 }, absent = { OFFSET_ABSENT, 0 };

	ck_assert(offset_compare(&below, &number) == 0 && offset_compare(&number, &below) == 0);
	ck_assert(offset_compare(&window, &number) > 0 && offset_compare(&number, &window) < 0);
	ck_assert(offset_compare(&zero, &equal) != 0 && offset_compare(&zero, &absent) != 0);
	ck_assert(offset_compare(&absent, &absent) == 0 && offset_compare(&window, &window) == 0);
}
END_TEST

static const struct {
	enum segment_kind kind;
	const char *name, *flags;
} kinds[] = {
	{ KIND_SYN, "syn", "S" },         { KIND_SYN_ACK, "syn-ack", "SA" }, { KIND_ACK, "ack", "A" },
	{ KIND_DATA, "data", "PA" },      { KIND_FIN, "fin", "F" },          { KIND_FIN_ACK, "fin-ack", "FA" },
	{ KIND_RST, "rst", "R" },         { KIND_RST_ACK, "rst-ack", "RA" }, { KIND_SYN_FIN, "syn-fin", "FS" },
	{ KIND_SYN_RST, "syn-rst", "SR" }, { KIND_NULL, "null", "" },
};

START_TEST(kinds_have_their_flags)
{
	char text[FLAGS_TEXT_SIZE], list[200];

	ck_assert_uint_eq(ROWS(kinds), KIND_COUNT);
	ck_assert_str_eq(stimulus_kind_name(kinds[_i].kind), kinds[_i].name);
	ck_assert_int_eq(stimulus_kind_parse(kinds[_i].name), kinds[_i].kind);
	ck_assert_str_eq(segment_flags_format(stimulus_kind_flags(kinds[_i].kind), text), kinds[_i].flags);
	ck_assert_ptr_nonnull(strstr(stimulus_kind_list(list, sizeof(list)), kinds[_i].name));
	ck_assert_int_eq(stimulus_kind_parse("SYN"), KIND_COUNT);
	ck_assert_int_eq(stimulus_kind_parse(""), KIND_COUNT);
}
END_TEST

/* Every combination has one name, which is read back; the letters, where there is a name, are the same kind. PA is not
 * "data". */
START_TEST(any_flags_are_a_kind)
{
	for (unsigned flags = 1; flags < 1 << FLAG_COUNT; flags++) {
		enum segment_kind kind = stimulus_kind_of((uint16_t)flags);
		char letters[FLAGS_TEXT_SIZE], right[32];

		segment_flags_format((uint16_t)flags, letters);
		ck_assert_uint_eq(stimulus_kind_flags(kind), flags);
		ck_assert_int_eq(stimulus_kind_parse(letters), kind);
		ck_assert_int_eq(stimulus_kind_parse(stimulus_kind_name(kind)), kind);
		ck_assert_int_ne(kind, KIND_DATA);
		if (kind >= KIND_LETTERS)
			ck_assert_str_eq(stimulus_kind_name(kind), letters);
		ck_assert_ptr_nonnull(stimulus_kind_in_order(letters, right, sizeof(right)));
	}
	ck_assert_int_eq(stimulus_kind_of(0), KIND_NULL);
	ck_assert_int_eq(stimulus_kind_parse("PA"), KIND_LETTERS + FLAG_PSH + FLAG_ACK);
	ck_assert_ptr_null(stimulus_kind_name((enum segment_kind)(KIND_LETTERS + (1 << FLAG_COUNT))));
	ck_assert_ptr_null(stimulus_kind_name(KIND_COUNT));
}
END_TEST

/* Letters in another order, or twice, are no kind; the right order is known. What has other letters is left alone. */
START_TEST(flags_in_the_wrong_order)
{
	static const struct {
		const char *text, *right;
	} rows[] = {
		{ "AF", "FA (fin-ack)" }, { "AS", "SA (syn-ack)" }, { "AA", "A (ack)" }, { "CES", "SEC" }, { "UPF", "FPU" },
		{ "eCEUAPRSF", "FSRPAUECe" }, { "sa", NULL }, { "SX", NULL }, { "", NULL }, { "S A", NULL },
	};
	char right[32];

	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *found = stimulus_kind_in_order(rows[i].text, right, sizeof(right));

		ck_assert_int_eq(stimulus_kind_parse(rows[i].text), KIND_COUNT);
		ck_assert(!found == !rows[i].right);
		if (found)
			ck_assert_str_eq(found, rows[i].right);
	}
}
END_TEST

static const struct tuple tuple = {
	.source = { { .family = 4, .bytes = { 192, 0, 2, 1 } }, 40000 },
	.target = { { .family = 4, .bytes = { 192, 0, 2, 2 } }, 8888 },
};

/* base: rcv_nxt and ts_recent. expected: computed by hand on the circle of 2^32. */
static const struct {
	uint32_t base, window;
	struct offset offset;
	uint32_t seq, tsval;
} sums[] = {
	{ 5000, 0, { OFFSET_BELOW, -1000 }, 4000, 4000 },
	{ 500, 0, { OFFSET_BELOW, -1000 }, 0xfffffe0c, 0xfffffe0c },
	{ 0, 0, { OFFSET_NUMBER, -1 }, 0xffffffff, 0xffffffff },
	{ 0xffffffff, 0, { OFFSET_NUMBER, 1 }, 0, 0 },
	{ 0xffffffff, 0, { OFFSET_ABOVE, 1000 }, 999, 999 },
	{ 0x7fffffff, 0, { OFFSET_NUMBER, 1 }, 0x80000000, 0x80000000 },
	{ 0x80000000, 0, { OFFSET_NUMBER, -1 }, 0x7fffffff, 0x7fffffff },
	{ 0xc0000000, 0, { OFFSET_NUMBER, INT64_C(1) << 30 }, 0, 0 },
	{ 1, 0, { OFFSET_NUMBER, 2147483647 }, 0x80000000, 0x80000000 },
	{ 0x80000002, 0, { OFFSET_NUMBER, 2147483647 }, 1, 1 },
	{ 0, 0, { OFFSET_NUMBER, -2147483647 }, 0x80000001, 0x80000001 },
	{ 7, 0, { OFFSET_NUMBER, -HALF }, 0x80000007, 0x80000007 },
	{ 5000, 29200, { OFFSET_WINDOW, -1 }, 34199, 4999 },
	{ 0xfffffff0, 0x20, { OFFSET_WINDOW, 0 }, 0x10, 0xfffffff0 },
	{ 5000, 29200, { OFFSET_ZERO, 0 }, 5000, 0 },
};

START_TEST(stimulus_and_baseline_make_a_segment)
{
	struct baseline baseline = {
		.rcv_nxt = sums[_i].base, .ts_recent = sums[_i].base, .rcv_wnd = sums[_i].window,
		.snd_nxt = 0xffffffff, .ts_echo = 4711, .timestamps = true,
	};
	struct stimulus stimulus = { .kind = KIND_ACK, .seq = sums[_i].offset, .ts = sums[_i].offset, .ack = { 0, 2 } };
	struct segment segment;

	ck_assert_uint_eq(stimulus_seq(&stimulus, &baseline), sums[_i].seq);
	ck_assert_uint_eq(stimulus_tsval(&stimulus, &baseline), sums[_i].tsval);
	stimulus_segment(&stimulus, &baseline, &tuple, &segment);
	ck_assert_uint_eq(segment.seq, sums[_i].seq);
	ck_assert_uint_eq(segment.tsval, sums[_i].tsval);
	ck_assert_uint_eq(segment.ack, 1);
	ck_assert_uint_eq(segment.tsecr, 4711);
	ck_assert_uint_eq(segment.flags, FLAG_ACK);
	ck_assert(tuple_equal(&segment.tuple, &tuple));
}
END_TEST

/* Every kind, with and without timestamps: acknowledgment and TSecr with ACK only, ten bytes in data only, a SYN's
 * options with SYN only. */
START_TEST(every_kind_carries_what_it_should)
{
	struct baseline baseline = { .rcv_nxt = 100, .snd_nxt = 200, .ts_recent = 300, .ts_echo = 400 };
	uint8_t packet[PACKET_SIZE_MAX];

	for (int i = 0; i < 2 * KIND_COUNT; i++) {
		bool timestamps = i % 2;
		struct stimulus stimulus = { .kind = (enum segment_kind)(i / 2) };
		struct segment segment;
		bool syn = stimulus_kind_flags(stimulus.kind) & FLAG_SYN, ack = stimulus_kind_flags(stimulus.kind) & FLAG_ACK;
		static const uint8_t syn_options[2][8] = {
			{ OPTION_MSS, OPTION_NOP, OPTION_NOP, OPTION_SACK_PERMITTED, OPTION_NOP, OPTION_WSCALE },
			{ OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_NOP, OPTION_WSCALE },
		};

		stimulus.ts.form = timestamps ? OFFSET_NUMBER : OFFSET_ABSENT;
		stimulus_segment(&stimulus, &baseline, &tuple, &segment);
		ck_assert_uint_eq(segment.ack, ack ? 200 : 0);
		ck_assert(segment_has_option(&segment, OPTION_TIMESTAMPS) == timestamps);
		ck_assert_uint_eq(segment.tsval, timestamps ? 300 : 0);
		ck_assert_uint_eq(segment.tsecr, timestamps && ack ? 400 : 0);
		ck_assert_uint_eq(segment.payload_size, stimulus.kind == KIND_DATA ? 10 : 0);
		if (syn)
			ck_assert_mem_eq(segment.options, syn_options[timestamps], timestamps ? 5 : 6);
		ck_assert_uint_eq(segment.option_count, syn ? (timestamps ? 5 : 6) : timestamps ? 3 : 0);
		ck_assert_uint_gt(encode(&segment, packet, sizeof(packet)), 0);
	}
}
END_TEST

static uint16_t load16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* Read from the bytes, where RFC 9293 3.1 and RFC 7323 3.2 put them: IPv4 header of 20 bytes, TCP header of 20, options. */
START_TEST(what_was_chosen_is_in_the_packet)
{
	struct baseline baseline = { .rcv_nxt = 100, .snd_nxt = 200, .ts_recent = 300, .ts_echo = 400 };
	struct stimulus stimulus = {
		.kind = stimulus_kind_of(FLAG_PSH | FLAG_ACK | FLAG_URG), .tsecr = { OFFSET_NUMBER, -401 },
		.payload = { true, 256 }, .urgent = { true, 0xabcd }, .window = { true, 0x1234 },
	};
	uint8_t packet[PACKET_SIZE_MAX];
	struct segment segment;

	stimulus_segment(&stimulus, &baseline, &tuple, &segment);
	ck_assert_uint_eq(encode(&segment, packet, sizeof(packet)), 20 + 20 + 12 + 256);
	ck_assert_uint_eq(packet[33], 0x38);
	ck_assert_uint_eq(load16(packet + 34), 0x1234);
	ck_assert_uint_eq(load16(packet + 38), 0xabcd);
	ck_assert_mem_eq(packet + 40, "\1\1\10\12\0\0\1\54\377\377\377\377", 12);
	ck_assert_mem_eq(packet + 52, "stimulus.\nstimulus.\n", 20);
	ck_assert_mem_eq(packet + 52 + 240, "stimulus.\nstimul", 16);

	/* A TSecr of 0; no pointer without URG; no echo without ACK; data may be empty. */
	stimulus = (struct stimulus){ .kind = KIND_DATA, .tsecr = { OFFSET_ZERO, 0 }, .payload = { true, 0 },
				      .urgent = { true, 1 } };
	stimulus_segment(&stimulus, &baseline, &tuple, &segment);
	ck_assert_uint_eq(encode(&segment, packet, sizeof(packet)), 20 + 20 + 12);
	ck_assert_uint_eq(load16(packet + 38), 0);
	ck_assert_mem_eq(packet + 48, "\0\0\0\0", 4);
	stimulus = (struct stimulus){ .kind = KIND_FIN, .tsecr = { OFFSET_NUMBER, 1 } };
	stimulus_segment(&stimulus, &baseline, &tuple, &segment);
	ck_assert_uint_eq(segment.tsecr, 0);
}
END_TEST

/* Behind the usual options, padded to four bytes; the checksum of RFC 9293 3.1, summed up here once more, and one that is not
 * it. */
START_TEST(raw_options_and_a_wrong_checksum)
{
	struct baseline baseline = { .rcv_nxt = 100, .snd_nxt = 200, .ts_recent = 300, .ts_echo = 400 };
	struct stimulus stimulus = { .kind = KIND_SYN, .options = { 5, { 0xfd, 5, 1, 2, 3 } } };
	uint8_t packet[PACKET_SIZE_MAX], wrong[PACKET_SIZE_MAX];
	struct segment segment;
	uint32_t sum = 6 + 48;

	stimulus_segment(&stimulus, &baseline, &tuple, &segment);
	ck_assert_uint_eq(encode(&segment, packet, sizeof(packet)), 20 + 20 + 20 + 8);
	ck_assert_uint_eq(packet[32] >> 4, 12);
	ck_assert_mem_eq(packet + 60, "\375\5\1\2\3\0\0\0", 8);
	for (int i = 12; i < 68; i += 2)
		sum += load16(packet + i);
	ck_assert_uint_eq((sum & 0xffff) + (sum >> 16), 0xffff);

	segment.bad_checksum = true;
	ck_assert_uint_eq(encode(&segment, wrong, sizeof(wrong)), 68);
	ck_assert_mem_eq(wrong, packet, 36);
	ck_assert_mem_eq(wrong + 38, packet + 38, 30);
	sum += load16(wrong + 36) + (0xffffu - load16(packet + 36));
	sum = (sum & 0xffff) + (sum >> 16);
	ck_assert_uint_ne((sum & 0xffff) + (sum >> 16), 0xffff);

	ck_assert_uint_eq(stimulus_options_room(KIND_SYN), 20);
	ck_assert_uint_eq(stimulus_options_room(KIND_ACK), 28);
	segment_add_tail(&segment, wrong, 100);
	ck_assert_uint_eq(encode(&segment, wrong, sizeof(wrong)), 0);
}
END_TEST

/* RFC 9293 3.1: 16 bits, which nothing scales here. Not given, it is what a Linux client offers, before and after scaling. */
START_TEST(a_window_is_chosen_or_usual)
{
	struct baseline baseline = { .rcv_nxt = 100 };
	struct stimulus stimulus = { .kind = KIND_SYN };
	struct segment segment;

	stimulus_segment(&stimulus, &baseline, &tuple, &segment);
	ck_assert_uint_eq(segment.window, 64240);
	stimulus.kind = KIND_ACK;
	stimulus_segment(&stimulus, &baseline, &tuple, &segment);
	ck_assert_uint_eq(segment.window, 502);
	for (uint32_t i = 0; i < 3; i++) {
		stimulus.window = (struct choice){ true, (uint32_t[]){ 0, 1, 65535 }[i] };
		stimulus_segment(&stimulus, &baseline, &tuple, &segment);
		ck_assert_uint_eq(segment.window, stimulus.window.number);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stimulus");

	tcase_add_test(tcase, a_window_is_chosen_or_usual);
	tcase_add_test(tcase, what_was_chosen_is_in_the_packet);
	tcase_add_test(tcase, raw_options_and_a_wrong_checksum);
	tcase_add_test(tcase, any_flags_are_a_kind);
	tcase_add_test(tcase, flags_in_the_wrong_order);
	tcase_add_loop_test(tcase, offsets_are_read_and_written, 0, ROWS(good));
	tcase_add_loop_test(tcase, bad_offsets_are_refused, 0, ROWS(bad));
	tcase_add_test(tcase, written_offsets_are_read_back);
	tcase_add_test(tcase, same_offsets);
	tcase_add_loop_test(tcase, kinds_have_their_flags, 0, ROWS(kinds));
	tcase_add_loop_test(tcase, stimulus_and_baseline_make_a_segment, 0, ROWS(sums));
	tcase_add_test(tcase, every_kind_carries_what_it_should);
	return run_suite("stimulus", tcase, NULL);
}
