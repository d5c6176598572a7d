/* report_diagnosis.h - what a capture showed: for a person, each cause once with a few examples; or NDJSON, each encounter. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_H
#define TWPROBE_HARNESS_REPORT_REPORT_DIAGNOSIS_H

#include <stdio.h>

#include "harness/diagnose/diagnosis.h"
#include "harness/diagnose/replay.h"
#include "harness/report/format.h"

struct report_diagnosis;

/* The capture as it was written out again. */
struct report_diagnosis_written {
	const char *name;
	uint64_t frames;
	uint64_t commented, without; /* encounters that it shows as comments, and that came too late for that */
	const char *failed;          /* why not everything was written; NULL: it was */
};

struct report_diagnosis_facts {
	FILE *out;
	enum format format; /* FORMAT_TABLE or FORMAT_JSON */
	bool color;
	bool every_one;     /* all encounters, not a few of each cause */
	bool live;          /* each encounter is told when it comes, and few are kept for the end */
	bool quiet;         /* live: no line about each interval */
	const char *path;   /* of the capture, as it was given; live: the interface */
	const char *tool_version;
	enum book decides;
	struct kernel kernel;
	const struct replay *replay; /* what was asked again, as of the end; NULL: nothing */
	const struct report_diagnosis_written *written; /* filled in before the end; NULL: nothing is written */
};

/* NULL with an error. `facts` must live as long. */
struct report_diagnosis *report_diagnosis_open(const struct report_diagnosis_facts *facts, struct error *error);
void report_diagnosis_take(struct report_diagnosis *report, const struct diagnosed *diagnosed);
void report_diagnosis_host(struct report_diagnosis *report, const struct host *host);
/* A host that a text names, and the address that it has here. */
void report_diagnosis_name(struct report_diagnosis *report, const char *name, const struct address *address);
void report_diagnosis_connection(struct report_diagnosis *report, const struct tracked *connection);
/* Live, now and then: what came since the last one. */
void report_diagnosis_interval(struct report_diagnosis *report, const struct diagnosis_counts *counts, uint64_t now_ns);
/* `damage`: what ended the capture before its end; NULL: nothing. */
void report_diagnosis_end(struct report_diagnosis *report, const struct diagnosis_counts *counts, const char *damage);
void report_diagnosis_close(struct report_diagnosis *report); /* NULL is fine */

/* 0 nothing odd, 1 something differs, in the capture or from what was asked again, 3 only uncertain encounters; that of a
 * replay that could not be made; 4 not everything was written (harness/run/exit_code.h). */
int report_diagnosis_exit(const struct report_diagnosis_facts *facts, const struct diagnosis_counts *counts);

#endif
