/* test_play_lab.c - what a play does in a lab, without one: the witness, sysctls, clients of the kernel's, measurements. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake_lab.h"
#include "tests/unit/fake_play.h"

#include "tests/unit/suite.h"

/* secure_tcp_seq: an ISN counts one each 64 ns. TCP_TIMEWAIT_LEN: 60 s. */
static const struct fake_options like_linux = {
	.seed = 1, .proves = true, .paws = true, .isn_tick_ns = 64, .time_wait_ns = 60000 * MS, .foreign_port = 8891,
};

static void open_lab(struct theatre *theatre, const char *text)
{
	open_theatre(theatre, &like_linux, text);
	fake_lab_open(theatre->fake, &theatre->transport, &theatre->setup);
	theatre->setup.slow = true;
}

static const struct {
	const char *text;
	enum verdict verdict;
	const char *reason; /* a part of it; NULL: none */
} rows[] = {
	/* The witness's word on the state. */
	{ STEPS("{reach: time-wait, state: time-wait, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait, state: closed, id: a}"), VERDICT_DIFFERS, "state: expected closed, observed time-wait" },
	{ STEPS("{reach: time-wait}, {" SYN ", expect: syn-ack, state: syn-recv, id: a}"), VERDICT_AGREES, NULL },
	/* The socket: its timer, its queues; a socket that is gone has none. */
	{ STEPS("{reach: time-wait, socket: {expires: 59s..60s, recv-queue: 3, send-queue: 0}, id: a}"), VERDICT_AGREES,
	  NULL },
	{ STEPS("{reach: time-wait, socket: {expires: ..59s}, id: a}"), VERDICT_DIFFERS, "the socket's timer: expected" },
	{ STEPS("{reach: time-wait, socket: {recv-queue: 4}, id: a}"), VERDICT_DIFFERS,
	  "the socket's Recv-Q: expected 4, observed 3" },
	{ STEPS("{reach: time-wait}, {send: rst, state: closed, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {send: rst, socket: {recv-queue: 3}, id: a}"), VERDICT_DIFFERS,
	  "the socket's Recv-Q: expected 3, observed no socket" },
	{ STEPS("{reach: time-wait}, {send: syn, seq: above, socket: {expires: 1s}, id: a}"), VERDICT_DIFFERS,
	  "the socket's timer: expected 1 s, observed no timer" },
	{ STEPS("{reach: time-wait, listener: {recv-queue: 2}, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait, listener: {recv-queue: 3..}, id: a}"), VERDICT_DIFFERS,
	  "the listener's Recv-Q: expected at least 3, observed 2" },
	/* until: waits for a state, at most so long. */
	{ STEPS("{reach: time-wait}, {until: closed, within: 70s, took: 59s..61s, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {until: closed, within: 30s, id: a}"), VERDICT_DIFFERS,
	  "state: expected closed, observed time-wait" },
	{ STEPS("{reach: time-wait}, {until: closed, within: 70s, took: ..59s, id: a}"), VERDICT_DIFFERS,
	  "time since the state was reached: expected" },
	/* What came too early is asked for seldom, but before it would be in time. */
	{ STEPS("{reach: time-wait}, {until: closed, within: 70s, took: 60500ms.., id: a}"), VERDICT_DIFFERS,
	  "time since the state was reached: expected" },
	/* What the server sends on its own account, and when: its FIN again after 200 ms. */
	{ STEPS("{reach: fin-wait-1}, {hear: 1s, expect: other, fields: {flags: FA, seq: -1}, after: 100ms, within: 300ms, "
		"id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: fin-wait-1}, {wait: 1s}, {hear: 1ms, expect: other, answers: 2.., id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: fin-wait-1}, {hear: 1s, fields: {flags: A}, id: a}"), VERDICT_DIFFERS,
	  "the answer's flags: expected A, observed FA" },
	{ STEPS("{reach: fin-wait-1}, {hear: 1s, within: 10ms, id: a}"), VERDICT_DIFFERS, "time of the answer: expected" },
	{ STEPS("{reach: time-wait}, {hear: 1s, expect: silence, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {hear: 1s, within: 1s, id: a}"), VERDICT_DIFFERS, "observed no answer" },
	/* What is sent starts over: what came before is no answer to it. */
	{ STEPS("{reach: fin-wait-1}, {wait: 1s}, {send: 'null'}, {hear: 1ms, expect: silence, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {process: read, expect: silence, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {process: close, id: a}"), VERDICT_INCONCLUSIVE,
	  "step 2 (line 4): the process cannot close" },
	/* sysctls, and parts that need one. */
	{ STEPS("{sysctl: tcp_rfc1337=1}, {reach: time-wait, state: time-wait, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{sysctl: tcp_none=1}, {reach: time-wait, id: a}"), VERDICT_INCONCLUSIVE,
	  "step 1 (line 4): this kernel has no sysctl 'tcp_none'" },
	{ HEAD "parts: [{needs-sysctl: tcp_none, steps: [{reach: time-wait, state: time-wait, id: a}]}]\n" TAIL,
	  VERDICT_SKIPPED, "this kernel has no tcp_none" },
	{ HEAD "parts: [{needs-sysctl: tcp_rfc1337, steps: [{reach: time-wait, state: time-wait, id: a}]}]\n" TAIL,
	  VERDICT_AGREES, NULL },
	{ HEAD "parts: [{needs-sysctl: tcp_rfc1337=9, steps: [{reach: time-wait, state: time-wait, id: a}]}]\n" TAIL,
	  VERDICT_SKIPPED, "this kernel refuses tcp_rfc1337=9" },
	{ HEAD "parts: [{needs-sysctl: tcp_rfc1337=1, steps: [{reach: time-wait, state: time-wait, id: a}]}]\n" TAIL,
	  VERDICT_AGREES, NULL },
	{ HEAD "parts: [{needs-sysctl: tcp_rfc1337 tcp_none, steps: [{reach: time-wait, state: time-wait, id: a}]}]\n"
	  TAIL, VERDICT_SKIPPED, "this kernel has no tcp_none" },
	/* A part with a path is played where that is, or not at all; one without is not told what a router saw. */
	{ HEAD "path: ./cases/paths/router.yaml\nparts: [{steps: [{reach: time-wait, state: time-wait, id: a}]}]\n"
	  TAIL, VERDICT_SKIPPED, "needs the path ./cases/paths/router.yaml, in a lab" },
	{ HEAD "path: ./cases/paths/router.yaml\nparts: [{path: direct, steps: [{reach: time-wait, state: time-wait, "
	  "id: a}]}]\n" TAIL, VERDICT_AGREES, NULL },
	{ STEPS("{reach: time-wait}, {send: ack, path: {stimulus: reached}, id: a}"), VERDICT_INCONCLUSIVE,
	  "none of its checks could be made: they need a path" },
	/* Measurements: one ISN each 64 ns; 60 s of TIME_WAIT, which a SYN that PAWS rejects begins again. */
	{ STEPS("{measure: isn-clock, samples: 8, every: 60ms, took: 63.9ns..64.1ns, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{measure: isn-clock, samples: 8, every: 60ms, took: 65ns.., id: a}"), VERDICT_DIFFERS,
	  "time a tick: expected" },
	{ STEPS("{measure: lifetime, every: 600ms, took: 59s..61s, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{measure: lifetime, every: 600ms, took: 61s.., id: a}"), VERDICT_DIFFERS, "life of TIME_WAIT: expected" },
	{ STEPS("{measure: lifetime, every: 600ms, paws-reject-after: 10s, took: 69s..72s, id: a}"), VERDICT_AGREES, NULL },
	/* Clients of the kernel's own. */
	{ STEPS("{client: connect, result: connected, expect: syn-ack, state: time-wait, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{client: connect, result: ECONNREFUSED, id: a}"), VERDICT_DIFFERS,
	  "result of connect(): expected ECONNREFUSED, observed connected" },
	{ STEPS("{client: connect, expect: rst, id: a}"), VERDICT_DIFFERS, "first answer: expected rst, observed syn-ack" },
	{ STEPS("{client: connect}, {client: connect, expect: syn-ack, isn: continued, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{client: connect}, {client: connect, isn: linux, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{client: connect}, {client: connect, isn: fresh, id: a}"), VERDICT_DIFFERS,
	  "ISN: expected fresh, observed continued" },
	{ STEPS("{client: connect, clock-back: yes, id: a}"), VERDICT_INCONCLUSIVE, "clock-back needs a connection before it" },
	{ STEPS("{client: connect}, {client: connect, clock-back: yes, result: connected, expect: ack, id: a}"),
	  VERDICT_AGREES, NULL },
	{ STEPS("{client: reuse}, {client: reuse, isn: continued, id: a}"), VERDICT_AGREES, NULL },
	{ STEPS("{sysctl: tcp_tw_reuse=0}, {client: reuse, any-port: yes}, {client: reuse, any-port: yes, expect: ack, "
		"isn: fresh, id: a}"), VERDICT_DIFFERS, "first answer: expected ack, observed no SYN was sent" },
	{ STEPS("{sysctl: tcp_tw_reuse=0}, {client: reuse, any-port: yes}, {client: reuse, any-port: yes, "
		"isn: fresh, id: a}"), VERDICT_DIFFERS, "ISN: expected fresh, observed no SYN" },
};

START_TEST(a_scenario_in_the_lab_ends_so)
{
	struct theatre theatre;

	open_lab(&theatre, rows[_i].text);
	play_to_end(&theatre, rows[_i].text, rows[_i].verdict, rows[_i].reason);
	close_theatre(&theatre);
}
END_TEST

/* What the model does as Linux does, the files that come with the program must find. */
static const struct {
	const char *file;
	const char *conclusion; /* a part of it */
} files[] = {
	{ "isn-clock", "one each 64.00 ns" },
	{ "tw-lifetime", "From outside, TIME_WAIT ended between 59" },
	{ "tw-real-client", "its opening was: SYN, ACK, RST, SYN after 1" },
	{ "bind-conflict", "A server without SO_REUSEADDR could not bind its port while a connection of its predecessor was in "
	  "TIME_WAIT." },
	{ "bind-conflict", "A client without SO_REUSEADDR could not bind the port of its last connection." },
	{ "tw-reuse", "A port bound by the client itself was reused at once, with tcp_tw_reuse=0." },
	{ "tw-rate-limit", "" },
};

static char *contents(const char *name)
{
	char path[128], *text;
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "cases/scenarios/%s.yaml", name);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	text = calloc(1, 1 << 16);
	size = fread(text, 1, (1 << 16) - 1, file);
	ck_assert_uint_gt(size, 0);
	fclose(file);
	return text;
}

START_TEST(a_file_that_comes_with_it)
{
	char *text = contents(files[_i].file), conclusion[2048];
	struct theatre theatre;

	open_lab(&theatre, text);
	play(&theatre);
	ck_assert_msg(theatre.play.verdict == VERDICT_AGREES, "%s: %s", verdict_name(theatre.play.verdict),
		      theatre.play.reason);
	play_conclusion(theatre.scenario, &theatre.play, conclusion, sizeof(conclusion));
	ck_assert_msg(strstr(conclusion, files[_i].conclusion) != NULL, "%s", conclusion);
	close_theatre(&theatre);
	free(text);
}
END_TEST

/* The ladder has the server's state: what the witness said when the segment was heard. A segment of ours takes 0.1 ms to
 * arrive here, so that beside it stands the state that it will meet. */
START_TEST(the_ladder_has_the_states)
{
	static const struct {
		uint8_t flags;
		bool ours;
		const char *server;
	} wanted[] = {
		{ FLAG_SYN, true, "closed" }, { FLAG_ACK, true, "syn-recv" }, { FLAG_FIN | FLAG_ACK, true, "fin-wait-1" },
		{ FLAG_ACK, false, "time-wait" },
	};
	struct theatre theatre;
	size_t next = 0;

	open_lab(&theatre, STEPS("{reach: time-wait}, {send: rst, state: closed, id: a}"));
	play(&theatre);
	for (size_t i = 0; i < theatre.play.line_count && next < sizeof(wanted) / sizeof(wanted[0]); i++) {
		const struct line *line = &theatre.play.lines[i];
		if (line->kind == LINE_SEGMENT && line->ours == wanted[next].ours &&
		    line->segment.flags == wanted[next].flags && strcmp(line->server, wanted[next].server) == 0)
			next++;
	}
	ck_assert_msg(next == sizeof(wanted) / sizeof(wanted[0]), "no line with %s", wanted[next].server);
	close_theatre(&theatre);
}
END_TEST

/* A part ends with the sysctls that the lab began with. */
START_TEST(sysctls_go_back)
{
	struct theatre theatre;

	open_lab(&theatre, STEPS("{sysctl: tcp_rfc1337=1}, {reach: time-wait, state: time-wait, id: a}"));
	play(&theatre);
	ck_assert_str_eq(fake_lab_sysctl("tcp_rfc1337"), "");
	close_theatre(&theatre);
}
END_TEST

/* Waits for a person's eye: --fast leaves out what only a real client would wait, and progress is shown of the rest. */
static unsigned shown;

static void count_progress(void *context, const char *what, uint64_t elapsed_ns, uint64_t expected_ns)
{
	(void)context;
	ck_assert_str_ne(what, "");
	ck_assert_uint_le(elapsed_ns, expected_ns + 1000 * MS);
	shown++;
}

START_TEST(waiting)
{
	struct theatre theatre;

	for (int fast = 0; fast < 2; fast++) {
		open_lab(&theatre, STEPS("{reach: time-wait}, {wait: 30s, real-client: yes, state: time-wait, id: a}"));
		theatre.setup.fast = fast;
		theatre.setup.progress = count_progress;
		shown = 0;
		play(&theatre);
		ck_assert_int_eq(theatre.play.verdict, VERDICT_AGREES);
		ck_assert_int_eq(theatre.play.ended_ns - theatre.play.begun_ns < 30000 * MS, fast);
		ck_assert_int_eq(shown == 0, fast);
		close_theatre(&theatre);
	}
}
END_TEST

/* Without --slow, parts that wait for the kernel's timers are left out, and said to be. */
START_TEST(slow_parts)
{
	struct theatre theatre;

	open_lab(&theatre, HEAD "parts: [{slow: yes, steps: [{reach: time-wait, state: time-wait, id: a}]}]\n" TAIL);
	theatre.setup.slow = false;
	play(&theatre);
	ck_assert_int_eq(theatre.play.verdict, VERDICT_SKIPPED);
	ck_assert_ptr_nonnull(strstr(theatre.play.reason, "--slow"));
	ck_assert_ptr_nonnull(theatre.play.steps[0].left_out);
	close_theatre(&theatre);
}
END_TEST

/* What takes hours is played where these are none. */
START_TEST(parts_of_hours)
{
	struct theatre theatre;

	open_lab(&theatre, HEAD "parts: [{slow: hours, steps: [{reach: time-wait, state: time-wait, id: a}]}]\n" TAIL);
	theatre.setup.virtual_time = _i;
	play(&theatre);
	ck_assert_int_eq(theatre.play.verdict, _i ? VERDICT_AGREES : VERDICT_SKIPPED);
	ck_assert_int_eq(strstr(theatre.play.reason, "virtual") == NULL, _i);
	close_theatre(&theatre);
}
END_TEST

int main(void)
{
	TCase *lab = tcase_create("lab");

	tcase_add_loop_test(lab, a_scenario_in_the_lab_ends_so, 0, ROWS(rows));
	tcase_add_loop_test(lab, a_file_that_comes_with_it, 0, ROWS(files));
	tcase_add_test(lab, the_ladder_has_the_states);
	tcase_add_test(lab, sysctls_go_back);
	tcase_add_test(lab, waiting);
	tcase_add_test(lab, slow_parts);
	tcase_add_loop_test(lab, parts_of_hours, 0, 2);
	tcase_set_timeout(lab, 60);
	return run_suite("play in a lab", lab, NULL);
}
