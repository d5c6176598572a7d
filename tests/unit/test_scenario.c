/* test_scenario.c - scenario files: good ones, the place and the words of every error, the shipped ones; quantities; what
 * may be said of a step's answer. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/case_file.h"
#include "cases/scenario/findings.h"
#include "cases/scenario/scenario.h"
#include "tests/unit/written.h"

#include "tests/unit/suite.h"

#define HEAD "scenario: x\ntitle: t\nshows: s\n"
#define TAIL "conclusion: [{says: c, from: [a]}]\n"
#define STEPS(steps) HEAD "parts: [{steps: [" steps "]}]\n" TAIL

static struct scenario *parse(const char *text)
{
	struct error error = { "" };
	struct scenario *scenario = scenario_parse("t", text, strlen(text), &error);

	ck_assert_msg(scenario != NULL, "%s", error.text);
	return scenario;
}

START_TEST(a_whole_file)
{
	struct scenario *scenario = parse(
		"scenario: some-name\n"
		"title: one line\n"
		"shows: >\n  two\n  words\n"
		"tries: 2\n"
		"parts:\n"
		"  - title: the part\n"
		"    slow: yes\n"
		"    steps:\n"
		"      - reach: close-wait\n"
		"        timestamps: off\n"
		"        connection: c1\n"
		"        listener: { recv-queue: 1.. }\n"
		"      - send: data\n"
		"        seq: wnd-1\n"
		"        ts: -5\n"
		"        ack: +3\n"
		"        times: 3\n"
		"        manner: hold\n"
		"        connection: c1\n"
		"        expect: ack\n"
		"        answers: 1..2\n"
		"        acks: +10\n"
		"        state: closed\n"
		"        counters: { TcpExt.PAWSEstab: 1, Tcp.OutRsts: ..0 }\n"
		"        id: a\n"
		"conclusion:\n"
		"  - says: it was {a}\n"
		"    from: [a]\n"
		"    wire: yes\n");
	const struct step *step = &scenario->parts[0].steps[1];

	ck_assert_str_eq(scenario->name, "some-name");
	ck_assert_str_eq(scenario->shows, "two words");
	ck_assert_uint_eq(scenario->tries, 2);
	ck_assert(scenario_is_slow(scenario));
	ck_assert(!scenario->parts[0].steps[0].timestamps);
	ck_assert_int_eq(scenario->parts[0].steps[0].state, STATE_CLOSE_WAIT);
	ck_assert_int_eq(step->kind, STEP_SEND);
	ck_assert_int_eq(step->line, 15);
	ck_assert_int_eq(step->stimulus.kind, KIND_DATA);
	ck_assert_int_eq(step->stimulus.seq.form, OFFSET_WINDOW);
	ck_assert_int_eq(step->stimulus.seq.value, -1);
	ck_assert_int_eq(step->stimulus.ts.value, -5);
	ck_assert_int_eq(step->stimulus.ack.value, 3);
	ck_assert_uint_eq(step->times, 3);
	ck_assert_int_eq(step->behaviour, BEHAVIOUR_HOLD);
	ck_assert_str_eq(step->on, "c1");
	ck_assert_int_eq(step->checks.answer, ANSWER_ACK);
	ck_assert_int_eq(step->checks.state, STATE_CLOSED);
	ck_assert_int_eq(step->checks.acks.value, 10);
	ck_assert_uint_eq(step->checks.counter_count, 2);
	ck_assert_uint_eq(scenario_checks_need(&step->checks), NEED_WITNESS | NEED_COUNTERS);
	ck_assert_uint_eq(scenario_part_needs(&scenario->parts[0]), 0);
	ck_assert(scenario->sentences[0].wire);
	scenario_free(scenario);
}
END_TEST

/* The axes of what is sent, in the order of a cell's name; those that are normal and not in every name are not told. */
START_TEST(what_is_sent_is_told)
{
	struct scenario *scenario = parse(HEAD "parts: [{steps: [{reach: listen}, {send: ack, window: 0, ack: -1, seq: wnd}, "
					  "{send: syn, ts: above}, {send: ack, sack: -20..-10 +0..5, times: 2}, "
					  "{send: data, times: 3, onward: yes, from: multicast, to: broadcast}, "
					  "{wait: 1ms, id: a}]}]\n" TAIL);
	char text[128];

	ck_assert_str_eq(scenario_step_format(&scenario->parts[0].steps[1], text, sizeof(text)),
			 "send ack, seq+wnd, ts-equal, ack-1, win=0");
	ck_assert_str_eq(scenario_step_format(&scenario->parts[0].steps[2], text, sizeof(text)),
			 "send syn, seq-equal, ts-above");
	ck_assert_str_eq(scenario_step_format(&scenario->parts[0].steps[3], text, sizeof(text)),
			 "send ack, seq-equal, ts-equal, sack -20..-10 +0..+5, 2 times at once");
	ck_assert_str_eq(scenario_step_format(&scenario->parts[0].steps[4], text, sizeof(text)),
			 "send data, seq-equal, ts-equal, from a multicast address, to a broadcast address, 3 in a row, "
			 "at once");
	ck_assert_uint_eq(scenario_part_needs(&scenario->parts[0]), NEED_LAB | NEED_DIRECT);
	scenario_free(scenario);
}
END_TEST

static const struct {
	const char *steps;
	enum behaviour behaviour; /* of the second step */
} behaviours[] = {
	{ "{reach: time-wait}, {send: syn, expect: syn-ack}, {reply: ack, state: established}", BEHAVIOUR_HOLD },
	{ "{reach: time-wait}, {send: syn}, {reply: rst}, {send: again}, {reply: ack, state: established}", BEHAVIOUR_HOLD },
	{ "{reach: time-wait}, {send: syn}, {reply: ack}, {send: fin-ack, state: close-wait}", BEHAVIOUR_HOLD },
	{ "{reach: time-wait}, {send: syn}, {reply: ack, state: fin-wait-2-half}", BEHAVIOUR_HALF },
	{ "{reach: time-wait}, {send: syn}, {reply: ack, state: last-ack}", BEHAVIOUR_EOF },
	{ "{reach: time-wait}, {send: syn}, {reply: ack, state: fin-wait-1}", BEHAVIOUR_CLOSE },
	{ "{reach: time-wait}, {send: syn, manner: eof}, {reply: ack, state: established}", BEHAVIOUR_EOF },
	/* A window of the file's own asks for nothing. */
	{ "{reach: time-wait}, {send: syn, window: 1}, {reply: ack, state: established}", BEHAVIOUR_COUNT },
	/* Before the handshake is complete there is nothing to ask for; another connection asks for itself. */
	{ "{reach: time-wait}, {send: syn, state: time-wait}", BEHAVIOUR_COUNT },
	{ "{reach: time-wait}, {send: syn, state: syn-recv}, {reply: ack}", BEHAVIOUR_COUNT },
	{ "{reach: time-wait}, {send: syn}, {reach: time-wait}, {send: syn}, {reply: ack, state: established}",
	  BEHAVIOUR_COUNT },
};

/* A server that closes at once is never seen in `established`: the state that is expected asks for the behaviour. */
START_TEST(the_expected_state_decides_the_behaviour)
{
	char text[512];
	struct scenario *scenario;

	snprintf(text, sizeof(text), HEAD "parts: [{steps: [%s, {wait: 1ms, id: a}]}]\n" TAIL, behaviours[_i].steps);
	scenario = parse(text);
	ck_assert_int_eq(scenario->parts[0].steps[1].behaviour, behaviours[_i].behaviour);
	scenario_free(scenario);
}
END_TEST

static const struct {
	const char *text, *error;
} bad[] = {
	{ "", "t:1:1: the file is empty: expected a mapping with the keys scenario, title, shows, parts and "
	  "conclusion" },
	{ "- x\n", "t:1:1: the file: a mapping is expected (key: value)" },
	{ "scenario: x\n", "t:1:1: the file: 'title' is missing" },
	{ "scenario: X\n", "t:1:11: scenario: 'X' is not a name of a-z, 0-9 and '-'" },
	{ "scenario: x\ncolour: red\n", "t:2:1: the file has no key 'colour'; expected scenario, title, shows, tries, path, "
	  "parts, conclusion" },
	{ "scenario: x\nscenario: y\n", "t:2:1: the file: 'scenario' is given twice" },
	{ HEAD "tries: 9\n", "t:4:8: tries: '9' is not a whole number from 1 to 5" },
	{ HEAD "parts: []\n", "t:4:8: parts: the list is empty" },
	{ HEAD "parts: [{title: y}]\n", "t:4:9: a part: 'steps' is missing" },
	{ HEAD "parts: [{steps: [reach]}]\n", "t:4:18: a step: a mapping is expected, such as '- send: syn'" },
	{ HEAD "parts: [{steps: [{id: a}]}]\n", "t:4:18: the step does nothing; expected one of reach, send, reply, wait, "
	  "until, sysctl, cells, measure, client, hear, process" },
	{ STEPS("{reach: listen, send: syn}"), "t:4:40: a step does one thing, but this one has 'reach' and 'send'" },
	{ STEPS("{reach: nowhere}"), "t:4:26: reach: 'nowhere' is not a state; expected closed, listen, syn-sent, "
	  "syn-recv, established, fin-wait-1, fin-wait-1-half, fin-wait-2, fin-wait-2-half, closing, closing-half, time-wait, "
	  "close-wait, last-ack, last-ack-half" },
	{ STEPS("{reach: closed}"), "t:4:26: reach: 'closed': nobody would listen; expected another state, or a step with "
	  "cells" },
	{ STEPS("{reach: listen, opening: active}"), "t:4:18: opening: it does not lead to listen" },
	{ STEPS("{reach: established, opening: left}"), "t:4:48: unknown opening 'left': expected one of passive, active, "
	  "simultaneous" },
	{ STEPS("{reach: syn-sent, never-accept: yes}"), "t:4:18: never-accept: who connects has nobody to accept" },
	{ STEPS("{hear: 1s}"), "t:4:1: hear: there is no connection yet; a 'reach' must come first" },
	{ STEPS("{reach: established}, {process: dance}"), "t:4:50: process: unknown value 'dance'; expected close, abort, "
	  "shutdown, read, write, keepalive, user-timeout" },
	{ STEPS("{reach: established}, {process: write}"), "t:4:40: process: 'bytes' belongs to write, and write needs it" },
	{ STEPS("{reach: established}, {process: keepalive, idle: 1s}"), "t:4:40: process: 'idle', 'interval' and 'probes' "
	  "belong to keepalive, which has all three or, for the kernel's own values, none" },
	{ STEPS("{reach: established}, {process: read, idle: 1s, interval: 1s, probes: 1}"), "t:4:40: process: 'idle', "
	  "'interval' and 'probes' belong to keepalive, which has all three or, for the kernel's own values, none" },
	{ STEPS("{reach: established}, {process: user-timeout}"), "t:4:40: process: 'time' belongs to user-timeout, and "
	  "user-timeout needs it" },
	{ STEPS("{reach: established}, {process: user-timeout, time: 1500us}"), "t:4:70: time: expected whole milliseconds, "
	  "1ms to 3600000ms" },
	{ STEPS("{reach: established}, {process: keepalive, idle: 1500ms}"), "t:4:67: idle: expected whole seconds, 1s to "
	  "32767s" },
	{ STEPS("{reach: listen}, {send: syn, fields: {mass: 1}}"), "t:4:56: fields: unknown name 'mass'; expected flags, seq, "
	  "window, payload, mss, wscale, sack, sack-blocks, timestamps, tsecr" },
	{ STEPS("{reach: listen}, {send: syn, fields: {sack: yes}}"), "t:4:62: sack: 'yes' is neither present nor absent" },
	{ STEPS("{reach: listen}, {send: syn, fields: {sack-blocks: yes}}"), "t:4:69: sack-blocks: 'yes': expected blocks such "
	  "as +10..+20, each with the lower number first" },
	{ STEPS("{reach: listen}, {send: ack, sack: +20..+10}"), "t:4:53: '+20..+10': expected blocks such as +10..+20, each "
	  "with the lower number first" },
	{ STEPS("{reach: listen}, {send: ack, sack: 1..2x}"), "t:4:53: '1..2x': expected blocks such as +10..+20, with blanks "
	  "between" },
	{ STEPS("{reach: listen}, {send: ack, sack: 1..2 3..4 5..6 7..8 9..10}"), "t:4:53: '1..2 3..4 5..6 7..8 9..10': at "
	  "most 4 blocks" },
	{ STEPS("{reach: listen}, {send: ack, sack: 1..2 3..4 5..6 7..8}"), "t:4:53: sack: at most 3 blocks fit next to "
	  "timestamps" },
	{ STEPS("{reach: listen}, {send: syn, sack: 1..2}"), "t:4:35: sack: only a segment with ACK, and no SYN, says what "
	  "came (RFC 2018 3)" },
	{ STEPS("{reach: listen}, {send: ack, sack: 1..2, options: fd02}"), "t:4:35: sack: not together with options, behind "
	  "which nothing can stand" },
	{ STEPS("{reach: listen}, {send: ack, from: nowhere}"), "t:4:53: from: 'nowhere' is neither multicast nor broadcast" },
	{ STEPS("{reach: listen}, {send: ack, to: host}"), "t:4:51: to: 'host' is neither multicast nor broadcast" },
	{ STEPS("{reach: listen}, {send: ack}, {send: again, to: multicast}"), "t:4:48: from, to: of what is sent for the "
	  "first time, and from its own port" },
	{ STEPS("{reach: listen}, {send: data, onward: yes}"), "t:4:35: onward: only with 'times', of what is sent for the "
	  "first time" },
	{ HEAD "parts: [{slow: years}]\n", NULL },
	{ STEPS("{reach: listen}, {send: ack}, {send: again, sack: 1..2}"), "t:4:48: send: again takes no numbers" },
	{ STEPS("{reach: listen}, {send: syn, fields: {flags: AF}}"), "t:4:63: flags: 'AF': expected letters in the order "
	  "FSRPAUECe, such as FA, or none" },
	{ STEPS("{reach: listen}, {send: syn, fields: {mss: many}}"), "t:4:61: mss: 'many' is not a range; expected something "
	  "like 2, 1..3 or 1.." },
	{ STEPS("{reach: listen}, {send: syn, fields: {mss: 1, mss: 2}}"), "t:4:64: fields: 'mss' is given twice" },
	{ STEPS("{reach: listen}, {send: syn, expect: silence, fields: {mss: 1}}"), "t:4:35: fields: an expected silence has "
	  "no mss" },
	{ STEPS("{reach: listen}, {send: syn, expect: silence, within: 1s}"), "t:4:35: after, within: an expected silence "
	  "never comes" },
	{ STEPS("{reach: listen}, {send: syn, after: 2s, within: 1s}"), "t:4:66: after: longer than within" },
	{ STEPS("{reach: listen, seq: 1}"), "t:4:34: reach has no key 'seq'; expected reach, timestamps, never-accept, "
	  "opening, times, state, socket, listener, counters, connection, id, note" },
	{ STEPS("{reach: listen}, {send: sin}"), "t:4:42: send: 'sin' is not a segment kind; expected syn, "
	  "syn-ack, ack, data, fin, "
	  "fin-ack, rst, rst-ack, syn-fin, syn-rst, null, flags by letters such as SEC, ICMP errors "
	  "such as icmp-port-unreachable, again" },
	{ STEPS("{send: syn}"), "t:4:1: send: there is no connection yet; a 'reach' must come first" },
	{ STEPS("{reach: listen}, {reply: ack}"), "t:4:1: there is nothing yet to reply to or to send again; a "
	  "'send' must come "
	  "first" },
	{ STEPS("{reach: listen}, {send: syn, connection: b}"), "t:4:1: no connection was reached under the "
	  "name 'b' before this "
	  "step" },
	{ STEPS("{reach: listen}, {send: syn, expect: nothing}"), "t:4:55: expect: 'nothing' is not an answer; "
	  "expected syn-ack, ack, "
	  "rst, silence, other, or linux (what that rule book predicts)" },
	{ STEPS("{reach: listen}, {send: syn, isn: fresh}"), "t:4:35: isn: only an expected syn-ack has one" },
	{ STEPS("{reach: listen}, {send: syn, expect: syn-ack, isn: new}"), "t:4:69: isn: 'new' is neither "
	  "continued nor fresh nor linux" },
	{ STEPS("{reach: listen}, {send: syn, times: 0}"), "t:4:54: times: '0' is not a whole number from 1 to 64" },
	{ STEPS("{reach: listen, times: 5000}"), "t:4:41: times: '5000' is not a whole number from 1 to 4096" },
	{ STEPS("{reach: listen, times: 4096}, {reach: listen}"), "t:4:1: at most 4096 connections in one part" },
	{ STEPS("{reach: listen}, {send: 'null', expect: silence, acks: equal}"), "t:4:35: acks: an expected silence "
	  "acknowledges nothing" },
	{ STEPS("{reach: listen}, {send: syn}, {send: again, expect: linux}"), "t:4:48: expect, isn: linux: that rule book "
	  "judges the first segment after a 'reach' only" },
	{ STEPS("{reach: listen}, {send: ack, window: 65536}"), "t:4:55: bad window '65536': expected a whole number from 0 to "
	  "65535, or usual" },
	{ STEPS("{reach: listen}, {send: syn, window: 61003}"), "t:4:35: bad window '61003': with 61000 to 61004 a SYN asks "
	  "twprobe's own server for a behaviour; expected another number" },
	{ STEPS("{reach: listen}, {send: syn, window: 1, manner: eof}"), "t:4:35: window: a SYN's window is what asks the "
	  "server for a behaviour; expected one of window and manner" },
	{ STEPS("{reach: listen}, {send: syn}, {send: again, window: 0}"), "t:4:48: send: again takes no numbers" },
	{ STEPS("{client: connect, expect: linux}"), "t:4:18: expect: linux: no rule book covers a whole client" },
	{ STEPS("{client: reuse, isn: linux}"), "t:4:18: isn: linux: the rule book covers servers; expected continued or "
	  "fresh" },
	{ STEPS("{sysctl: 'tcp_rmem=4096 4096 !'}"), "t:4:27: bad sysctl 'tcp_rmem=4096 4096 !': expected a value of lower "
	  "case letters, digits and _.:,+-, or several separated by blanks or commas" },
	{ HEAD "parts: [{steps: [{wait: 1s, id: a}]}]\nconclusion: [{says: c, from: [a], since: new}]\n", NULL },
	{ HEAD "parts: [{steps: [{wait: 1s, id: a}]}]\nconclusion: [{says: c, from: [a], since: any}]\n",
	  "t:5:42: since: 'any' is not a version; expected one such as 6.10" },
	{ STEPS("{reach: listen}, {send: syn, answers: many}"), "t:4:56: answers: 'many' is not a range; expected "
	  "something like 2, "
	  "1..3 or 1.." },
	{ STEPS("{reach: listen, socket: {expires: 60}}"), "t:4:52: expires: '60' is not a range; expected "
	  "something like 59s..61s, "
	  "1s.. or 550ms" },
	{ STEPS("{reach: listen, counters: {Foo: 1}}"), "t:4:45: counters: 'Foo' is not a counter; expected a name of "
	  "/proc/net/netstat or /proc/net/snmp such as TcpExt.TCPChallengeACK" },
	{ STEPS("{wait: 5}"), "t:4:25: wait: '5' is not a duration; expected a number with ns, us, ms or s, such as 150ms" },
	{ STEPS("{reach: listen}, {until: closed}"), "t:4:35: until: 'within' is missing: how long may it take?" },
	{ STEPS("{reach: listen}, {send: syn, path: {stimulus: lost}}"), "t:4:64: stimulus: unknown value 'lost': expected "
	  "reached, stopped" },
	{ STEPS("{reach: listen}, {send: syn, path: {answer-from: me}}"), "t:4:67: answer-from: unknown value 'me': expected "
	  "subject, router, stopped, nobody" },
	{ STEPS("{reach: listen}, {hear: 1s, path: {stimulus: reached}}"), "t:4:52: path: stimulus: only 'send' and 'reply' "
	  "have one" },
	{ HEAD "path: ./none.yaml\n", NULL },
	{ HEAD "parts: [{path: [], steps: [{wait: 1s, id: a}]}]\n", NULL },
	{ STEPS("{cells: [time-wait/syn]}"), NULL },
	{ STEPS("{sysctl: 'a b'}"), NULL },
	{ STEPS("{measure: love, every: 1s}"), "t:4:28: measure: unknown value 'love': expected isn-clock or lifetime" },
	{ STEPS("{measure: isn-clock, every: 1s}"), "t:4:18: measure: 'every' is missing, or 'samples' for isn-clock" },
	{ STEPS("{client: nc}"), "t:4:27: client: unknown value 'nc': expected connect, curl, reuse or server" },
	{ STEPS("{client: curl, result: EIO}"), "t:4:41: result: unknown value 'EIO': expected connected, "
	  "listening, EADDRINUSE, EADDRNOTAVAIL, ECONNREFUSED or ETIMEDOUT" },
	{ STEPS("{wait: 1s, id: a}, {wait: 1s, id: a}"), "t:4:1: two steps have the id 'a'; the other is in line 4" },
	{ STEPS("{wait: 1s, id: b}"), "t:5:1: the sentence rests on 'a', but no step has that id" },
	{ HEAD "parts: [{steps: [{wait: 1s, id: a}]}]\nconclusion: [{says: 'it was {b}', from: [a]}]\n",
	  "t:5:1: {b} in the sentence is not one of the steps it rests on ('from')" },
	{ HEAD "parts: [{steps: [{wait: 1s, id: a}]}]\nconclusion: [{says: c}]\n", "t:5:14: a sentence of the conclusion needs "
	  "'says' and 'from': the steps it rests on" },
	{ HEAD "parts: {\n", NULL },
	{ "--- {scenario: x}\n--- {}\n", "t:2:5: a second document: expected one in a file" },
	{ "\xff\xfe", "t:1:1: not YAML: invalid leading UTF-8 octet" },
};

static void check_bad(const char *text, const char *expected)
{
	struct error error = { "" };
	struct scenario *scenario = scenario_parse("t", text, strlen(text), &error);

	ck_assert_msg(scenario == NULL, "accepted: %s", text);
	if (expected)
		ck_assert_str_eq(error.text, expected);
	else
		ck_assert_msg(strncmp(error.text, "t:4:", 4) == 0 || strncmp(error.text, "t:5:", 4) == 0, "%s", error.text);
	scenario_free(scenario);
}

static void check_bad_row(size_t i)
{
	check_bad(bad[i].text, bad[i].error);
}

START_TEST(an_error_names_its_place)
{
	check_bad_row((size_t)_i);
}
END_TEST

START_TEST(every_shipped_file_can_be_read)
{
	char names[64][CASE_FILE_NAME_SIZE], path[4096];
	struct error error = { "" };
	size_t count;

	setenv("TWPROBE_CASES", "cases", 1);
	count = case_file_list(CASE_FILE_SCENARIO, names, 64);
	ck_assert_uint_ge(count, 17);
	for (size_t i = 0; i < count; i++) {
		struct scenario *scenario;

		ck_assert_int_eq(case_file_find(CASE_FILE_SCENARIO, names[i], path, sizeof(path), &error), 0);
		scenario = scenario_load(path, &error);
		ck_assert_msg(scenario != NULL, "%s", error.text);
		ck_assert_str_eq(scenario->name, names[i]);
		scenario_free(scenario);
	}
}
END_TEST

START_TEST(a_name_that_is_none)
{
	struct error error = { "" };
	char path[4096];

	setenv("TWPROBE_CASES", "cases", 1);
	ck_assert_int_eq(case_file_find(CASE_FILE_SCENARIO, "tw-none", path, sizeof(path), &error), -1);
	ck_assert_ptr_nonnull(strstr(error.text, "no scenario 'tw-none'"));
	ck_assert_ptr_nonnull(strstr(error.text, "there are accept-queue, "));
	ck_assert_ptr_null(scenario_load("cases/scenarios/tw-none.yaml", &error));
	ck_assert_str_eq(error.text, "cases/scenarios/tw-none.yaml: cannot open the case file: No such file or directory");
}
END_TEST

static const struct {
	const char *text;
	enum unit unit;
	bool good;
	double low, high;
} ranges[] = {
	{ "2", UNIT_COUNT, true, 2, 2 },
	{ "-2..2", UNIT_COUNT, true, -2, 2 },
	{ "1..", UNIT_COUNT, true, 1, INFINITY },
	{ "..3", UNIT_COUNT, true, -INFINITY, 3 },
	{ "59s..61.5s", UNIT_TIME, true, 59e9, 61.5e9 },
	{ "64ns", UNIT_TIME, true, 64, 64 },
	{ "3..1", UNIT_COUNT, false, 0, 0 },
	{ "..", UNIT_COUNT, false, 0, 0 },
	{ "", UNIT_COUNT, false, 0, 0 },
	{ "1..2..3", UNIT_COUNT, false, 0, 0 },
	{ "1s", UNIT_COUNT, false, 0, 0 },
	{ "1", UNIT_TIME, false, 0, 0 },
	{ "1sec", UNIT_TIME, false, 0, 0 },
	{ "0x10", UNIT_COUNT, false, 0, 0 },
	{ "nan", UNIT_COUNT, false, 0, 0 },
};

static void check_range_row(size_t i)
{
	struct error error = { "" };
	struct range range;
	int result = quantity_range_parse(ranges[i].text, ranges[i].unit, &range, &error);

	ck_assert_msg((result == 0) == ranges[i].good, "%s: %s", ranges[i].text, error.text);
	if (!ranges[i].good)
		return;
	ck_assert(range.low == ranges[i].low && range.high == ranges[i].high);
	ck_assert(quantity_range_holds(&range, isinf(range.low) ? range.high : range.low));
	ck_assert(isinf(range.high) || !quantity_range_holds(&range, range.high + 1));
	ck_assert(isinf(range.low) || !quantity_range_holds(&range, range.low - 1));
}

START_TEST(a_range)
{
	check_range_row((size_t)_i);
}
END_TEST

/* What was expected and what was observed stand in a finding; offsets count from the baseline. */
START_TEST(what_an_answer_is_held_against)
{
	struct baseline base = { .rcv_nxt = 1000, .snd_nxt = 5000 };
	struct segment ack = written("A 5000 ack 1000"), fresh = written("SA 77 ack 1");
	struct checks checks = { .answer = ANSWER_ACK, .acks_said = true, .state = STATE_UNKNOWN };
	struct findings findings = { 0 };

	findings_check_answer(&findings, &checks, &ack, 1, &base);
	ck_assert_uint_eq(findings.count, 2);
	ck_assert(findings_hold(&findings));
	ack.ack = 999;
	findings.count = 0;
	findings_check_answer(&findings, &checks, &ack, 1, &base);
	ck_assert(!findings_hold(&findings));
	ck_assert_str_eq(findings.list[1].expected, "rcv_nxt+0");
	ck_assert_str_eq(findings.list[1].observed, "rcv_nxt-1");
	findings.count = 0;
	findings_check_answer(&findings, &checks, NULL, 0, &base);
	ck_assert_str_eq(findings.list[0].observed, "silence");
	ck_assert(!findings_hold(&findings));
	checks = (struct checks){ .answer = ANSWER_SYN_ACK, .isn = ISN_CONTINUED };
	findings.count = 0;
	findings_check_answer(&findings, &checks, &fresh, 1, &base);
	ck_assert(findings.list[0].holds);
	ck_assert_str_eq(findings.list[1].observed, "fresh");
	ck_assert(!findings.list[1].holds);
	fresh.seq = 5000 + 65537;
	findings.count = 0;
	findings_check_answer(&findings, &checks, &fresh, 1, &base);
	ck_assert(findings_hold(&findings));
	findings_free(&findings);
	ck_assert_uint_eq(findings.count, 0);
}
END_TEST

/* What there is nothing to look at for does not hold; a reset without ACK acknowledges nothing. */
START_TEST(nothing_to_look_at)
{
	struct baseline base = { .rcv_nxt = 0, .snd_nxt = 5000 };
	struct segment reset = written("R 5000");
	struct checks checks = { .acks_said = true, .isn = ISN_FRESH, .state = STATE_UNKNOWN };
	struct findings findings = { 0 };

	findings_check_answer(&findings, &checks, NULL, 0, &base);
	ck_assert_str_eq(findings.list[0].observed, "no answer");
	ck_assert_str_eq(findings.list[1].observed, "no answer");
	findings_check_answer(&findings, &checks, &reset, 1, &base);
	ck_assert_str_eq(findings.list[2].observed, "no SYN-ACK");
	ck_assert_str_eq(findings.list[3].observed, "no acknowledgment");
	for (size_t i = 0; i < findings.count; i++)
		ck_assert(!findings.list[i].holds);
	for (int i = 0; i < 100; i++)
		findings_fail(&findings, "more", "a", "b");
	ck_assert_uint_eq(findings.count, 104);
	ck_assert_str_eq(findings.list[0].name, "ISN");
	findings_free(&findings);
}
END_TEST

static const struct {
	enum trait_id id;
	const char *expected, *segment, *observed;
	bool holds;
} traits[] = {
	{ TRAIT_FLAGS, "FA", "FA 5000 ack 1000", "FA", true },
	{ TRAIT_FLAGS, "FA", "A 5000 ack 1000", "A", false },
	{ TRAIT_FLAGS, "none", "none 5000", "none", true },
	{ TRAIT_SEQ, "-1", "A 4999 ack 1000", "snd_nxt-1", true },
	{ TRAIT_SEQ, "equal", "A 4999 ack 1000", "snd_nxt-1", false },
	{ TRAIT_WINDOW, "0", "A 5000 ack 1000 win 0", "0", true },
	{ TRAIT_WINDOW, "1..", "A 5000 ack 1000 win 0", "0", false },
	{ TRAIT_PAYLOAD, "10", "PA 5000:5010(10) ack 1000", "10", true },
	{ TRAIT_MSS, "1460", "SA 5000 ack 1000 <mss 1460>", "1460", true },
	{ TRAIT_MSS, "absent", "SA 5000 ack 1000 <mss 1460>", "1460", false },
	{ TRAIT_MSS, "1..", "SA 5000 ack 1000", "absent", false },
	{ TRAIT_WSCALE, "absent", "SA 5000 ack 1000 <mss 1460>", "absent", true },
	{ TRAIT_SACK, "present", "SA 5000 ack 1000 <mss 1460,sackOK>", "present", true },
	{ TRAIT_SACK, "present", "SA 5000 ack 1000 <mss 1460>", "absent", false },
	{ TRAIT_SACK_BLOCKS, "+10..+20", "A 5000 ack 1000 <sack 1010:1020>", "+10..+20", true },
	{ TRAIT_SACK_BLOCKS, "+10..+20", "A 5000 ack 1000 <sack 1010:1020 1030:1040>", "+10..+20 +30..+40", false },
	{ TRAIT_SACK_BLOCKS, "-5..+0 +10..+20", "A 5000 ack 1000 <sack 995:1000 1010:1020>", "-5..+0 +10..+20", true },
	{ TRAIT_SACK_BLOCKS, "present", "A 5000 ack 1000 <sack 1010:1020>", "+10..+20", true },
	{ TRAIT_SACK_BLOCKS, "+10..+20", "A 5000 ack 1000", "absent", false },
	{ TRAIT_TIMESTAMPS, "absent", "A 5000 ack 1000 <TS val 9 ecr 700>", "present", false },
	{ TRAIT_TSECR, "equal", "A 5000 ack 1000 <TS val 9 ecr 700>", "ts_recent+0", true },
	{ TRAIT_TSECR, "equal", "A 5000 ack 1000 <TS val 9 ecr 699>", "ts_recent-1", false },
	{ TRAIT_TSECR, "equal", "A 5000 ack 1000", "absent", false },
};

/* Each trait is looked for where it is, and counts from where it is said to; what is not there holds only as absent. */
START_TEST(a_trait_of_an_answer)
{
	struct baseline base = { .rcv_nxt = 1000, .snd_nxt = 5000, .ts_recent = 700 };
	struct segment answer = written(traits[_i].segment);
	struct checks checks = { .answer = ANSWER_OPEN, .state = STATE_UNKNOWN };
	struct findings findings = { 0 };
	struct error error = { "" };

	ck_assert_msg(trait_check_parse(traits[_i].id, traits[_i].expected, &checks.traits[traits[_i].id], &error) == 0, "%s",
		      error.text);
	findings_check_answer(&findings, &checks, &answer, 1, &base);
	ck_assert_uint_eq(findings.count, 1);
	ck_assert_str_eq(findings.list[0].observed, traits[_i].observed);
	ck_assert(findings.list[0].holds == traits[_i].holds);
	findings_check_answer(&findings, &checks, NULL, 0, &base);
	ck_assert_str_eq(findings.list[1].observed, "no answer");
	ck_assert(!findings.list[1].holds);
	findings_free(&findings);
}
END_TEST

/* In SYN_SENT offsets count from the ISS, as those of what is sent. */
START_TEST(a_trait_in_syn_sent)
{
	struct baseline base = { .snd_nxt = 5001, .syn_sent = true };
	struct segment answer = written("R 4900");
	char expected[TRAIT_TEXT_SIZE], observed[TRAIT_TEXT_SIZE];
	struct trait_check check;

	ck_assert_int_eq(trait_check_parse(TRAIT_SEQ, "-100", &check, NULL), 0);
	ck_assert(trait_check_holds(TRAIT_SEQ, &check, &answer, &base, expected, observed));
}
END_TEST

int main(void)
{
	TCase *files = tcase_create("files"), *values = tcase_create("values");

	tcase_add_test(files, a_whole_file);
	tcase_add_test(files, what_is_sent_is_told);
	tcase_add_loop_test(files, the_expected_state_decides_the_behaviour, 0, ROWS(behaviours));
	tcase_add_loop_test(files, an_error_names_its_place, 0, ROWS(bad));
	tcase_add_test(files, every_shipped_file_can_be_read);
	tcase_add_test(files, a_name_that_is_none);
	tcase_add_loop_test(values, a_range, 0, ROWS(ranges));
	tcase_add_test(values, what_an_answer_is_held_against);
	tcase_add_test(values, nothing_to_look_at);
	tcase_add_loop_test(values, a_trait_of_an_answer, 0, ROWS(traits));
	tcase_add_test(values, a_trait_in_syn_sent);
	return run_suite("scenario", files, values, NULL);
}
