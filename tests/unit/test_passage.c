/* test_passage.c - reports of the kernel's programs become passages; the programs themselves are what a kernel takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/matrix/cell_ask.h"
#include "cases/matrix/matrix.h"
#include "harness/lab/bpf.h"
#include "harness/lab/passage_internal.h"

#include "tests/unit/suite.h"

enum { ROOM = 3 };

/* What happened, in one line: ">name" is entered, "<name=VALUE" left; "!" sets the processor for what follows. */
struct script {
	const char *events, *passages; /* the passages as text, see tell() */
};

static uint8_t function_of(const char *name, size_t length)
{
	uint8_t function = 0;

	while (function < passage_functions() && (strlen(passage_name(function)) != length ||
						  strncmp(passage_name(function), name, length) != 0))
		function++;
	ck_assert_msg(function < passage_functions(), "no function %.*s", (int)length, name);
	return function;
}

static size_t play(const char *events, struct passage *list, size_t room)
{
	struct passage_event event = { .time_ns = 1000, .tcp = { 0x9c, 0x40, 0x22, 0xb8, 1, 2, 3, 4 } };
	size_t count = 0;

	while (*events) {
		size_t length = strcspn(events + 1, " =");
		char *end;

		if (*events == '!') {
			event.cpu = strtoull(events + 1, &end, 10);
			events = end + (*end == ' ');
			continue;
		}
		event.cookie = passage_cookie(function_of(events + 1, length), *events == '<' ? PASSAGE_LEAVE : PASSAGE_ENTER);
		events += 1 + length;
		event.value = *events == '=' ? strtoull(events + 1, &end, 0) : 0;
		events = *events == '=' ? end : events;
		events += *events == ' ';
		count = passage_take(list, count, room, (const uint8_t *)&event, sizeof(event));
		event.time_ns++;
	}
	return count;
}

/* "0tcp_v4_rcv=0 1tcp_ack=1." : depth, name, what was returned ("?": not known), "." where the passage has ended. */
static const char *tell(const struct passage *passage, char text[512])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < passage->call_count && used < 400; i++) {
		const struct passage_call *call = &passage->calls[i];

		used += (size_t)snprintf(text + used, 512 - used, "%s%u%s=", i ? " " : "", call->depth,
					 passage_name(call->function));
		used += (size_t)(call->left ? snprintf(text + used, 512 - used, "%llu", (unsigned long long)call->value) :
				 snprintf(text + used, 512 - used, "?"));
	}
	snprintf(text + used, 512 - used, "%s", passage->ended ? "." : "");
	return text;
}

static const struct script scripts[] = {
	{ ">tcp_v4_rcv >tcp_timewait_state_process <tcp_timewait_state_process=2 >tcp_v4_send_ack <tcp_v4_send_ack "
	  "<tcp_v4_rcv=0",
	  "0tcp_v4_rcv=0 1tcp_timewait_state_process=2 1tcp_v4_send_ack=0." },
	{ ">tcp_v6_rcv >tcp_v6_do_rcv >tcp_rcv_established >tcp_ack <tcp_ack=1 <tcp_rcv_established <tcp_v6_do_rcv <tcp_v6_rcv",
	  "0tcp_v6_rcv=0 1tcp_v6_do_rcv=0 2tcp_rcv_established=0 3tcp_ack=1." },
	/* The same function twice. */
	{ ">tcp_v4_rcv >tcp_ack <tcp_ack=1 >tcp_ack <tcp_ack=2 <tcp_v4_rcv", "0tcp_v4_rcv=0 1tcp_ack=1 1tcp_ack=2." },
	/* A return that was missed: its caller's tells that it is over. */
	{ ">tcp_v4_rcv >tcp_v4_do_rcv >tcp_ack <tcp_v4_do_rcv=0 >tcp_fin <tcp_fin <tcp_v4_rcv",
	  "0tcp_v4_rcv=0 1tcp_v4_do_rcv=0 2tcp_ack=? 1tcp_fin=0." },
	/* Late news of such a one is not believed, nor what nobody entered. */
	{ ">tcp_v4_rcv >tcp_v4_do_rcv >tcp_ack <tcp_v4_do_rcv <tcp_ack=7 <tcp_fin=7 <tcp_v4_rcv",
	  "0tcp_v4_rcv=0 1tcp_v4_do_rcv=0 2tcp_ack=?." },
	{ ">tcp_v4_rcv >tcp_ack <tcp_ack=1 >tcp_fin <tcp_ack=7 <tcp_fin=2 <tcp_v4_rcv",
	  "0tcp_v4_rcv=0 1tcp_ack=1 1tcp_fin=2." },
	/* What comes before a passage, and after it, is nobody's. */
	{ ">tcp_ack <tcp_ack=1 >tcp_v4_rcv <tcp_v4_rcv=5 >tcp_fin <tcp_fin", "0tcp_v4_rcv=5." },
	/* Still under way. */
	{ ">tcp_v4_rcv >tcp_v4_do_rcv", "0tcp_v4_rcv=? 1tcp_v4_do_rcv=?" },
	/* Two processors at a time. */
	{ "!0 >tcp_v4_rcv !1 >tcp_v4_rcv !0 >tcp_ack !1 >tcp_fin !0 <tcp_ack=1 <tcp_v4_rcv=3 !1 <tcp_fin <tcp_v4_rcv=4",
	  "0tcp_v4_rcv=3 1tcp_ack=1.|0tcp_v4_rcv=4 1tcp_fin=0." },
	/* Another segment comes although the end of the first was not seen: what follows is the second one's. */
	{ ">tcp_v4_rcv >tcp_ack >tcp_v4_rcv >tcp_fin <tcp_fin <tcp_v4_rcv=6",
	  "0tcp_v4_rcv=? 1tcp_ack=?|0tcp_v4_rcv=6 1tcp_fin=0." },
	{ ">tcp_v4_rcv >tcp_ack >tcp_v4_rcv <tcp_v4_rcv=6 >tcp_fin <tcp_ack=7 <tcp_v4_rcv=8",
	  "0tcp_v4_rcv=? 1tcp_ack=?|0tcp_v4_rcv=6." },
	/* No room for the fourth. */
	{ ">tcp_v4_rcv <tcp_v4_rcv=1 >tcp_v4_rcv <tcp_v4_rcv=2 >tcp_v4_rcv <tcp_v4_rcv=3 >tcp_v4_rcv <tcp_v4_rcv=4 >tcp_ack",
	  "0tcp_v4_rcv=1.|0tcp_v4_rcv=2.|0tcp_v4_rcv=3." },
};

START_TEST(events_become_passages)
{
	struct passage list[ROOM];
	char text[512], all[2048] = "";
	size_t count = play(scripts[_i].events, list, ROOM);

	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(list[i].crafted_port, 40000);
		ck_assert_uint_eq(list[i].subject_port, 8888);
		ck_assert_uint_eq(list[i].seq, 0x01020304);
		strcat(strcat(all, i ? "|" : ""), tell(&list[i], text));
	}
	ck_assert_str_eq(all, scripts[_i].passages);
}
END_TEST

START_TEST(more_calls_than_we_keep)
{
	char events[8192] = ">tcp_v4_rcv";
	struct passage list[ROOM];

	for (int i = 0; i < 2 * PASSAGE_CALLS_MAX; i++)
		strcat(events, " >tcp_ack <tcp_ack=1");
	strcat(events, " <tcp_v4_rcv=9");
	ck_assert_uint_eq(play(events, list, ROOM), 1);
	ck_assert_uint_eq(list[0].call_count, PASSAGE_CALLS_MAX);
	ck_assert_uint_eq(list[0].lost, PASSAGE_CALLS_MAX + 1);
	ck_assert(list[0].ended && list[0].calls[0].value == 9);
}
END_TEST

/* A report of another length, of no function, with bits that we do not set. */
START_TEST(no_report_of_ours)
{
	struct passage_event event = { .cookie = passage_cookie(0, PASSAGE_ENTER) };
	const uint64_t cookies[] = { passage_functions(), 255, 512, UINT64_MAX, (uint64_t)1 << 32 };
	struct passage list[ROOM];

	ck_assert(passage_is_root(0));
	for (size_t size = 0; size < sizeof(event); size++)
		ck_assert_uint_eq(passage_take(list, 0, ROOM, (const uint8_t *)&event, size), 0);
	for (int i = 0; i < ROWS(cookies); i++) {
		event.cookie = cookies[i];
		ck_assert_uint_eq(passage_take(list, 0, ROOM, (const uint8_t *)&event, sizeof(event)), 0);
	}
	event.cookie = passage_cookie(0, PASSAGE_ENTER);
	ck_assert_uint_eq(passage_take(list, 0, ROOM, (const uint8_t *)&event, sizeof(event)), 1);
}
END_TEST

static const struct {
	const char *function, *text;
	bool cited;
} citations[] = {
	{ "tcp_ack", "tcp_ack(): SEG.ACK is too new", true },
	{ "tcp_ack", "tcp_rcv_state_process() calls tcp_ack()", true },
	{ "tcp_ack", "tcp_send_ack()", false },
	{ "tcp_ack", "tcp_ack_snd_check()", false },
	{ "tcp_ack", "tcp_ack is called", false },
	{ "tcp_ack", "tcp_ack_update(), tcp_ack()", true },
	{ "tcp_ack", "", false },
	{ "__tcp_send_ack", "__tcp_send_ack()", true },
	{ "tcp_send_ack", "__tcp_send_ack()", false },
};

START_TEST(what_a_rule_cites)
{
	uint8_t function = function_of(citations[_i].function, strlen(citations[_i].function));

	ck_assert_msg(passage_is_cited(function, citations[_i].text) == citations[_i].cited, "%s", citations[_i].text);
}
END_TEST

/* Every rule of the linux book whose answer a cell can see names a function that is looked at. */
START_TEST(every_rule_is_looked_for)
{
	static const char *const versions[] = { "any", "5.10" };
	struct kernel kernel = { .timestamps = true };
	struct error error = { "" };
	struct matrix *matrix = matrix_load("cases/all.yaml", &error);

	ck_assert_msg(matrix != NULL, "%s", error.text);
	ck_assert(kernel_choose(versions[_i], &kernel, &error) == 0);
	for (size_t i = 0; i < matrix_count(matrix); i++) {
		struct expectation expected;
		struct cell cell;
		bool found = false;

		matrix_cell(matrix, i, &cell);
		cell_ask(BOOK_LINUX, &cell, &kernel, &expected);
		for (uint8_t function = 0; function < passage_functions() && !found; function++)
			found = passage_is_cited(function, expected.citation);
		ck_assert_msg(found || expected.answer == ANSWER_OPEN, "%s", expected.citation);
	}
	matrix_free(matrix);
}
END_TEST

static void check_jumps(const struct passage_program *program)
{
	ck_assert_uint_lt(program->count, PASSAGE_PROGRAM_MAX);
	ck_assert_uint_eq(program->list[program->count - 1].code, BPF_JMP | BPF_EXIT);
	for (size_t i = 0; i < program->count; i++) {
		const struct bpf_insn *one = &program->list[i];

		if (BPF_CLASS(one->code) != BPF_JMP || BPF_OP(one->code) == BPF_CALL || BPF_OP(one->code) == BPF_EXIT)
			continue;
		ck_assert_int_gt(one->off, 0); /* forward, and not to itself */
		ck_assert_uint_lt(i + 1 + (size_t)one->off, program->count);
	}
}

static void check_program(const struct passage_setting *setting, bool load)
{
	struct passage_program programs[2];
	struct error error;

	passage_program_entry(&programs[0], setting);
	passage_program_return(&programs[1], setting);
	for (size_t i = 0; i < 2; i++) {
		int loaded;

		check_jumps(&programs[i]);
		if (!load)
			continue;
		loaded = bpf_load(programs[i].list, programs[i].count, &error);
		ck_assert_msg(loaded >= 0, "program %zu: %s", i, error.text);
		close(loaded);
	}
}

/* The kernel's verifier is the judge, where it lets us ask: as root, and where programs at functions are possible at all. */
START_TEST(programs_are_sound)
{
	struct passage_setting setting = {
		.ring = -1, .owner = -1, .cookie = passage_cookie(0, PASSAGE_ENTER), .first_port = 8888, .last_port = 8891,
		.namespace = 0xf0000001, .data = 200, .device = 16, .net = 264, .number = 120,
	};
	struct error error;
	struct bpf_ring *ring = bpf_ring_open(1 << 16, &error);

	if (!passage_program_possible())
		return;
	check_program(&setting, false);
	if (ring && bpf_check(&error) == 0) {
		size_t size;

		setting.owner = bpf_cpu_number(&error);
		setting.ring = bpf_ring_map(ring);
		ck_assert_int_ge(setting.owner, 0);
		check_program(&setting, true);
		ck_assert_ptr_null(bpf_ring_next(ring, &size));
		close(setting.owner);
	}
	bpf_ring_close(ring);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("passages");

	tcase_add_loop_test(tcase, events_become_passages, 0, ROWS(scripts));
	tcase_add_test(tcase, more_calls_than_we_keep);
	tcase_add_test(tcase, no_report_of_ours);
	tcase_add_loop_test(tcase, what_a_rule_cites, 0, ROWS(citations));
	tcase_add_loop_test(tcase, every_rule_is_looked_for, 0, 2);
	tcase_add_test(tcase, programs_are_sound);
	return run_suite("passage", tcase, NULL);
}
