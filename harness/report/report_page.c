/* report_page.c - the cells of a run as a page: what the table, the ladder and the summary say, where a browser shows it. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/cells_page.h"
#include "harness/report/html.h"
#include "harness/report/report_ends.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_reasons.h"
#include "harness/report/report_walk.h"

enum { TITLE_SIZE = 400, COMMAND_SIZE = 256, WORDS_SIZE = 400 };

struct run_page {
	struct cells_page *cells;
	struct reasons *reasons;
	FILE *words; /* lines of one cell, before they are told apart */
	char *text;
	size_t size;
};

static void page_close(struct report *report)
{
	struct run_page *page = report->state;

	cells_page_close(page->cells);
	report_reasons_close(page->reasons);
	if (page->words)
		fclose(page->words);
	free(page->text);
	free(page);
}

static int page_open(struct report *report, struct error *error)
{
	struct run_page *page = calloc(1, sizeof(*page));

	if (!page)
		return fail(error, "out of memory for the page");
	report->state = page;
	page->cells = cells_page_open(report->out, error);
	page->reasons = report_reasons_open(report->facts.every_name, error);
	page->words = open_memstream(&page->text, &page->size);
	if (page->cells && page->reasons && page->words)
		return 0;
	page_close(report);
	return fail(error, "out of memory for the page");
}

static const char *hue_word(enum hue hue)
{
	return hue == HUE_GOOD ? "good" : hue == HUE_BAD ? "bad" : hue == HUE_UNSURE ? "unsure" : "faint";
}

/* What the letters at an answer mean: those of the books that do not decide. */
static void add_legend(const struct report *report, char (*words)[WORDS_SIZE], const char **legend)
{
	enum book decides = oracle_book_parse(report->facts.expect);
	size_t count = 0;

	legend[count++] = "c: its ISN continues the old connection's";
	for (enum book book = 0; book < BOOK_COUNT; book++) {
		if (book == decides || !oracle_book_shown(book, decides))
			continue;
		snprintf(words[book], WORDS_SIZE, "%c: %s expects otherwise", oracle_book_name(book)[0],
			 oracle_book_name(book));
		legend[count++] = words[book];
	}
	legend[count] = NULL;
}

static void choose_verdicts(struct cells_page_verdict verdicts[static VERDICT_COUNT])
{
	static char marks[VERDICT_COUNT][2];

	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++) {
		marks[verdict][0] = report_verdict_mark(verdict);
		verdicts[verdict] = (struct cells_page_verdict){ verdict_name(verdict), marks[verdict],
								 hue_word(report_verdict_hue(verdict)) };
	}
}

static int page_begin(struct report *report, struct error *error)
{
	const struct run_facts *facts = &report->facts;
	const struct run_page *page = report->state;
	bool lab = strcmp(facts->target, "lab") == 0;
	char title[TITLE_SIZE], command[COMMAND_SIZE], line[REPORT_HEAD_SIZE];
	char words[BOOK_COUNT][WORDS_SIZE];
	struct cells_page_verdict verdicts[VERDICT_COUNT];
	const char *legend[BOOK_COUNT + 2];
	const struct cells_page_facts shown = {
		.title = title, .noun = "Verdict", .verdicts = verdicts, .verdict_count = VERDICT_COUNT, .views_noun = "",
		.command = command, .time = "us", .left = "peer", .right = "subject", .legend = legend,
	};

	(void)error;
	choose_verdicts(verdicts);
	/* One cell has its name in the page. */
	snprintf(title, sizeof(title), "%s%.80s answers%s%.100s", facts->kernel ? "What Linux " : "What ",
		 facts->kernel ? facts->kernel : facts->target, facts->cells == 1 ? "" : ": ",
		 facts->cells == 1 ? "" : facts->matrix);
	snprintf(command, sizeof(command), "twprobe CELL%s%.120s", lab ? "" : " ", lab ? "" : facts->target);
	add_legend(report, words, legend);
	cells_page_begin(page->cells, &shown);
	html_element(report->out, "p", "faint", report_head_text(facts, line));
	cells_page_rows(page->cells, &shown);
	return 0;
}

static void add_rung(void *context, const struct ends_rung *rung)
{
	cells_page_rung(context, rung);
}

static void add_remark(void *context, const char *time, const char *text)
{
	cells_page_remark(context, time, text);
}

/* "answer:     ACK, after ...": the label and what is behind it. */
static void add_line(struct cells_page *cells, char *line)
{
	size_t length = strcspn(line, ":");

	if (strlen(line) <= REPORT_LABEL_WIDTH)
		return;
	if (*line == ' ' || length >= REPORT_LABEL_WIDTH) {
		cells_page_detail(cells, "", line + strspn(line, " "));
		return;
	}
	line[length] = '\0';
	cells_page_detail(cells, line, line + REPORT_LABEL_WIDTH);
}

static int add_words(struct report *report, const struct report_walk *walk, struct error *error)
{
	struct run_page *page = report->state;
	char tries[64];

	rewind(page->words);
	text_unbroken(page->words);
	report_ladder_words(page->words, false, &report->facts, walk);
	text_unbroken(NULL);
	fputc('\0', page->words);
	if (fflush(page->words))
		return fail(error, "out of memory for the page");
	for (char *line = page->text, *rest; *line; line = rest) {
		rest = line + strcspn(line, "\n");
		if (*rest)
			*rest++ = '\0';
		add_line(page->cells, line);
	}
	if (walk->record->tries > 1) {
		snprintf(tries, sizeof(tries), "%u connections", walk->record->tries);
		cells_page_detail(page->cells, "tries", tries);
	}
	return 0;
}

static void add_shown(struct report *report, const struct record *record)
{
	enum book decides = oracle_book_parse(report->facts.expect);
	char text[ANSWER_TEXT_SIZE], otherwise[OTHERWISE_SIZE], marks[BOOK_COUNT + 1];
	const struct run_page *page = report->state;
	size_t count = 0;

	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (book != decides && *report_otherwise_text(record, book, otherwise))
			marks[count++] = oracle_book_name(book)[0];
	marks[count] = '\0';
	cells_page_shown(page->cells, report_outcome_short(record, text), marks);
}

static int page_cell(struct report *report, const struct record *record, struct error *error)
{
	const struct run_page *page = report->state;
	const struct report_walk_sink sink = { add_rung, add_remark, page->cells };
	char name[CELL_NAME_SIZE];
	struct report_walk walk;

	cell_name(&record->cell, name, sizeof(name));
	if (record->verdict != VERDICT_AGREES &&
	    report_reasons_add(page->reasons, record->verdict, record->reason, name, error))
		return -1;
	cells_page_cell(page->cells, name, record->verdict);
	add_shown(report, record);
	report_walk_begin(&walk, record);
	report_walk_rungs(&walk, &sink);
	return add_words(report, &walk, error) ? -1 : cells_page_cell_end(page->cells, error);
}

/* What they are is in the grids, too. */
static bool has_exceptions(const struct tally *tally)
{
	return tally->verdicts[VERDICT_DIFFERS] || tally->verdicts[VERDICT_MIXED] || tally->verdicts[VERDICT_INCONCLUSIVE];
}

static int page_end(struct report *report, const struct tally *tally, struct error *error)
{
	struct run_page *page = report->state;
	struct report words = *report;
	struct html_lines sums, exceptions;

	cells_page_totals(page->cells);
	words.color = false;
	if (html_lines_begin(&sums) < 0)
		return fail(error, "out of memory for the page");
	words.out = sums.out;
	report_totals_print(&words, page->reasons, tally);
	html_lines_end(&sums, report->out);
	if (has_exceptions(tally)) {
		if (html_lines_begin(&exceptions) < 0)
			return fail(error, "out of memory for the page");
		words.out = exceptions.out;
		report_exceptions_print(&words, page->reasons);
		fputs("<details>\n<summary>Which are not as expected, and why</summary>\n", report->out);
		html_lines_end(&exceptions, report->out);
		fputs("</details>\n", report->out);
	}
	cells_page_end(page->cells);
	return 0;
}

const struct report_style report_page_style = {
	.open = page_open,
	.begin = page_begin,
	.cell = page_cell,
	.end = page_end,
	.close = page_close,
};
