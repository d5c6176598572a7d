/* test_results.c - result files read back: what is in them, and what is wrong with them. */
#include "tests/unit/sample_results.h"

#include "tests/unit/suite.h"

static struct sample_folder folder;
static struct pool pool;
static struct error error;

static void set_up(void)
{
	sample_folder_open(&folder);
	ck_assert_int_eq(results_pool_open(&pool, &error), 0);
}

static void tear_down(void)
{
	results_pool_close(&pool);
	sample_folder_close(&folder);
}

static struct results *read_text(const char *text, bool partial)
{
	folder.count = 0; /* the same file again */
	return results_read(sample_file(&folder, "a.ndjson", text), &pool, partial, NULL, &error);
}

static void assert_refused(const char *text, const char *message)
{
	struct results *results = read_text(text, false);
	const char *name = strstr(error.text, "a.ndjson");

	ck_assert_msg(!results, "not refused; expected: %s", message);
	ck_assert_msg(name && !strcmp(name + strlen("a.ndjson"), message), "'%s' is not '%s'", error.text, message);
}

static const char *value(const struct results *results, size_t cell, enum aspect aspect)
{
	return intern_text(pool.words, results->results[cell].values[aspect]);
}

START_TEST(a_whole_file_is_read)
{
	struct results *results = read_text(SAMPLE_RUN("6.1.0", 3) SAMPLE_SYN_ACK(0, "time-wait/syn/seq-1/ts-1")
					    SAMPLE_UNSURE(1, "time-wait/syn/seq-1/ts+1")
					    SAMPLE_SKIPPED(2, "time-wait/syn/seq+1/ts+1") SAMPLE_SUMMARY(3), false);

	ck_assert_msg(results, "%s", error.text);
	ck_assert_str_eq(results->kernel, "6.1.0");
	ck_assert_uint_eq(results->count, 3);
	ck_assert_str_eq(value(results, 0, ASPECT_ANSWER), "syn-ack");
	ck_assert_str_eq(value(results, 0, ASPECT_ISN), "continued");
	ck_assert_str_eq(value(results, 0, ASPECT_AFTER), "syn-recv");
	ck_assert_str_eq(value(results, 0, ASPECT_FOLLOW_UP), "none");
	ck_assert_uint_eq(results->results[1].values[ASPECT_ANSWER], WORD_UNKNOWN);
	ck_assert_uint_eq(results->results[1].values[ASPECT_AFTER], WORD_UNKNOWN);
	ck_assert_int_eq(results->results[2].verdict, VERDICT_SKIPPED);
	results_free(results);
}
END_TEST

/* The answer's fields in relative numbers: another connection, other numbers, the same words. */
static const struct {
	const char *sent, *received, *isn;
	const char *seq, *ack, *tsval, *tsecr;
} fields[] = {
	{ "\"flags\":\"S\",\"seq\":999,\"ack\":0,\"tsval\":70",
	  "\"flags\":\"SA\",\"seq\":67537,\"ack\":1000,\"tsval\":5,\"tsecr\":70", "\"continued\"",
	  "snd_nxt+65537", "rcv_nxt", "present", "ts_recent+20" },
	{ "\"flags\":\"S\",\"seq\":999,\"ack\":0,\"tsval\":70",
	  "\"flags\":\"SA\",\"seq\":2001,\"ack\":1000,\"tsval\":0,\"tsecr\":0", "\"fresh\"",
	  "fresh", "rcv_nxt", "0", "0" },
	{ "\"flags\":\"R\",\"seq\":999,\"ack\":0,\"tsval\":null",
	  "\"flags\":\"R\",\"seq\":0,\"ack\":0,\"tsval\":null,\"tsecr\":null", "null",
	  "0", "none", "absent", "absent" },
	{ "\"flags\":\"A\",\"seq\":2000000000,\"ack\":3000000000,\"tsval\":2000000000",
	  "\"flags\":\"RA\",\"seq\":3000000000,\"ack\":2000000001,\"tsval\":1,\"tsecr\":2000000000", "null",
	  "sent ack", "sent seq+1", "present", "sent TSval" },
	{ "\"flags\":\"S\",\"seq\":2000000000,\"ack\":1900000000,\"tsval\":null",
	  "\"flags\":\"A\",\"seq\":1900000000,\"ack\":1100000000,\"tsval\":1,\"tsecr\":1100000000", "null",
	  "other", "other", "present", "other" },
	{ "\"flags\":\"S\",\"seq\":999,\"ack\":0,\"tsval\":70",
	  "\"flags\":\"A\",\"seq\":1999,\"ack\":4294967295,\"tsval\":5,\"tsecr\":4294967295", "null",
	  "snd_nxt-1", "rcv_nxt-1001", "present", "ts_recent-51" },
};

START_TEST(fields_are_relative)
{
	char text[4096];
	struct results *results;

	snprintf(text, sizeof(text), "%s"
		 "{\"record\":\"cell\",\"cell\":\"x\",\"number\":0,\"answer\":\"other\",\"isn\":%s,\"verdict\":\"agrees\","
		 "\"state_after\":null,\"sent\":{%s},\"received\":[{\"flags\":\"FA\",\"seq\":1,\"repeat\":true},"
		 "{%s,\"window\":500,\"tos\":2,\"ttl\":64,\"options\":[\"nop\",\"ts\"],\"repeat\":false}],"
		 "\"baseline\":{\"rcv_nxt\":1000,\"snd_nxt\":2000,\"ts_recent\":50}}\n%s",
		 SAMPLE_RUN("6.1", 1), fields[_i].isn, fields[_i].sent, fields[_i].received, SAMPLE_SUMMARY(1));
	results = read_text(text, false);
	ck_assert_msg(results, "%s", error.text);
	ck_assert_str_eq(value(results, 0, ASPECT_SEQ), fields[_i].seq);
	ck_assert_str_eq(value(results, 0, ASPECT_ACK), fields[_i].ack);
	ck_assert_str_eq(value(results, 0, ASPECT_TSVAL), fields[_i].tsval);
	ck_assert_str_eq(value(results, 0, ASPECT_TSECR), fields[_i].tsecr);
	ck_assert_str_eq(value(results, 0, ASPECT_WINDOW), "500");
	ck_assert_str_eq(value(results, 0, ASPECT_TOS), "2");
	ck_assert_str_eq(value(results, 0, ASPECT_OPTIONS), "nop, ts");
	results_free(results);
}
END_TEST

/* The socket afterwards: what is chance, or told by newer kernels alone, is not known. */
static const struct {
	const char *after;
	const char *timer, *restarted, *recv_q, *send_q, *rcv_nxt, *ts_recent;
} sockets[] = {
	{ "{\"timer\":\"time-wait\",\"timer_ms\":59700,\"timer_restarted\":false,\"recv_q\":null,\"send_q\":null,"
	  "\"rcv_nxt\":1000,\"ts_recent\":50}", "time-wait", "no", NULL, NULL, "rcv_nxt", "ts_recent" },
	{ "{\"timer\":\"delayed-ack\",\"timer_ms\":40,\"timer_restarted\":null,\"recv_q\":10,\"send_q\":0,"
	  "\"rcv_nxt\":1010,\"ts_recent\":70}", NULL, NULL, "10", "0", "rcv_nxt+10", "ts_recent+20" },
	{ "{\"timer\":\"none\",\"timer_ms\":null,\"timer_restarted\":true,\"recv_q\":1,\"send_q\":2,"
	  "\"rcv_nxt\":3000000001,\"ts_recent\":2000000000}", "none", "yes", "1", "2", "sent seq+1", "sent TSval" },
	{ "null", NULL, NULL, NULL, NULL, NULL, NULL },
	{ "7", NULL, NULL, NULL, NULL, NULL, NULL },
};

START_TEST(what_the_socket_holds_is_relative)
{
	const char *const words[] = { sockets[_i].timer, sockets[_i].restarted, sockets[_i].recv_q, sockets[_i].send_q,
				      sockets[_i].rcv_nxt, sockets[_i].ts_recent };
	char text[4096];
	struct results *results;

	snprintf(text, sizeof(text), "%s"
		 "{\"record\":\"cell\",\"cell\":\"x\",\"number\":0,\"answer\":\"silence\",\"isn\":null,\"verdict\":\"agrees\","
		 "\"state_after\":null,\"sent\":{\"flags\":\"A\",\"seq\":3000000000,\"ack\":0,\"tsval\":2000000000},"
		 "\"received\":[],\"baseline\":{\"rcv_nxt\":1000,\"snd_nxt\":2000,\"ts_recent\":50},\"after\":%s}\n%s",
		 SAMPLE_RUN("6.1", 1), sockets[_i].after, SAMPLE_SUMMARY(1));
	results = read_text(text, false);
	ck_assert_msg(results, "%s", error.text);
	for (int i = 0; i < ASPECT_COUNT - ASPECT_TIMER; i++)
		ck_assert_str_eq(value(results, 0, (enum aspect)(ASPECT_TIMER + i)), words[i] ? words[i] : "not known");
	results_free(results);
}
END_TEST

START_TEST(what_is_cut_off_is_refused)
{
	assert_refused("", ":0: no \"run\" record: the file is empty");
	assert_refused(SAMPLE_RUN("6.1", 2) SAMPLE_ACK(0, "a"),
		       ":2: the file ends without a \"summary\" record: the run was cut off after 1 of 2 cells "
		       "(--partial accepts it)");
	assert_refused(SAMPLE_RUN("6.1", 2) "{\"record\":\"ce",
		       ":2: the file ends in the middle of a line: the run was cut off");
	assert_refused(SAMPLE_RUN("6.1", 2) SAMPLE_ACK(0, "a") SAMPLE_SUMMARY(1),
		       ":3: the file holds 1 of the 2 cells that its \"run\" record announces (--partial "
		       "accepts it)");
	assert_refused(SAMPLE_RUN("6.1", 1) SAMPLE_ACK(0, "a") "{\"record\":\"summary\",\"interrupted\":true}\n",
		       ":3: the run was interrupted after 1 of 1 cells (--partial accepts it)");
}
END_TEST

START_TEST(partial_takes_what_is_there)
{
	struct results *results = read_text(SAMPLE_RUN("6.1", 2) SAMPLE_ACK(0, "a") "{\"record\":\"ce", true);

	ck_assert_msg(results, "%s", error.text);
	ck_assert_uint_eq(results->count, 1);
	results_free(results);
}
END_TEST

START_TEST(junk_is_refused_with_its_line)
{
	assert_refused(SAMPLE_RUN("6.1", 1) "junk\n", ":2: '[' or '{' expected near 'junk' (column 4)");
	assert_refused("\n", ":1: '[' or '{' expected near end of file (column 0)");
	assert_refused("[1]\n", ":1: no \"record\" key: this is not a line of twprobe --format=json");
	assert_refused("{\"record\":7}\n", ":1: no \"record\" key: this is not a line of twprobe --format=json");
	assert_refused(SAMPLE_ACK(0, "a"), ":1: a \"cell\" record before the \"run\" record");
	assert_refused(SAMPLE_RUN("6.1", 1) SAMPLE_RUN("6.1", 1),
		       ":2: a second \"run\" record; a result file holds one run");
	assert_refused(SAMPLE_RUN("6.1", 1) "{\"record\":\"sell\"}\n",
		       ":2: \"record\": \"sell\" is not one of run, cell, summary");
	assert_refused(SAMPLE_RUN("6.1", 0) SAMPLE_SUMMARY(0) SAMPLE_ACK(0, "a"),
		       ":3: a \"cell\" record after the summary");
	assert_refused(SAMPLE_RUN("6.1", 1) SAMPLE_CELL(0, "a", "5", "null", "null"),
		       ":2: \"answer\": expected a string or null");
	assert_refused(SAMPLE_RUN("6.1", 1) SAMPLE_CELL(0, "a", "\"sin-ack\"", "null", "null"),
		       ":2: \"answer\": \"sin-ack\" is not one of syn-ack, ack, rst, silence, other");
	assert_refused(SAMPLE_RUN("6.1", 1) "{\"record\":\"cell\",\"cell\":\"a\",\"number\":0,\"verdict\":\"good\"}\n",
		       ":2: \"verdict\": expected agrees, differs, inconclusive, skipped or mixed");
	assert_refused(SAMPLE_RUN("6.1", 1) "{\"record\":\"cell\",\"number\":0}\n",
		       ":2: \"cell\": expected the cell's name");
	assert_refused(SAMPLE_RUN("6.1", 1) SAMPLE_ACK(0, "\\u00e4"), ":2: \"cell\": the name is not printable ASCII");
	assert_refused(SAMPLE_RUN("6.1", 1) SAMPLE_CELL(0, "a", "\"ack\"", "\"\\u00e4\"", "null"),
		       ":2: a word that would be compared is not printable ASCII");
	assert_refused("{\"record\":\"run\",\"format_version\":9}\n",
		       ":1: \"format_version\" is 9, but this twprobe reads 1");
	assert_refused("{\"record\":\"run\",\"format_version\":1}\n", ":1: \"cells\": expected a number");
}
END_TEST

/* However a record says it, and wherever: what is merged is written as it stands. */
START_TEST(what_steers_a_terminal_is_refused)
{
	static const char *const hostile[] = {
		"\\u001b[2J", "\\u0007", "\\u009b2J", "\xc2\x9bJ", "\\u202e", "\xe2\x80\xae", "\\u061c", "\x7f",
	};
	char text[1024];

	for (size_t i = 0; i < ROWS(hostile); i++) {
		static const char message[] = "a control character in a text: this is not a line of twprobe --format=json";
		char at[128];

		snprintf(text, sizeof(text), "{\"record\":\"run\",\"format_version\":1,\"kernel\":\"%s\"}\n", hostile[i]);
		snprintf(at, sizeof(at), ":1: %s", message);
		assert_refused(text, at);
		snprintf(text, sizeof(text), SAMPLE_RUN("6.1", 1)
			 "{\"record\":\"cell\",\"cell\":\"a\",\"more\":[{\"%s\":1}]}\n", hostile[i]);
		snprintf(at, sizeof(at), ":2: %s", message);
		assert_refused(text, at);
	}
}
END_TEST

START_TEST(a_line_without_end_is_refused)
{
	struct results *results = results_read("/dev/zero", &pool, true, NULL, &error);

	ck_assert_ptr_null(results);
	ck_assert_str_eq(error.text, "/dev/zero:1: the line has more than 1048575 bytes: this is not a result of twprobe "
			 "--format=json");
}
END_TEST

START_TEST(a_file_that_is_not_there_is_refused)
{
	ck_assert_ptr_null(results_read("/nonexistent/a", &pool, false, NULL, &error));
	ck_assert_str_eq(error.text, "cannot read /nonexistent/a: No such file or directory");
	ck_assert_ptr_null(results_read(folder.folder, &pool, false, NULL, &error));
	ck_assert_msg(strstr(error.text, ":0: Is a directory"), "%s", error.text);
}
END_TEST

#define NUMBERLESS(NAME)                                                                                            \
	"{\"record\":\"cell\",\"cell\":\"" NAME "\",\"answer\":\"ack\",\"isn\":null,\"verdict\":\"agrees\","           \
	"\"state_after\":null,\"follow_up\":null}\n"

START_TEST(cells_without_a_number_have_that_of_their_place)
{
	static const char wrong[] = ":2: \"number\": expected the cell's number in the matrix";
	struct results *results = read_text(SAMPLE_RUN("6.1.0", 2) NUMBERLESS("a") NUMBERLESS("b") SAMPLE_SUMMARY(2), false);

	ck_assert_msg(results, "%s", error.text);
	ck_assert_uint_eq(results->results[0].number, 0);
	ck_assert_uint_eq(results->results[1].number, 1);
	results_free(results);
	assert_refused(SAMPLE_SHARD("1/2", 1, 2, "6.1") NUMBERLESS("a") SAMPLE_SUMMARY(1), wrong);
	assert_refused(SAMPLE_RUN("6.1", 1) SAMPLE_ACK("x", "a") SAMPLE_SUMMARY(1), wrong);
}
END_TEST

START_TEST(names_are_numbered_as_they_come)
{
	struct intern *names = intern_open();
	char text[32];
	uint32_t i;

	for (i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "name %u", i);
		ck_assert_uint_eq(intern_add(names, text), i);
	}
	for (i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "name %u", i);
		ck_assert_uint_eq(intern_add(names, text), i);
		ck_assert_uint_eq(intern_find(names, text), i);
		ck_assert_str_eq(intern_text(names, i), text);
	}
	ck_assert_uint_eq(intern_find(names, "none"), INTERN_NONE);
	ck_assert_uint_eq(intern_count(names), 5000);
	intern_close(names);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("results");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, a_whole_file_is_read);
	tcase_add_loop_test(tests, fields_are_relative, 0, ROWS(fields));
	tcase_add_loop_test(tests, what_the_socket_holds_is_relative, 0, ROWS(sockets));
	tcase_add_test(tests, what_is_cut_off_is_refused);
	tcase_add_test(tests, partial_takes_what_is_there);
	tcase_add_test(tests, junk_is_refused_with_its_line);
	tcase_add_test(tests, what_steers_a_terminal_is_refused);
	tcase_add_test(tests, a_line_without_end_is_refused);
	tcase_add_test(tests, a_file_that_is_not_there_is_refused);
	tcase_add_test(tests, cells_without_a_number_have_that_of_their_place);
	tcase_add_test(tests, names_are_numbered_as_they_come);
	return run_suite("results", tests, NULL);
}
