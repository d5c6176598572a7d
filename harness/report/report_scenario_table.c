/* report_scenario_table.c - a scenario for a person: what it shows, the ladder with both ends' states, the conclusion. */
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/report/report_ends.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_scenario.h"
#include "harness/report/report_scenario_walk.h"

enum { TIME_WIDTH = 10 };

static size_t longer(size_t width, const char *text)
{
	return text_width(text) > width ? text_width(text) : width;
}

static struct ends_columns measure(const struct scenario_facts *facts, const struct play *play)
{
	struct ends_columns wanted = { .left_name = "client", .right_name = "server", .time = TIME_WIDTH };
	size_t server = 0;

	for (size_t i = 0; i < play->line_count; i++) {
		if (play->lines[i].kind != LINE_SEGMENT)
			continue;
		wanted.left = longer(wanted.left, play->lines[i].client);
		server = longer(server, play->lines[i].server);
	}
	return report_ends_columns(facts->out, &wanted, server);
}

static void print_strong(const struct scenario_facts *facts, const char *text)
{
	fputs(report_hue_on(facts->color, HUE_STRONG), facts->out);
	text_wrap(facts->out, text, 0, 2);
	fputs(report_hue_off(facts->color, HUE_STRONG), facts->out);
}

static void print_names(const struct scenario_facts *facts, const struct ends_columns *columns,
			const struct scenario_walk *walk)
{
	struct ends_columns named = *columns;

	named.left_name = walk->left_name;
	named.right_name = walk->right_name;
	report_ends_names(facts->out, 2, &named, walk->client, walk->server);
	report_ends_head(facts->out, facts->color, &named, "ms");
}

static void print_ladder(const struct scenario_facts *facts, const struct play *play)
{
	struct ends_columns columns = measure(facts, play);
	struct scenario_walk walk;
	const struct line *line;

	report_scenario_walk_begin(&walk, play);
	while ((line = report_scenario_walk_next(&walk))) {
		switch (line->kind) {
		case LINE_PART:
			fprintf(facts->out, "\n");
			if (*line->text)
				print_strong(facts, line->text);
			break;
		case LINE_REMARK:
			report_ends_remark(facts->out, facts->color, &columns, walk.time, line->text);
			break;
		case LINE_SEGMENT:
			if (walk.named)
				print_names(facts, &columns, &walk);
			report_ends_rung(facts->out, facts->color, &columns, &walk.rung);
			break;
		}
	}
}

/* "SYN-ACK continued; folk expects ACK" */
static void cell_words(const struct record *record, char *line, size_t size)
{
	char text[ANSWER_TEXT_SIZE];
	struct textbuf out;
	size_t others = 0;

	textbuf_init(&out, line, size);
	textbuf_add(&out, "%s", report_outcome_text(record, text));
	for (enum book book = 0; book < BOOK_USUAL; book++) {
		const struct expectation *expected = &record->expected[book];

		if (record_opinion(record, book) == OPINION_OTHERWISE)
			textbuf_add(&out, "%s %s expects %s", others++ ? "," : ";", oracle_book_name(book),
				    report_answer_text(expected->answer, expected->isn, text));
	}
	if (!others)
		textbuf_add(&out, "%s%s", record->observed ? ", as expected" : ": ",
			    record->observed ? "" : record->reason);
}

/* The table of a step's cells: what was seen, and which rule book disagrees. A name too long for its column has a line
 * of its own. */
void report_scenario_cells(const struct scenario_facts *facts, const struct play *play)
{
	char line[RECORD_REASON_SIZE + 256], name[CELL_NAME_SIZE];
	size_t width = 0, most = text_columns(facts->out), rest = strlen("SYN-ACK continued; folk expects ACK") + 2;

	if (!play->cell_count)
		return;
	for (size_t i = 0; i < play->cell_count; i++)
		width = longer(width, cell_name(&play->cells[i].record.cell, name, sizeof(name)));
	if (width + rest > most)
		width = most - rest;
	fprintf(facts->out, "\n%s%-*s  %s%s\n", report_hue_on(facts->color, HUE_FAINT), (int)width, "cell", "answer",
		report_hue_off(facts->color, HUE_FAINT));
	for (size_t i = 0; i < play->cell_count; i++) {
		cell_words(&play->cells[i].record, line, sizeof(line));
		text_entry(facts->out, cell_name(&play->cells[i].record.cell, name, sizeof(name)), width + 2, line);
	}
}

/* The steps whose checks lacked just these needs, on one line. */
static void print_checks_left_out(const struct scenario_facts *facts, const struct play *play, unsigned needs)
{
	char text[512], words[160];
	struct textbuf out;
	size_t count = 0;

	textbuf_init(&out, text, sizeof(text));
	for (size_t i = 0; i < play->step_count; i++)
		if (play->steps[i].played && play->steps[i].findings.left_out == needs)
			textbuf_add(&out, "%s%zu", count++ ? ", " : "checks of step ", i + 1);
	if (!count || out.cut)
		return;
	textbuf_add(&out, ", which need %s", scenario_needs_format(needs, words, sizeof(words)));
	report_label(facts->out, facts->color, "left out:");
	text_wrap(facts->out, text, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
}

static void print_left_out(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char text[512];

	for (size_t i = 0; i < play->part_count; i++) {
		if (!*play->parts_left_out[i])
			continue;
		snprintf(text, sizeof(text), "%s: %s", scenario->parts[i].title ? scenario->parts[i].title : "the only part",
			 play->parts_left_out[i]);
		report_label(facts->out, facts->color, "left out:");
		text_wrap(facts->out, text, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
	}
	for (unsigned needs = 1; needs <= NEED_ALL; needs++)
		print_checks_left_out(facts, play, needs);
}

static size_t count_checks(const struct play *play)
{
	size_t count = 0;

	for (size_t i = 0; i < play->cell_count; i++)
		count += play->cells[i].record.verdict != VERDICT_SKIPPED;
	for (size_t i = 0; i < play->step_count; i++)
		count += play->steps[i].findings.count;
	return count;
}

/* Only if they ended differently: otherwise there is nothing to report. */
static void print_plays(const struct scenario_facts *facts, const struct play *play)
{
	unsigned agree = play->plays[VERDICT_AGREES], differ = play->plays[VERDICT_DIFFERS],
		 inconclusive = play->plays[VERDICT_INCONCLUSIVE];

	if ((agree != 0) + (differ != 0) + (inconclusive != 0) > 1)
		fprintf(facts->out, "%*s%u plays: %u agreed, %u differed, %u inconclusive\n", REPORT_LABEL_WIDTH, "",
			agree + differ + inconclusive, agree, differ, inconclusive);
}

static void print_verdict(const struct scenario_facts *facts, const struct play *play)
{
	char checks[32], text[RECORD_REASON_SIZE + 64];
	size_t column = REPORT_LABEL_WIDTH + strlen(verdict_name(play->verdict)) + 2;

	report_label(facts->out, facts->color, "verdict:");
	fprintf(facts->out, "%s%s%s: ", report_hue_on(facts->color, report_verdict_hue(play->verdict)),
		verdict_name(play->verdict),
		report_hue_off(facts->color, report_verdict_hue(play->verdict)));
	snprintf(text, sizeof(text), "%s%s%s", play->reason, *play->reason ? "" :
		 text_plural(count_checks(play), "check", checks, sizeof(checks)), *play->reason ? "" : ", all as expected");
	text_wrap(facts->out, text, column, REPORT_LABEL_WIDTH);
	if (play->tries > 1)
		fprintf(facts->out, "%*splayed %u times: its limits are reset every second\n", REPORT_LABEL_WIDTH, "",
			play->tries);
	print_plays(facts, play);
	if (play->weak && play->verdict == VERDICT_AGREES) {
		fprintf(facts->out, "%*s", REPORT_LABEL_WIDTH, "");
		text_wrap(facts->out, "its silences were seen in two plays; the server's counters, which would prove them, are "
			  "out of reach", REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
	}
}

void report_scenario_words(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char conclusion[2048];

	print_left_out(facts, scenario, play);
	play_conclusion(scenario, play, conclusion, sizeof(conclusion));
	if (*conclusion) {
		report_label(facts->out, facts->color, "conclusion:");
		text_wrap(facts->out, conclusion, REPORT_LABEL_WIDTH, REPORT_LABEL_WIDTH);
	}
	print_verdict(facts, play);
}

void report_scenario_table(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play)
{
	char conclusion[2048];

	if (facts->quiet) {
		snprintf(conclusion, sizeof(conclusion), "%s%s%s", scenario->name, *play->reason ? ": " : "", play->reason);
		fprintf(facts->out, "%-14s", verdict_name(play->verdict));
		text_wrap(facts->out, conclusion, 14, 14);
		return;
	}
	snprintf(conclusion, sizeof(conclusion), "%s: %s", scenario->name, scenario->title);
	print_strong(facts, conclusion);
	text_wrap(facts->out, scenario->shows, 0, 0);
	print_ladder(facts, play);
	report_scenario_cells(facts, play);
	fputc('\n', facts->out);
	report_scenario_words(facts, scenario, play);
	fputc('\n', facts->out);
}
