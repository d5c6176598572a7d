/* report.h - records as a table, NDJSON, TAP 13, KTAP or JUnit XML.
 *
 * TAP: "ok" agrees; "not ok" differs; "ok ... # SKIP reason" skipped; an inconclusive or mixed cell is "not ok" too, with a
 * diagnostic "# inconclusive: reason": TODO and SKIP read as success, and a cell that proved nothing must not turn a
 * build green. The exit code (3 where none differs) tells the two apart. An interrupted run ends with "Bail out!". */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_H
#define TWPROBE_HARNESS_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crafter/fail.h"
#include "harness/report/format.h"
#include "harness/report/progress.h"
#include "harness/run/record.h"
#include "harness/run/tally.h"

/* What a report shows about the run itself; strings are borrowed for the report's life. */
struct run_facts {
	const char *tool_version;
	const char *kernel;        /* release of the kernel that answers; NULL: not known (a remote target) */
	const char *local_kernel;  /* uname -r here */
	const char *engine;        /* what runs that kernel: "lab" (this machine), "uml"; NULL: a target */
	const char *rules;         /* whose rules judge: "6.18.44", "6.1" (some release of it), "any" */
	const char *matrix;        /* "time-wait", or the names joined with '+', or "cell" */
	const char *target;        /* "192.0.2.2:8888" or "lab" */
	const char *libpcap, *libnet;
	const char *expect;        /* rule book that decides the verdict, or "none" */
	uint64_t seed, started_ns;
	size_t cells;              /* that this run will report, repeats included */
	size_t matrix_cells;       /* of the whole matrix, all shards, without repeats; 0: as `cells` */
	unsigned repeat;           /* --repeat; 0: as 1 */
	unsigned shard, shards;    /* --shard=I/N, I from 1; 0/0: the run is the whole matrix */
	const char *case_file;     /* of the user's, that the matrix is from; NULL: several, or one that ships */
	const struct expected_failures *failures; /* NULL: none are known */
	bool conformance;          /* a table ends with the RFCs' rules: broken, not followed, chosen */
	bool every_name;           /* a table names every cell that has a reason (-v); else the first few */
	size_t sysctl_count;       /* those that matter, as read in the subject's namespace */
	const struct sysctl *sysctls;
	const char *path, *path_file; /* what stands between in the lab: its name, and its file; NULL: nothing */
};

struct report;

/* `format`: one of FORMAT_OF_CELLS. `out` is borrowed. A closed pipe ends the process as it does others (SIGPIPE), an error is
 * a text. */
struct report *report_open(enum format format, bool color, bool quiet, FILE *out, const struct run_facts *facts,
			   struct error *error);
/* The plan, the `run` record, the table's head. */
int report_begin(struct report *report, struct error *error);
/* One cell. Records come in the order of their numbers. */
int report_cell(struct report *report, const struct record *record, struct error *error);
/* Hands what was written so far to the reader; for a run that is about to wait. report_cell does it ten times a
 * second by itself. */
int report_flush(struct report *report, struct error *error);
/* The line that goes out of the way while something is written; NULL: none. It is borrowed. */
void report_progress(struct report *report, struct progress *progress);
/* More that is to be said of the cell, in lines for a terminal that are not broken (text_unbroken); in a picture alone. */
void report_words(struct report *report, char *lines);
/* The summary. */
int report_end(struct report *report, const struct tally *tally, struct error *error);
void report_close(struct report *report);

/* One cell for a person: the ladder, the answer, what each rule book expected, the verdict, a sentence why. */
void report_ladder(FILE *out, bool color, const struct run_facts *facts, const struct record *record);

/* How a format for a CI says that nothing can run: "1..0 # SKIP why" in TAP, an error in JUnit. In the others nothing. */
void report_skip_all(enum format format, FILE *out, const char *why);

#endif
