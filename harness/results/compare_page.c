/* compare_page.c - a comparison as a page: what differs, grouped; then every cell, what each file saw, and what the rule books
 * say of it. */
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/textbuf.h"
#include "harness/report/cells_page.h"
#include "harness/report/html.h"
#include "harness/report/text.h"
#include "harness/results/compare_internal.h"

/* COLUMNS_MOST: files that have a column each; of more, each answer is told once, with the files that gave it. */
enum { COLUMNS_MOST = 4, TITLE_SIZE = 400, FILES_SIZE = COMPARE_FILES_MAX * 64, LINE_SIZE = 1600, PLURAL_SIZE = 32 };

static const struct cells_page_verdict verdicts[LIKENESS_COUNT] = {
	[LIKENESS_SAME] = { "the same", "", "good" },
	[LIKENESS_DIFFERENT] = { "different", "!", "bad" },
	[LIKENESS_PARTLY] = { "only in some", "~", "unsure" },
	[LIKENESS_UNCERTAIN] = { "not compared", "?", "unsure" },
	[LIKENESS_SKIPPED] = { "skipped", "-", "faint" },
	[LIKENESS_UNASKED] = { "not asked", "-", "faint" },
};

/* "5.10.218 to 6.1.192, 7.0.13": those of the files whose value is the same as that of `file`; they are in an order. */
static void files_text(const struct compare_view *view, const uint32_t *values, size_t file, char text[static FILES_SIZE])
{
	size_t files = view->comparison->files;
	struct textbuf out;

	textbuf_init(&out, text, FILES_SIZE);
	for (size_t first = file; first < files; first++) {
		size_t last = first;

		if (values[first] != values[file])
			continue;
		while (last + 1 < files && values[last + 1] == values[file])
			last++;
		textbuf_item(&out, ", ", "%.120s", view->labels[first]);
		if (last > first)
			textbuf_add(&out, "%s%.120s", last == first + 1 ? ", " : " to ", view->labels[last]);
		first = last;
	}
}

/* Whether an earlier file has the same value. */
static bool is_told(const uint32_t *values, size_t file)
{
	for (size_t earlier = 0; earlier < file; earlier++)
		if (values[earlier] == values[file])
			return true;
	return false;
}

/* Where only answers are compared there is no need to say so. */
static bool has_fields(const struct compare_view *view)
{
	for (size_t i = 0; i < view->comparison->group_count; i++)
		if (view->comparison->groups[i].aspect != ASPECT_ANSWER)
			return true;
	return false;
}

static void write_columns_head(FILE *out, const struct compare_view *view)
{
	fputs("<tr><th scope=\"col\">cells<th scope=\"col\">where", out);
	fputs(has_fields(view) ? "<th scope=\"col\">what" : "", out);
	for (size_t file = 0; file < view->comparison->files && view->comparison->files <= COLUMNS_MOST; file++) {
		fputs("<th scope=\"col\">", out);
		html_text(out, view->labels[file]);
	}
	fputs(view->comparison->files > COLUMNS_MOST ? "<th scope=\"col\">answers\n" : "\n", out);
}

static void write_group(FILE *out, const struct compare_view *view, const struct group *group)
{
	const char *example = compare_group_example(view, group);
	char where[WHERE_SIZE], files[FILES_SIZE];

	fprintf(out, "<tr><td>%zu<td>", group->count);
	if (group->count > 1) {
		html_text(out, compare_view_word(view, group->bucket));
		fputs(": ", out);
		html_text(out, compare_group_where(view, group, where));
		fputs("; for instance ", out);
	}
	fputs("<a href=\"#", out);
	html_text(out, example);
	fputs("\">", out);
	html_text(out, example);
	fputs("</a>", out);
	if (has_fields(view)) {
		fputs("<td>", out);
		html_text(out, compare_group_what(group));
	}
	fputs(view->comparison->files > COLUMNS_MOST ? "<td>" : "", out);
	for (size_t file = 0; file < view->comparison->files; file++) {
		if (view->comparison->files <= COLUMNS_MOST) {
			fputs("<td>", out);
			html_text(out, compare_view_word(view, group->values[file]));
		} else if (!is_told(group->values, file)) {
			files_text(view, group->values, file, files);
			fputs("<p><b>", out);
			html_text(out, compare_view_word(view, group->values[file]));
			fputs("</b> ", out);
			html_text(out, files);
			fputs("</p>", out);
		}
	}
	fputc('\n', out);
}

static void write_groups(FILE *out, const struct compare_view *view)
{
	const struct comparison *comparison = view->comparison;

	for (enum likeness likeness = 0; likeness < LIKENESS_COUNT; likeness++) {
		size_t shown = 0;

		for (size_t i = 0; i < comparison->group_count; i++) {
			if (comparison->groups[i].likeness != likeness)
				continue;
			if (!shown++) {
				html_element(out, "h2", NULL, compare_likeness_title(likeness));
				fputs("<div class=\"wide\"><table class=\"kinds texts\">\n", out);
				write_columns_head(out, view);
			}
			write_group(out, view, &comparison->groups[i]);
		}
		if (shown)
			fputs("</table></div>\n", out);
	}
}

/* "ACK (kernels 5.10 to 6.9). The reason. [citation]" */
static void add_alternatives(struct cells_page *page, enum book book, const struct cell *cell)
{
	const struct kernel any = { .timestamps = true, .md5 = true };
	struct alternatives alternatives;
	char when[ALTERNATIVE_TEXT_SIZE], line[LINE_SIZE];

	cell_ask_all(book, cell, &any, NULL, &alternatives);
	for (size_t i = 0; i < alternatives.count; i++) {
		const struct expectation *expected = &alternatives.list[i].expectation;
		const char *isn = oracle_isn_name(expected->isn), *after = state_name(expected->after);
		bool open = expected->answer == ANSWER_OPEN;
		struct textbuf out;

		textbuf_init(&out, line, sizeof(line));
		oracle_alternative_text(&alternatives, i, when);
		textbuf_add(&out, "%s%s%s%s%s", open ? "no prediction" : oracle_answer_name(expected->answer),
			    !open && isn ? " " : "", !open && isn ? isn : "", after ? ", then " : "", after ? after : "");
		if (alternatives.count > 1 && *when)
			textbuf_add(&out, " (%s)", when);
		textbuf_add(&out, ".%s%s", expected->reason ? " " : "", expected->reason ? expected->reason : "");
		if (expected->citation)
			textbuf_add(&out, " [%s]", expected->citation);
		cells_page_detail(page, i ? "" : oracle_book_name(book), line);
	}
}

static void add_books(struct cells_page *page, const char *name)
{
	struct error ignored; /* a name of another version's: then the books say nothing */
	struct cell cell;

	if (cell_parse(name, &cell, &ignored) < 0)
		return;
	for (enum book book = 0; book < BOOK_USUAL; book++)
		add_alternatives(page, book, &cell);
}

/* What each file saw, each answer once. */
static void add_seen(struct cells_page *page, const struct compare_view *view, uint32_t cell)
{
	const struct comparison *comparison = view->comparison;
	char text[COMPARE_OUTCOME_SIZE], files[FILES_SIZE], line[FILES_SIZE + COMPARE_OUTCOME_SIZE];
	uint32_t values[COMPARE_FILES_MAX];

	for (size_t file = 0; file < comparison->files; file++) {
		compare_outcome_text(comparison, view->pool, file, cell, true, text);
		values[file] = intern_add(view->pool->words, text);
	}
	for (size_t file = 0; file < comparison->files; file++) {
		if (is_told(values, file))
			continue;
		files_text(view, values, file, files);
		snprintf(line, sizeof(line), "%s: %s", intern_text(view->pool->words, values[file]), files);
		cells_page_detail(page, file ? "" : "seen", line);
	}
}

static int add_cell(struct cells_page *page, const struct compare_view *view, uint32_t cell, struct error *error)
{
	const struct comparison *comparison = view->comparison;
	const char *name = intern_text(view->pool->cells, cell);
	char text[COMPARE_OUTCOME_SIZE];

	cells_page_cell(page, name, comparison->likeness[cell]);
	for (size_t file = 0; file < comparison->files; file++)
		cells_page_shown(page, compare_outcome_text(comparison, view->pool, file, cell, false, text), "");
	add_seen(page, view, cell);
	add_books(page, name);
	return cells_page_cell_end(page, error);
}

static void title_text(const struct compare_view *view, char title[static TITLE_SIZE])
{
	const struct comparison *comparison = view->comparison;
	size_t last = comparison->files - 1;
	struct textbuf out;

	textbuf_init(&out, title, TITLE_SIZE);
	textbuf_add(&out, "What differs: %.120s", view->labels[0]);
	for (size_t i = 1; i < last && last < COLUMNS_MOST; i++)
		textbuf_add(&out, ", %.80s", view->labels[i]);
	textbuf_add(&out, " %s %.80s", last < COLUMNS_MOST ? "and" : "to", view->labels[last]);
}

static int write_cells(FILE *out, struct cells_page *page, const struct compare_view *view, struct error *error)
{
	const struct comparison *comparison = view->comparison;
	char title[TITLE_SIZE];
	struct cells_page_facts facts = {
		.title = title, .noun = "Comparison", .verdicts = verdicts, .verdict_count = LIKENESS_COUNT,
		.views = view->labels, .view_count = comparison->files, .views_noun = "Answers of",
		.command = "twprobe CELL", .time = "", .left = "", .right = "",
	};
	struct html_lines lines;

	title_text(view, title);
	cells_page_begin(page, &facts);
	if (html_lines_begin(&lines) < 0)
		return fail(error, "out of memory for the page");
	compare_summary(lines.out, view);
	html_lines_end(&lines, out);
	write_groups(out, view);
	if (view->more)
		view->more(view->context, out);
	html_element(out, "h2", NULL, "Every cell");
	cells_page_rows(page, &facts);
	for (uint32_t cell = 0; cell < comparison->cells; cell++)
		if (comparison->likeness[cell] != LIKENESS_UNASKED && add_cell(page, view, cell, error))
			return -1;
	cells_page_totals(page);
	cells_page_end(page);
	return 0;
}

int compare_page(FILE *out, const struct compare_view *view, struct error *error)
{
	struct cells_page *page = cells_page_open(out, error);
	int result = page ? write_cells(out, page, view, error) : -1;

	cells_page_close(page);
	return result;
}
