/* compare_print.c - a comparison for a person: table and markdown. */
#include "harness/results/compare_print.h"

#include <string.h>

#include "cases/matrix/cell.h"
#include "crafter/plain.h"
#include "crafter/stream.h"
#include "crafter/textbuf.h"
#include "cases/path/path.h"
#include "harness/report/expected_failures.h"
#include "harness/report/text.h"
#include "harness/results/compare_internal.h"

enum { WHAT_WIDTH = 13 }; /* of the first column of a table: what is compared */

static const char *const titles[LIKENESS_COUNT] = {
	[LIKENESS_DIFFERENT] = "Different",
	[LIKENESS_PARTLY] = "Only in some of the files",
	[LIKENESS_UNCERTAIN] = "Not compared: inconclusive, mixed or skipped in some of the files",
};

const char *compare_likeness_title(enum likeness likeness)
{
	return titles[likeness];
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static const char *label_of(const struct results *file, int level)
{
	const char *const labels[] = {
		file->kernel, file->over && *file->over ? file->over : PATH_DIRECT, base_name(file->shown), file->shown,
	};

	return labels[level];
}

void compare_labels(struct results *const *files, size_t count, const char **labels)
{
	size_t i, j;
	int level = 0;

	while (level < 3) {
		bool clear = true;

		for (i = 0; i < count; i++) {
			clear = clear && *label_of(files[i], level);
			for (j = 0; j < i; j++)
				clear = clear && strcmp(label_of(files[i], level), label_of(files[j], level));
		}
		if (clear)
			break;
		level++;
	}
	for (i = 0; i < count; i++)
		labels[i] = label_of(files[i], level);
}

const char *compare_view_word(const struct compare_view *view, uint32_t number)
{
	return intern_text(view->pool->words, number);
}

const char *compare_group_example(const struct compare_view *view, const struct group *group)
{
	return intern_text(view->pool->cells, group->members[0]);
}

const char *compare_group_what(const struct group *group)
{
	return group->aspect == ASPECT_ANSWER ? "answer" : results_aspect_name(group->aspect);
}

static void add_axis(const struct compare_view *view, const struct axis_share *share, enum compare_axis axis,
		     struct textbuf *out)
{
	static const char *const nouns[COMPARE_AXIS_COUNT] = { "seq", "ts", "condition" };
	static const char *const several[COMPARE_AXIS_COUNT] = { "seq", "ts", "conditions" };

	if (share->count == share->of && share->of > 1) {
		textbuf_add(out, "any %s", nouns[axis]);
		return;
	}
	if (share->count > COMPARE_AXIS_SHOWN) {
		textbuf_add(out, "%zu of %zu %s", share->count, share->of, several[axis]);
		return;
	}
	for (size_t i = 0; i < share->count; i++) {
		const char *value = compare_view_word(view, share->shown[i]);

		textbuf_add(out, "%s%s", i ? ", " : "", *value ? value : "no condition");
	}
}

const char *compare_group_where(const struct compare_view *view, const struct group *group,
				char buffer[static WHERE_SIZE])
{
	struct textbuf out;

	textbuf_init(&out, buffer, WHERE_SIZE);
	if (group->count == 1)
		return buffer;
	for (enum compare_axis axis = 0; axis < COMPARE_AXIS_COUNT; axis++) {
		const struct axis_share *share = &group->axes[axis];

		if (axis == COMPARE_AXIS_CONDITIONS && share->of == 1 && !*compare_view_word(view, share->shown[0]))
			continue;
		textbuf_add(&out, "%s", axis ? "; " : "");
		add_axis(view, share, axis, &out);
	}
	return buffer;
}

/* end: NULL: it is for a person, and wrapped. */
static void print_sentence(FILE *out, const char *text, const char *end)
{
	if (end)
		fprintf(out, "%s%s", text, end);
	else
		text_wrap(out, text, 0, 2);
}

static void print_summary(FILE *out, const struct compare_view *view, const char *end)
{
	const struct comparison *comparison = view->comparison;
	const size_t *counts = comparison->counts;
	char cells[32], line[512];
	struct textbuf text;

	textbuf_init(&text, line, sizeof(line));
	textbuf_add(&text, "%s in %zu %s: %zu the same, %zu different",
		    text_plural(compare_cells(comparison), "cell", cells, sizeof(cells)), comparison->files,
		    view->noun ? view->noun : "files",
		    counts[LIKENESS_SAME], counts[LIKENESS_DIFFERENT]);
	if (counts[LIKENESS_PARTLY])
		textbuf_add(&text, ", %zu %s", counts[LIKENESS_PARTLY],
			    comparison->wider ? "not in every file" : "only in some of the files");
	if (counts[LIKENESS_UNCERTAIN])
		textbuf_add(&text, ", %zu not compared (inconclusive, mixed or skipped in some file)",
			    counts[LIKENESS_UNCERTAIN]);
	if (counts[LIKENESS_SKIPPED])
		textbuf_add(&text, ", %zu skipped in every file", counts[LIKENESS_SKIPPED]);
	textbuf_add(&text, ".");
	print_sentence(out, line, end);
	if (!comparison->unwitnessed)
		return;
	snprintf(line, sizeof(line), "Of %zu cells only some files know the state afterwards; it was not compared there.",
		 comparison->unwitnessed);
	print_sentence(out, line, end);
}

void compare_summary(FILE *out, const struct compare_view *view)
{
	print_summary(out, view, NULL);
}

void compare_summary_line(FILE *out, const struct compare_view *view)
{
	print_summary(out, view, "\n");
}

size_t compare_known_same(const struct compare_view *view, const char **first)
{
	const struct comparison *comparison = view->comparison;
	size_t count = 0;

	for (uint32_t cell = 0; cell < comparison->cells && view->failures; cell++) {
		const char *name = intern_text(view->pool->cells, cell);

		if (comparison->likeness[cell] == LIKENESS_SAME && expected_failures_reason(view->failures, name) && !count++)
			*first = name;
	}
	return count;
}

int compare_exit_known(const struct compare_view *view)
{
	const char *first;
	const struct comparison *comparison = view->comparison;
	size_t counts[LIKENESS_COUNT] = { 0 };

	if (!view->failures)
		return compare_exit(comparison);
	for (uint32_t cell = 0; cell < comparison->cells; cell++)
		if (!expected_failures_reason(view->failures, intern_text(view->pool->cells, cell)))
			counts[comparison->likeness[cell]]++;
	if (compare_known_same(view, &first) || counts[LIKENESS_DIFFERENT] || (counts[LIKENESS_PARTLY] && !comparison->wider))
		return 1;
	return counts[LIKENESS_UNCERTAIN] || counts[LIKENESS_PARTLY] ? 3 : 0;
}

/* The columns of the table; false where they are together too wide for the terminal. */
static bool measure(FILE *out, const struct compare_view *view, size_t widths[COMPARE_FILES_MAX])
{
	const struct comparison *comparison = view->comparison;
	size_t i, file, length, all = WHAT_WIDTH;

	for (file = 0; file < comparison->files; file++) {
		widths[file] = text_width(view->labels[file]);
		for (i = 0; i < comparison->group_count; i++) {
			length = strlen(compare_view_word(view, comparison->groups[i].values[file]));
			if (length > widths[file])
				widths[file] = length;
		}
		all += 2 + widths[file];
	}
	return all <= text_columns(out);
}

/* One line of columns; no blanks at its end. */
static void print_columns(FILE *out, const char *what, const char *const *texts, const size_t *widths, size_t count)
{
	size_t file;

	fprintf(out, "  %-11s", what);
	for (file = 0; file < count; file++)
		fprintf(out, "  %s%*s", texts[file], file + 1 < count ? (int)(widths[file] - text_width(texts[file])) : 0, "");
	fputc('\n', out);
}

/* Too many files for columns: each answer once, and the files that gave it. */
static void print_answers(FILE *out, const struct compare_view *view, const struct group *group)
{
	size_t files = view->comparison->files, file, other;

	for (file = 0; file < files; file++) {
		char line[COMPARE_FILES_MAX * 160];
		struct textbuf text;

		for (other = 0; other < file && group->values[other] != group->values[file]; other++)
			;
		if (other < file)
			continue;
		textbuf_init(&text, line, sizeof(line));
		textbuf_add(&text, "%s: %.120s in %.120s", compare_group_what(group),
			    compare_view_word(view, group->values[file]), view->labels[file]);
		for (other = file + 1; other < files; other++)
			if (group->values[other] == group->values[file])
				textbuf_add(&text, ", %.120s", view->labels[other]);
		fputs("  ", out);
		text_wrap(out, line, 2, 6);
	}
}

/* `widths`: NULL where there are no columns. */
static void print_group(FILE *out, const struct compare_view *view, const struct group *group, const size_t *widths)
{
	const char *texts[COMPARE_FILES_MAX];
	char where[WHERE_SIZE], line[WHERE_SIZE + 2 * CELL_NAME_SIZE + 64];
	size_t file;

	if (group->count == 1)
		snprintf(line, sizeof(line), "%s", compare_group_example(view, group));
	else
		snprintf(line, sizeof(line), "%s: %zu cells (%s), for instance %s",
			 compare_view_word(view, group->bucket),
			 group->count, compare_group_where(view, group, where), compare_group_example(view, group));
	text_wrap(out, line, 0, 4);
	if (!widths) {
		print_answers(out, view, group);
		return;
	}
	for (file = 0; file < view->comparison->files; file++)
		texts[file] = compare_view_word(view, group->values[file]);
	print_columns(out, compare_group_what(group), texts, widths, view->comparison->files);
}

static void print_table(FILE *out, const struct compare_view *view)
{
	const struct comparison *comparison = view->comparison;
	size_t widths[COMPARE_FILES_MAX], i, shown;
	bool columns = measure(out, view, widths);
	char line[4096];
	int likeness;

	if (view->baseline) {
		snprintf(line, sizeof(line), "%s is the baseline, %.3000s.", columns ? "The first column" :
			 "The first of the files", view->baseline);
		text_wrap(out, line, 0, 2);
		fputc('\n', out);
	}
	for (likeness = 0; likeness < LIKENESS_COUNT; likeness++) {
		for (i = shown = 0; i < comparison->group_count; i++) {
			if ((int)comparison->groups[i].likeness != likeness)
				continue;
			if (!shown++) {
				fprintf(out, "%s\n", titles[likeness]);
				if (columns)
					print_columns(out, "", view->labels, widths, comparison->files);
			}
			print_group(out, view, &comparison->groups[i], columns ? widths : NULL);
		}
		if (shown)
			fputc('\n', out);
	}
	print_summary(out, view, NULL);
}

/* A '|' would end the table's cell; the others would begin something else than text. */
static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("|\\`*[]<&", *text))
			fputc('\\', out);
		fputc(*text, out);
	}
}

/* Between backquotes, where only another one means something, and a '|' all the same. */
static void print_code(FILE *out, const char *text)
{
	fputc('`', out);
	for (; *text; text++)
		fputs(*text == '|' ? "\\|" : (char[]){ *text == '`' ? '\'' : *text, '\0' }, out);
	fputc('`', out);
}

static void print_markdown_group(FILE *out, const struct compare_view *view, const struct group *group)
{
	char where[WHERE_SIZE];
	size_t file;

	fprintf(out, "| %zu | ", group->count);
	print_code(out, compare_group_example(view, group));
	fputs(" | ", out);
	print_escaped(out, compare_group_where(view, group, where));
	fprintf(out, " | %s |", compare_group_what(group));
	for (file = 0; file < view->comparison->files; file++) {
		fputc(' ', out);
		print_escaped(out, compare_view_word(view, group->values[file]));
		fputs(" |", out);
	}
	fputc('\n', out);
}

static void print_markdown(FILE *out, const struct compare_view *view)
{
	const struct comparison *comparison = view->comparison;
	size_t i, file, shown;
	int likeness;

	print_summary(out, view, "\n\n");
	for (likeness = 0; likeness < LIKENESS_COUNT; likeness++) {
		for (i = shown = 0; i < comparison->group_count; i++) {
			if ((int)comparison->groups[i].likeness != likeness)
				continue;
			if (!shown++) {
				fprintf(out, "## %s\n\n| cells | for instance | where | what |", titles[likeness]);
				for (file = 0; file < comparison->files; file++) {
					fputc(' ', out);
					print_escaped(out, view->labels[file]);
					fputs(" |", out);
				}
				fputs("\n|---|---|---|---|", out);
				for (file = 0; file < comparison->files; file++)
					fputs("---|", out);
				fputc('\n', out);
			}
			print_markdown_group(out, view, &comparison->groups[i]);
		}
		if (shown)
			fputc('\n', out);
	}
}

int compare_print(enum format format, FILE *out, const struct compare_view *view, struct error *error)
{
	int result = 0;

	switch (format) {
	case FORMAT_JSON:
		result = compare_json(out, view, error);
		break;
	case FORMAT_JUNIT:
		result = compare_junit(out, view, error);
		break;
	case FORMAT_GITHUB:
		result = compare_github(out, view, error);
		break;
	case FORMAT_TAP:
	case FORMAT_KTAP:
		result = compare_tap(out, format, view, error);
		break;
	case FORMAT_HTML:
		result = compare_page(out, view, error);
		break;
	case FORMAT_MARKDOWN:
		print_markdown(out, view);
		break;
	case FORMAT_TABLE:
	case FORMAT_SVG:
	case FORMAT_PNG:
	case FORMAT_PACKETDRILL:
	case FORMAT_SCAPY:
	case FORMAT_C: /* format.c does not offer them here */
	case FORMAT_COUNT:
		print_table(out, view);
		break;
	}
	if (result)
		return -1;
	return stream_finish(out, "the comparison", error);
}
