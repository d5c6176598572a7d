/* compare_page.c - a comparison as a page: what differs, grouped; then every cell, what each file saw, and what the rule books
 * say of it. */
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/textbuf.h"
#include "harness/report/cells_page.h"
#include "harness/report/html.h"
#include "harness/results/atlas.h"
#include "harness/results/compare_internal.h"

enum {
	TITLE_SIZE = 400, FILES_SIZE = COMPARE_FILES_TEXT_SIZE, LINE_SIZE = 1600, ROUTER_SIZE = 1024,
	VIEWS_MOST = 3 * COMPARE_FILES_MAX,
};

static const struct cells_page_verdict verdicts[LIKENESS_COUNT] = {
	[LIKENESS_SAME] = { "the same", "", "good" },
	[LIKENESS_DIFFERENT] = { "different", "!", "bad" },
	[LIKENESS_PARTLY] = { "only in some", "~", "unsure" },
	[LIKENESS_UNCERTAIN] = { "not compared", "?", "unsure" },
	[LIKENESS_SKIPPED] = { "skipped", "-", "faint" },
	[LIKENESS_UNASKED] = { "not asked", "-", "faint" },
};

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

/* What each file saw of it, each answer once; what has not been asked is not said. */
static void add_seen(struct cells_page *page, const struct compare_view *view, const char *label, uint32_t cell)
{
	const struct comparison *comparison = view->comparison;
	char text[COMPARE_OUTCOME_SIZE], files[FILES_SIZE], line[FILES_SIZE + COMPARE_OUTCOME_SIZE];
	uint32_t values[COMPARE_FILES_MAX];
	bool begun = false;

	if (comparison->likeness[cell] == LIKENESS_UNASKED)
		return;
	for (size_t file = 0; file < comparison->files; file++) {
		compare_outcome_text(comparison, view->pool, file, cell, true, text);
		values[file] = intern_add(view->pool->words, text);
	}
	for (size_t file = 0; file < comparison->files; file++) {
		if (compare_is_told(values, file) || (view->beside && !compare_has(comparison, file, cell)))
			continue;
		compare_files_text(view, values, file, files);
		snprintf(line, sizeof(line), "%s: %s", intern_text(view->pool->words, values[file]), files);
		cells_page_detail(page, begun ? "" : label, line);
		begun = true;
	}
}

/* What their routers did with it, each thing once. */
static void add_routers(struct cells_page *page, const struct compare_view *view, uint32_t cell)
{
	char files[FILES_SIZE], line[FILES_SIZE + ROUTER_SIZE];
	uint32_t says[COMPARE_FILES_MAX];
	bool begun = false;

	for (size_t file = 0; file < view->comparison->files; file++)
		says[file] = compare_says(view->comparison, file, cell);
	for (size_t file = 0; file < view->comparison->files; file++) {
		const char *text = intern_text(view->pool->words, says[file]);

		if (says[file] == WORD_UNKNOWN || !*text || compare_is_told(says, file))
			continue;
		compare_files_text(view, says, file, files);
		snprintf(line, sizeof(line), "%s: %s", files, text);
		cells_page_detail(page, begun ? "" : "routers", line);
		begun = true;
	}
}

static void add_shown(struct cells_page *page, const struct compare_view *view, uint32_t cell)
{
	const struct comparison *comparison = view->comparison;
	char text[COMPARE_OUTCOME_SIZE];

	for (size_t file = 0; file < comparison->files; file++) {
		bool asked = comparison->likeness[cell] != LIKENESS_UNASKED &&
			     (!view->beside || compare_has(comparison, file, cell));

		cells_page_shown(page, asked ? compare_outcome_text(comparison, view->pool, file, cell, false, text) : "", "");
	}
}

/* A family of the atlas as a comparison of its own; false: there is none. */
static bool family_view(const struct compare_view *view, size_t number, struct compare_view *beside)
{
	const struct atlas_family *family = view->atlas ? &view->atlas->families[number] : NULL;

	if (!family || !family->comparison)
		return false;
	*beside = (struct compare_view){ .comparison = family->comparison, .pool = view->pool, .files = family->results,
					 .labels = family->labels, .noun = family->noun, .beside = true };
	return true;
}

static bool is_asked(const struct compare_view *view, uint32_t cell)
{
	bool asked = view->comparison->likeness[cell] != LIKENESS_UNASKED;
	struct compare_view beside;

	for (size_t i = 0; i < ATLAS_FAMILIES; i++)
		asked |= family_view(view, i, &beside) && beside.comparison->likeness[cell] != LIKENESS_UNASKED;
	return asked;
}

static int add_cell(struct cells_page *page, const struct compare_view *view, uint32_t cell, struct error *error)
{
	const char *name = intern_text(view->pool->cells, cell);
	struct compare_view beside;

	cells_page_cell(page, name, view->comparison->likeness[cell]);
	add_shown(page, view, cell);
	for (size_t i = 0; i < ATLAS_FAMILIES; i++)
		if (family_view(view, i, &beside))
			add_shown(page, &beside, cell);
	add_seen(page, view, "seen", cell);
	add_routers(page, view, cell);
	for (size_t i = 0; i < ATLAS_FAMILIES; i++)
		if (family_view(view, i, &beside)) {
			add_seen(page, &beside, beside.noun, cell);
			add_routers(page, &beside, cell);
		}
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
	for (size_t i = 1; i < last && last < COMPARE_COLUMNS_MOST; i++)
		textbuf_add(&out, ", %.80s", view->labels[i]);
	textbuf_add(&out, " %s %.80s", last < COMPARE_COLUMNS_MOST ? "and" : "to", view->labels[last]);
}

static int write_summary(FILE *out, const struct compare_view *view, struct error *error)
{
	struct html_lines lines;

	if (html_lines_begin(&lines) < 0)
		return fail(error, "out of memory for the page");
	compare_summary(lines.out, view);
	html_lines_end(&lines, out);
	return 0;
}

static int write_families(FILE *out, const struct compare_view *view, struct error *error)
{
	struct compare_view beside;

	for (size_t i = 0; i < ATLAS_FAMILIES; i++) {
		if (!family_view(view, i, &beside))
			continue;
		html_element(out, "h2", NULL, view->atlas->families[i].title);
		html_element(out, "p", NULL, view->atlas->families[i].says);
		if (write_summary(out, &beside, error))
			return -1;
		fprintf(out, "<details><summary>What differs: %zu groups of cells</summary>\n", beside.comparison->group_count);
		compare_page_groups(out, &beside);
		fputs("</details>\n", out);
	}
	return 0;
}

/* Whose answers a page can show; returns how many. */
static size_t list_views(const struct compare_view *view, const char *names[static VIEWS_MOST])
{
	size_t count = view->comparison->files;
	struct compare_view beside;

	memcpy(names, view->labels, count * sizeof(*names));
	for (size_t i = 0; i < ATLAS_FAMILIES; i++)
		if (family_view(view, i, &beside)) {
			memcpy(names + count, beside.labels, beside.comparison->files * sizeof(*names));
			count += beside.comparison->files;
		}
	return count;
}

static int write_page(FILE *out, struct cells_page *page, const struct compare_view *view, struct error *error)
{
	const struct comparison *comparison = view->comparison;
	const char *views[VIEWS_MOST];
	char title[TITLE_SIZE];
	struct cells_page_facts facts = {
		.title = title, .noun = "Comparison", .verdicts = verdicts, .verdict_count = LIKENESS_COUNT,
		.views = views, .view_count = list_views(view, views), .view_first = comparison->files - 1,
		.views_noun = "Answers of", .command = "twprobe CELL", .time = "", .left = "", .right = "",
	};

	title_text(view, title);
	cells_page_begin(page, &facts);
	if (write_summary(out, view, error))
		return -1;
	compare_page_groups(out, view);
	compare_page_notes(out, view);
	if (view->more)
		view->more(view->context, out);
	if (write_families(out, view, error))
		return -1;
	html_element(out, "h2", NULL, "Every cell");
	cells_page_rows(page, &facts);
	for (uint32_t cell = 0; cell < comparison->cells; cell++)
		if (is_asked(view, cell) && add_cell(page, view, cell, error))
			return -1;
	cells_page_totals(page);
	cells_page_end(page);
	return 0;
}

int compare_page(FILE *out, const struct compare_view *view, struct error *error)
{
	struct cells_page *page = cells_page_open(out, error);
	int result = page ? write_page(out, page, view, error) : -1;

	cells_page_close(page);
	return result;
}
