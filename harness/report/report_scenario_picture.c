/* report_scenario_picture.c - a played scenario as a sequence diagram. */
#include "harness/report/report_internal.h"
#include "harness/report/report_scenario.h"
#include "harness/report/report_scenario_walk.h"
#include "harness/report/sequence.h"

enum { TITLE_SIZE = 320, CONCLUSION_SIZE = 2048 };

static void add_ladder(struct sequence *sequence, const struct play *play)
{
	struct scenario_walk walk;
	const struct line *line;

	report_scenario_walk_begin(&walk, play);
	while ((line = report_scenario_walk_next(&walk))) {
		if (line->kind == LINE_PART && *line->text)
			sequence_part(sequence, line->text);
		if (line->kind == LINE_SEGMENT && walk.named)
			sequence_names(sequence, "ms", walk.left_name, walk.right_name);
		if (line->kind == LINE_SEGMENT)
			sequence_rung(sequence, &walk.rung);
		if (line->kind == LINE_REMARK)
			sequence_remark(sequence, walk.time, line->text);
	}
}

int report_scenario_picture(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play,
			    struct error *error)
{
	struct sequence *sequence = sequence_open();
	char title[TITLE_SIZE], text[CONCLUSION_SIZE];
	int result;

	if (!sequence)
		return fail(error, "out of memory for the picture");
	snprintf(title, sizeof(title), "%.160s%s%.80s", scenario->title, facts->kernel ? ", Linux " : "",
		 facts->kernel ? facts->kernel : "");
	sequence_title(sequence, title);
	add_ladder(sequence, play);
	sequence_words(sequence, play_conclusion(scenario, play, text, sizeof(text)));
	snprintf(text, sizeof(text), "%s%s%s", verdict_name(play->verdict), *play->reason ? ": " : "", play->reason);
	if (play->verdict != VERDICT_AGREES)
		sequence_words(sequence, text);
	result = facts->format == FORMAT_SVG ? sequence_svg(sequence, facts->out, error) :
		 sequence_png(sequence, facts->out, error);
	sequence_close(sequence);
	return result;
}
