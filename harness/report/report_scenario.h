/* report_scenario.h - a played scenario for a person, as NDJSON, or as a TAP line. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_SCENARIO_H
#define TWPROBE_HARNESS_REPORT_REPORT_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/play/play.h"
#include "harness/report/report.h"

struct scenario_facts {
	enum format format;
	bool color, quiet;
	FILE *out;
	const char *tool_version;
	const char *kernel;       /* of the server; NULL: not known */
	const char *engine;       /* as in struct run_facts */
	const char *target;       /* "lab" or the endpoint */
	uint64_t seed;
	size_t scenarios;         /* that will be reported */
	const char *file;         /* of the user's, that the scenario is from; NULL: one that ships */
	const struct expected_failures *failures; /* NULL: none are known */
};

struct scenario_tally {
	size_t count, verdicts[VERDICT_COUNT];
	size_t expected[VERDICT_COUNT], unexpected; /* as in struct tally */
	uint64_t begun_ns, ended_ns;
	bool interrupted;
};

void report_scenarios_begin(const struct scenario_facts *facts);
/* `number` counts from 1. -1 with an error: it could not be drawn. */
int report_scenario(const struct scenario_facts *facts, size_t number, const struct scenario *scenario,
		    const struct play *play, struct error *error);
void report_scenarios_end(const struct scenario_facts *facts, const struct scenario_tally *tally);
/* "3 scenarios in 1.2 s: 3 agree, ..." */
const char *report_scenarios_total(const struct scenario_tally *tally, char *line, size_t size);
/* 0 all agree, 1 some differ, 3 none differs but some are inconclusive, 4 all were skipped, 130 interrupted. */
int report_scenario_exit(const struct scenario_tally *tally);

/* The formats with their own files (report_scenario_table.c, report_scenario_page.c, report_scenario_json.c). */
void report_scenario_table(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play);
/* What is said below the ladder: what was left out, the conclusion, the verdict. */
void report_scenario_words(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play);
/* The cells of its tables, with what was seen. */
void report_scenario_cells(const struct scenario_facts *facts, const struct play *play);
/* As SVG or PNG. -1 with an error. */
int report_scenario_picture(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play,
			    struct error *error);
void report_scenarios_page_begin(const struct scenario_facts *facts);
void report_scenario_page(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play);
void report_scenarios_page_end(const struct scenario_facts *facts, const struct scenario_tally *tally);
void report_scenario_json(const struct scenario_facts *facts, const struct scenario *scenario, const struct play *play);
void report_scenarios_json_begin(const struct scenario_facts *facts);
void report_scenarios_json_end(const struct scenario_facts *facts, const struct scenario_tally *tally);

#endif
