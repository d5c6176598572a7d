/* report_junit.h - JUnit XML as Jenkins' junit-10.xsd and GitLab take it: suites of test cases, and what became of each.
 *
 * "agrees" passes, "differs" and "mixed" are failures, "inconclusive" is an error: what proved nothing must not turn a
 * build green, and a CI shows the two apart. What is known to fail is skipped, with the reason; where it passes, it is a
 * failure. A suite's head says how many failed, so a suite is kept until it is whole; it is no larger than JUNIT_SUITE_MAX
 * cases, whatever the length of the run. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_JUNIT_H
#define TWPROBE_HARNESS_REPORT_REPORT_JUNIT_H

#include <stddef.h>
#include <stdio.h>

#include "cases/books/verdict.h"
#include "cases/matrix/cell.h"
#include "crafter/fail.h"

enum { JUNIT_SUITE_MAX = 1000 };

/* One test case; the texts may hold anything. */
struct junit_case {
	const char *class_name, *name;
	enum verdict verdict;
	const char *reason;   /* what did not agree, or why it was skipped */
	const char *answer;   /* what was seen; "": nothing */
	double seconds;       /* until the answer; 0: none */
	const char *known;    /* why it is known to fail; NULL: it is not */
};

/* What a CI tells apart. */
enum junit_outcome { JUNIT_PASSED, JUNIT_FAILURE, JUNIT_ERROR, JUNIT_SKIPPED, JUNIT_OUTCOMES };

struct junit_suite {
	size_t cases, outcomes[JUNIT_OUTCOMES];
	double seconds;       /* of all cases */
	FILE *body;
	char *text;           /* of `body` */
	size_t size;
};

/* The document's head; `name`: of the whole run. */
void report_junit_begin(FILE *out, const char *name);
/* -1: out of memory. */
int report_junit_suite_begin(struct junit_suite *suite, struct error *error);
/* The class of a cell, "time-wait.syn": a CI takes what is before the last dot for the package. */
void report_junit_class(const char *cell, char name[static CELL_NAME_SIZE]);
void report_junit_case(struct junit_suite *suite, const struct junit_case *test);
/* Writes the suite, and ends it. `properties`: names and values in turn, NULL at the end. */
void report_junit_suite_end(struct junit_suite *suite, FILE *out, const char *name, const char *const *properties);
/* Throws it away; fine after its end, too. */
void report_junit_suite_drop(struct junit_suite *suite);
/* A suite with one error of the run itself: it was interrupted, say. */
void report_junit_trouble(FILE *out, const char *name, const char *message);
void report_junit_end(FILE *out);

#endif
