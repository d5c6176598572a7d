/* test_cells_page.c - a page of cells read back: rows name strings that are there, and nothing of it is more than text. */
#include "harness/report/cells_page.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/sample_record.h"

#include "tests/unit/suite.h"

/* The rows of a page, as its script reads them. */
struct read_page {
	char *text;                  /* the whole page */
	char **texts, **rows;
	size_t text_count, row_count;
};

static void read_page(struct read_page *page, char *text)
{
	char *at, *end;

	page->text = text;
	page->texts = calloc(strlen(text), sizeof(*page->texts));
	page->rows = calloc(strlen(text), sizeof(*page->rows));
	page->text_count = page->row_count = 0;
	at = strstr(text, "id=\"cells\">\n");
	ck_assert_ptr_nonnull(at);
	end = strstr(at, "</script>");
	ck_assert_ptr_nonnull(end);
	*end = '\0';
	ck_assert_ptr_null(strchr(at, '<')); /* nothing can end the script before its end */
	for (at = strtok(strchr(at, '\n'), "\n"); at; at = strtok(NULL, "\n")) {
		if (*at == '"' || *at == '[')
			page->texts[page->text_count++] = at + 1;
		else if (*at != '{')
			page->rows[page->row_count++] = at;
	}
}

static void free_page(struct read_page *page)
{
	free(page->texts);
	free(page->rows);
	free(page->text);
}

enum { ROW_STATE = 1, ROW_REST = 5, ROW_SHOWN, ROW_DETAILS, ROW_RUNGS, ROW_NUMBERS };

/* The field of the row. */
static size_t field(const char *row, size_t number)
{
	while (number--)
		row = strchr(row, ',') + 1;
	return strtoul(row, NULL, 10);
}

static const char *text_of(const struct read_page *page, size_t number)
{
	ck_assert_uint_lt(number, page->text_count);
	return page->texts[number];
}

/* The member of a list of strings. */
static const char *member(const struct read_page *page, size_t list, size_t number)
{
	const char *at = text_of(page, list);

	while (number-- && at)
		at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
	return at && *at ? text_of(page, strtoul(at, NULL, 10)) : NULL;
}

static const char *numbers(const char *row)
{
	for (size_t i = 0; i < ROW_NUMBERS; i++)
		row = strchr(row, ',') ? strchr(row, ',') + 1 : "";
	return row;
}

/* Not inline: gcc takes the address of the stream's text for that of what it points to. */
static char *whole_page(const struct run_facts *facts, const struct record *records, size_t count)
	__attribute__((noinline));
static char *whole_page(const struct run_facts *facts, const struct record *records, size_t count)
{
	return sample_report(FORMAT_HTML, false, false, facts, records, count);
}

static void read_report(struct read_page *page, const struct record *records, size_t count)
{
	struct run_facts facts = sample_facts();

	facts.matrix = "</script><i>";
	read_page(page, whole_page(&facts, records, count));
}

START_TEST(each_cell_is_a_row)
{
	static const char *const shown[] = { "SYN-ACK c\tf", "-\tf", "?", "SYN-ACK c\tf" };
	static const size_t verdicts[] = { VERDICT_AGREES, VERDICT_AGREES, VERDICT_INCONCLUSIVE, VERDICT_DIFFERS };
	struct record records[4];
	struct read_page page;

	sample_four(records);
	read_report(&page, records, 4);
	ck_assert_uint_eq(page.row_count, 4);
	for (size_t i = 0; i < 4; i++) {
		const char *row = page.rows[i];

		ck_assert_uint_eq(field(row, 0), verdicts[i]);
		ck_assert_str_eq(text_of(&page, field(row, ROW_STATE)), "time-wait");
		ck_assert_str_eq(text_of(&page, field(row, ROW_STATE + 1)), "syn");
		ck_assert_str_eq(text_of(&page, field(row, ROW_STATE + 2)), i / 2 ? "seq+1" : "seq-1");
		ck_assert_str_eq(text_of(&page, field(row, ROW_STATE + 3)), i % 2 ? "ts+1" : "ts-1");
		ck_assert_str_eq(text_of(&page, field(row, ROW_REST)), "");
		ck_assert_str_eq(member(&page, field(row, ROW_SHOWN), 0), shown[i]);
	}
	free_page(&page);
}
END_TEST

/* How long the answer took is in the row, so that the next cell's text is the same. */
START_TEST(what_chance_decides_is_in_the_row)
{
	struct record records[2] = { sample_record(5, 5), sample_record(5, 5) };
	struct read_page page;

	records[1].heard[0].time_ns += 1000;
	read_report(&page, records, 2);
	ck_assert_str_eq(member(&page, field(page.rows[0], ROW_DETAILS), 0),
			 "answer\tSYN-ACK continued, after \\# us: SA "
			 "\\# ack \\# win \\# \\lmss 1460,sackOK,TS val ts_echo+77 ecr ts_recent+1000,nop,wscale 7>");
	ck_assert_str_eq(numbers(page.rows[0]), "23.4,4000065537,1000006,65160");
	ck_assert_str_eq(numbers(page.rows[1]), "24.4,4000065537,1000006,65160");
	ck_assert_uint_eq(field(page.rows[0], ROW_DETAILS), field(page.rows[1], ROW_DETAILS));
	free_page(&page);
}
END_TEST

START_TEST(what_is_said_has_its_label)
{
	static const char *const parts[] = { "answer\tsilence", "subject\ttime-wait before, syn-recv after",
		"linux\tsilence (as seen). The reason [the citation]", "rfc\tno prediction. The reason [the citation]",
		"folk\tACK (otherwise). The reason [the citation]",
		"verdict\tagrees: The kernel answers silence, as linux expects; folk expects ACK.",
		"tries\t3 connections", NULL };
	struct record record = sample_silence(1, 1);
	struct read_page page;

	record.tries = 3;
	read_report(&page, &record, 1);
	for (size_t i = 0; parts[i]; i++)
		ck_assert_str_eq(member(&page, field(page.rows[0], ROW_DETAILS), i), parts[i]);
	ck_assert_ptr_null(member(&page, field(page.rows[0], ROW_DETAILS), 7));
	free_page(&page);
}
END_TEST

START_TEST(a_ladder_is_in_the_row)
{
	struct record record = sample_record(-1000, 5);
	struct read_page page;
	struct trace trace = { .count = 3 };
	size_t rungs;

	trace.entries[0] = (struct trace_entry){ .time_ns = SAMPLE_SENT_NS, .ours = true, .segment = record.sent };
	trace.entries[1] = (struct trace_entry){ .time_ns = SAMPLE_SENT_NS + 23449, .segment = record.heard[0].segment };
	trace.entries[2] = (struct trace_entry){ .time_ns = SAMPLE_SENT_NS + 30000, .unsound = true,
						 .notice = { .kind = NOTICE_ICMP } };
	record.trace = &trace;
	read_report(&page, &record, 1);
	rungs = field(page.rows[0], ROW_RUNGS);
	ck_assert_str_eq(member(&page, rungs, 0), ">*\t\\#\t\t\tS rcv_nxt-1000 \\lTS val ts_recent+5>\tstimulus");
	ck_assert_str_eq(member(&page, rungs, 1),
			 "+*\t\\#\t\t\tSA snd_nxt+\\# ack rcv_nxt-999 \\lTS val ts_echo+77>\tanswer");
	ck_assert_int_eq(strncmp(member(&page, rungs, 2), "-\t\\#\t\t\t\\l-- ", 12), 0);
	ck_assert_ptr_null(member(&page, rungs, 3));
	ck_assert_int_eq(strncmp(numbers(page.rows[0]), "0.0,23.4,65537,30.0", 19), 0);
	free_page(&page);
}
END_TEST

/* Whatever a file, a name or the network says. */
START_TEST(nothing_breaks_out)
{
	static const char evil[] = "</script><script>alert(1)</script>&amp;\\\"'\n\r\x1b[31m\xff\xe2\x80\xae 1234567";
	struct record record = sample_record(1, 1);
	struct run_facts facts = sample_facts();
	struct read_page page;
	char *text, *head;

	sample_verdict(&record, VERDICT_INCONCLUSIVE, evil);
	facts.kernel = facts.matrix = facts.target = evil;
	text = whole_page(&facts, &record, 1);
	head = strndup(text, (size_t)(strstr(text, "</title>") - text));
	assert_has(head, "&#60;/script&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#38;amp;\\&#34;&#39;???[31m????");
	ck_assert_ptr_null(strstr(text, "<script>alert"));
	ck_assert_ptr_null(strchr(text, '\x1b'));
	read_page(&page, text); /* no '<' among the rows */
	ck_assert_str_eq(member(&page, field(page.rows[0], ROW_DETAILS), 3) ? "more" : "", "more");
	free(head);
	free_page(&page);
}
END_TEST

START_TEST(the_totals_are_those_of_a_table)
{
	struct run_facts facts = sample_facts();
	struct record records[4];
	char *text;

	sample_four(records);
	text = whole_page(&facts, records, 4);
	assert_has(text, "<section id=\"totals\">");
	assert_has(strstr(text, "<section id=\"totals\">"),
		   "<p class=\"i0\">4 cells: 2 agree with linux, 1 differ, 1 inconclusive, 0 skipped.</p>\n");
	assert_has(text, "<p class=\"faint\">twprobe 0.1.0, kernel 6.18.44, target lab, matrix time-wait, 4 cells");
	assert_has(text, "content=\"default-src 'none';");
	assert_lacks(text, "http://");
	assert_lacks(text, "https://");
	free(text);
}
END_TEST

/* More strings than are remembered: they are written again, and rows go on naming the right ones. */
START_TEST(what_is_forgotten_is_written_again)
{
	enum { CELLS = 21000 };
	const struct cells_page_facts facts = { .title = "t", .noun = "n", .views_noun = "", .command = "", .time = "",
						.left = "", .right = "" };
	struct read_page page;
	struct error error;
	char name[64], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct cells_page *writer = cells_page_open(out, &error);

	cells_page_begin(writer, &facts);
	cells_page_rows(writer, &facts);
	for (size_t i = 0; i < CELLS; i++) {
		snprintf(name, sizeof(name), "time-wait/syn/seq+%zu/ts+1/a/b", i);
		cells_page_cell(writer, name, 0);
		cells_page_shown(writer, "ACK", "");
		ck_assert_int_eq(cells_page_cell_end(writer, &error), 0);
	}
	cells_page_totals(writer);
	cells_page_end(writer);
	cells_page_close(writer);
	fclose(out);
	read_page(&page, text);
	ck_assert_uint_eq(page.row_count, CELLS);
	ck_assert_uint_lt(page.text_count, CELLS + 100);
	for (size_t i = 0; i < CELLS; i++) {
		snprintf(name, sizeof(name), "seq+%zu", i);
		ck_assert_str_eq(text_of(&page, field(page.rows[i], ROW_STATE)), "time-wait");
		ck_assert_str_eq(text_of(&page, field(page.rows[i], ROW_STATE + 2)), name);
		ck_assert_str_eq(text_of(&page, field(page.rows[i], ROW_REST)), "a/b");
		ck_assert_str_eq(member(&page, field(page.rows[i], ROW_SHOWN), 0), "ACK");
	}
	free_page(&page);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_add_test(tcase, each_cell_is_a_row);
	tcase_add_test(tcase, what_chance_decides_is_in_the_row);
	tcase_add_test(tcase, what_is_said_has_its_label);
	tcase_add_test(tcase, a_ladder_is_in_the_row);
	tcase_add_test(tcase, nothing_breaks_out);
	tcase_add_test(tcase, the_totals_are_those_of_a_table);
	tcase_add_test(tcase, what_is_forgotten_is_written_again);
	return run_suite("cells_page", tcase, NULL);
}
