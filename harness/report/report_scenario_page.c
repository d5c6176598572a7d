/* report_scenario_page.c - played scenarios as a page: of each its ladder, drawn, and what follows from it. */
#include <string.h>

#include "harness/report/html.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_scenario.h"
#include "harness/report/report_scenario_walk.h"

enum { TITLE_SIZE = 320 };

/* Of the sections that came, whatever became of each: before them, where a reader looks for it. */
static const char contents[] =
	"<script>\n\"use strict\";\n{\n"
	"const make = (tag, text) => Object.assign(document.createElement(tag), { textContent: text || '' });\n"
	"const nav = make('nav'), list = make('ul'), hues = { agrees: 'good', differs: 'bad' };\n"
	"nav.setAttribute('aria-label', 'Contents');\n"
	"list.className = 'contents';\n"
	"for (const section of document.querySelectorAll('section')) {\n"
	"\tconst item = make('li'), link = make('a', section.querySelector('h2').textContent);\n"
	"\tconst verdict = make('b', section.dataset.verdict);\n"
	"\tlink.href = '#' + encodeURI(section.id);\n"
	"\tverdict.className = hues[section.dataset.verdict] || 'unsure';\n"
	"\titem.append(link, ' ', verdict);\n"
	"\tlist.append(item);\n}\n"
	"nav.append(document.getElementById('total').cloneNode(true), list);\n"
	"document.querySelector('section').before(nav);\n}\n</script>\n";

void report_scenarios_page_begin(const struct scenario_facts *facts)
{
	char title[TITLE_SIZE];

	snprintf(title, sizeof(title), "Scenarios on %s%.100s", facts->kernel ? "Linux " : "", facts->kernel ? facts->kernel :
		 facts->target);
	html_begin(facts->out, title, NULL);
	snprintf(title, sizeof(title), "twprobe %.40s, target %.100s", facts->tool_version, facts->target);
	html_element(facts->out, "p", "faint", title);
}

static void write_names(FILE *out, const struct scenario_walk *walk, bool open)
{
	char line[2 * ENDPOINT_TEXT_SIZE + 32];

	if (open)
		report_ends_html_end(out);
	snprintf(line, sizeof(line), "%s %s, %s %s", walk->left_name, walk->client, walk->right_name, walk->server);
	html_element(out, "p", "faint", line);
	report_ends_html_begin(out, "ms", walk->left_name, walk->right_name);
}

static void write_ladder(FILE *out, const struct play *play)
{
	struct scenario_walk walk;
	const struct line *line;
	bool open = false;

	report_scenario_walk_begin(&walk, play);
	while ((line = report_scenario_walk_next(&walk))) {
		if (line->kind == LINE_PART) {
			if (open)
				report_ends_html_end(out);
			open = false;
			if (*line->text)
				html_element(out, "h3", NULL, line->text);
		} else if (line->kind == LINE_SEGMENT) {
			if (walk.named)
				write_names(out, &walk, open);
			open = true;
			report_ends_html_rung(out, &walk.rung);
		} else if (open) {
			report_ends_html_remark(out, walk.time, line->text);
		} else {
			html_element(out, "p", "i1", line->text);
		}
	}
	if (open)
		report_ends_html_end(out);
}

typedef void print_words(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play);

static void cells_words(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	(void)scenario;
	report_scenario_cells(facts, play);
}

/* What is printed for a terminal, as paragraphs. */
static void write_words(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play,
			print_words *print)
{
	struct scenario_facts plain = *facts;
	struct html_lines lines;

	if (html_lines_begin(&lines) < 0)
		return;
	plain.out = lines.out;
	plain.color = false;
	print(&plain, scenario, play);
	html_lines_end(&lines, facts->out);
}

void report_scenario_page(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char title[TITLE_SIZE];

	fputs("<section id=\"", facts->out);
	html_text(facts->out, scenario->name);
	fprintf(facts->out, "\" data-verdict=\"%s\">\n", verdict_name(play->verdict));
	snprintf(title, sizeof(title), "%.100s: %.200s", scenario->name, scenario->title);
	html_element(facts->out, "h2", NULL, title);
	html_element(facts->out, "p", "says", scenario->shows);
	write_ladder(facts->out, play);
	write_words(facts, scenario, play, cells_words);
	write_words(facts, scenario, play, report_scenario_words);
	if (!facts->file) {
		fputs("<p>ask again: <code>twprobe scenario ", facts->out);
		html_text(facts->out, scenario->name);
		fputs("</code></p>\n", facts->out);
	}
	fputs("</section>\n", facts->out);
}

void report_scenarios_page_end(const struct scenario_facts *facts, const struct scenario_tally *tally)
{
	char line[TITLE_SIZE];

	if (facts->scenarios < 2 && !tally->interrupted)
		return;
	html_element(facts->out, "h2", NULL, "In all");
	fputs("<p id=\"total\">", facts->out);
	html_text(facts->out, report_scenarios_total(tally, line, sizeof(line)));
	fputs("</p>\n", facts->out);
	if (tally->count > 1)
		fputs(contents, facts->out);
}
