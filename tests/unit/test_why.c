/* test_why.c - the evidence of a cell as text in narrow and wide terminals, and as a record. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/why.h"

#include "tests/unit/named_cell.h"

static uint8_t function_of(const char *name)
{
	uint8_t function = 0;

	while (function < passage_functions() && strcmp(passage_name(function), name) != 0)
		function++;
	ck_assert_msg(function < passage_functions(), "no function %s", name);
	return function;
}

static void add_call(struct why *why, const char *name, uint8_t depth, const char *returned)
{
	struct passage *passage = &why->passage;

	if (returned)
		strcpy(why->returned[passage->call_count], returned);
	passage->calls[passage->call_count++] = (struct passage_call){
		.function = function_of(name), .depth = depth, .left = returned != NULL,
	};
}

static void tell(struct why *why, enum evidence_kind kind, uint64_t time_ns, const char *text)
{
	struct testimony *told = &why->told[why->told_count++];

	*told = (struct testimony){ .kind = kind, .time_ns = time_ns, .socket = 7, .peer_port = 40000 };
	strcpy(told->text, text);
}

/* An old duplicate of a SYN in TIME_WAIT, as a kernel tells of it that hides nothing. */
static struct why *sample(void)
{
	struct why *why = calloc(1, sizeof(*why));

	ck_assert_ptr_nonnull(why);
	why->cell = named_cell("time-wait/syn/seq-below/ts-below");
	why->citation = "tcp_timewait_state_process(): paws_reject, !th->rst -> TCP_TW_ACK";
	why->stimulus_ns = 1000000;
	why->peer_port = 40000;
	why->answers = 1;
	why->asked_before = why->asked_after = true;
	why->sighted_before = (struct sighting){ .state = STATE_ESTABLISHED, .timer = 5, .expires_ms = 40, .recv_queue = 7,
						 .send_queue = 8 };
	why->sighted_after = (struct sighting){ .state = STATE_TIME_WAIT, .timer = 3, .expires_ms = 60000 };
	why->restart = SIGHTING_RESTARTED;
	why->moves[why->move_count++] = (struct why_move){ "TcpExt.PAWSTimewait", 1 };
	tell(why, EVIDENCE_STATE, 500000, "LISTEN -> SYN_RECV");
	tell(why, EVIDENCE_DROP, 600000, "on the way to the state");
	why->way_count = why->told_count;
	tell(why, EVIDENCE_DROP, 1024000, "TCP_RFC7323_TW_PAWS at tcp_v4_rcv");
	tell(why, EVIDENCE_DROP, 1029000, "NO_SOCKET at tcp_v4_rcv");
	why->passed = why->passage.ended = true;
	add_call(why, "tcp_v4_rcv", 0, "0");
	add_call(why, "tcp_timewait_state_process", 1, "TCP_TW_ACK");
	add_call(why, "__inet_twsk_schedule", 2, "");
	add_call(why, "tcp_v4_send_ack", 1, NULL);
	return why;
}

/* What is printed in so many columns; to be freed. */
static char *text_of(const struct why *why, const char *columns)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(out);
	setenv("COLUMNS", columns, 1);
	why_text(out, why);
	fclose(out);
	return text;
}

static void check_has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "no\n%s\nin\n%s", part, text);
}

START_TEST(for_a_person)
{
	struct why *why = sample();
	char *text = text_of(why, "80");

	check_has(text, "\nFunctions of the kernel that the stimulus passed:\n"
		  "  tcp_v4_rcv() returned 0\n"
		  "    tcp_timewait_state_process() returned TCP_TW_ACK (cited)\n"
		  "        linux: [tcp_timewait_state_process(): paws_reject, !th->rst ->\n"
		  "        TCP_TW_ACK]\n"
		  "      __inet_twsk_schedule()\n"
		  "    tcp_v4_send_ack(), whose return was missed\n"
		  "\n");
	check_has(text, "The stimulus restarted the timer.");
	check_has(text, "timer: delayed ACK, 0.040 s left; Recv-Q 7, Send-Q 8\n");
	check_has(text, "timer: TIME_WAIT, 60.000 s left\n"); /* a small socket has no queues */
	check_has(text, "TcpExt.PAWSTimewait              +1\n");
	check_has(text, "-500.0 us  LISTEN -> SYN_RECV\n");
	check_has(text, "+24.0 us  TCP_RFC7323_TW_PAWS at tcp_v4_rcv\n");
	check_has(text, "NO_SOCKET at tcp_v4_rcv (the answer itself");
	ck_assert_ptr_null(strstr(text, "on the way to the state"));
	free(text);
	free(why);
}
END_TEST

static const struct {
	const char *cell;
	uint8_t answers;
	const char *drops[2], *remarks[2]; /* what the line says behind the drop */
} drops[] = {
	/* Nobody has the port: the stimulus is dropped as well, and first. */
	{ "closed/syn/seq-above/ts-above", 1, { "NO_SOCKET at tcp_v4_rcv", "NO_SOCKET at tcp_v4_rcv" },
	  { " (the stimulus)\n", " (the answer itself: " } },
	{ "closed/rst/seq-above/ts-above", 0, { "NO_SOCKET at tcp_v4_rcv" }, { " (the stimulus)\n" } },
	/* Over IPv6 an answer does not reach TCP again. */
	{ "closed/syn/seq-above/ts-above/ipv6", 1, { "NO_SOCKET at tcp_v6_rcv", "IP_INADDRERRORS at ip6_forward" },
	  { " (the stimulus)\n", " (the answer itself: " } },
	/* More than there are answers: the last is one. */
	{ "time-wait/syn/seq-above/ts-above", 1, { "NO_SOCKET at tcp_v4_rcv", "NO_SOCKET at tcp_v4_rcv" },
	  { "\n", " (the answer itself: " } },
	{ "time-wait/rst/seq-above/ts-above", 0, { "NO_SOCKET at tcp_v4_rcv" }, { "\n" } },
};

START_TEST(what_was_dropped)
{
	struct why *why = calloc(1, sizeof(*why));
	char line[256], *text;

	ck_assert_ptr_nonnull(why);
	why->cell = named_cell(drops[_i].cell);
	why->stimulus_ns = 1000000;
	why->peer_port = 40000;
	why->answers = drops[_i].answers;
	for (size_t i = 0; i < 2 && drops[_i].drops[i]; i++)
		tell(why, EVIDENCE_DROP, 1001000 + 1000 * i, drops[_i].drops[i]);
	text = text_of(why, "80");
	for (size_t i = 0; i < 2 && drops[_i].drops[i]; i++) {
		snprintf(line, sizeof(line), "+%zu.0 us  %s%s", i + 1, drops[_i].drops[i], drops[_i].remarks[i]);
		check_has(text, line);
	}
	free(text);
	free(why);
}
END_TEST

START_TEST(in_forty_columns)
{
	struct why *why = sample();
	char *text;

	why->missing[EVIDENCE_RESET] = "tcp/tcp_send_reset: this kernel has no such tracepoint, or tracefs is out of reach";
	for (uint8_t depth = 2; depth < 12; depth++)
		add_call(why, "tcp_ack", depth, "-1");
	why->lost = 3;
	text = text_of(why, "40");
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		ck_assert_msg(strcspn(line, "\n") <= 40 || strstr(line, "tcp_timewait_state_process()") < strchr(line, '\n'),
			      "%.*s", (int)strcspn(line, "\n"), line);
	free(text);
	free(why);
}
END_TEST

/* A function that the rule names and that did not show up; helpers that nobody looks for are no news. */
START_TEST(cited_and_not_seen)
{
	struct why *why = sample();
	char *text;

	why->citation = "tcp_timewait_state_process(): tcp_in_window() -> tcp_v4_timewait_ack()";
	text = text_of(why, "80");
	check_has(text, "  tcp_v4_timewait_ack(), which the rule cites, was not seen: inlined in this\n"
			"    kernel, or not passed\n");
	ck_assert_ptr_null(strstr(text, "tcp_in_window(), which"));
	free(text);
	why->citation = "tcp_check_req(): tcp_ack()";
	text = text_of(why, "80");
	check_has(text, "  tcp_check_req(), tcp_ack(), which the rule cites, were not seen: inlined in\n");
	free(text);
	why->citation = "tcp_timewait_state_process() -> tcp_v4_send_ack()";
	text = text_of(why, "80");
	check_has(text, "    tcp_v4_send_ack(), whose return was missed (cited)\n");
	ck_assert_ptr_eq(strstr(strstr(text, "linux: [") + 1, "linux: ["), NULL); /* once, at the first of them */
	free(text);
	why->citation = NULL;
	text = text_of(why, "80");
	ck_assert_ptr_null(strstr(text, "cite"));
	free(text);
	free(why);
}
END_TEST

START_TEST(left_for_later)
{
	struct why *why = sample();
	char *text = text_of(why, "80");

	ck_assert_ptr_null(strstr(text, "happened later"));
	free(text);
	add_call(why, "tcp_add_backlog", 1, "false");
	text = text_of(why, "80");
	check_has(text, "  (its process was using the socket, so the rest happened later, and is not\n   seen)\n");
	free(text);
	free(why);
}
END_TEST

static void not_allowed(struct why *why)
{
	why->no_trace = "needs root (CAP_BPF and CAP_PERFMON, outside of user namespaces)";
}

static void not_passed(struct why *why)
{
	why->passed = false;
}

static void not_ended(struct why *why)
{
	why->passage.ended = false;
}

static const struct {
	void (*spoil)(struct why *why);
	const char *reason;
} spoilt[] = {
	{ not_allowed, "needs root" },
	{ not_passed, "no probe of the kernel saw the stimulus" },
	{ not_ended, "the end of its way was missed" },
};

static json_t *record_of(const struct why *why)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct error error;
	json_t *record;

	ck_assert_int_eq(why_json(out, why, &error), 0);
	fclose(out);
	record = json_loads(text, 0, NULL);
	ck_assert_msg(record != NULL, "%s", text);
	free(text);
	return record;
}

START_TEST(where_it_is_not_known)
{
	struct why *why = sample();
	char *text;
	json_t *record;

	spoilt[_i].spoil(why);
	text = text_of(why, "80");
	check_has(text, "stimulus passed:\n  not seen: ");
	check_has(text, spoilt[_i].reason);
	ck_assert_ptr_null(strstr(text, "returned"));
	free(text);
	record = record_of(why);
	ck_assert(json_is_null(json_object_get(record, "functions")));
	check_has(json_string_value(json_object_get(json_object_get(record, "missing"), "functions")), spoilt[_i].reason);
	json_decref(record);
	free(why);
}
END_TEST

START_TEST(as_a_record)
{
	struct why *why = sample();
	json_t *record = record_of(why), *wanted = json_loads(
		"[{\"name\":\"tcp_v4_rcv\",\"returned\":\"0\",\"depth\":0,\"cited\":false},"
		"{\"name\":\"tcp_timewait_state_process\",\"returned\":\"TCP_TW_ACK\",\"depth\":1,\"cited\":true},"
		"{\"name\":\"__inet_twsk_schedule\",\"returned\":null,\"depth\":2,\"cited\":false},"
		"{\"name\":\"tcp_v4_send_ack\",\"returned\":null,\"depth\":1,\"cited\":false}]", 0, NULL);

	ck_assert(json_equal(json_object_get(record, "functions"), wanted));
	ck_assert_str_eq(json_string_value(json_object_get(record, "cell")), "time-wait/syn/seq-below/ts-below");
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(record, "after"), "timer_ms")), 60000);
	ck_assert(json_is_null(json_object_get(json_object_get(record, "after"), "recv_queue")));
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(record, "before"), "recv_queue")), 7);
	ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(record, "before"), "send_queue")), 8);
	ck_assert_uint_eq(json_array_size(json_object_get(record, "drops")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(record, "transitions")), 1);
	ck_assert(json_is_null(json_object_get(json_object_get(record, "missing"), "drops")));
	json_decref(wanted);
	json_decref(record);
	why->missing[EVIDENCE_DROP] = "needs root";
	why->asked_before = false;
	record = record_of(why);
	ck_assert(json_is_null(json_object_get(record, "drops")) && json_is_null(json_object_get(record, "before")));
	ck_assert_str_eq(json_string_value(json_object_get(json_object_get(record, "missing"), "drops")), "needs root");
	json_decref(record);
	free(why);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("evidence");

	tcase_add_test(tcase, for_a_person);
	tcase_add_loop_test(tcase, what_was_dropped, 0, sizeof(drops) / sizeof(drops[0]));
	tcase_add_test(tcase, in_forty_columns);
	tcase_add_test(tcase, cited_and_not_seen);
	tcase_add_test(tcase, left_for_later);
	tcase_add_loop_test(tcase, where_it_is_not_known, 0, ROWS(spoilt));
	tcase_add_test(tcase, as_a_record);
	return run_suite("why", tcase, NULL);
}
