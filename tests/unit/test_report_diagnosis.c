/* test_report_diagnosis.c - the report for a person: what it begins with, its ladders, and that it fits every terminal. */
#include "harness/report/report_diagnosis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/units.h"

#include "tests/unit/suite.h"

enum { LINES_MAX = 24 };

static const char *const ipv4[] = { "192.0.2.1:40000 > 192.0.2.2:80", "192.0.2.2:80 > 192.0.2.1:40000" };
static const char *const ipv6[] = {
	"[2001:db8:1111:2222:3333:4444:5555:6666]:40000 > [2001:db8:7777:8888:9999:aaaa:bbbb:cccc]:65000",
	"[2001:db8:7777:8888:9999:aaaa:bbbb:cccc]:65000 > [2001:db8:1111:2222:3333:4444:5555:6666]:40000",
};

struct telling {
	struct diagnosis *diagnosis;
	struct diagnosis_counts counts;
	struct report_diagnosis *report;
	struct report_diagnosis_facts facts;
	const char *const *tuples;
	uint64_t frame, now_ns;
	char *text;
	size_t size;
};

static void take(void *context, const struct diagnosed *diagnosed)
{
	struct telling *telling = context;

	report_diagnosis_take(telling->report, diagnosed);
}

static void begin_as(struct telling *telling, bool color, bool every_one, bool live)
{
	static const struct diagnosis_options options = {
		.connections = 16, .decides = BOOK_LINUX, .kernel = { .timestamps = true },
	};
	const struct diagnosis_listener listener = { .encounter = take, .context = telling };
	struct error error = { "" };

	*telling = (struct telling){ .tuples = ipv4, .now_ns = NSEC_PER_SEC };
	telling->facts = (struct report_diagnosis_facts){
		.out = open_memstream(&telling->text, &telling->size), .format = FORMAT_TABLE, .color = color,
		.every_one = every_one, .live = live, .path = "capture.pcap", .tool_version = "1.2.3", .decides = BOOK_LINUX,
	};
	telling->report = report_diagnosis_open(&telling->facts, &error);
	telling->diagnosis = diagnosis_open(&options, &listener, &telling->counts, &error);
	ck_assert_msg(telling->report && telling->diagnosis, "%s", error.text);
}

static void begin(struct telling *telling, bool color, bool every_one)
{
	begin_as(telling, color, every_one, false);
}

/* "C ..." from the client; a number before it is the milliseconds since the line before. */
static void tell(struct telling *telling, const char *line)
{
	uint8_t payload[SEGMENT_PAYLOAD_MAX];
	struct diagnosis_sighting where;
	struct error error = { "" };
	struct segment segment;
	char text[256];

	telling->now_ns += 10000;
	if (*line >= '0' && *line <= '9') {
		telling->now_ns += strtoull(line, NULL, 10) * NSEC_PER_MSEC;
		line = strchr(line, ' ') + 1;
	}
	snprintf(text, sizeof(text), "%s %s", telling->tuples[*line == 'S'], line + 2);
	ck_assert_msg(segment_text_parse(text, NULL, &segment, payload, &error) == 0, "%s: %s", text, error.text);
	where = (struct diagnosis_sighting){ .frame = ++telling->frame, .has_time = true, .time_ns = telling->now_ns };
	ck_assert_int_eq(diagnosis_segment(telling->diagnosis, &segment, &where, &error), 0);
}

static void tell_all(struct telling *telling, const char *const *lines)
{
	while (*lines)
		tell(telling, *lines++);
}

/* The report; the caller frees it. */
static char *end(struct telling *telling)
{
	diagnosis_finish(telling->diagnosis);
	report_diagnosis_end(telling->report, &telling->counts, NULL);
	report_diagnosis_close(telling->report);
	diagnosis_close(telling->diagnosis);
	fclose(telling->facts.out);
	return telling->text;
}

#define OPENED \
	"C S 1000 win 64240 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>", \
	"S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 900 ecr 100,nop,wscale 7>", \
	"C A 1001 ack 5001 win 502 <nop,nop,TS val 101 ecr 900>"
#define DATA "C PA 1001:1011(10) ack 5001 win 502 <nop,nop,TS val 110 ecr 900>"
#define SERVER_CLOSED_FIRST \
	OPENED, "S FA 5001 ack 1001 win 510 <nop,nop,TS val 901 ecr 101>", \
	"C FA 1001 ack 5002 win 502 <nop,nop,TS val 102 ecr 901>", \
	"S A 5002 ack 1002 win 510 <nop,nop,TS val 902 ecr 102>"

static const char *const refused[] = {
	SERVER_CLOSED_FIRST, "C S 2 win 64240 <mss 1460>", "S A 5002 ack 1002 win 510 <nop,nop,TS val 950 ecr 102>", "C R 1002",
	"1000 C S 2 win 64240 <mss 1460>", "S SA 70000 ack 3 win 65160", "C A 3 ack 70001 win 64240", NULL,
};
/* Numbers of many digits, long cell names, several kinds. */
static const char *const hostile[] = {
	OPENED, "C PA 1001:2449(1448) ack 5001 win 502 <nop,nop,TS val 4294967295 ecr 900>",
	"S A 5001 ack 1001 win 510 <nop,nop,TS val 905 ecr 101>", "C R 1102 ack 5001 win 502",
	"S A 5001 ack 1001 win 510 <nop,nop,TS val 905 ecr 101>", "C none 1001 win 502",
	"C S 4000000000 win 64240 <mss 1460>", "S A 5001 ack 1001 win 510 <nop,nop,TS val 905 ecr 101>",
	"C A 3000000000 ack 5001 win 502 <nop,nop,TS val 200 ecr 900>",
	"C PA 1001:2449(1448) ack 2147488649 win 502 <nop,nop,TS val 300 ecr 900>", "C PA 1001:2449(1448) ack 5001 win 502",
	"S FA 5001 ack 2449 win 510 <nop,nop,TS val 915 ecr 300>", "C R 5002", NULL,
};

/* A word that is longer than a line, such as an address, has one of its own. */
static bool is_one_word(const char *line, size_t length)
{
	size_t blanks = strspn(line, " ");

	return blanks + strcspn(line + blanks, " \n") == length;
}

static void check_widths(const char *text, size_t columns)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		/* Commands are to be copied. */
		ck_assert_msg(length <= columns || !strncmp(text, "    ask again: ", 15) || is_one_word(text, length),
			      "%zu columns: %.*s", length, (int)length, text);
		ck_assert_msg(!length || text[length - 1] != ' ', "a blank at the end of '%.*s'", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static const struct {
	const char *columns;
	const char *const *lines, *const *tuples;
	bool every_one;
} layouts[] = {
	{ "40", refused, ipv4, false }, { "40", refused, ipv6, false }, { "40", hostile, ipv4, true },
	{ "40", hostile, ipv6, false }, { "60", refused, ipv4, true }, { "60", hostile, ipv6, true },
	{ "80", refused, ipv4, false }, { "80", hostile, ipv4, true }, { "80", hostile, ipv6, false },
	{ "120", refused, ipv6, true }, { "120", hostile, ipv4, false },
};

START_TEST(fits_the_terminal)
{
	struct telling telling;
	char *text;

	setenv("COLUMNS", layouts[_i].columns, 1);
	begin(&telling, false, layouts[_i].every_one);
	telling.tuples = layouts[_i].tuples;
	tell_all(&telling, layouts[_i].lines);
	text = end(&telling);
	ck_assert_uint_gt(telling.counts.encounters, 2);
	check_widths(text, strtoul(layouts[_i].columns, NULL, 10));
	free(text);
}
END_TEST

/* Each appears after the one before. */
static void check_order(const char *text, const char *const *wanted)
{
	for (const char *at = text; *wanted; wanted++) {
		const char *found = strstr(at, *wanted);

		if (!found)
			ck_abort_msg("no '%s' in:\n%s", *wanted, at);
		at = found + strlen(*wanted);
	}
}

/* The times of the segments are 10 us apart, and a second before the SYN that is accepted. */
START_TEST(what_it_says)
{
	static const char *const wanted[] = {
		"capture.pcap: 12 segments of 1 connection in 1.00011 s\n", "  1 opened, 1 opened again; 1 still open\n",
		" encounters in 1 incident: ", "count  certain  differ  worst delay  what came\n",
		"      1        1       0       1.00 s  a SYN into TIME_WAIT, refused",
		"\na SYN into TIME_WAIT, refused with an ACK: 1 time\n",
		"frame 7, ", "time  client ", "...  3 segments before\n",
		"-30.0 us  close-wait  <-- FA snd_nxt-1 ack rcv_nxt-1 ", "<-- fin-wait-1\n", "-20.0 us  last-ack ",
		"-10.0 us  closed ", "0  syn-sent    --> S rcv_nxt-1000 ", "(encounter)\n",
		"+10.0 us              <-- A snd_nxt ack rcv_nxt ",
		"(answer)\n", "+20.0 us              --> R rcv_nxt ", "--> closed\n",
		"+1.000 s              --> S rcv_nxt-1000 ",
		"+1.000 s  established <-- SA snd_nxt+64998 ack rcv_nxt-999 ", "<-- syn-recv\n", "(ends the delay)\n",
		"answered by frame 8 after 10 us: ACK\n", "delay: 1.00 s, until frame 11\n",
		"expected: linux: ACK, rfc: ACK\n", NULL,
	};
	struct telling telling;
	char *text;

	setenv("COLUMNS", "100", 1);
	begin(&telling, false, false);
	tell_all(&telling, refused);
	text = end(&telling);
	check_order(text, wanted);
	ck_assert_ptr_null(strchr(text, '\x1b'));
	free(text);
}
END_TEST

/* Between the encounter and the ends of its story. */
START_TEST(what_is_left_out)
{
	static const char *const wanted[] = { "(encounter)\n", "...  16 segments left out\n", "(ends the delay)\n", NULL };
	struct telling telling;
	char *text;

	setenv("COLUMNS", "120", 1);
	begin(&telling, false, false);
	for (size_t i = 0; i < 8; i++)
		tell(&telling, refused[i]);
	for (int i = 0; i < 20; i++)
		tell(&telling, "100 C S 2 win 64240 <mss 1460>");
	tell_all(&telling, refused + 10);
	text = end(&telling);
	check_order(text, wanted);
	free(text);
}
END_TEST

/* More segments of others than the ring remembers come before the story ends. */
START_TEST(in_a_busy_capture)
{
	static const char *const wanted[] = {
		"...  3 segments before\n", "(encounter)\n", "(answer)\n", "R rcv_nxt ", "+1.200 s  established <-- SA ",
		"(ends the delay)\n", "delay: 1.20 s, until frame 20011\n", NULL,
	};
	struct telling telling;
	char *text;

	setenv("COLUMNS", "120", 1);
	begin(&telling, false, false);
	for (size_t i = 0; i < 9; i++)
		tell(&telling, refused[i]);
	telling.tuples = ipv6;
	for (int i = 0; i < 20000; i++)
		tell(&telling, "C A 1 ack 1");
	telling.tuples = ipv4;
	tell_all(&telling, refused + 9);
	telling.tuples = ipv6;
	tell(&telling, "5000 C A 1 ack 1");
	text = end(&telling);
	check_order(text, wanted);
	free(text);
}
END_TEST

START_TEST(in_colour)
{
	struct telling telling;
	char *text;

	setenv("COLUMNS", "120", 1);
	begin(&telling, true, false);
	tell_all(&telling, refused);
	text = end(&telling);
	ck_assert_ptr_nonnull(strstr(text, "\033[1ma SYN into TIME_WAIT, refused with an ACK: 1 time\033[0m\n"));
	free(text);
}
END_TEST

static const struct {
	const char *lines[LINES_MAX];
	const char *says, *connections;
} quiet[] = {
	{ { SERVER_CLOSED_FIRST }, "\nNothing odd: all handshakes were completed.\n", "  1 opened; 1 closed\n" },
	{ { "C S 1000 win 64240", "S RA 0 ack 1001" },
	  "\n    192.0.2.2:80: 1 time, first in frame 1\n\nNothing odd: every SYN was answered.\n",
	  "  1 opened; 1 refused\n" },
	{ { "C S 1000 win 64240" },
	  "\nNo encounter, but 1 handshake not completed: the capture ends, or",
	  "  1 opened; 1 with the handshake not completed\n" },
	{ { "C S 1000 win 64240", "C A 1001 ack 5001 win 64240" },
	  "\n  1 connection of which only one direction was captured\n",
	  "  1 opened; 1 with the handshake not completed\n" },
	{ { "C A 1000 ack 7 win 64240", "S A 7 ack 1000 win 64240" }, "\nNothing odd.\n",
	  "  1 begun before the capture; 1 still open\n" },
	/* tcp_retransmit_timer(): 200 ms, doubled */
	{ { OPENED, DATA, "200 " DATA, "400 " DATA, "800 " DATA }, "\ndata that nobody acknowledges: 1 time\n",
	  "  1 opened; 1 with data that nobody acknowledged\n" },
	{ { OPENED, DATA, "200 " DATA, "400 " DATA, "800 " DATA, "S A 5001 ack 1011 win 510 <nop,nop,TS val 910 ecr 110>" },
	  "\nNothing odd: all handshakes were completed.\n", "  1 opened; 1 still open\n" },
	{ { NULL }, "\nNo TCP connection was seen.\n", "0 connections" },
};

START_TEST(nothing_odd)
{
	struct telling telling;
	char *text;

	setenv("COLUMNS", "80", 1);
	begin(&telling, false, false);
	tell_all(&telling, quiet[_i].lines);
	text = end(&telling);
	ck_assert_msg(strstr(text, quiet[_i].says) && strstr(text, quiet[_i].connections), "not '%s' and '%s':\n%s",
		      quiet[_i].says, quiet[_i].connections, text);
	free(text);
}
END_TEST

/* The report of a flood is not longer than that of a few; with all of them shown it says where it stops. */
START_TEST(a_flood)
{
	struct telling telling;
	char *text;

	setenv("COLUMNS", "80", 1);
	begin(&telling, false, false);
	for (size_t i = 0; i < 6; i++)
		tell(&telling, refused[i]);
	for (int i = 0; i < 6000; i++) {
		tell(&telling, refused[6]);
		tell(&telling, refused[7]);
	}
	text = end(&telling);
	ck_assert_uint_ge(telling.counts.encounters, 6000);
	ck_assert_uint_lt(strlen(text), 20000);
	ck_assert_ptr_nonnull(strstr(text, "more (-v shows all)\n"));
	free(text);
}
END_TEST

/* The time passes; what was told until now. */
static const char *later(struct telling *telling, uint64_t seconds)
{
	telling->now_ns += seconds * NSEC_PER_SEC;
	diagnosis_upto(telling->diagnosis, telling->now_ns);
	fflush(telling->facts.out);
	return telling->text;
}

static const char *const live_told[] = {
	"listening on capture.pcap, headers only; Ctrl-C ends with the report\n",
	"\na SYN into TIME_WAIT, refused with an ACK\n", "The client connects again", "What helps:", "frame 7, ",
	"1970-01-01T00:00:05Z: 12 segments, 1 new connection, ", "; 3 frames dropped\n  (--buffer)\n",
	"\na SYN into TIME_WAIT, refused with an ACK\n  frame ", /* not what it means again */
	"1970-01-01T00:00:09Z: 12 segments, 1 new connection, ", "; the interface went\n  down; the clock was set",
	"\n\ncapture.pcap: 24 segments of 2 connections", "a SYN into TIME_WAIT, refused with an ACK: 2 times\n",
	"The client connects again", NULL,
};

START_TEST(live)
{
	struct telling telling;
	char *text;

	setenv("COLUMNS", "200", 1);
	begin_as(&telling, false, false, true);
	later(&telling, 0);
	tell_all(&telling, refused);
	ck_assert_ptr_null(strstr(later(&telling, 0), "frame 7, "));
	ck_assert_ptr_nonnull(strstr(later(&telling, 3), "frame 7, "));
	telling.counts.dropped = 3;
	report_diagnosis_interval(telling.report, &telling.counts, telling.now_ns);
	telling.tuples = ipv6;
	tell_all(&telling, refused);
	later(&telling, 3);
	telling.counts.went_down = telling.counts.set = 1;
	report_diagnosis_interval(telling.report, &telling.counts, telling.now_ns);
	text = end(&telling);
	check_order(text, live_told);
	free(text);
}
END_TEST

/* A flood of one kind does not bury the others, nor does it fill the memory: ten in an interval, and two at the end. */
START_TEST(live_flood)
{
	struct telling telling;
	size_t shown;
	char *text;

	setenv("COLUMNS", "40", 1);
	begin_as(&telling, false, false, true);
	later(&telling, 0);
	tell_all(&telling, hostile);
	for (int i = 0; i < 1000; i++)
		tell(&telling, "C PA 1001:2449(1448) ack 2147488649 win 502 <nop,nop,TS val 300 ecr 900>");
	shown = strlen(later(&telling, 5));
	report_diagnosis_interval(telling.report, &telling.counts, telling.now_ns);
	text = end(&telling);
	ck_assert_uint_ge(telling.counts.encounters, 1000);
	ck_assert_uint_lt(shown, 60000);
	ck_assert_ptr_nonnull(strstr(text, "(-v)"));
	check_widths(text, 40);
	free(text);
}
END_TEST

/* What no book decides is not what one expects. */
START_TEST(left_open)
{
	static const char *const lines[] = {
		OPENED, "1000 S SA 5000 ack 1001 win 65160 <mss 1460,sackOK,TS val 1900 ecr 100,nop,wscale 7>",
		"9000 C A 1001 ack 5001 win 502 <nop,nop,TS val 10101 ecr 900>", NULL,
	};
	struct telling telling;
	char *text;

	setenv("COLUMNS", "200", 1);
	begin(&telling, false, false);
	tell_all(&telling, lines);
	text = end(&telling);
	ck_assert_ptr_nonnull(strstr(text, "\n1 encounter: 0 as the linux book expects, 0 otherwise, 1 that it leaves open, "
				     "0 uncertain\n"));
	free(text);
}
END_TEST

/* Every element that has to be closed is, in its order; what comes from outside is no element. */
static void check_elements(const char *page)
{
	static const char *const single[] = { "!DOCTYPE", "meta", "tr", "th", "td" };
	char open[64][16];
	size_t depth = 0;

	for (const char *at = page; (at = strchr(at, '<')); at++) {
		size_t size = strcspn(at + 1, " >\n");
		bool closes = at[1] == '/', is_single = false;

		for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
			is_single |= size == strlen(single[i]) && !strncmp(at + 1, single[i], size);
		if (is_single)
			continue;
		ck_assert_uint_lt(size, sizeof(open[0]));
		ck_assert_uint_lt(depth, 64);
		if (!closes) {
			snprintf(open[depth++], sizeof(open[0]), "%.*s", (int)size, at + 1);
			continue;
		}
		ck_assert_uint_gt(depth, 0);
		depth--;
		ck_assert_msg(strlen(open[depth]) == size - 1 && !strncmp(open[depth], at + 2, size - 1),
			      "%s is closed by %.*s", open[depth], (int)size + 1, at);
	}
	/* HTML does not ask for the ends of these two. */
	ck_assert_msg(depth == 2 && !strcmp(open[0], "html") && !strcmp(open[1], "body"), "%zu are open", depth);
}

static const char *const on_the_page[] = {
	"<h1>What &#60;i&#62;&#38;.pcap shows</h1>", "1 opened, 1 opened again", "<a href=\"#tw-syn-refused\">", "<td>1.0",
	"<section id=\"tw-syn-refused\">", "<b>What helps:</b>", "<article id=\"frame-7\">",
	"192.0.2.1:40000 &#62; 192.0.2.2:80, which is in time-wait", "<td class=\"s r\">time-wait",
	"<tr class=\"m\"><td class=\"t\">0<td class=\"s l\">syn-sent<td class=\"a\"><span>S rcv_nxt-1000 <b class=\"note\">"
	"encounter</b></span><i class=\"r\"", "<b class=\"note\">answer</b></span><i class=\"l\"",
	"<p class=\"i2\">answered by frame 8 after 10 us: ACK</p>",
	"ask again: <code>twprobe time-wait/syn/seq-below/ts-absent</code>", NULL,
};

START_TEST(a_page)
{
	struct telling telling;
	const char *at;
	char *text;

	setenv("COLUMNS", "40", 1); /* lines of a page are broken where it is shown */
	begin(&telling, false, false);
	report_diagnosis_close(telling.report);
	telling.facts.format = FORMAT_HTML;
	telling.facts.path = "a/<i>&.pcap";
	telling.report = report_diagnosis_open(&telling.facts, NULL);
	tell_all(&telling, refused);
	at = text = end(&telling);
	check_elements(text);
	for (size_t i = 0; on_the_page[i]; i++) {
		const char *found = strstr(at, on_the_page[i]);

		if (!found)
			ck_abort_msg("no '%s' in:\n%s", on_the_page[i], at);
		at = found;
	}
	ck_assert_ptr_null(strstr(text, "://"));
	free(text);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("report_diagnosis");

	tcase_add_loop_test(tests, fits_the_terminal, 0, ROWS(layouts));
	tcase_add_test(tests, what_it_says);
	tcase_add_test(tests, what_is_left_out);
	tcase_add_test(tests, in_a_busy_capture);
	tcase_add_test(tests, in_colour);
	tcase_add_loop_test(tests, nothing_odd, 0, ROWS(quiet));
	tcase_add_test(tests, a_flood);
	tcase_add_test(tests, a_page);
	tcase_add_test(tests, live);
	tcase_add_test(tests, live_flood);
	tcase_add_test(tests, left_open);
	return run_suite("report_diagnosis", tests, NULL);
}
