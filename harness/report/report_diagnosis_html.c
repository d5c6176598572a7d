/* report_diagnosis_html.c - a diagnosis as a page: the table of what came, then each kind with its ladders drawn. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/plain.h"
#include "harness/report/html.h"
#include "harness/report/report_diagnosis_internal.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_replay.h"

enum { PATH_SIZE = 512, TITLE_SIZE = 640, PLURAL_SIZE = 48 };

void report_diagnosis_html_begin(const struct report_diagnosis_facts *facts)
{
	char path[PATH_SIZE], title[TITLE_SIZE];
	const char *slash = strrchr(facts->path, '/');

	plain_show(slash && slash[1] ? slash + 1 : facts->path, path, sizeof(path));
	snprintf(title, sizeof(title), "What %s shows", path);
	html_begin(facts->out, title, NULL);
	snprintf(title, sizeof(title), "twprobe %s", facts->tool_version);
	html_element(facts->out, "p", "faint", title);
}

static void write_kind(FILE *out, const struct cause *cause, const struct diagnosis_kind *kind)
{
	char delay[QUANTITY_TEXT_SIZE];

	/* First, what a narrow screen must show. */
	fprintf(out, "<tr><td><a href=\"#%s\">", cause->name);
	html_text(out, cause->title);
	fprintf(out, "</a><td>%" PRIu64 "<td>%" PRIu64 "<td%s>%" PRIu64 "<td>%s\n", kind->count,
		kind->count - kind->uncertain, kind->differ ? " class=\"bad\"" : "", kind->differ,
		report_diagnosis_delay(kind, delay));
}

void report_diagnosis_html_kinds(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts)
{
	FILE *out = facts->out;
	const struct cause *cause;

	if (!counts->encounters)
		return;
	fputs("<div class=\"wide\"><table class=\"kinds\">\n<tr><th>what came<th>count<th>certain<th>differ<th>worst delay\n",
	      out);
	for (size_t i = 0; (cause = cause_at(i)) && i < CAUSE_MOST; i++)
		if (counts->kinds[i].count)
			write_kind(out, cause, &counts->kinds[i]);
	fputs("</table></div>\n", out);
}

static void write_ladder(FILE *out, const struct report_example *example)
{
	struct report_example_rung shown;

	report_ends_html_begin(out, "time", report_diagnosis_end_name(example, true),
			       report_diagnosis_end_name(example, false));
	for (size_t i = 0; i < example->rung_count; i++) {
		report_diagnosis_rung(example, i, &shown);
		if (shown.gap[0])
			report_ends_html_remark(out, "...", shown.gap);
		report_ends_html_rung(out, &shown.rung);
	}
	report_ends_html_end(out);
}

static void write_example(FILE *out, const struct report_example *example)
{
	struct html_lines lines;

	fprintf(out, "<article id=\"frame-%" PRIu64 "\">\n", example->encounter.frame);
	if (html_lines_begin(&lines) == 0) {
		report_diagnosis_where(lines.out, example);
		html_lines_end(&lines, out);
	}
	if (example->rung_count)
		write_ladder(out, example);
	if (html_lines_begin(&lines) == 0) {
		report_diagnosis_words(lines.out, false, example);
		html_lines_end(&lines, out);
	}
	fputs("</article>\n", out);
}

void report_diagnosis_html_cause(const struct report_diagnosis_facts *facts, const struct report_collected *collected)
{
	const struct cause *cause = collected->cause;
	FILE *out = facts->out;
	char times[PLURAL_SIZE];

	fprintf(out, "<section id=\"%s\">\n<h2>", cause->name);
	html_text(out, cause->title);
	fprintf(out, ": %s</h2>\n", text_plural(collected->count, "time", times, sizeof(times)));
	html_element(out, "p", "says", cause->says);
	if (cause->advice) {
		fputs("<p class=\"says\"><b>What helps:</b> ", out);
		html_text(out, cause->advice);
		fputs("</p>\n", out);
	}
	for (const struct report_example *example = collected->first; example; example = example->next)
		write_example(out, example);
	if (collected->kept < collected->count)
		fprintf(out, "<p class=\"faint\">and %" PRIu64 " more (%s)</p>\n", collected->count - collected->kept,
			facts->every_one ? "--format=json has all" : "-v shows all");
	fputs("</section>\n", out);
}

void report_diagnosis_html_replay(const struct report_diagnosis_facts *facts)
{
	struct report_replay_facts shown = { .format = FORMAT_TABLE, .every_one = facts->every_one, .decides = facts->decides };
	char *text = NULL;
	size_t size;

	shown.out = open_memstream(&text, &size);
	if (!shown.out)
		return;
	report_replay(&shown, facts->replay, NULL);
	if (fclose(shown.out) == 0 && *text) {
		fputs("<section id=\"replay\">\n<h2>Asked again</h2>\n", facts->out);
		html_element(facts->out, "pre", NULL, text);
		fputs("</section>\n", facts->out);
	}
	free(text);
}
