/* report_diagnosis_live.c - what a live listener tells now and then, and how it ends: for a person, or as NDJSON. */
#include "harness/report/report_diagnosis_internal.h"

#include <inttypes.h>
#include <jansson.h>

#include "crafter/plain.h"
#include "crafter/textbuf.h"
#include "harness/report/ndjson.h"
#include "harness/report/report_internal.h"

enum { CLOCK_SIZE = 64, LINE_SIZE = 1024, PLURAL_SIZE = 48, INDENT = 2 };

void report_diagnosis_live_begin(const struct report_diagnosis_facts *facts)
{
	char text[LINE_SIZE], name[LINE_SIZE / 2];

	snprintf(text, sizeof(text), "listening on %s, headers only; Ctrl-C ends with the report",
		 plain_show(facts->path, name, sizeof(name)));
	text_wrap(facts->out, text, 0, INDENT);
}

static void add_missed(struct textbuf *line, const struct diagnosis_counts *counts, const struct diagnosis_counts *before)
{
	if (counts->dropped > before->dropped)
		textbuf_add(line, "; %" PRIu64 " frames dropped (--buffer)", counts->dropped - before->dropped);
	if (counts->went_down > before->went_down)
		textbuf_add(line, "; the interface went down");
	if (counts->set > before->set)
		textbuf_add(line, "; the clock was set, times go on as before");
}

void report_diagnosis_live_interval(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
				    const struct diagnosis_counts *before, uint64_t now_ns, uint64_t held_back)
{
	char clock[CLOCK_SIZE], text[LINE_SIZE], segments[PLURAL_SIZE], connections[PLURAL_SIZE], encounters[PLURAL_SIZE];
	struct textbuf line;

	textbuf_init(&line, text, sizeof(text));
	textbuf_add(&line, "%.19sZ: %s, %s, %s", report_diagnosis_clock(now_ns, clock, sizeof(clock)),
		    text_plural(counts->tracker.segments - before->tracker.segments, "segment", segments, sizeof(segments)),
		    text_plural(counts->tracker.connections - before->tracker.connections, "new connection", connections,
				sizeof(connections)),
		    text_plural(counts->encounters - before->encounters, "encounter", encounters, sizeof(encounters)));
	if (counts->encounters > before->encounters)
		textbuf_add(&line, " (%" PRIu64 " differ, %" PRIu64 " uncertain)",
			    counts->verdicts[VERDICT_DIFFERS] - before->verdicts[VERDICT_DIFFERS],
			    counts->uncertain - before->uncertain);
	if (counts->tracker.refusals > before->tracker.refusals)
		textbuf_add(&line, ", %" PRIu64 " refused", counts->tracker.refusals - before->tracker.refusals);
	if (held_back)
		textbuf_add(&line, ", %" PRIu64 " of them not shown (-v)", held_back);
	add_missed(&line, counts, before);
	text_wrap(facts->out, text, 0, INDENT);
}

void report_diagnosis_live_interval_json(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts,
					 const struct diagnosis_counts *before, uint64_t now_ns)
{
	char clock[CLOCK_SIZE];

	ndjson_write(facts->out, json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "record", "interval",
		"time", report_diagnosis_clock(now_ns, clock, sizeof(clock)),
		"frames", (json_int_t)(counts->frames - before->frames),
		"segments", (json_int_t)(counts->tracker.segments - before->tracker.segments),
		"connections", (json_int_t)(counts->tracker.connections - before->tracker.connections),
		"encounters", (json_int_t)(counts->encounters - before->encounters),
		"refused", (json_int_t)(counts->tracker.refusals - before->tracker.refusals),
		"agrees", (json_int_t)(counts->verdicts[VERDICT_AGREES] - before->verdicts[VERDICT_AGREES]),
		"differs", (json_int_t)(counts->verdicts[VERDICT_DIFFERS] - before->verdicts[VERDICT_DIFFERS]),
		"uncertain", (json_int_t)(counts->uncertain - before->uncertain),
		"dropped", (json_int_t)(counts->dropped - before->dropped),
		"went_down", (json_int_t)(counts->went_down - before->went_down),
		"clock_set", (json_int_t)(counts->set - before->set)), NULL);
}
