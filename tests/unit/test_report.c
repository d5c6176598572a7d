/* test_report.c - the texts that the reports make of records. */
#include <signal.h>
#include <jansson.h>
#include <unistd.h>

#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

START_TEST(a_block_of_cells_becomes_a_grid)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *text;

	sample_four(records);
	text = sample_report(FORMAT_TABLE, false, false, &facts, records, 4);
	assert_has(text, "\ntime-wait/syn\n"
			 "  seq \\ ts  -1                   +1\n"
			 "  -1        SYN-ACK continued f  silence f\n"
			 "  +1        ?                    SYN-ACK continued !f\n");
	assert_has(text, "  f: folk expects ACK in 3 cells\n");
	assert_has(text, "  ? time-wait/syn/seq+1/ts-1: the capture dropped 3 segments\n");
	assert_has(text, "  ! time-wait/syn/seq+1/ts+1: linux expects ACK, the kernel answers SYN-ACK\n");
	assert_has(text, "4 cells: 2 agree with linux, 1 differ, 1 inconclusive, 0 skipped.\n");
	assert_has(text, "folk disagrees with the kernel in 3 cells.\n");
	assert_has(text, "rfc disagrees with the kernel in 0 cells and makes no prediction for 1.\n");
	assert_has(text, "It took 2.0 s (2 cells/s): 40 segments sent, 30 heard,");
	assert_lacks(text, "\033");
	free(text);
}
END_TEST

START_TEST(cells_that_form_no_grid_become_rows)
{
	struct run_facts facts = sample_facts();
	struct record records[2] = { sample_record(5, 5), sample_record(5, 5) };
	char *text;

	records[0].cell.state = STATE_LISTEN;
	records[1].cell.family = 6;
	sample_verdict(&records[1], VERDICT_SKIPPED, "the target has no IPv6");
	text = sample_report(FORMAT_TABLE, false, false, &facts, records, 2);
	assert_has(text, "listen/syn/seq+5/ts+5                         SYN-ACK continued (syn-recv\n"
			 "                                              after); folk: ACK\n");
	assert_has(text, "  - time-wait/syn/seq+5/ts+5/ipv6: the target has no IPv6\n");
	free(text);
}
END_TEST

START_TEST(a_follow_up_shows_in_the_grid)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	size_t i;
	char *text;

	for (i = 0; i < 4; i++) {
		records[i] = sample_silence(i / 2 ? 1 : 0, i % 2 ? 1 : 0);
		records[i].has_follow_up = records[i].follow_up_conclusive = true;
		records[i].follow_up_answer = ANSWER_ACK;
		records[i].follow_up.flags = FLAG_SYN;
	}
	records[3].follow_up_conclusive = false;
	text = sample_report(FORMAT_TABLE, false, false, &facts, records, 4);
	assert_has(text, "  equal     silence, then ACK f  silence, then ACK f\n");
	assert_has(text, "  +1        silence, then ACK f  silence, then ? f\n");
	free(text);
}
END_TEST

START_TEST(a_book_that_differs_in_the_state_says_which)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	size_t i;
	char *text;

	for (i = 0; i < 4; i++) {
		records[i] = sample_record(i / 2 ? 1 : 0, i % 2 ? 1 : 0);
		records[i].expected[BOOK_FOLK].answer = ANSWER_SYN_ACK;
		records[i].expected[BOOK_RFC].after = STATE_TIME_WAIT;
	}
	records[0].expected[BOOK_FOLK].isn = ISN_FRESH;
	text = sample_report(FORMAT_TABLE, false, false, &facts, records, 4);
	assert_has(text, "  r: rfc expects time-wait after in 4 cells\n");
	assert_has(text, "  f: folk expects ISN fresh in 1 cell\n");
	free(text);
}
END_TEST

START_TEST(quiet_shows_exceptions_and_one_line)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *text;

	sample_four(records);
	text = sample_report(FORMAT_TABLE, false, true, &facts, records, 4);
	ck_assert_str_eq(text, "  ! time-wait/syn/seq+1/ts+1: linux expects ACK, the kernel answers SYN-ACK\n"
			       "  ? time-wait/syn/seq+1/ts-1: the capture dropped 3 segments\n"
			       "4 cells: 2 agree with linux, 1 differ, 1 inconclusive, 0 skipped.\n");
	free(text);
}
END_TEST

/* The order of the verdicts is that of their harm; a reason is said once. */
START_TEST(equal_reasons_are_folded)
{
	struct run_facts facts = sample_facts();
	struct record records[9];
	char *text;

	for (size_t i = 0; i < 9; i++) {
		records[i] = sample_record((int64_t)i, 0);
		records[i].cell.family = 6;
		sample_verdict(&records[i], i < 2 ? VERDICT_DIFFERS : i < 7 ? VERDICT_INCONCLUSIVE : VERDICT_SKIPPED,
			       i < 2 ? "other" : i == 4 ? "rare" : i < 7 ? "frequent" : "needs a sysctl");
	}
	text = sample_report(FORMAT_TABLE, false, false, &facts, records, 9);
	assert_has(text, "  ! 2 cells: other\n"
			 "      time-wait/syn/seq-equal/ts-equal/ipv6, time-wait/syn/seq+1/ts-equal/ipv6\n"
			 "  ? 4 cells: frequent\n"
			 "      time-wait/syn/seq+2/ts-equal/ipv6, time-wait/syn/seq+3/ts-equal/ipv6,\n"
			 "      time-wait/syn/seq+5/ts-equal/ipv6 and 1 more (-v names all)\n"
			 "  ? time-wait/syn/seq+4/ts-equal/ipv6: rare\n");
	assert_has(text, "  - 2 cells: needs a sysctl\n");
	free(text);
	facts.every_name = true;
	text = sample_report(FORMAT_TABLE, false, true, &facts, records, 9);
	assert_has(text, "  ? 4 cells: frequent\n"
			 "      time-wait/syn/seq+2/ts-equal/ipv6\n"
			 "      time-wait/syn/seq+3/ts-equal/ipv6\n"
			 "      time-wait/syn/seq+5/ts-equal/ipv6\n"
			 "      time-wait/syn/seq+6/ts-equal/ipv6\n");
	assert_lacks(text, "more");
	assert_lacks(text, "needs a sysctl");
	free(text);
}
END_TEST

/* Numbers within words are no numbers. */
START_TEST(reasons_are_equal_but_for_their_numbers)
{
	static const char *const reasons[] = {
		"syn-ack 1 time, silence 12 times", "syn-ack 3 times, silence 1 time", "the answer was 1.25 s late",
		"the answer was 2.5 s late", "in fin-wait-1 and not fin-wait-2", "in fin-wait-2 and not fin-wait-2",
	};
	struct run_facts facts = sample_facts();
	struct record records[6];
	char *text;

	for (size_t i = 0; i < 6; i++) {
		records[i] = sample_record((int64_t)i, 0);
		sample_verdict(&records[i], i < 2 ? VERDICT_MIXED : VERDICT_INCONCLUSIVE, reasons[i]);
	}
	text = sample_report(FORMAT_TABLE, false, true, &facts, records, 6);
	ck_assert_str_eq(text, "  ~ 2 cells: syn-ack 1 time, silence 12 times (the numbers vary)\n"
			       "      time-wait/syn/seq-equal/ts-equal, time-wait/syn/seq+1/ts-equal\n"
			       "  ? 2 cells: the answer was 1.25 s late (the numbers vary)\n"
			       "      time-wait/syn/seq+2/ts-equal, time-wait/syn/seq+3/ts-equal\n"
			       "  ? time-wait/syn/seq+4/ts-equal: in fin-wait-1 and not fin-wait-2\n"
			       "  ? time-wait/syn/seq+5/ts-equal: in fin-wait-2 and not fin-wait-2\n"
			       "6 cells: 0 agree with linux, 0 differ, 2 mixed, 4 inconclusive, 0 skipped.\n");
	free(text);
}
END_TEST

/* A mark of its own in the grid, and no answer: there was more than one. */
START_TEST(a_mixed_cell_has_its_mark)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *text;

	sample_four(records);
	sample_verdict(&records[0], VERDICT_MIXED, "the answer was not always the same: ack 1 time, rst 1 time");
	text = sample_report(FORMAT_TABLE, false, false, &facts, records, 4);
	assert_has(text, "  -1        ~   silence f\n"
			 "  +1        ?   SYN-ACK continued !f\n");
	free(text);
	text = sample_report(FORMAT_TAP, false, false, &facts, records, 1);
	assert_has(text, "not ok 1 - time-wait/syn/seq-1/ts-1\n"
			 "# mixed: the answer was not always the same: ack 1 time, rst 1 time\n"
			 "# 0 agree, 0 differ, 1 mixed, 0 inconclusive, 0 skipped in 2.000 s\n");
	free(text);
}
END_TEST

/* A block of which nothing was asked is no table; the end says it once. */
START_TEST(what_was_skipped_is_no_table)
{
	struct run_facts facts = sample_facts();
	struct record records[8];
	char *text;

	for (size_t i = 0; i < 8; i++) {
		records[i] = sample_record((int64_t)(i / 2 % 2), (int64_t)(i % 2));
		records[i].cell.family = i < 4 ? 4 : 6;
		if (i > 3)
			sample_verdict(&records[i], VERDICT_SKIPPED, "needs a sysctl");
	}
	text = sample_report(FORMAT_TABLE, false, false, &facts, records, 8);
	assert_has(text, "\ntime-wait/syn\n  seq");
	assert_lacks(text, "time-wait/syn ipv6\n");
	assert_has(text, "  - 4 cells: needs a sysctl\n");
	free(text);
}
END_TEST

/* Seven columns: abbreviated in 100 columns, more so in 80, in parts in 40. */
START_TEST(a_grid_fits_the_terminal)
{
	static const char *const heads[] = {
		"  seq \\ ts  equal                +1                   +2                   +3  ",
		"  seq \\ ts  equal        +1           +2           +3           +4           +5           +6\n",
		"  seq \\ ts  equal   +1      +2      +3      +4      +5      +6\n",
		("  seq \\ ts  equal   +1      +2\n  equal     SA c f  SA c f  SA c f\n  +1        SA c f  SA c f  SA c f\n"
		 "  seq \\ ts  +3      +4      +5\n"),
	};
	static const char *const widths[] = { "160", "101", "80", "40" };
	struct run_facts facts = sample_facts();
	struct record records[14];
	char *text, *line, *end;

	for (size_t i = 0; i < 14; i++)
		records[i] = sample_record((int64_t)(i / 7), (int64_t)(i % 7));
	for (size_t i = 0; i < 4; i++) {
		setenv("COLUMNS", widths[i], 1);
		text = sample_report(FORMAT_TABLE, false, false, &facts, records, 14);
		assert_has(text, heads[i]);
		for (line = text; *line; line = end + 1) {
			end = strchr(line, '\n');
			ck_assert_msg(end - line <= atoi(widths[i]), "%s: too long: %.*s", widths[i], (int)(end - line), line);
		}
		free(text);
	}
	unsetenv("COLUMNS");
}
END_TEST

START_TEST(colour_only_adds)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *plain, *coloured, *from, *to;

	sample_four(records);
	plain = sample_report(FORMAT_TABLE, false, false, &facts, records, 4);
	coloured = sample_report(FORMAT_TABLE, true, false, &facts, records, 4);
	assert_has(coloured, "\033[1;31m");
	for (from = to = coloured; *from; from++) {
		if (*from == '\033')
			from = strchr(from, 'm');
		else
			*to++ = *from;
	}
	*to = '\0';
	ck_assert_str_eq(plain, coloured);
	free(plain);
	free(coloured);
}
END_TEST

/* The n-th line of the report on these four records, parsed. */
static json_t *json_line(char *text, size_t line)
{
	json_error_t error;
	json_t *object;

	while (line--)
		text = strchr(text, '\n') + 1;
	object = json_loadb(text, strcspn(text, "\n"), 0, &error);
	ck_assert_msg(object, "%s in: %s", error.text, text);
	return object;
}

START_TEST(a_cell_record_has_the_fixed_keys)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *text;

	sample_four(records);
	text = sample_report(FORMAT_JSON, false, false, &facts, records, 4);
	assert_has(text,
		"\n{\"record\":\"cell\",\"cell\":\"time-wait/syn/seq-1/ts-1\",\"number\":0,\"kernel\":\"6.18.44\","
		"\"answer\":\"syn-ack\",\"isn\":\"continued\",\"verdict\":\"agrees\",\"reason\":null,"
		"\"expected\":{\"linux\":\"syn-ack\",\"rfc\":\"syn-ack\",\"folk\":\"ack\"},"
		"\"state_before\":\"time-wait\",\"state_after\":\"syn-recv\",\"follow_up\":null,"
		"\"sent\":{\"flags\":\"S\",\"seq\":999999,\"ack\":0,\"tsval\":49999,\"tsecr\":0,");
	assert_has(text,
		"\"received\":[{\"flags\":\"SA\",\"seq\":4000065537,\"ack\":1000000,\"tsval\":777,\"tsecr\":51000,"
		"\"window\":65160,\"payload\":0,\"tos\":0,\"ttl\":64,"
		"\"options\":[\"mss 1460\",\"sack-permitted\",\"ts\",\"nop\",\"wscale 7\"],"
		"\"after_us\":23.4,\"repeat\":false}],"
		"\"baseline\":{\"rcv_nxt\":1000000,\"snd_nxt\":4000000000,\"ts_recent\":50000,\"rcv_wnd\":65000,"
		"\"timestamps\":true},"
		"\"tuple\":{\"source\":\"192.0.2.1:40000\",\"target\":\"192.0.2.2:8888\"},\"tries\":1,\"alternatives\":null,"
		"\"outcomes\":[],\"heard\":[],\"fields\":null,\"after\":null}\n");
	assert_has(text, "\"answer\":\"silence\",\"isn\":null,\"verdict\":\"agrees\",\"reason\":null,"
			 "\"expected\":{\"linux\":\"silence\",\"rfc\":null,\"folk\":\"ack\"}");
	assert_has(text, "\"answer\":null,\"isn\":null,\"verdict\":\"inconclusive\","
			 "\"reason\":\"the capture dropped 3 segments\"");
	free(text);
}
END_TEST

START_TEST(what_was_heard_and_every_outcome_are_in_the_record)
{
	struct run_facts facts = sample_facts();
	struct record record = sample_record(1, 1);
	struct notice icmp = {
		.kind = NOTICE_ICMP, .icmp_type = 3, .icmp_code = 13,
		.from = { .family = 4, .bytes = { 198, 51, 100, 7 } },
	};
	struct notice late = { .kind = NOTICE_LATE, .after_ns = 1200000000, .from = icmp.from };
	char *text;

	record_outcome(&record);
	record_outcome(&record);
	record.answer = ANSWER_SILENCE;
	record.isn = ISN_NONE;
	record.after = STATE_UNKNOWN;
	record_outcome(&record);
	record_notice(&record, &icmp);
	record_notice(&record, &icmp);
	record_notice(&record, &late);
	sample_verdict(&record, VERDICT_MIXED, "the answer was not the same each time");
	text = sample_report(FORMAT_JSON, false, false, &facts, &record, 1);
	assert_has(text, "\"verdict\":\"mixed\"");
	assert_has(text, "\"outcomes\":[{\"answer\":\"syn-ack\",\"isn\":\"continued\",\"state_after\":\"syn-recv\","
			 "\"ttl\":64,\"tries\":2},{\"answer\":\"silence\",\"isn\":null,\"state_after\":null,\"ttl\":null,"
			 "\"tries\":1}]");
	assert_has(text, "\"heard\":[{\"kind\":\"icmp\",\"from\":\"198.51.100.7\",\"says\":\"ICMP communication "
			 "administratively prohibited (type 3, code 13) from 198.51.100.7\",\"type\":3,\"code\":13},"
			 "{\"kind\":\"late\",");
	assert_has(text, "\"after_us\":1200000.0}]");
	free(text);
}
END_TEST

START_TEST(run_and_summary_frame_the_cells)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	json_t *run, *summary;
	char *text;

	sample_four(records);
	facts.shard = 2;
	facts.shards = 4;
	facts.matrix_cells = 16;
	facts.kernel = NULL;
	text = sample_report(FORMAT_JSON, false, false, &facts, records, 4);
	summary = json_line(text, 5);
	run = json_line(text, 0);
	ck_assert_str_eq(json_string_value(json_object_get(run, "record")), "run");
	ck_assert_int_eq(json_integer_value(json_object_get(run, "format_version")), 1);
	ck_assert(json_is_null(json_object_get(run, "kernel")));
	ck_assert_str_eq(json_string_value(json_object_get(run, "shard")), "2/4");
	ck_assert_str_eq(json_string_value(json_object_get(run, "started")), "2023-11-14T22:13:20Z");
	ck_assert_int_eq(json_integer_value(json_object_get(run, "matrix_cells")), 16);
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(run, "sysctls"), "tcp_rfc1337")), "0");
	ck_assert_str_eq(json_string_value(json_object_get(summary, "record")), "summary");
	ck_assert_int_eq(json_integer_value(json_object_get(summary, "differs")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(summary, "exit")), 1);
	ck_assert(json_real_value(json_object_get(summary, "cells_per_second")) == 2.0);
	json_decref(run);
	json_decref(summary);
	free(text);
}
END_TEST

START_TEST(a_follow_up_is_named_as_a_cell_is)
{
	struct run_facts facts = sample_facts();
	struct record record = sample_silence(0, 0);
	char *text;

	record.has_follow_up = record.follow_up_conclusive = true;
	record.follow_up.flags = FLAG_SYN;
	record.follow_up.seq = SAMPLE_RCV_NXT - OFFSET_DEFAULT;
	record.follow_up_answer = ANSWER_ACK;
	text = sample_report(FORMAT_JSON, false, false, &facts, &record, 1);
	assert_has(text, "\"follow_up\":{\"stimulus\":\"syn/seq-below/ts-absent\",\"answer\":\"ack\",\"isn\":null,"
			 "\"fields\":null}");
	free(text);
	record.follow_up_conclusive = false;
	text = sample_report(FORMAT_JSON, false, false, &facts, &record, 1);
	assert_has(text, "\"follow_up\":{\"stimulus\":\"syn/seq-below/ts-absent\",\"answer\":null,\"isn\":null,"
			 "\"fields\":null}");
	free(text);
}
END_TEST

START_TEST(a_closed_pipe_is_an_error)
{
	struct run_facts facts = sample_facts();
	struct error error = { "" };
	struct report *report;
	int ends[2];
	FILE *out;

	signal(SIGPIPE, SIG_IGN); /* as a parent may have left it; else it is the end, as of others */
	ck_assert_int_eq(pipe(ends), 0);
	close(ends[0]);
	out = fdopen(ends[1], "w");
	report = report_open(FORMAT_JSON, false, false, out, &facts, &error);
	ck_assert_int_eq(report_begin(report, &error), -1);
	ck_assert_str_eq(error.text, "cannot write the report: Broken pipe");
	report_close(report);
	fclose(out);
}
END_TEST

/* A handshake, a stimulus, a retransmission and the answer. */
static void sample_trace(struct trace *trace, const struct record *record)
{
	struct segment *segments[5];
	size_t i;

	memset(trace, 0, sizeof(*trace));
	trace->count = 5;
	for (i = 0; i < 5; i++) {
		trace->entries[i].time_ns = SAMPLE_SENT_NS - 3000 + i * 1000;
		trace->entries[i].ours = i % 2 == 0;
		segments[i] = &trace->entries[i].segment;
	}
	segments[0]->flags = FLAG_SYN;
	segments[0]->seq = SAMPLE_RCV_NXT - 2;
	sample_syn_ack(segments[1], SAMPLE_RCV_NXT - 1);
	segments[1]->seq = SAMPLE_SND_NXT - 2;
	trace->entries[2].ours = true;
	segments[2]->flags = FLAG_ACK;
	segments[2]->seq = SAMPLE_RCV_NXT - 1;
	segments[2]->ack = SAMPLE_SND_NXT - 1;
	*segments[3] = record->sent;
	trace->entries[3].ours = true;
	*segments[4] = record->heard[0].segment;
	trace->entries[4].ours = false;
	trace->entries[4].time_ns = record->heard[0].time_ns;
}

START_TEST(the_ladder_counts_from_what_is_known)
{
	struct record record = sample_record(-1000, 1000);
	struct run_facts facts = sample_facts();
	struct trace trace;
	char *text = NULL, *line, *end;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	sample_trace(&trace, &record);
	record.trace = &trace;
	report_ladder(out, false, &facts, &record);
	fclose(out);
	assert_has(text, "peer 192.0.2.1:40000 --> subject 192.0.2.2:8888\n");
	assert_has(text, "      0.0 --> S   iss            -");
	assert_has(text, "                  999998");
	assert_has(text, "iss+1          irs+1");
	assert_has(text, "      3.0 --> S   rcv_nxt-1000   -              ts_recent+1000   0\n"
			 "stimulus          999000                        51000\n");
	assert_has(text, "     26.4 <-- SA  snd_nxt+65537  rcv_nxt-999    ts_echo+77       ts_recent+1000\n"
			 "answer            4000065537     999001         777              51000\n");
	assert_has(text, "answer:     SYN-ACK continued, after 23.4 us: SA snd_nxt+65537 ack");
	assert_has(text, "win 65160 <mss 1460,sackOK,TS val");
	assert_has(text, "subject:    time-wait before, syn-recv after\n");
	assert_has(text, "folk:       ACK (otherwise). The reason [the citation]\n");
	assert_has(text, "verdict:    agrees: The kernel answers SYN-ACK continued, as linux expects; folk\n"
			 "            expects ACK.\n");
	for (line = text; *line; line = end + 1) {
		end = strchr(line, '\n');
		ck_assert_msg(end - line <= 80, "too long: %.*s", (int)(end - line), line);
	}
	free(text);
}
END_TEST

/* The window, the urgent pointer, the options and the checksum have no column in a ladder of 80. */
START_TEST(the_ladder_shows_what_the_cell_chose)
{
	static const uint8_t tail[] = { 0xfd, 0x04 };
	struct record record = sample_record(-1000, 1000);
	struct run_facts facts = sample_facts();
	char *text = NULL;
	size_t size;

	for (unsigned turn = 0; turn < 2; turn++) {
		FILE *out = open_memstream(&text, &size);

		report_ladder(out, false, &facts, &record);
		fclose(out);
		if (turn)
			assert_has(text, "stimulus:   SU 999000 win 7 urg 5 <mss 1460,sackOK,TS val ts_recent+1000 ecr\n"
				   "            0,nop,wscale 7,raw fd04> bad checksum\nanswer:");
		else
			assert_lacks(text, "stimulus:");
		free(text);
		record.cell.stimulus.bad_checksum = true;
		record.sent.flags |= FLAG_URG;
		record.sent.window = 7;
		record.sent.urgent = 5;
		memcpy(record.sent.raw, tail, sizeof(tail));
		record.sent.raw_size = 0;
		record.sent.tail_size = sizeof(tail);
	}
}
END_TEST

START_TEST(the_ladder_gives_the_reason)
{
	struct record record = sample_record(-1000, 1000);
	struct run_facts facts = sample_facts();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	sample_verdict(&record, VERDICT_INCONCLUSIVE, "the stimulus was never seen by the capture");
	report_ladder(out, false, &facts, &record);
	fclose(out);
	assert_has(text, "verdict:    inconclusive: the stimulus was never seen by the capture\n");
	assert_lacks(text, "answer:");
	free(text);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("report");

	unsetenv("COLUMNS");

	tcase_add_test(tests, a_block_of_cells_becomes_a_grid);
	tcase_add_test(tests, cells_that_form_no_grid_become_rows);
	tcase_add_test(tests, a_follow_up_shows_in_the_grid);
	tcase_add_test(tests, a_book_that_differs_in_the_state_says_which);
	tcase_add_test(tests, quiet_shows_exceptions_and_one_line);
	tcase_add_test(tests, equal_reasons_are_folded);
	tcase_add_test(tests, reasons_are_equal_but_for_their_numbers);
	tcase_add_test(tests, a_mixed_cell_has_its_mark);
	tcase_add_test(tests, what_was_skipped_is_no_table);
	tcase_add_test(tests, a_grid_fits_the_terminal);
	tcase_add_test(tests, colour_only_adds);
	tcase_add_test(tests, a_cell_record_has_the_fixed_keys);
	tcase_add_test(tests, what_was_heard_and_every_outcome_are_in_the_record);
	tcase_add_test(tests, run_and_summary_frame_the_cells);
	tcase_add_test(tests, a_follow_up_is_named_as_a_cell_is);
	tcase_add_test(tests, a_closed_pipe_is_an_error);
	tcase_add_test(tests, the_ladder_counts_from_what_is_known);
	tcase_add_test(tests, the_ladder_shows_what_the_cell_chose);
	tcase_add_test(tests, the_ladder_gives_the_reason);
	return run_suite("report", tests, NULL);
}
