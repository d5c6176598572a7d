/* test_oracle_fields.c - what the linux book says of each field of an answer, row by row against the functions that send it;
 * and that each field of an answer which is not as said is found and named. */
#include <stdio.h>
#include <string.h>

#include "cases/books/oracle_fields.h"
#include "crafter/bytes.h"
#include "crafter/textbuf.h"
#include "harness/run/record.h"
#include "tests/unit/oracle_table.h"
#include "tests/unit/said_fields.h"
#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

#define CLOCK "tsval: ts_echo or a little later"

static const char *const releases[] = { "6.1.192", "6.12.118", "7.2.13", "7.3.4" };

/* All that is said, in the order of enum field; the same in all releases. */
static const struct {
	const char *cell, *says;
	enum answer answer;
} rows[] = {
	/* tcp_v4_send_reset(): seq = th->ack_seq, no ACK; or seq 0, ack_seq = seq + syn + fin + length */
	{ "closed/ack/seq-equal/ts-equal", "flags: R, seq: snd_nxt, ack: 0, options: none, window: 0", ANSWER_RST },
	{ "closed/ack/seq-equal/ts-equal/ack+5", "flags: R, seq: snd_nxt+5, ack: 0, options: none, window: 0", ANSWER_RST },
	{ "closed/syn/seq-equal/ts-equal", "flags: RA, seq: 0, ack: rcv_nxt+1, options: none, window: 0", ANSWER_RST },
	{ "listen/data/seq-above/ts-absent", "flags: R, seq: snd_nxt, ack: 0, options: none, window: 0", ANSWER_RST },
	{ "fin-wait-2/syn/seq+1/ts-absent", "flags: RA, seq: 0, ack: rcv_nxt+2, options: none, window: 0", ANSWER_RST },
	{ "close-wait/data/seq-1/ts-equal", "flags: R, seq: snd_nxt, ack: 0, options: none, window: 0", ANSWER_RST },
	/* tcp_v4_timewait_ack(): the numbers of the small socket; no timestamps where ts_recent is 0 */
	{ "time-wait/syn/seq-below/ts-equal",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	{ "time-wait/data/seq-equal/ts-above",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	{ "time-wait/syn/seq-below/ts-absent/conn-ts-off", "flags: A, seq: snd_nxt, ack: rcv_nxt, options: none", ANSWER_ACK },
	{ "time-wait/ack/seq+1/ts-above/conn-tsval=0", "flags: A, seq: snd_nxt, ack: rcv_nxt, options: none", ANSWER_ACK },
	{ "fin-wait-2/ack/seq-below/ts-above",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	/* ... but the FIN that ends FIN_WAIT_2 counts, and so does its timestamp */
	{ "fin-wait-2/fin-ack/seq-equal/ts+3",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+1, options: nop nop ts, tsecr: ts_recent+3, " CLOCK, ANSWER_ACK },
	{ "fin-wait-2/fin-ack/seq-equal/ts+3/tcp_timestamps=0@probe",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+1, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	/* tcp_v4_reqsk_send_ack() */
	{ "syn-recv/ack/seq-below/ts-above",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	/* the new socket has the timestamp of the ACK that made it: tcp_check_req(), !after(seq, rcv_nxt) */
	{ "syn-recv/data/seq-equal/ts+5",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+10, options: nop nop ts, tsecr: ts_recent+5, " CLOCK, ANSWER_ACK },
	{ "syn-recv/data/seq+1/ts+5",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts nop nop sack, tsecr: ts_recent, " CLOCK
	  ", sack: rcv_nxt+1..rcv_nxt+11", ANSWER_ACK },
	/* tcp_rtx_synack(): the first one again */
	{ "syn-recv/syn/seq-1/ts+4",
	  "flags: SA, seq: snd_nxt-1, ack: rcv_nxt, options: mss sack-permitted ts nop wscale, tsecr: ts_recent, " CLOCK,
	  ANSWER_SYN_ACK },
	/* tcp_ecn_make_synack(): ecn_ok of the request */
	{ "syn-recv/syn/seq-1/ts+4/conn-ecn",
	  "flags: SAE, seq: snd_nxt-1, ack: rcv_nxt, options: mss sack-permitted ts nop wscale, tsecr: ts_recent, " CLOCK,
	  ANSWER_SYN_ACK },
	/* __tcp_ecn_check_ce(), tcp_data_ecn_check(), by tcp_event_data_recv() and tcp_data_queue_ofo(); tcp_ecn_send() */
	{ "established/data/seq-equal/ts+5/conn-ecn/ecn-ce",
	  "flags: AE, seq: snd_nxt, ack: rcv_nxt+10, options: nop nop ts, tsecr: ts_recent+5, " CLOCK, ANSWER_ACK },
	{ "established/data/seq-equal/ts+5/conn-ecn/ecn-ect-0",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+10, options: nop nop ts, tsecr: ts_recent+5, " CLOCK, ANSWER_ACK },
	{ "established/data/seq-equal/ts+5/ecn-ce",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+10, options: nop nop ts, tsecr: ts_recent+5, " CLOCK, ANSWER_ACK },
	/* tcp_fin(): a bare FIN has no skb->len; one behind a gap is not asked for it */
	{ "established/fin-ack/seq-equal/ts+5/conn-ecn/ecn-ce",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+1, options: nop nop ts, tsecr: ts_recent+5, " CLOCK, ANSWER_ACK },
	{ "established/fin-ack/seq+1/ts+5/conn-ecn/ecn-ce",
	  "flags: AE, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts nop nop sack, tsecr: ts_recent, " CLOCK
	  ", sack: rcv_nxt+1..rcv_nxt+2", ANSWER_ACK },
	/* dropped as old before that */
	{ "established/data/seq-below/ts-above/conn-ecn/ecn-ce",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts nop nop sack, tsecr: ts_recent, " CLOCK
	  ", sack: rcv_nxt-1000..rcv_nxt-990", ANSWER_ACK },
	/* tcp_v4_send_ack() knows nothing of it */
	{ "time-wait/data/seq-equal/ts-above/conn-ecn/ecn-ce",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	/* tcp_rcv_synsent_state_process() */
	{ "syn-sent/syn-ack/seq-equal/ts-equal/ack+1",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+1, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	{ "syn-sent/syn-ack/seq-equal/ts-absent/ack+1", "flags: A, seq: snd_nxt, ack: rcv_nxt+1, options: none", ANSWER_ACK },
	/* tcp_validate_incoming(): a challenge ACK tells nothing of the segment, tcp_send_dupack() what was old */
	{ "established/syn/seq-equal/ts-above",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	{ "established/rst/seq+1/ts-above",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	{ "established/data/seq-below/ts-above",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts nop nop sack, tsecr: ts_recent, " CLOCK
	  ", sack: rcv_nxt-1000..rcv_nxt-990", ANSWER_ACK },
	{ "established/data/seq-4/ts-below",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts nop nop sack, tsecr: ts_recent, " CLOCK
	  ", sack: rcv_nxt-4..rcv_nxt", ANSWER_ACK },
	{ "established/data/seq+1/ts-below",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	/* tcp_data_queue(): next; old in part; held; tcp_replace_ts_recent() takes no timestamp beyond rcv_wup */
	{ "established/data/seq-equal/ts+9",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+10, options: nop nop ts, tsecr: ts_recent+9, " CLOCK, ANSWER_ACK },
	{ "established/data/seq-equal/ts-1", /* TCP_PAWS_WINDOW lets it pass, but it is no newer one */
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+10, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	{ "established/data/seq-4/ts+9",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+6, options: nop nop ts nop nop sack, tsecr: ts_recent+9, " CLOCK
	  ", sack: rcv_nxt-4..rcv_nxt", ANSWER_ACK },
	{ "established/data/seq+100/ts+9",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt, options: nop nop ts nop nop sack, tsecr: ts_recent, " CLOCK
	  ", sack: rcv_nxt+100..rcv_nxt+110", ANSWER_ACK },
	{ "established/data/seq-equal/ts-absent/conn-ts-off",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+10, options: none", ANSWER_ACK },
	/* tcp_fin() forgets the blocks, but for that of FIN_WAIT_1 and FIN_WAIT_2, where the ACK goes first */
	{ "established/fin-ack/seq-4/ts-equal/payload=10",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+7, options: nop nop ts, tsecr: ts_recent, " CLOCK, ANSWER_ACK },
	{ "fin-wait-2-half/fin-ack/seq-4/ts-equal/payload=10",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+7, options: nop nop ts nop nop sack, tsecr: ts_recent, " CLOCK
	  ", sack: rcv_nxt-4..rcv_nxt", ANSWER_ACK },
	/* cookie_v4_check(), cookie_v6_check(): all but a wrong MSS is taken as it is */
	{ "syn-recv/data/seq-equal/ts+5/tcp_syncookies=2",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+10, options: nop nop ts, tsecr: ts_recent+5, " CLOCK, ANSWER_ACK },
	{ "syn-recv/fin-ack/seq+2/ts-absent/tcp_syncookies=2",
	  "flags: A, seq: snd_nxt, ack: rcv_nxt+3, options: none", ANSWER_ACK },
	/* nothing of an answer that is not expected */
	{ "established/syn/seq-equal/ts-above", "", ANSWER_RST },
	{ "established/ack/seq-equal/ts-equal", "", ANSWER_ACK },
};

START_TEST(each_field_follows_from_the_source)
{
	says_in_all(rows[_i].cell, releases, ROWS(releases), rows[_i].answer, rows[_i].says);
}
END_TEST

/* Before 6.4 a SYN with an old timestamp gets tcp_send_dupack(), which reports what is old in it. */
START_TEST(an_old_syn_is_reported_by_old_kernels)
{
	char text[600];

	said_fields("established/syn/seq-below/ts-below", "6.1.192", ANSWER_ACK, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "sack: rcv_nxt-1000..rcv_nxt-999"));
	said_fields("established/syn/seq-below/ts-below", "6.12.118", ANSWER_ACK, text, sizeof(text));
	ck_assert_ptr_null(strstr(text, "sack"));
}
END_TEST

/* An answer that is as said. */
static void conform(const struct fields *fields, struct segment *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->flags = fields->flags;
	answer->seq = fields->seq;
	answer->ack = fields->ack;
	answer->window = fields->window_least;
	answer->tsval = fields->tsval_least;
	answer->tsecr = fields->tsecr;
	answer->mss = fields->mss;
	answer->wscale = fields->wscale;
	answer->option_count = fields->option_count;
	memcpy(answer->options, fields->options, fields->option_count);
	if (!fields->block_count)
		return;
	answer->raw_size = (uint8_t)(1 + 8 * fields->block_count);
	answer->raw[0] = (uint8_t)(8 * fields->block_count);
	for (size_t i = 0; i < fields->block_count; i++) {
		bytes_store32(answer->raw + 1 + 8 * i, fields->blocks[i].from);
		bytes_store32(answer->raw + 5 + 8 * i, fields->blocks[i].to);
	}
	if (!fields->count_count)
		return;
	answer->raw[answer->raw_size++] = (uint8_t)(3 * fields->count_count);
	for (size_t i = 0; i < fields->count_count; i++, answer->raw_size = (uint8_t)(answer->raw_size + 3)) {
		answer->raw[answer->raw_size] = (uint8_t)(fields->counts[i] >> 16);
		bytes_store16(answer->raw + answer->raw_size + 1, (uint16_t)fields->counts[i]);
	}
}

static void bend(enum field field, struct segment *answer)
{
	switch (field) {
	case FIELD_FLAGS:
		answer->flags ^= FLAG_ECE;
		break;
	case FIELD_SEQ:
		answer->seq++;
		break;
	case FIELD_ACK:
		answer->ack--;
		break;
	case FIELD_OPTIONS:
		answer->options[3] = OPTION_END; /* the NOP */
		break;
	case FIELD_TSECR:
		answer->tsecr++;
		break;
	case FIELD_TSVAL:
		answer->tsval--;
		break;
	case FIELD_SACK:
		answer->raw[8]++;
		break;
	case FIELD_ACCECN:
		answer->raw[13]++;
		break;
	case FIELD_WINDOW:
		answer->window++;
		break;
	case FIELD_MSS:
		answer->mss--;
		break;
	default:
		answer->wscale++;
	}
}

/* All fields at once, though no answer has them all. */
static void all_fields(struct fields *fields)
{
	static const uint8_t kinds[] = {
		OPTION_MSS, OPTION_SACK_PERMITTED, OPTION_TIMESTAMPS, OPTION_NOP, OPTION_WSCALE, OPTION_SACK,
		OPTION_ACCECN_1,
	};

	*fields = (struct fields){
		.said = (1U << FIELD_COUNT) - 1, .flags = FLAG_SYN | FLAG_ACK, .wscale = 7, .option_count = sizeof(kinds),
		.block_count = 1, .mss = 1460, .window_least = 500, .window_most = 500, .seq = SAMPLE_SND_NXT,
		.ack = SAMPLE_RCV_NXT, .tsecr = SAMPLE_TS, .tsval_least = 700, .tsval_most = 900,
		.blocks = { { SAMPLE_RCV_NXT - 10, SAMPLE_RCV_NXT } }, .count_count = 3, .counts = { 1, 70000, 11 },
	};
	memcpy(fields->options, kinds, sizeof(kinds));
	for (enum field field = 0; field < FIELD_COUNT; field++)
		fields->rules[field] = "the rule";
}

/* The verdict names the field that was bent, what was expected and what was observed, and the rule. */
START_TEST(a_bent_field_differs_by_its_name)
{
	const enum field field = (enum field)_i;
	struct record record = sample_record(1000, 1000);
	char why[RECORD_REASON_SIZE], named[RECORD_REASON_SIZE];
	struct segment *answer = &record.heard[0].segment;
	struct wrong_field wrong;

	all_fields(&record.fields);
	conform(&record.fields, answer);
	record.isn = record.expected[BOOK_LINUX].isn = ISN_NONE;
	ck_assert_int_eq(oracle_fields_wrong(&record.fields, answer), FIELD_COUNT);
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_AGREES);
	bend(field, answer);
	ck_assert_int_eq(oracle_fields_wrong(&record.fields, answer), field);
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_DIFFERS);
	record_wrong_field(&record, &wrong);
	snprintf(named, sizeof(named), "%s: expected %s, the syn-ack has %s [the rule]", oracle_field_name(field),
		 wrong.expected, wrong.observed);
	ck_assert_str_eq(why, named);
	ck_assert_str_ne(wrong.expected, wrong.observed);
	/* Other books have nothing to do with it, and what is not said holds. */
	ck_assert_int_eq(record_verdict(&record, BOOK_RFC, why, sizeof(why)), VERDICT_AGREES);
	record.fields.said = (uint16_t)(record.fields.said & ~(1U << field));
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_AGREES);
}
END_TEST

START_TEST(a_bent_field_of_the_follow_ups_answer_differs)
{
	struct record record = sample_record(1000, 1000);
	char why[RECORD_REASON_SIZE];

	record.follow_up_answer = ANSWER_ACK;
	record.follow_up_fields = (struct fields){
		.said = 1U << FIELD_ACK, .ack = SAMPLE_RCV_NXT + 1, .rules[FIELD_ACK] = "the rule",
	};
	record.follow_up_reply = (struct segment){ .flags = FLAG_ACK, .ack = SAMPLE_RCV_NXT };
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_DIFFERS);
	ck_assert_str_eq(why, "ack: expected rcv_nxt+1, the ack to the follow-up has rcv_nxt [the rule]");
	record.follow_up_reply.ack++;
	ck_assert_int_eq(record_verdict(&record, BOOK_LINUX, why, sizeof(why)), VERDICT_AGREES);
}
END_TEST

/* The same words in every format. */
START_TEST(a_wrong_field_is_named_in_every_report)
{
	static const char *const parts[] = {
		[FORMAT_TABLE] = "! time-wait/syn/seq-above/ts-above: tsecr: expected ts_recent+1000, the syn-ack has "
				 "ts_recent+1001",
		[FORMAT_JSON] = "\"fields\":{\"ack\":{\"expected\":\"rcv_nxt\",\"observed\":\"rcv_nxt\"},\"tsecr\":{"
				"\"expected\":\"ts_recent+1000\",\"observed\":\"ts_recent+1001\",\"holds\":false}}",
		[FORMAT_TAP] = "# differs: tsecr: expected ts_recent+1000, the syn-ack has ts_recent+1001 [the rule]",
	};
	const enum format formats[] = { FORMAT_TABLE, FORMAT_JSON, FORMAT_TAP };
	struct run_facts facts = sample_facts();
	struct record record = sample_record(1000, 1000);
	char *text;

	record.cell.stimulus.seq.form = OFFSET_ABOVE;
	record.cell.stimulus.ts.form = OFFSET_ABOVE;
	record.fields = (struct fields){
		.said = 1U << FIELD_ACK | 1U << FIELD_TSECR, .ack = SAMPLE_RCV_NXT, .tsecr = SAMPLE_TS + 1000,
		.rules = { [FIELD_ACK] = "the rule", [FIELD_TSECR] = "the rule" },
	};
	record.heard[0].segment.ack = SAMPLE_RCV_NXT;
	record.heard[0].segment.tsecr++;
	record.verdict = record_verdict(&record, BOOK_LINUX, record.reason, sizeof(record.reason));
	setenv("COLUMNS", "200", 1);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		text = sample_report(formats[i], false, false, &facts, &record, 1);
		ck_assert_msg(strstr(text, parts[formats[i]]) != NULL, "no '%s' in:\n%s", parts[formats[i]], text);
		free(text);
	}
}
END_TEST

/* An option that is missing is not a field with the value 0. */
START_TEST(a_field_without_its_option_is_absent)
{
	static const enum field needs[] = { FIELD_TSECR, FIELD_TSVAL, FIELD_MSS, FIELD_WSCALE };
	const struct segment bare = { .flags = FLAG_ACK };
	const struct field_bases bases = { 0 };
	char text[FIELD_TEXT_SIZE];
	struct fields fields;

	all_fields(&fields);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		ck_assert(!oracle_field_holds(&fields, needs[i], &bare));
		ck_assert_str_eq(oracle_field_observed(&bare, needs[i], &bases, text), "absent");
	}
	ck_assert_str_eq(oracle_field_observed(&bare, FIELD_SACK, &bases, text), "none");
	ck_assert_str_eq(oracle_field_observed(&bare, FIELD_OPTIONS, &bases, text), "none");
}
END_TEST

/* What a silence leaves behind: a TIME_WAIT takes the timestamp of an exact segment, ESTABLISHED that of a bare ACK. */
static const struct {
	const char *cell;
	int rcv_nxt, ts_recent;
	const char *release; /* NULL: 7.3.4 */
} left[] = {
	{ "time-wait/ack/seq-equal/ts+7", 0, 7, NULL },
	{ "time-wait/ack/seq-equal/ts-absent", 0, 0, NULL },
	{ "time-wait/rst/seq-equal/ts+7/tcp_rfc1337=1", 0, 7, NULL },
	{ "time-wait/rst/seq+1/ts+7", 0, 0, NULL },
	{ "time-wait/ack/seq-equal/ts+7/tcp_timestamps=0@probe", 0, 0, NULL },
	{ "established/ack/seq-equal/ts+7", 0, 7, NULL },
	{ "established/ack/seq+1/ts+7", 0, 0, NULL },
	{ "established/data/seq-equal/ts+7", 10, 7, NULL },
	{ "close-wait/data/seq-equal/ts+7", 0, 7, NULL },
	{ "closing/fin-ack/seq-equal/ts+7", 0, 7, NULL },
	{ "fin-wait-2/fin-ack/seq-equal/ts+7", 1, 7, NULL },
	{ "fin-wait-2/fin/seq-equal/ts+7", 0, 0, NULL },
	/* "tcp: Defer ts_recent changes until req is owned" */
	{ "syn-recv/fin/seq-equal/ts+7", 0, 7, "5.10.234" },
	{ "syn-recv/fin/seq-equal/ts+7", 0, 0, "5.10.235" },
	{ "syn-recv/null/seq-equal/ts+7", 0, 7, "6.13.5" },
	{ "syn-recv/null/seq-equal/ts+7", 0, 0, "6.13.6" },
	{ "syn-recv/null/seq+1/ts+7", 0, 0, "5.10.234" },
	{ "syn-recv/null/seq-equal/ts-below", 0, 0, "5.10.234" },
	{ "syn-recv/null/seq-equal/ts+7", 0, 0, NULL },
	/* tcp_check_req() leaves it to the listener before that. */
	{ "syn-recv/ack/seq-equal/ts+7/ack+1/min-ttl=2/ttl=1", 0, 0, "5.10.234" },
};

START_TEST(a_segment_leaves_its_numbers)
{
	const struct kernel kernel = kernel_of(left[_i].release ? left[_i].release : "7.3.4");
	const struct cell cell = named_cell(left[_i].cell);
	struct cell_question question;
	struct end after;
	uint16_t unknown;

	cell_to_question(&cell, &kernel, NULL, &question);
	ck_assert(oracle_fields_after(&question.subject, &question.segment, &question.surroundings, &kernel, &after, &unknown));
	ck_assert_int_eq((int)(after.rcv_nxt - question.subject.rcv_nxt), left[_i].rcv_nxt);
	ck_assert_int_eq((int)(after.ts_recent - question.subject.ts_recent), left[_i].ts_recent);
}
END_TEST

/* TCP_ECN_DEMAND_CWR, of data that is taken on a connection with ECN. */
START_TEST(a_mark_of_congestion_is_remembered)
{
	static const struct {
		const char *cell;
		bool demands;
	} marks[] = {
		{ "established/data/seq-equal/ts+7/conn-ecn/ecn-ce", true },
		{ "fin-wait-2-half/data/seq+1/ts+7/conn-ecn/ecn-ce", true },
		{ "syn-recv/data/seq-equal/ts+7/conn-ecn/ecn-ce", true },
		{ "established/data/seq-equal/ts+7/conn-ecn/ecn-ect-1", false },
		{ "established/data/seq-equal/ts+7/ecn-ce", false },
		{ "established/ack/seq-equal/ts+7/conn-ecn/ecn-ce", false },
		{ "close-wait/data/seq-equal/ts+7/conn-ecn/ecn-ce", false },
	};
	const struct kernel kernel = kernel_of("7.3.4");

	for (size_t i = 0; i < ROWS(marks); i++) {
		const struct cell cell = named_cell(marks[i].cell);
		struct cell_question question;
		struct end after;
		uint16_t unknown;

		cell_to_question(&cell, &kernel, NULL, &question);
		ck_assert(oracle_fields_after(&question.subject, &question.segment, &question.surroundings, &kernel, &after,
					      &unknown));
		ck_assert_msg(after.demands_cwr == marks[i].demands, "%s", marks[i].cell);
	}
}
END_TEST

/* tcp_tw_isn, in a variable of the processor from 6.10 to 7.0: the SYN after a dropped SYN-FIN finds it, and gets no cookie. */
static const struct {
	const char *cell, *release;
	bool open;
} inherited[] = {
	{ "time-wait/syn-fin/seq-equal/ts-above", "6.9.12", false },
	{ "time-wait/syn-fin/seq-equal/ts-above", "6.10.0", true },
	{ "time-wait/syn-fin/seq-equal/ts-above", "7.0.13", true },
	{ "time-wait/syn-fin/seq-equal/ts-above", "7.1.0", false },
	{ "time-wait/syn/seq-equal/ts-below", "7.0.13", false },
};

START_TEST(a_dropped_syn_leaves_its_isn)
{
	const struct kernel kernel = kernel_of(inherited[_i].release);
	const struct cell cell = named_cell(inherited[_i].cell);
	struct cell_question question;
	struct end after;
	uint16_t unknown;

	cell_to_question(&cell, &kernel, NULL, &question);
	ck_assert(oracle_fields_after(&question.subject, &question.segment, &question.surroundings, &kernel, &after, &unknown));
	ck_assert_int_eq(unknown >> FIELD_OPTIONS & 1, inherited[_i].open);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("fields");

	tcase_add_loop_test(tcase, each_field_follows_from_the_source, 0, ROWS(rows));
	tcase_add_test(tcase, an_old_syn_is_reported_by_old_kernels);
	tcase_add_loop_test(tcase, a_bent_field_differs_by_its_name, 0, FIELD_COUNT);
	tcase_add_test(tcase, a_bent_field_of_the_follow_ups_answer_differs);
	tcase_add_test(tcase, a_wrong_field_is_named_in_every_report);
	tcase_add_test(tcase, a_field_without_its_option_is_absent);
	tcase_add_loop_test(tcase, a_segment_leaves_its_numbers, 0, ROWS(left));
	tcase_add_test(tcase, a_mark_of_congestion_is_remembered);
	tcase_add_loop_test(tcase, a_dropped_syn_leaves_its_isn, 0, ROWS(inherited));
	return run_suite("oracle_fields", tcase, NULL);
}
