/* test_options.c - command lines: the cell they name, and the words for those that are refused. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/commands/markup.h"
#include "harness/commands/option.h"
#include "harness/commands/options.h"
#include "harness/diagnose/cause.h"

#include "tests/unit/named_cell.h"

enum { WORDS = 16 };

#define ONE_CELL COMMAND_CELL
#define MATRIX COMMAND_MATRIX
#define SCENARIO COMMAND_SCENARIO
#define MAP COMMAND_MAP
#define WHY COMMAND_WHY
#define SERVE COMMAND_SERVE
#define COMPARE COMMAND_COMPARE
#define EXPLAIN COMMAND_EXPLAIN
#define LIST COMMAND_LIST
#define HELP COMMAND_HELP

static char line_text[1024];

/* Splits at blanks; '~' stands for a blank in a word. The strings live until the next call. */
static int parse_line(struct options *options, enum command_id command, const char *line, struct error *error)
{
	static char name[] = "twprobe", *argv[WORDS + 2];
	int argc = 1;

	argv[0] = name;
	snprintf(line_text, sizeof(line_text), "%s", line);
	for (char *word = strtok(line_text, " "); word; word = strtok(NULL, " ")) {
		ck_assert_int_le(argc, WORDS);
		for (char *tilde; (tilde = strchr(word, '~'));)
			*tilde = ' ';
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	return options_parse(options, command, argc, argv, error);
}

static struct options good_line(enum command_id command, const char *line)
{
	struct options options;
	struct error error = { "" };

	ck_assert_msg(parse_line(&options, command, line, &error) == 0, "%s: %s", line, error.text);
	return options;
}

static const struct {
	const char *line, *cell;
} cells[] = {
	{ "", "time-wait/syn/seq-above/ts-above" },
	{ "--seq-below --ts-above target:8888", "time-wait/syn/seq-below/ts-above" },
	{ "--seq-below=5", "time-wait/syn/seq-5/ts-above" },
	{ "--seq-below=1000", "time-wait/syn/seq-below/ts-above" },
	{ "--seq=-1000", "time-wait/syn/seq-1000/ts-above" },
	{ "--seq +1000", "time-wait/syn/seq+1000/ts-above" },
	{ "--seq=2^30", "time-wait/syn/seq+2^30/ts-above" },
	{ "--seq=-2^31", "time-wait/syn/seq-2^31/ts-above" },
	{ "--seq=wnd-1", "time-wait/syn/seq+wnd-1/ts-above" },
	{ "--seq=0", "time-wait/syn/seq-equal/ts-above" },
	{ "--seq=below", "time-wait/syn/seq-below/ts-above" },
	{ "--seq-equal --ts-equal", "time-wait/syn/seq-equal/ts-equal" },
	{ "--seq-above=2147483647", "time-wait/syn/seq+2^31-1/ts-above" },
	{ "--ts-below=1 --segment=rst", "time-wait/rst/seq-above/ts-1" },
	{ "--ts-absent", "time-wait/syn/seq-above/ts-absent" },
	{ "--ts-zero", "time-wait/syn/seq-above/ts-zero" },
	{ "--ts=+2^31-1", "time-wait/syn/seq-above/ts+2^31-1" },
	{ "--connection-timestamps=off --ts-below", "time-wait/syn/seq-above/ts-below/conn-ts-off" },
	{ "--connection-timestamps=on", "time-wait/syn/seq-above/ts-above" },
	{ "--state=fin-wait-2-half --segment=ack --ack=-1", "fin-wait-2-half/ack/seq-above/ts-above/ack-1" },
	{ "--window=0 --segment=ack", "time-wait/ack/seq-above/ts-above/win=0" },
	{ "--window=65535", "time-wait/syn/seq-above/ts-above/win=65535" },
	{ "--window=61000 --segment=rst", "time-wait/rst/seq-above/ts-above/win=61000" },
	{ "--window=usual", "time-wait/syn/seq-above/ts-above" },
	{ "--state=close-wait -6", "close-wait/syn/seq-above/ts-above/ipv6" },
	{ "--state listen --ipv6", "listen/syn/seq-above/ts-above/ipv6" },
	{ "--sysctl tcp_rfc1337=1 --sysctl-at-probe tcp_timestamps=0",
	  "time-wait/syn/seq-above/ts-above/tcp_rfc1337=1/tcp_timestamps=0@probe" },
	{ "--sysctl=net.ipv4.tcp_rfc1337=1", "time-wait/syn/seq-above/ts-above/tcp_rfc1337=1" },
};

START_TEST(options_name_a_cell)
{
	struct options options = good_line(ONE_CELL, cells[_i].line);

	check_cell_name(&options.cell, cells[_i].cell);
}
END_TEST

START_TEST(what_is_omitted)
{
	struct options options = good_line(ONE_CELL, "");

	ck_assert_ptr_null(options.target);
	ck_assert(!options.sysctl_given && !options.quiet && !options.verbose && !options.no_witness);
	ck_assert_uint_eq(options.repeat, 1);
	ck_assert_uint_eq(options.in_flight, 0);
	ck_assert_double_eq(options.rate, 0);
	ck_assert_uint_eq(options.timeout_ns, 0);
	ck_assert_uint_eq(options.trigger_size, 0);
	ck_assert_int_eq(options.format, FORMAT_TABLE);
	ck_assert_int_eq(options.expect, BOOK_LINUX);
	ck_assert_int_eq(options.color, -1);
}
END_TEST

START_TEST(values_arrive)
{
	struct options options = good_line(MATRIX, "--matrix=a --matrix b --only=*/syn/* --shard=2/8 --repeat=3 "
					   "--in-flight=32768 --rate=0.5 --timeout=300ms --seed=18446744073709551615 -qv "
					   "192.0.2.1:80");

	ck_assert_uint_eq(options.matrix_count, 2);
	ck_assert_str_eq(options.matrices[0], "a");
	ck_assert_str_eq(options.matrices[1], "b");
	ck_assert_str_eq(options.only, "*/syn/*");
	ck_assert_uint_eq(options.shard, 2);
	ck_assert_uint_eq(options.shards, 8);
	ck_assert_uint_eq(options.repeat, 3);
	ck_assert_uint_eq(options.in_flight, IN_FLIGHT_MAX);
	ck_assert_double_eq(options.rate, 0.5);
	ck_assert_uint_eq(options.timeout_ns, UINT64_C(300000000));
	ck_assert_uint_eq(options.seed, UINT64_MAX);
	ck_assert(options.quiet && options.verbose);
	ck_assert_str_eq(options.target, "192.0.2.1:80");
}
END_TEST

START_TEST(words_arrive)
{
	struct options options = good_line(ONE_CELL, "--format=tap --expect=none --color=always --rate=max --source=192.0.2.1 "
					   "--interface=lo --pcap=f -w w --no-witness --seq-below -h -V");

	ck_assert_int_eq(options.format, FORMAT_TAP);
	ck_assert_int_eq(options.expect, BOOK_COUNT);
	ck_assert_int_eq(options.color, 1);
	ck_assert(isinf(options.rate));
	ck_assert_str_eq(options.source, "192.0.2.1");
	ck_assert_str_eq(options.interface, "lo");
	ck_assert_str_eq(options.pcap, "f");
	ck_assert_str_eq(options.write, "w");
	ck_assert(options.no_witness && options.help && options.version);
	ck_assert_int_eq(good_line(ONE_CELL, "--format=json").format, FORMAT_JSON);
	ck_assert_int_eq(good_line(ONE_CELL, "--expect=folk").expect, BOOK_FOLK);
	ck_assert_int_eq(good_line(ONE_CELL, "--color=never").color, 0);
}
END_TEST

/* A cell's name instead of its options, before HOST:PORT. */
START_TEST(a_cell_by_its_name)
{
	static const enum command_id takers[] = { COMMAND_CELL, COMMAND_MAP };
	struct options options = good_line(takers[_i], "-q established/rst/seq+1/ts-absent/conn-ts-off a:1");

	ck_assert_int_eq(options.cell.state, STATE_ESTABLISHED);
	ck_assert_int_eq(options.cell.stimulus.kind, KIND_RST);
	ck_assert_int_eq(options.cell.stimulus.seq.value, 1);
	ck_assert(!options.cell.connection_timestamps);
	ck_assert_str_eq(options.target, "a:1");
	ck_assert(good_line(COMMAND_WHY, "time-wait/syn/seq-below/ts-above/ipv6").ipv6);
	ck_assert_ptr_null(good_line(takers[_i], "time-wait/syn/seq-below/ts-above").target);
}
END_TEST

/* The session is of IPv6 where all of them are. */
START_TEST(several_cells_by_their_names)
{
	static const enum command_id takers[] = { COMMAND_CELL, COMMAND_MATRIX };
	struct options options = good_line(takers[_i], "time-wait/syn/seq-1/ts-above established/rst/seq+1/ts-absent/ipv6 a:1");

	ck_assert_uint_eq(options.named_count, 2);
	ck_assert_str_eq(options.named[1], "established/rst/seq+1/ts-absent/ipv6");
	ck_assert_str_eq(options.target, "a:1");
	ck_assert(!options.ipv6);
	ck_assert(good_line(takers[_i], "time-wait/syn/seq-1/ts-above/ipv6 time-wait/syn/seq-2/ts-above/ipv6").ipv6);
	ck_assert_uint_eq(good_line(takers[_i], "a:1").named_count, 0);
}
END_TEST

/* A scenario's name comes before HOST:PORT; --all stands in its place. */
START_TEST(a_scenario_and_a_target)
{
	struct options options = good_line(SCENARIO, "tw-legal-syn --slow 192.0.2.1:80");

	ck_assert_str_eq(options.scenario, "tw-legal-syn");
	ck_assert_str_eq(options.target, "192.0.2.1:80");
	ck_assert(options.slow && !options.all && !options.fast);
	options = good_line(SCENARIO, "--all --fast 192.0.2.1:80");
	ck_assert_ptr_null(options.scenario);
	ck_assert_str_eq(options.target, "192.0.2.1:80");
	ck_assert(options.all && options.fast);
}
END_TEST

static const struct {
	const char *text, *bytes;
	uint16_t size;
} triggers[] = {
	{ "--trigger=wait", "", 0 },
	{ "--trigger=http", "GET / HTTP/1.1\r\nHost: twprobe\r\nConnection: close\r\n\r\n", 52 },
	{ "--trigger=send:QUIT\\r\\n", "QUIT\r\n", 6 },
	{ "--trigger=send:a~b\\t\\\\\\x00\\xfF", "a b\t\\\0\xff", 7 },
	{ "--trigger=send:x --trigger=wait", "", 0 },
};

START_TEST(a_trigger_is_bytes)
{
	struct options options = good_line(ONE_CELL, triggers[_i].text);

	ck_assert_uint_eq(options.trigger_size, triggers[_i].size);
	ck_assert_mem_eq(options.trigger, triggers[_i].bytes, triggers[_i].size);
}
END_TEST

START_TEST(a_trigger_has_an_end)
{
	struct options options;
	struct error error;
	char line[sizeof("--trigger=send:") + PEER_TRIGGER_MAX + 1] = "--trigger=send:";
	size_t head = strlen(line);

	memset(line + head, 'x', PEER_TRIGGER_MAX);
	ck_assert_uint_eq(good_line(ONE_CELL, line).trigger_size, PEER_TRIGGER_MAX);
	line[head + PEER_TRIGGER_MAX] = 'x';
	ck_assert_int_eq(parse_line(&options, ONE_CELL, line, &error), -1);
	ck_assert_str_eq(error.text, "--trigger=send: at most 240 bytes");
}
END_TEST

static const struct {
	const char *text;
	uint64_t ns;
} durations[] = {
	{ "--timeout=100us", 100000 },
	{ "--timeout=1.5ms", 1500000 },
	{ "--timeout=2s", UINT64_C(2000000000) },
	{ "--timeout=60", UINT64_C(60000000000) },
};

START_TEST(a_duration_has_units)
{
	ck_assert_uint_eq(good_line(ONE_CELL, durations[_i].text).timeout_ns, durations[_i].ns);
}
END_TEST

static const struct {
	enum command_id command;
	const char *line, *part;
} bad[] = {
	{ ONE_CELL, "--seq=12abc", "--seq: bad seq offset '12abc': expected below, equal, above, a number" },
	{ ONE_CELL, "--seq=", "--seq: bad seq offset ''" },
	{ ONE_CELL, "--seq=2^31", "it is written -2^31" },
	{ ONE_CELL, "--seq=2147483649", "expected a number from -2^31 to +2^31-1" },
	{ ONE_CELL, "--seq=absent", "bad seq offset 'absent'" },
	{ ONE_CELL, "--ts=wnd", "--ts: bad ts offset 'wnd'" },
	{ ONE_CELL, "--ts=1~", "bad ts offset '1 '" },
	{ ONE_CELL, "--ack=zero", "--ack: bad ack offset 'zero'" },
	{ ONE_CELL, "--seq", "--seq needs a value" },
	{ ONE_CELL, "--seq-below=0", "--seq-below=0: expected a whole number from 1 to 2147483647" },
	{ ONE_CELL, "--seq-below=-5", "--seq-below=-5: expected a whole number" },
	{ ONE_CELL, "--ts-above=2147483648", "--ts-above=2147483648: expected a whole number from 1 to 2147483647" },
	{ ONE_CELL, "--seq-below --seq-above", "--seq-below and --seq-above are mutually exclusive" },
	{ ONE_CELL, "-4 -6", "--ipv4 and --ipv6 are mutually exclusive" },
	{ ONE_CELL, "--seq=1 --seq=1", "--seq is given twice" },
	{ ONE_CELL, "--ts-absent --ts-zero", "--ts-absent and --ts-zero are mutually exclusive" },
	{ ONE_CELL, "--state=timewait", "--state=timewait: expected one of closed, listen, syn-sent, syn-recv" },
	{ ONE_CELL, "--segment=SYN", "--segment: unknown segment 'SYN': expected one of syn" },
	{ ONE_CELL, "--connection-timestamps=yes", "--connection-timestamps=yes: expected on or off" },
	{ ONE_CELL, "--window=65536", "--window: bad window '65536': expected a whole number from 0 to 65535, or usual" },
	{ ONE_CELL, "--window=61000", "bad window '61000': with 61000 to 61004 a SYN asks twprobe's own server for" },
	{ ONE_CELL, "--sysctl tcp_rfc1337", "--sysctl: bad sysctl 'tcp_rfc1337': expected NAME=VALUE" },
	{ ONE_CELL, "--sysctl a=1 --sysctl a=2", "--sysctl: bad sysctl 'a=2': a is set twice" },
	{ ONE_CELL, "--sysctl-at-probe ../x=1", "--sysctl-at-probe: bad sysctl '../x=1'" },
	{ ONE_CELL, "--rate=0", "--rate=0: expected connections a second (0.001 to 10000000), max or auto" },
	{ ONE_CELL, "--rate=10000001", "--rate=10000001: expected" },
	{ ONE_CELL, "--rate=nan", "--rate=nan: expected" },
	{ ONE_CELL, "--rate=-1", "--rate=-1: expected" },
	{ ONE_CELL, "--rate=5x", "--rate=5x: expected" },
	{ ONE_CELL, "--timeout=99us", "--timeout=99us: expected 100us to 60s" },
	{ ONE_CELL, "--timeout=61s", "--timeout=61s: expected 100us to 60s" },
	{ ONE_CELL, "--timeout=1h", "--timeout=1h: expected a duration such as 300ms or 2s" },
	{ ONE_CELL, "--timeout=", "--timeout=: expected a duration" },
	{ ONE_CELL, "--timeout=nan", "--timeout=nan: expected a duration" },
	{ ONE_CELL, "--timeout=-1s", "--timeout=-1s: expected a duration" },
	{ ONE_CELL, "--repeat=0", "--repeat=0: expected a whole number from 1 to 1000000000" },
	{ ONE_CELL, "--repeat=1.5", "--repeat=1.5: expected a whole number" },
	{ ONE_CELL, "--in-flight=32769", "--in-flight=32769: expected a whole number from 1 to 32768" },
	{ ONE_CELL, "--in-flight=0", "--in-flight=0: expected" },
	{ ONE_CELL, "--seed=18446744073709551616", "--seed=18446744073709551616: expected" },
	{ ONE_CELL, "--seed=-1", "--seed=-1: expected" },
	{ ONE_CELL, "--format=xml", "--format=xml: expected one of table, json, tap, ktap, junit, github, html" },
	{ COMMAND_DIAGNOSE, "--kernel=freebsd-14 x",
	  "--kernel=freebsd-14: what a capture shows is judged by the rules of Linux and the RFCs" },
	{ ONE_CELL, "--kernel=freebsd-9", "--kernel: the freebsd book begins with FreeBSD 13, freebsd-9 is older" },
	{ ONE_CELL, "--expect=bsd", "--expect=bsd: expected one of linux, rfc, folk, freebsd, none" },
	{ ONE_CELL, "--color=yes", "--color=yes: expected auto, always or never" },
	{ ONE_CELL, "--trigger=GET", "--trigger=GET: expected wait, http or send:TEXT" },
	{ ONE_CELL, "--trigger=send:", "--trigger=send: expected some text after the colon" },
	{ ONE_CELL, "--trigger=send:\\q", "--trigger=send: \\q is none of \\r \\n \\t \\\\ \\xHH" },
	{ ONE_CELL, "--trigger=send:\\x1", "--trigger=send: \\x is none of" },
	{ ONE_CELL, "--trigger=send:a\\", "--trigger=send: the backslash at the end stands alone" },
	{ ONE_CELL, "a:1 b:2", "'b:2': only one HOST:PORT is expected" },
	{ ONE_CELL, "--seq-below time-wait/syn/seq-below/ts-above", "names the whole cell; leave out --seq-below" },
	{ ONE_CELL, "time-wait/syn/seq-below/ts-above --seq-above", "leave out --seq-above" }, /* the default */
	{ MAP, "-o x.png time-wait/rst/seq-below/ts-above --segment=syn", "leave out --segment" },
	{ WHY, "-6 time-wait/syn/seq-below/ts-above", "leave out --ipv6" },
	{ WHY, "-4 time-wait/syn/seq-below/ts-above/ipv6", "leave out --ipv4" },
	{ ONE_CELL, "--sysctl tcp_rfc1337=1 time-wait/syn/seq-below/ts-above", "leave out --sysctl" },
	{ ONE_CELL, "a:1 time-wait/syn/seq-below/ts-above", "a cell's name comes before HOST:PORT" },
	{ COMMAND_WHY, "time-wait/syn/seq-1/ts-above time-wait/syn/seq-2/ts-above",
	  "why takes one cell; what is 'time-wait/syn/seq-2/" },
	{ MAP, "-o x.png time-wait/syn/seq-1/ts-above time-wait/syn/seq-2/ts-above", "map takes one cell" },
	{ ONE_CELL, "time-wait/syn/seq-1/ts-above time-wait/sin/seq-2/ts-above", "unknown segment 'sin'" },
	{ MATRIX, "--matrix=all time-wait/syn/seq-1/ts-above", "cells by name, or those of --matrix; not both" },
	{ MATRIX, "--ipv6 time-wait/syn/seq-1/ts-above", "names the whole cell; leave out --ipv6" },
	{ SCENARIO, "time-wait/syn/seq-1/ts-above", "is a cell, and scenario takes none" },
	{ COMMAND_WHO, "time-wait/syn/seq-1/ts-above", "is a cell, and who takes none" },
	{ COMMAND_COMPARE, "time-wait/syn/seq-1/ts-above", "is a cell, and compare takes none" },
	{ ONE_CELL, "-q matrix", "the command comes before its options: twprobe matrix" },
	{ ONE_CELL, "-q scenario a", "the command comes before its options: twprobe scenario" },
	{ ONE_CELL, "time-wait/syn/seq-blow/ts-above", "bad seq offset 'blow'" },
	{ COMMAND_DIAGNOSE, "", "diagnose needs a capture" },
	{ COMMAND_DIAGNOSE, "x --rate=max", "tell how to ask again; give --replay" },
	{ COMMAND_DIAGNOSE, "x --replay=", "--replay=: expected HOST:PORT" },
	{ COMMAND_DIAGNOSE, "x --expect=none", "expected linux, rfc or folk" },
	{ ONE_CELL, "--source=192.0.2.1", "--source tells how to reach a target, and the lab has none" },
	{ MATRIX, "--interface=lo", "--interface tells how to reach a target" },
	{ MATRIX, "--far=lo", "--far tells where the path to a target can be heard" },
	{ ONE_CELL, "--seq=\x1b[2J\n", "bad seq offset '?[2J?'" },
	{ ONE_CELL, "--urgent=5", "--urgent: syn has no URG flag" },
	{ ONE_CELL, "--ack=+1 --segment=rst", "--ack: rst acknowledges nothing" },
	{ ONE_CELL, "--nonsense", "no option --nonsense," },
	{ ONE_CELL, "--segmnt=rst", "did you mean --segment?" },
	{ MATRIX, "--expect=lnux", "did you mean linux?" },
	{ ONE_CELL, "time-wiat/syn/seq-below/ts-above", "did you mean time-wait?" },
	{ ONE_CELL, "time-wait/rst-akc/seq-below/ts-above", "did you mean rst-ack?" },
	{ WHY, "--rate=5", "--rate does not belong to this command" },
	{ WHY, "--in-flight=5", "--in-flight does not belong to this command" },
	{ COMMAND_DIAGNOSE, "-i lo --replay", "--replay needs a capture" },
	{ COMMAND_DIAGNOSE, "x --engine=uml", "tell how to ask again; give --replay" },
	{ COMMAND_DIAGNOSE, "- --replay --engine=uml", "not standard input" },
	{ ONE_CELL, "-zq", "no option -z;" },
	{ ONE_CELL, "a:1 -qz", "no option -z;" },
	{ ONE_CELL, "--quiet=1", "no option --quiet=1, or not in this form" },
	{ ONE_CELL, "--s=1", "no option --s=1," },
	{ ONE_CELL, "--matrix=all", "--matrix does not belong to this command" },
	{ ONE_CELL, "--shard=1/2", "--shard does not belong to this command" },
	{ ONE_CELL, "--all", "--all does not belong to this command" },
	{ ONE_CELL, "--output=x.png", "--output does not belong to this command" },
	{ ONE_CELL, "-o x.png", "--output does not belong to this command" },
	{ MATRIX, "--state=listen", "--state does not belong to this command" },
	{ MATRIX, "--seq-below", "--seq-below does not belong to this command" },
	{ MATRIX, "--shard=0/2", "--shard=0/2: expected I/N with I from 1 to N" },
	{ MATRIX, "--shard=3/2", "--shard=3/2: expected" },
	{ MATRIX, "--shard=auto/", "--shard=auto/: expected auto/N" },
	{ MATRIX, "--shard=auto/0", "--shard=auto/0: expected auto/N" },
	{ MATRIX, "--shard=auto8", "--shard=auto8: expected auto/N" },
	{ MATRIX, "--shard=auto/8", "--shard=auto/8: this is no task of an array: neither JOB_COMPLETION_INDEX" },
	{ MATRIX, "--shard=1", "--shard=1: expected" },
	{ MATRIX, "--shard=1/2x", "--shard=1/2x: expected" },
	{ MATRIX, "--shard=1/-2", "--shard=1/-2: expected" },
	{ MATRIX, "--shard=1/100001", "--shard=1/100001: expected" },
	{ SCENARIO, "--matrix=all", "--matrix does not belong to this command" },
	{ SCENARIO, "--repeat=3 a", "--repeat does not belong to this command" },
	{ SCENARIO, "--rate=3 a", "--rate does not belong to this command" },
	{ SCENARIO, "--in-flight=3 a", "--in-flight does not belong to this command" },
	{ SCENARIO, "--expect=folk a", "--expect does not belong to this command" },
	{ SCENARIO, "a b:1 c:2", "'c:2': only one HOST:PORT is expected" },
	{ MAP, "-o", "-o needs a value" },
	{ SCENARIO, "-v a", "--verbose does not belong to this command" },
	{ SCENARIO, "--verbose a", "--verbose does not belong to this command" },
	{ MAP, "--only=x", "--only does not belong to this command" },
	{ MAP, "--seq-below", "--seq-below: a map has all of them" },
	{ MAP, "--ts=5", "--ts: a map has all of them" }, /* not short for --ts-range */
	{ MAP, "--seq -5", "--seq: a map has all of them" },
	{ MAP, "--repeat=2", "--repeat: a point of a map has one colour" },
	{ MAP, "--format=tap", "--format=tap: expected table or json" },
	{ WHY, "--format=tap", "--format=tap: expected table, json, svg or png" },
	{ WHY, "--repeat=2", "--repeat: why shows one cell" },
	{ WHY, "--no-witness", "--no-witness: why shows one cell" },
	{ WHY, "--source=192.0.2.1", "--source tells how to reach a target" },
	{ WHY, "a:1", "why works in the lab, where" },
	{ SERVE, "", "serve needs the port to listen on" },
	{ SERVE, "1 2", "serve listens on one port; what is '2' for?" },
	{ SERVE, "--state=listen 1", "--state does not belong to this command" },
	{ SERVE, "--manner=fast 1", "--manner=fast: expected one of close, hold, half, eof, eof-half" },
	{ SERVE, "--hold=1ms 1", "--hold=1ms: expected 1s to 86400s" },
	{ SERVE, "--backlog=65536 1", "--backlog=65536: expected a whole number from 1 to 65535" },
	{ SERVE, "--max-held=0 1", "--max-held=0: expected a whole number from 1 to 1048576" },
	{ SERVE, "--allow=nowhere 1", "--allow: " },
	{ COMPARE, "--format=xml a b", "--format=xml: expected one of table, json, tap, ktap, junit, github, markdown, html" },
	{ COMPARE, "-q a b", "--quiet does not belong to this command" },
	{ EXPLAIN, "", "explain: expected one cell name" },
	{ EXPLAIN, "a b", "explain: expected one cell name" },
	{ EXPLAIN, "--kernel=x time-wait/syn/seq-below/ts-above", "--kernel: " },
	{ EXPLAIN, "tw-syn-refsed", "did you mean tw-syn-refused?" },
	{ EXPLAIN, "routine", "neither a cell's name" }, /* nothing was found */
	{ EXPLAIN, "--kernel=5.10 paws", "leave it out for a finding" },
	{ LIST, "nothing", "list: unknown list 'nothing': there are states, segments" },
	{ LIST, "state", "did you mean states?" },
	{ LIST, "states books", "list: expected one list at most; what is 'books' for?" },
	{ HELP, "matrx", "help: unknown command 'matrx'" },
	{ HELP, "matrx", "did you mean matrix?" },
};

START_TEST(commands_that_do_not_probe)
{
	struct options options = good_line(SERVE, "--manner=half --max-held=5 --max-held-each 2 --hold=2s --never-accept "
					   "--backlog=7 --allow=192.0.2.0/24 --allow=2001:db8::1 -q [::1]:80");

	ck_assert_int_eq(options.serve.subject.behaviour, BEHAVIOUR_HALF);
	ck_assert_uint_eq(options.serve.subject.held_most, 5);
	ck_assert_uint_eq(options.serve.subject.held_most_each, 2);
	ck_assert_uint_eq(options.serve.subject.hold_ns, UINT64_C(2000000000));
	ck_assert(options.serve.subject.never_accept && options.quiet && !options.verbose);
	ck_assert_int_eq(options.serve.subject.backlog, 7);
	ck_assert_uint_eq(options.serve.subject.allowed_count, 2);
	ck_assert_str_eq(options.serve.address, "[::1]:80");
	options = good_line(COMPARE, "--fields b --baseline=a --partial --format=markdown c");
	ck_assert(options.compare.fields && options.compare.partial && !options.compare.merge && options.format_given);
	ck_assert_str_eq(options.compare.baseline, "a");
	ck_assert_uint_eq(options.compare.count, 2);
	ck_assert_str_eq(options.compare.paths[0], "b");
	ck_assert_str_eq(options.compare.paths[1], "c");
	ck_assert_int_eq(options.format, FORMAT_MARKDOWN);
	options = good_line(EXPLAIN, "paws");
	ck_assert_str_eq(options.finding->name, "paws");
	options = good_line(EXPLAIN, "time-wait/rst/seq-equal/ts-absent --kernel=5.10");
	check_cell_name(&options.cell, "time-wait/rst/seq-equal/ts-absent");
	ck_assert(options.kernel_given);
	ck_assert_str_eq(good_line(LIST, "books").list, "books");
	ck_assert_ptr_null(good_line(LIST, "").list);
	ck_assert_int_eq(good_line(HELP, "matrix").topic, COMMAND_MATRIX);
	ck_assert_int_eq(good_line(HELP, "").topic, COMMAND_CELL);
}
END_TEST

/* Operands may be missing where only help is wanted. */
START_TEST(help_needs_no_operands)
{
	for (enum command_id command = 0; command < COMMAND_COUNT; command++) {
		ck_assert(good_line(command, "--help").help);
		ck_assert(good_line(command, "-V").version);
	}
}
END_TEST

/* Within a command a name and a letter mean one thing. */
START_TEST(rows_do_not_collide)
{
	const struct option_row *row, *other;

	ck_assert_ptr_null(option_at(OPTION_ROWS_MAX));
	for (size_t i = 0; (row = option_at(i)); i++) {
		ck_assert_msg(row->commands && row->take && row->section < SECTION_COUNT, "--%s", row->name);
		for (size_t j = i + 1; (other = option_at(j)); j++) {
			if (!(row->commands & other->commands))
				continue;
			ck_assert_msg(strcmp(row->name, other->name) != 0, "--%s twice", row->name);
			ck_assert_msg(!row->letter || row->letter != other->letter, "-%c twice", row->letter);
		}
	}
}
END_TEST

/* A row without a text shares that of the next one, in the same section and of the same commands. */
START_TEST(every_option_has_a_text)
{
	const struct option_row *row, *next;

	for (size_t i = 0; (row = option_at(i)); i++) {
		next = option_at(i + 1);
		if (row->help)
			continue;
		ck_assert_msg(next && next->section == row->section && next->commands == row->commands, "--%s", row->name);
	}
}
END_TEST

static const struct {
	const char *option;
	enum command_id command;
	const char *text, *words;
} values[] = {
	{ "format", COMMAND_CELL, "table|json|tap|ktap|junit|github|html|svg|png",
	  "table json tap ktap junit github html svg png" },
	{ "format", COMMAND_SCENARIO, "table|json|tap|ktap|junit|github|html|svg|png",
	  "table json tap ktap junit github html svg png" },
	{ "format", COMMAND_MAP, "table|json", "table json" },
	{ "format", COMMAND_COMPARE, "table|json|tap|ktap|junit|github|markdown|html",
	  "table json tap ktap junit github markdown html" },
	{ "expect", COMMAND_MATRIX, "linux|rfc|folk|freebsd|none", "linux rfc folk freebsd none" },
	{ "rate", COMMAND_CELL, "N|max|auto", "max auto" },
	{ "trigger", COMMAND_CELL, "wait|http|send:TEXT", "wait http send:" },
	{ "manner", COMMAND_SERVE, "close|hold|half|eof|eof-half", "close hold half eof eof-half" },
	{ "shard", COMMAND_MATRIX, "I/N|auto[/N]", "auto" },
	{ "quiet", COMMAND_CELL, "", "" },
	{ "segment", COMMAND_CELL, "NAME", "syn syn-ack ack data fin fin-ack rst rst-ack syn-fin syn-rst null "
	  "icmp-net-unreachable icmp-host-unreachable icmp-protocol-unreachable icmp-port-unreachable icmp-prohibited "
	  "icmp-source-quench icmp-time-exceeded icmp-parameter-problem "
	  "icmp-fragmentation-needed icmp-redirect icmp-precedence-cutoff icmp-unknown-code" },
};

START_TEST(values_have_words)
{
	const struct option_row *row = option_find(values[_i].command, values[_i].option, strlen(values[_i].option));
	char text[OPTION_VALUE_SIZE], word[OPTION_VALUE_SIZE], words[512] = "";

	ck_assert_ptr_nonnull(row);
	ck_assert_str_eq(option_value_text(row, values[_i].command, text), values[_i].text);
	for (size_t i = 0; option_value_word(row, values[_i].command, i, word); i++) {
		strcat(words, i ? " " : "");
		strcat(words, word);
	}
	ck_assert_str_eq(words, values[_i].words);
}
END_TEST

static const struct {
	const char *text, *plain;
} markups[] = {
	{ "*bold* and _under_", "bold and under" },
	{ "rcv_nxt, _tcp_rfc1337_ and _A_[/_B_]", "rcv_nxt, tcp_rfc1337 and A[/B]" },
	{ "\\\\r \\* \\_", "\\r * _" },
};

START_TEST(marks_are_left_out)
{
	char plain[64];

	ck_assert_str_eq(markup_plain(markups[_i].text, plain, sizeof(plain)), markups[_i].plain);
	ck_assert_str_eq(markup_plain("*long*er", plain, 4), "lon");
}
END_TEST

START_TEST(a_bad_line_is_refused)
{
	struct options options;
	struct error error = { "" };

	ck_assert_msg(parse_line(&options, bad[_i].command, bad[_i].line, &error) == -1, "accepted: %s", bad[_i].line);
	ck_assert_msg(strstr(error.text, bad[_i].part), "%s: says '%s', not '%s'", bad[_i].line, error.text, bad[_i].part);
	ck_assert_msg(!strchr(error.text, '\n'), "%s: more than a line", bad[_i].line);
}
END_TEST

START_TEST(there_is_a_largest_number_of_matrices)
{
	char *argv[OPTIONS_MATRICES_MAX + 2] = { (char[]){ "matrix" } };
	char word[] = "--matrix=all";
	struct options options;
	struct error error;

	for (int i = 1; i <= OPTIONS_MATRICES_MAX + 1; i++)
		argv[i] = word;
	ck_assert_int_eq(options_parse(&options, MATRIX, OPTIONS_MATRICES_MAX + 1, argv, &error), 0);
	ck_assert_int_eq(options_parse(&options, MATRIX, OPTIONS_MATRICES_MAX + 2, argv, &error), -1);
	ck_assert_str_eq(error.text, "--matrix: at most 64 of them");
}
END_TEST

START_TEST(colour_is_for_terminals)
{
	struct options options = good_line(ONE_CELL, "--color=always");

	setenv("NO_COLOR", "1", 1);
	ck_assert(options_color(&options));
	options.color = 0;
	unsetenv("NO_COLOR");
	ck_assert(!options_color(&options));
}
END_TEST

int main(void)
{
	TCase *good = tcase_create("good"), *refused = tcase_create("refused"), *table = tcase_create("table");

	tcase_add_loop_test(good, options_name_a_cell, 0, ROWS(cells));
	tcase_add_test(good, what_is_omitted);
	tcase_add_test(good, values_arrive);
	tcase_add_test(good, words_arrive);
	tcase_add_loop_test(good, a_cell_by_its_name, 0, 2);
	tcase_add_loop_test(good, several_cells_by_their_names, 0, 2);
	tcase_add_test(good, a_scenario_and_a_target);
	tcase_add_loop_test(good, a_trigger_is_bytes, 0, ROWS(triggers));
	tcase_add_loop_test(good, a_duration_has_units, 0, ROWS(durations));
	tcase_add_test(good, a_trigger_has_an_end);
	tcase_add_test(good, colour_is_for_terminals);
	tcase_add_test(good, commands_that_do_not_probe);
	tcase_add_test(good, help_needs_no_operands);
	tcase_add_test(table, rows_do_not_collide);
	tcase_add_test(table, every_option_has_a_text);
	tcase_add_loop_test(table, values_have_words, 0, ROWS(values));
	tcase_add_loop_test(table, marks_are_left_out, 0, ROWS(markups));
	tcase_add_loop_test(refused, a_bad_line_is_refused, 0, ROWS(bad));
	tcase_add_test(refused, there_is_a_largest_number_of_matrices);
	return run_suite("options", good, refused, table, NULL);
}
