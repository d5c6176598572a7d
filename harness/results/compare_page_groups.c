/* compare_page_groups.c - what differs, as tables of a page: groups of cells, who answered what, and why. */
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/report/html.h"
#include "harness/report/text.h"
#include "harness/results/compare_internal.h"
#include "harness/results/notes.h"

enum { COLUMNS_MOST = COMPARE_COLUMNS_MOST, FILES_SIZE = COMPARE_FILES_TEXT_SIZE };

void compare_files_text(const struct compare_view *view, const uint32_t *values, size_t file,
			char text[static COMPARE_FILES_TEXT_SIZE])
{
	size_t files = view->comparison->files;
	struct textbuf out;

	textbuf_init(&out, text, FILES_SIZE);
	for (size_t first = file; first < files; first++) {
		size_t last = first;

		if (values[first] != values[file])
			continue;
		while (!view->beside && last + 1 < files && values[last + 1] == values[file])
			last++;
		textbuf_item(&out, ", ", "%.120s", view->labels[first]);
		if (last > first)
			textbuf_add(&out, "%s%.120s", last == first + 1 ? ", " : " to ", view->labels[last]);
		first = last;
	}
}

bool compare_is_told(const uint32_t *values, size_t file)
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

/* The number of its note; notes->count: there is none. */
static size_t note_of(const struct compare_view *view, const struct group *group)
{
	return notes_find(view->notes, view->pool, group, compare_group_what(group));
}

static void write_why(FILE *out, const struct compare_view *view, const struct group *group)
{
	size_t number = view->notes ? note_of(view, group) : 0;

	if (!view->notes || number == view->notes->count)
		return;
	fprintf(out, "<p>why: <a href=\"#note-%zu\">", number + 1);
	html_text(out, view->notes->list[number].title);
	fputs("</a></p>", out);
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
	write_why(out, view, group);
	if (has_fields(view)) {
		fputs("<td>", out);
		html_text(out, compare_group_what(group));
	}
	fputs(view->comparison->files > COLUMNS_MOST ? "<td>" : "", out);
	for (size_t file = 0; file < view->comparison->files; file++) {
		if (view->comparison->files <= COLUMNS_MOST) {
			fputs("<td>", out);
			html_text(out, compare_view_word(view, group->values[file]));
		} else if (!compare_is_told(group->values, file) &&
			   !(view->beside && !compare_has(view->comparison, file, group->members[0]))) {
			compare_files_text(view, group->values, file, files);
			fputs("<p><b>", out);
			html_text(out, compare_view_word(view, group->values[file]));
			fputs("</b> ", out);
			html_text(out, files);
			fputs("</p>", out);
		}
	}
	fputc('\n', out);
}

void compare_page_groups(FILE *out, const struct compare_view *view)
{
	const struct comparison *comparison = view->comparison;

	for (enum likeness likeness = 0; likeness < LIKENESS_COUNT; likeness++) {
		size_t shown = 0;

		for (size_t i = 0; i < comparison->group_count; i++) {
			if (comparison->groups[i].likeness != likeness)
				continue;
			if (!shown++) {
				html_element(out, view->beside ? "h3" : "h2", NULL, compare_likeness_title(likeness));
				fputs("<div class=\"wide\"><table class=\"kinds texts\">\n", out);
				write_columns_head(out, view);
			}
			write_group(out, view, &comparison->groups[i]);
		}
		if (shown)
			fputs("</table></div>\n", out);
	}
}

/* `code` as such. */
static void write_marked(FILE *out, const char *text)
{
	bool code = false;

	while (*text) {
		size_t length = strcspn(text, "`");
		char *part = strndup(text, length);

		html_text(out, part ? part : "");
		free(part);
		text += length;
		if (*text)
			fputs(code ? "</code>" : "<code>", out);
		code ^= *text == '`';
		text += *text == '`';
	}
	fputs(code ? "</code>" : "", out);
}

static void write_note(FILE *out, const struct note *note, size_t number, size_t cells)
{
	char text[32];

	fprintf(out, "<article id=\"note-%zu\"><p>", number + 1);
	write_marked(out, note->title);
	fprintf(out, " <span class=\"faint\">(%s)</span></p>\n", text_plural(cells, "cell", text, sizeof(text)));
	for (size_t i = 0; i < note->says.count; i++) {
		fputs("<p class=\"says\">", out);
		write_marked(out, note->says.texts[i]);
		fputs("</p>\n", out);
	}
	if (note->about) {
		fputs("<p class=\"faint\">", out);
		write_marked(out, note->about);
		fputs("</p>\n", out);
	}
	fputs("</article>\n", out);
}

void compare_page_notes(FILE *out, const struct compare_view *view)
{
	const struct comparison *comparison = view->comparison;
	size_t shown = 0;

	for (size_t number = 0; view->notes && number < view->notes->count; number++) {
		size_t cells = 0;

		for (size_t i = 0; i < comparison->group_count; i++)
			if (note_of(view, &comparison->groups[i]) == number)
				cells += comparison->groups[i].count;
		if (cells && !shown++)
			html_element(out, "h2", NULL, "Why they differ");
		if (cells)
			write_note(out, &view->notes->list[number], number, cells);
	}
}
