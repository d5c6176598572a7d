/* report_scenario_walk.h - the lines of a played scenario in order, with the texts of a ladder; for harness/report*.c alone. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_SCENARIO_WALK_H
#define TWPROBE_HARNESS_REPORT_REPORT_SCENARIO_WALK_H

#include "crafter/endpoint.h"
#include "crafter/segment_text.h"
#include "harness/play/play.h"
#include "harness/report/report_ends.h"

enum { SCENARIO_TIME_SIZE = 32 };

struct scenario_walk {
	const struct play *play; /* borrowed */
	size_t at, connection;
	uint64_t begun_ns;       /* of the part */
	/* Of the line at hand. */
	char time[SCENARIO_TIME_SIZE]; /* in ms since the part began */
	char numbers[SEGMENT_TEXT_SIZE];
	char client[ENDPOINT_TEXT_SIZE], server[ENDPOINT_TEXT_SIZE];
	struct ends_rung rung;   /* of a segment: these texts */
	bool named;              /* it is the first of its connection: `client` and `server` are told */
	/* "client", "server": what the crafted end, on the left, and the subject are. */
	const char *left_name, *right_name;
};

void report_scenario_walk_begin(struct scenario_walk *walk, const struct play *play);
/* NULL: there are no more. */
const struct line *report_scenario_walk_next(struct scenario_walk *walk);

#endif
