/* report_picture.c - the ladder of a cell as a picture, and below it what was seen and what is to be said of it. */
#include <stdlib.h>
#include <string.h>

#include "harness/report/report_ends.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_walk.h"
#include "harness/report/sequence.h"

enum { TITLE_SIZE = CELL_NAME_SIZE + 120 };

static void picture_close(struct report *report)
{
	sequence_close(report->state);
}

static int picture_open(struct report *report, struct error *error)
{
	report->state = sequence_open();
	return report->state ? 0 : fail(error, "out of memory for the picture");
}

static void add_rung(void *context, const struct ends_rung *rung)
{
	sequence_rung(context, rung);
}

static void add_remark(void *context, const char *time, const char *text)
{
	sequence_remark(context, time, text);
}

/* What are columns on a terminal are words here. */
static char *squeeze(char *line)
{
	char *end = line;

	for (const char *at = line + strspn(line, " "); *at; at++)
		if (*at != ' ' || at[1] != ' ')
			*end++ = *at;
	*end = '\0';
	return line;
}

void report_words(struct report *report, char *lines)
{
	if (report->style != &report_svg_style && report->style != &report_png_style)
		return;
	for (char *line = strtok(lines, "\n"); line; line = strtok(NULL, "\n"))
		sequence_words(report->state, squeeze(line));
}

static int add_words(struct report *report, const struct report_walk *walk, struct error *error)
{
	char *text = NULL;
	size_t size;
	FILE *words = open_memstream(&text, &size);

	if (!words)
		return fail(error, "out of memory for the picture");
	text_unbroken(words);
	report_ladder_words(words, false, &report->facts, walk);
	text_unbroken(NULL);
	if (fclose(words)) {
		free(text);
		return fail(error, "out of memory for the picture");
	}
	report_words(report, text);
	free(text);
	return 0;
}

static int picture_cell(struct report *report, const struct record *record, struct error *error)
{
	const struct report_walk_sink sink = { add_rung, add_remark, report->state };
	struct sequence *sequence = report->state;
	char title[TITLE_SIZE], name[CELL_NAME_SIZE];
	struct report_walk walk;

	snprintf(title, sizeof(title), "%s%s%.80s", cell_name(&record->cell, name, sizeof(name)),
		 report->facts.kernel ? ", Linux " : "", report->facts.kernel ? report->facts.kernel : "");
	sequence_title(sequence, title);
	report_walk_begin(&walk, record);
	if (record->trace && record->trace->count)
		sequence_names(sequence, "us", "peer", "subject");
	report_walk_rungs(&walk, &sink);
	return add_words(report, &walk, error);
}

static int svg_end(struct report *report, const struct tally *tally, struct error *error)
{
	(void)tally;
	return sequence_svg(report->state, report->out, error);
}

static int png_end(struct report *report, const struct tally *tally, struct error *error)
{
	(void)tally;
	return sequence_png(report->state, report->out, error);
}

const struct report_style report_svg_style = {
	.open = picture_open,
	.cell = picture_cell,
	.end = svg_end,
	.close = picture_close,
};

const struct report_style report_png_style = {
	.open = picture_open,
	.cell = picture_cell,
	.end = png_end,
	.close = picture_close,
};
