/* test_matrix.c - case files: good ones, the place and the words of every error; cells by number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cases/matrix/matrix.h"

#include "tests/unit/named_cell.h"

#define HEAD "name: x\nblocks:\n"

static struct matrix *parse(const char *text)
{
	struct error error = { "" };
	struct matrix *matrix = matrix_parse("t", text, strlen(text), &error);

	ck_assert_msg(matrix != NULL, "%s", error.text);
	return matrix;
}

static const char *name_at(const struct matrix *matrix, size_t number)
{
	static char name[CELL_NAME_SIZE];
	struct cell cell;

	matrix_cell(matrix, number, &cell);
	return cell_name(&cell, name, sizeof(name));
}

static void check_names(const struct matrix *matrix, size_t count, const char *const *names)
{
	ck_assert_uint_eq(matrix_count(matrix), count);
	for (size_t i = 0; i < count; i++)
		ck_assert_str_eq(name_at(matrix, i), names[i]);
}

START_TEST(an_empty_block_is_the_default_cell)
{
	static const char *const names[] = { "time-wait/syn/seq-above/ts-above" };
	struct matrix *matrix = parse("name: x\ndescription: one\nblocks: [{}]\n");

	check_names(matrix, ROWS(names), names);
	ck_assert_str_eq(matrix_name(matrix), "x");
	ck_assert_str_eq(matrix_description(matrix), "one");
	matrix_free(matrix);
}
END_TEST

/* Conditions vary slowest (sysctls, family, connection timestamps), then state, segment, seq, ts. */
START_TEST(the_order_of_cells)
{
	static const char *const names[] = {
		"listen/syn/seq-1/ts-equal",
		"listen/syn/seq-1/ts-absent",
		"listen/syn/seq+1/ts-equal",
		"listen/syn/seq+1/ts-absent",
		"listen/syn/seq-1/ts-equal/conn-ts-off",
		"listen/syn/seq-1/ts-absent/conn-ts-off",
		"listen/syn/seq+1/ts-equal/conn-ts-off",
		"listen/syn/seq+1/ts-absent/conn-ts-off",
		"listen/syn/seq-1/ts-equal/ipv6",
		"listen/syn/seq-1/ts-absent/ipv6",
		"listen/syn/seq+1/ts-equal/ipv6",
		"listen/syn/seq+1/ts-absent/ipv6",
		"listen/syn/seq-1/ts-equal/conn-ts-off/ipv6",
		"listen/syn/seq-1/ts-absent/conn-ts-off/ipv6",
		"listen/syn/seq+1/ts-equal/conn-ts-off/ipv6",
		"listen/syn/seq+1/ts-absent/conn-ts-off/ipv6",
		"listen/syn/seq-1/ts-equal/a=1/b=2@probe",
	};
	struct matrix *matrix = parse("name: x\nblocks:\n"
				      "- ts: [equal, absent]\n"
				      "  seq: [-1, +1]\n"
				      "  state: listen\n"
				      "  connection-timestamps: [on, off]\n"
				      "  family: [ipv4, ipv6]\n"
				      "  sysctl: [none, [a=1, b=2@probe]]\n");

	ck_assert_uint_eq(matrix_count(matrix), 32);
	for (size_t i = 0; i < ROWS(names); i++)
		ck_assert_str_eq(name_at(matrix, i), names[i]);
	ck_assert_str_eq(name_at(matrix, 31), "listen/syn/seq+1/ts-absent/conn-ts-off/a=1/b=2@probe/ipv6");
	matrix_free(matrix);
}
END_TEST

/* Acknowledgments vary only where there is one. */
START_TEST(kinds_without_ack_ignore_it)
{
	static const char *const names[] = {
		"time-wait/syn/seq-above/ts-above",
		"time-wait/ack/seq-above/ts-above",
		"time-wait/ack/seq-above/ts-above/ack+1",
		"time-wait/null/seq-above/ts-above",
	};
	struct matrix *matrix = parse("name: x\nblocks:\n- segment: [syn, ack, null]\n  ack: [equal, +1]\n");

	check_names(matrix, ROWS(names), names);
	matrix_free(matrix);
}
END_TEST

/* Cells that differ in the acknowledgment alone are two, within a block and between blocks. */
START_TEST(acknowledgments_tell_cells_apart)
{
	static const char *const names[] = {
		"time-wait/ack/seq-above/ts-above/ack+2", "time-wait/ack/seq-above/ts-above",
		"time-wait/ack/seq-above/ts-above/ack+1", "time-wait/ack/seq-above/ts-above/ack-1",
	};
	struct error error = { "" };
	struct matrix *matrix = parse(HEAD "- {segment: ack, ack: [+2, equal]}\n- {segment: ack, ack: +1}\n");

	ck_assert_int_eq(matrix_append(matrix, parse(HEAD "- {segment: ack, ack: [+1, -1, +2]}\n"), &error), 0);
	check_names(matrix, ROWS(names), names);
	matrix_free(matrix);
}
END_TEST

/* Window varies faster than segment and acknowledgment, slower than seq; 61000 is a SYN's only that must not have it. */
START_TEST(windows_in_order)
{
	static const char *const names[] = {
		"time-wait/rst/seq-1/ts-above", "time-wait/rst/seq+1/ts-above",
		"time-wait/rst/seq-1/ts-above/win=61000", "time-wait/rst/seq+1/ts-above/win=61000",
		"time-wait/ack/seq-1/ts-above", "time-wait/ack/seq+1/ts-above",
		"time-wait/ack/seq-1/ts-above/win=61000", "time-wait/ack/seq+1/ts-above/win=61000",
		"time-wait/ack/seq-1/ts-above/ack+1", "time-wait/ack/seq+1/ts-above/ack+1",
		"time-wait/ack/seq-1/ts-above/ack+1/win=61000", "time-wait/ack/seq+1/ts-above/ack+1/win=61000",
	};
	struct matrix *matrix = parse("name: x\nblocks:\n- segment: [rst, ack]\n  seq: [-1, +1]\n  ack: [equal, +1]\n"
				      "  window: [usual, 61000]\n");

	check_names(matrix, ROWS(names), names);
	matrix_free(matrix);
}
END_TEST

START_TEST(yaml_in_other_styles)
{
	static const char *const names[] = {
		"time-wait/rst/seq+2^30/ts-above/tcp_rfc1337=1",
		"time-wait/rst/seq+wnd-1/ts-above/tcp_rfc1337=1",
		"closing/rst/seq-equal/ts-above",
	};
	struct matrix *matrix = parse("\xef\xbb\xbf# comment\r\n--- !!map\r\n\"name\": 'x.y-z_1'\r\nblocks:\r\n"
				      "  - segment: &kind rst\r\n    seq:\r\n      - \"+2^30\"\r\n      - wnd-1\r\n"
				      "    sysctl: [tcp_rfc1337=1]\r\n"
				      "  - {state: closing, segment: *kind, seq: !!int 0}\r\n"
				      "...\r\n");

	check_names(matrix, ROWS(names), names);
	ck_assert_str_eq(matrix_name(matrix), "x.y-z_1");
	ck_assert_str_eq(matrix_description(matrix), "");
	matrix_free(matrix);
}
END_TEST

/* The message begins with place (line and column counted from 1) and goes on with these words. */
static const struct {
	const char *text, *message;
} bad[] = {
	{ "", "t:1:1: the file is empty: expected a mapping with the keys name and blocks" },
	{ "# nothing\n", "t:1:1: the file is empty" },
	{ "name: x\n", "t:1:1: no key blocks: expected name and blocks" },
	{ "# x\nblocks: [{}]\n", "t:2:1: no key name" },
	{ "just text\n", "t:1:1: expected a mapping with the keys name, description, blocks" },
	{ "- a\n", "t:1:1: expected a mapping with the keys name, description, blocks" },
	{ "name: x\nblocks: [{}]\ncolour: red\n", "t:3:1: unknown key 'colour': expected name, description, blocks" },
	{ HEAD "- colour: red\n", "t:3:3: unknown key 'colour': expected state, segment, seq, ts, ack" },
	{ HEAD "- seq: 1\n  seq: 2\n", "t:4:3: the key seq is given twice (its first value is in line 3)" },
	{ HEAD "- seq: [below, 12abc]\n", "t:3:16: bad seq offset '12abc': expected below, equal" },
	{ HEAD "- seq: +2^31\n", "t:3:8: bad seq offset '+2^31': exactly half the circle" },
	{ HEAD "- ts: [equal, wnd]\n", "t:3:15: bad ts offset 'wnd': expected" },
	{ HEAD "- ack: absent\n", "t:3:8: bad ack offset 'absent': expected" },
	{ HEAD "- state: time_wait\n", "t:3:10: unknown state 'time_wait': expected one of closed, listen" },
	{ HEAD "- segment:\n    - syn\n    - sin\n", "t:5:7: unknown segment 'sin': expected one of syn" },
	{ HEAD "- connection-timestamps: true\n", "t:3:26: bad connection-timestamps 'true': expected on or off" },
	{ HEAD "- family: 6\n", "t:3:11: bad family '6': expected ipv4 or ipv6" },
	{ HEAD "- sysctl: tcp_timestamps\n", "t:3:11: bad sysctl 'tcp_timestamps': expected NAME=VALUE" },
	{ HEAD "- sysctl: [[a=1, a=2]]\n", "t:3:18: bad sysctl 'a=2': a is set twice" },
	{ HEAD "- sysctl: [[]]\n", "t:3:12: sysctl: an empty set" },
	{ HEAD "- sysctl: {a: 1}\n", "t:3:11: sysctl: expected a single value, not a mapping" },
	{ HEAD "- segment: ack\n  window: [0, 65536]\n", "t:4:15: bad window '65536': expected a whole number from 0 to" },
	{ HEAD "- window: [0, 61001]\n", "t:3:15: bad window '61001': with 61000 to 61004 a SYN asks" },
	{ HEAD "- window: 61001\n  segment: [ack, syn]\n", "t:3:11: bad window '61001'" },
	{ HEAD "- window: [0, usual, 00]\n", "t:3:22: duplicate cell: window '00' is the same as '0' in line 3" },
	{ HEAD "- window: [usual, 1]\n- window: 1\n",
	  "t:4:3: duplicate cell: time-wait/syn/seq-above/ts-above/win=1 is also in the block in line 3" },
	{ HEAD "- seq: []\n", "t:3:8: seq: an empty axis: expected a value or a list" },
	{ HEAD "- seq:\n  ts: equal\n", "t:3:7: seq: an empty axis" },
	{ HEAD "- seq: ''\n", "t:3:8: bad seq offset ''" },
	{ HEAD "- seq: {a: 1}\n", "t:3:8: seq: expected a single value, not a mapping" },
	{ HEAD "- seq: [[1]]\n", "t:3:9: seq: expected a single value, not a list" },
	{ HEAD "- seq: [below, +1, -1000]\n",
	  "t:3:20: duplicate cell: seq '-1000' is the same as 'below' in line 3, column 9" },
	{ HEAD "- seq: [1, 2, 3, 2, 1]\n", "t:3:18: duplicate cell: seq '2' is the same as '2' in line 3, column 12" },
	{ HEAD "- seq: [1, 1, 2, 2]\n", "t:3:12: duplicate cell: seq '1' is the same as '1' in line 3, column 9" },
	{ HEAD "- segment: [syn, ack, syn]\n", "t:3:23: duplicate cell: segment 'syn'" },
	{ HEAD "- ack: [equal, 0]\n", "t:3:16: duplicate cell: ack '0' is the same as 'equal'" },
	{ HEAD "- connection-timestamps: [on, on]\n", "t:3:31: duplicate cell: connection-timestamps 'on'" },
	{ HEAD "- sysctl: [[a=1, b=2], [b=2, a=1]]\n", "t:3:24: duplicate cell: sysctl '[...]'" },
	{ HEAD "- sysctl: [[b=2, a=1], [a=1, b=2]]\n", "t:3:24: duplicate cell: sysctl '[...]'" },
	{ HEAD "- seq: [below, above]\n- seq: [1, -1000]\n",
	  "t:4:3: duplicate cell: time-wait/syn/seq-1000/ts-above is also in the block in line 3" },
	{ HEAD "- seq: 1\n- seq: 2\n- seq: [3, 2]\n",
	  "t:5:3: duplicate cell: time-wait/syn/seq+2/ts-above is also in the block in line 4" },
	{ HEAD "- ack: [equal, +1]\n- ack: below\n",
	  "t:4:3: duplicate cell: time-wait/syn/seq-above/ts-above is also in the block in line 3" },
	{ HEAD "- {segment: ack, ack: [equal, +1]}\n- {segment: ack, ack: +1}\n",
	  "t:4:3: duplicate cell: time-wait/ack/seq-above/ts-above/ack+1 is also in the block in line 3" },
	{ HEAD "- &a {seq: 1}\n- *a\n", "t:3:3: duplicate cell: time-wait/syn/seq+1/ts-above is also" },
	{ "name: x\nblocks: []\n", "t:2:9: blocks: expected a list of at least one block" },
	{ "name: x\nblocks: {}\n", "t:2:9: blocks: expected a list of at least one block" },
	{ "name: x\nblocks: [{}, 1]\n", "t:2:14: expected a mapping with the keys state, segment" },
	{ "name: [x]\nblocks: [{}]\n", "t:1:7: name: expected a single value, not a list" },
	{ "name: a/b\nblocks: [{}]\n", "t:1:7: bad name 'a/b'" },
	{ "name:\nblocks: [{}]\n", "t:1:6: bad name ''" },
	{ "name: x\ndescription: \"a\\nb\"\nblocks: [{}]\n", "t:2:14: description: expected one line" },
	{ "name: x\ndescription: [a]\nblocks: [{}]\n", "t:2:14: description: expected a single value" },
	{ "[a]: x\n", "t:1:1: key: expected a single value, not a list" },
	{ "name: x\nblocks: [{}]\n---\nname: y\n", "t:4:1: a second document" },
	{ "name: x\n  blocks: [{}]\n", "t:2:9: not YAML: mapping values are not allowed" },
	{ "name: 'x\n", "t:2:1: not YAML: while scanning a quoted scalar, found unexpected end of stream" },
	{ "name: x\nblocks: [{}\n", "t:3:1: not YAML: while parsing a flow sequence" },
	{ "name: *x\nblocks: [{}]\n", "t:1:7: not YAML: found undefined alias" },
	{ "\tname: x\n", "t:1:1: not YAML: while scanning for the next token, found character" },
	{ HEAD "- seq: \x01\n", "t:3:8: not YAML: control characters are not allowed" },
	{ "name: \xff\n", "t:1:7: not YAML: invalid leading UTF-8 octet" },
	{ "\xff\xfen", "t:1:1: not YAML: invalid leading UTF-8 octet" },
	{ "\x7f""ELF\x02\x01\x01", "t:1:1: not YAML: control characters are not allowed" },
	{ HEAD "- seq: \"1\\0\"\n", "t:3:8: seq: a NUL byte in the text" },
	{ HEAD "- seq: \"1\\nx\"\n", "t:3:8: bad seq offset '1?x': expected" },
	{ HEAD "- seq: \"1\\nx\\e\"\n", "t:3:8: seq: a control character in the text" },
	{ HEAD "- seq: \"\\u009b2J\"\n", "t:3:8: seq: a control character in the text" },
	{ HEAD "- seq: \"\\u202e1\"\n", "t:3:8: seq: a control character in the text" },
};

START_TEST(every_error_names_its_place)
{
	struct error error = { "" };
	size_t size = strlen(bad[_i].text);
	struct matrix *matrix = matrix_parse("t", bad[_i].text, size, &error);

	ck_assert_ptr_null(matrix);
	ck_assert_msg(strncmp(error.text, bad[_i].message, strlen(bad[_i].message)) == 0, "%s\n\t\tbut expected %s",
		      error.text, bad[_i].message);
	ck_assert_ptr_null(strchr(error.text, '\n'));
	ck_assert_ptr_null(matrix_parse("t", bad[_i].text, size, NULL));
}
END_TEST

/* `count` texts, made of the number by `format`, between a head and a tail. */
static char *repeat(const char *head, const char *format, int count, const char *tail)
{
	char *text = malloc(strlen(head) + (size_t)count * 40 + strlen(tail) + 1);
	size_t used = (size_t)sprintf(text, "%s", head);

	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, 40, format, i);
	strcpy(text + used, tail);
	return text;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

START_TEST(a_million_cells)
{
	double begun = seconds();
	char *seqs = repeat(HEAD "- seq: [", "%d, ", 1000, "-1]\n"), *text = repeat(seqs, "", 0, "  ts: [");
	char *all = repeat(text, "%d, ", 1000, "-1]\n");
	struct matrix *matrix = parse(all);

	ck_assert_uint_eq(matrix_count(matrix), 1001 * 1001);
	ck_assert_str_eq(name_at(matrix, 0), "time-wait/syn/seq-equal/ts-equal");
	ck_assert_str_eq(name_at(matrix, 1001 * 500 + 17), "time-wait/syn/seq+500/ts+17");
	ck_assert_str_eq(name_at(matrix, 1001 * 1001 - 1), "time-wait/syn/seq-1/ts-1");
	ck_assert_msg(seconds() - begun < 1, "%.3f s", seconds() - begun);
	matrix_free(matrix);
	free(all);
	free(text);
	free(seqs);
}
END_TEST

START_TEST(too_many_cells)
{
	struct error error = { "" };
	char *seqs = repeat(HEAD "- seq: [", "%d, ", 5000, "-1]\n"), *text = repeat(seqs, "", 0, "  ts: [");
	char *all = repeat(text, "%d, ", 5000, "-1]\n");

	ck_assert_ptr_null(matrix_parse("t", all, strlen(all), &error));
	ck_assert_str_eq(error.text, "t:3:3: too many cells: expected at most 16777216");
	free(all);
	free(text);
	free(seqs);
}
END_TEST

/* Thousands of blocks and thousands of values cost little, and a duplicate among them is found. */
START_TEST(many_blocks)
{
	double begun = seconds();
	struct error error = { "" };
	char *text = repeat(HEAD, "- {seq: %d}\n", 4000, ""), *twice = repeat(text, "", 0, "- {seq: [-5, 1999]}\n");
	struct matrix *matrix = parse(text);

	ck_assert_uint_eq(matrix_count(matrix), 4000);
	ck_assert_str_eq(name_at(matrix, 3999), "time-wait/syn/seq+3999/ts-above");
	ck_assert_ptr_null(matrix_parse("t", twice, strlen(twice), &error));
	ck_assert_str_eq(error.text, "t:4003:3: duplicate cell: time-wait/syn/seq+1999/ts-above is also in the block in "
			 "line 2002");
	ck_assert_msg(seconds() - begun < 10, "%.3f s", seconds() - begun);
	matrix_free(matrix);
	free(twice);
	free(text);
}
END_TEST

START_TEST(too_large_and_too_deep)
{
	struct error error = { "" };
	size_t size = 256 * 1024;
	char *text = malloc(size + 1);

	memset(text, '[', size + 1);
	ck_assert_ptr_null(matrix_parse("t", text, size + 1, &error));
	ck_assert_str_eq(error.text, "t: too large: expected a case file of at most 262144 bytes");
	text[10] = '\n';
	ck_assert_ptr_null(matrix_parse("t", text, size, &error));
	ck_assert_str_eq(error.text, "t:2:991: not a case file: more than 1000 open brackets");
	free(text);
}
END_TEST

START_TEST(only_those_whose_name_matches)
{
	static const char *const below[] = { "time-wait/syn/seq-below/ts-above", "time-wait/syn/seq-below/ts-absent",
					     "listen/syn/seq-below/ts-above" };
	struct error error = { "" };
	struct matrix *matrix = parse(HEAD "- {seq: [below, 1], ts: [above, absent]}\n- {state: listen, seq: [below, 1]}\n");

	ck_assert_int_eq(matrix_only(matrix, "*/seq-below/*", &error), 0);
	check_names(matrix, 3, below);
	ck_assert_int_eq(matrix_only(matrix, "*absent", &error), 0);
	check_names(matrix, 1, below + 1);
	ck_assert_int_eq(matrix_only(matrix, "listen*", &error), -1);
	ck_assert_str_eq(error.text, "no cell's name matches 'listen*'; a name looks like time-wait/syn/seq-below/ts-absent");
	check_names(matrix, 1, below + 1);
	matrix_free(matrix);
}
END_TEST

START_TEST(appended_duplicates_are_dropped)
{
	static const char *const names[] = {
		"time-wait/syn/seq+1/ts-above", "time-wait/syn/seq+2/ts-above", "time-wait/syn/seq+3/ts-above",
		"listen/syn/seq-above/ts-above", "time-wait/syn/seq+4/ts-above",
	};
	struct error error = { "" };
	struct matrix *matrix = parse(HEAD "- seq: [1, 2]\n");

	ck_assert_int_eq(matrix_append(matrix, parse(HEAD "- seq: 3\n"), &error), 0);
	check_names(matrix, 3, names);
	ck_assert_int_eq(matrix_append(matrix, parse("name: y\nblocks:\n- state: listen\n- seq: [3, 4, 1]\n"), &error), 0);
	check_names(matrix, 5, names);
	ck_assert_int_eq(matrix_append(matrix, parse(HEAD "- seq: [4, 3, 2, 1]\n"), &error), 0);
	check_names(matrix, 5, names);
	ck_assert_str_eq(matrix_name(matrix), "x");
	matrix_free(matrix);
}
END_TEST

/* A cell that was taken out is no duplicate of one that is appended. */
START_TEST(appended_after_only)
{
	static const char *const names[] = { "time-wait/syn/seq+1/ts-above", "time-wait/syn/seq+3/ts-above",
					     "time-wait/syn/seq+2/ts-above" };
	struct error error = { "" };
	struct matrix *matrix = parse(HEAD "- seq: [1, 2]\n"), *other = parse(HEAD "- seq: [3, 2, 1, 4]\n");

	ck_assert_int_eq(matrix_only(matrix, "*seq+1*", &error), 0);
	ck_assert_int_eq(matrix_only(other, "*seq+[123]*", &error), 0);
	ck_assert_int_eq(matrix_append(matrix, other, &error), 0);
	check_names(matrix, 3, names);
	matrix_free(matrix);
}
END_TEST

START_TEST(a_cell_added_after_only)
{
	static const char *const names[] = { "time-wait/syn/seq+1/ts-above", "time-wait/syn/seq+3/ts-above" };
	struct error error = { "" };
	struct matrix *matrix = parse(HEAD "- seq: [1, 2]\n");
	struct cell cell;

	ck_assert_int_eq(matrix_only(matrix, "*seq+1*", &error), 0);
	ck_assert_int_eq(cell_parse(names[1], &cell, &error), 0);
	ck_assert_int_eq(matrix_collect(&matrix, &cell, &error), 0);
	check_names(matrix, ROWS(names), names);
	matrix_free(matrix);
}
END_TEST

START_TEST(appended_beyond_the_limit)
{
	struct error error = { "" };
	char *text = repeat(HEAD "- seq: [", "%d, ", 4095, "-1]\n"), *block = repeat(text, "", 0, "  ts: [");
	char *large = repeat(block, "%d, ", 4094, "-1]\n");
	struct matrix *matrix = parse(large);

	ck_assert_int_eq(matrix_append(matrix, parse(HEAD "- {state: listen, seq: [1, 2, 3, 4]}\n"), &error), 0);
	ck_assert_int_eq(matrix_append(matrix, parse(large), &error), -1);
	ck_assert_str_eq(error.text, "too many cells: expected at most 16777216");
	matrix_free(matrix);
	free(large);
	free(block);
	free(text);
}
END_TEST

/* One family for all: what differed in it alone becomes one cell, in a block and between blocks. */
START_TEST(one_family_for_all)
{
	static const char *const names[] = {
		"time-wait/syn/seq+1/ts-above/ipv6", "time-wait/syn/seq+2/ts-above/ipv6",
		"time-wait/syn/seq+1/ts-above/a=1/ipv6", "time-wait/syn/seq+2/ts-above/a=1/ipv6",
		"listen/syn/seq-above/ts-above/ipv6",
	};
	static const char text[] = HEAD "- {seq: [1, 2], family: [ipv4, ipv6], sysctl: [none, a=1]}\n"
				   "- {state: listen, family: ipv6}\n- {state: listen}\n";
	struct error error = { "" };
	struct matrix *matrix = parse(text);

	ck_assert_uint_eq(matrix_count(matrix), 10);
	matrix_set_family(matrix, 6);
	check_names(matrix, 5, names);
	matrix_free(matrix);

	matrix = parse(text);
	ck_assert_int_eq(matrix_only(matrix, "*seq+2*", &error), 0);
	matrix_set_family(matrix, 6);
	ck_assert_uint_eq(matrix_count(matrix), 2);
	ck_assert_str_eq(name_at(matrix, 0), names[1]);
	ck_assert_str_eq(name_at(matrix, 1), names[3]);
	matrix_free(matrix);
}
END_TEST

/* One path for all in the same way; without it, or with several, a matrix says so. */
START_TEST(one_path_for_all)
{
	static const char *const names[] = {
		"time-wait/syn/seq+1/ts-above/path=nat", "time-wait/syn/seq+1/ts-above/keepalive=5/path=nat",
	};
	static const char text[] = HEAD "- {seq: [1, 2], path: [direct, x.nft], keepalive: [off, 5]}\n";
	struct error error = { "" };
	char path[PATH_NAME_SIZE];
	struct matrix *matrix = parse(text);

	ck_assert_uint_eq(matrix_count(matrix), 8);
	ck_assert_int_eq(matrix_path(matrix, path, &error), -1);
	ck_assert_msg(strstr(error.text, "cells over several paths, direct and x.nft"), "%s", error.text);
	ck_assert_int_eq(matrix_only(matrix, "*seq+1*", &error), 0);
	matrix_set_path(matrix, "nat");
	check_names(matrix, 2, names);
	ck_assert_int_eq(matrix_path(matrix, path, &error), 0);
	ck_assert_str_eq(path, "nat");
	matrix_set_path(matrix, NULL);
	ck_assert_uint_eq(matrix_count(matrix), 2);
	ck_assert_int_eq(matrix_path(matrix, path, &error), 0);
	ck_assert_str_eq(path, "");
	matrix_free(matrix);

	matrix = parse(text);
	ck_assert_int_eq(matrix_only(matrix, "*path=*", &error), 0);
	ck_assert_int_eq(matrix_path(matrix, path, &error), 0);
	ck_assert_str_eq(path, "x.nft");
	matrix_free(matrix);
}
END_TEST

START_TEST(a_single_cell)
{
	static const char *const names[] = { "closing/ack/seq+wnd/ts-zero/conn-ts-off/ack-1/a=1/b=2@probe/ipv6" };
	struct cell cell = named_cell(names[0]), read;
	struct matrix *matrix;

	matrix = matrix_single(&cell);
	check_names(matrix, 1, names);
	matrix_cell(matrix, 0, &read);
	ck_assert(same_cell(&cell, &read));
	matrix_free(matrix);
}
END_TEST

/* Every seq with every TSval, numbered as a map numbers its points; all else is the cell's. */
START_TEST(a_plane)
{
	static const struct offset seqs[] = { { OFFSET_NUMBER, -7 }, { OFFSET_NUMBER, 3 }, { OFFSET_NUMBER, 1 << 30 } };
	static const struct offset tss[] = { { OFFSET_NUMBER, -1 }, { OFFSET_NUMBER, 12 } };
	struct matrix *matrix;
	struct cell cell, one;

	cell_default(&cell);
	cell.stimulus.kind = KIND_RST;
	matrix = matrix_plane(&cell, seqs, 3, tss, 2, NULL);
	ck_assert_ptr_nonnull(matrix);
	ck_assert_uint_eq(matrix_count(matrix), 6);
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 2; j++) {
			matrix_cell(matrix, i * 2 + j, &one);
			ck_assert_int_eq(one.stimulus.seq.value, seqs[i].value);
			ck_assert_int_eq(one.stimulus.ts.value, tss[j].value);
			ck_assert_int_eq(one.stimulus.kind, KIND_RST);
			ck_assert_int_eq(one.state, cell.state);
		}
	}
	matrix_free(matrix);
}
END_TEST

static void add_tests(TCase *tcase)
{
	tcase_add_test(tcase, an_empty_block_is_the_default_cell);
	tcase_add_test(tcase, the_order_of_cells);
	tcase_add_test(tcase, kinds_without_ack_ignore_it);
	tcase_add_test(tcase, acknowledgments_tell_cells_apart);
	tcase_add_test(tcase, windows_in_order);
	tcase_add_test(tcase, yaml_in_other_styles);
	tcase_add_loop_test(tcase, every_error_names_its_place, 0, ROWS(bad));
	tcase_add_test(tcase, a_million_cells);
	tcase_add_test(tcase, too_many_cells);
	tcase_add_test(tcase, many_blocks);
	tcase_add_test(tcase, too_large_and_too_deep);
	tcase_add_test(tcase, only_those_whose_name_matches);
	tcase_add_test(tcase, appended_duplicates_are_dropped);
	tcase_add_test(tcase, appended_after_only);
	tcase_add_test(tcase, a_cell_added_after_only);
	tcase_add_test(tcase, appended_beyond_the_limit);
	tcase_add_test(tcase, one_family_for_all);
	tcase_add_test(tcase, one_path_for_all);
	tcase_add_test(tcase, a_single_cell);
}

int main(void)
{
	TCase *tcase = tcase_create("case files");

	tcase_set_timeout(tcase, 30);
	add_tests(tcase);
	tcase_add_test(tcase, a_plane);
	return run_suite("matrix", tcase, NULL);
}
