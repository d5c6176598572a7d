/* report_junit.c - suites and test cases. */
#include "harness/report/report_junit.h"

#include <stdlib.h>
#include <string.h>

#include "harness/report/html.h"

static void attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	html_text(out, value);
	fputc('"', out);
}

void report_junit_begin(FILE *out, const char *name)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites", out);
	attribute(out, "name", name);
	fputs(">\n", out);
}

void report_junit_end(FILE *out)
{
	fputs("</testsuites>\n", out);
}

int report_junit_suite_begin(struct junit_suite *suite, struct error *error)
{
	*suite = (struct junit_suite){ .cases = 0 };
	suite->body = open_memstream(&suite->text, &suite->size);
	return suite->body ? 0 : fail(error, "out of memory for the report");
}

static enum junit_outcome outcome_of(const struct junit_case *test)
{
	switch (test->verdict) {
	case VERDICT_AGREES:
		return test->known ? JUNIT_FAILURE : JUNIT_PASSED;
	case VERDICT_SKIPPED:
		return JUNIT_SKIPPED;
	default:
		return test->known ? JUNIT_SKIPPED : test->verdict == VERDICT_INCONCLUSIVE ? JUNIT_ERROR : JUNIT_FAILURE;
	}
}

static void write_reason(FILE *out, const struct junit_case *test)
{
	if (test->known && test->verdict != VERDICT_SKIPPED) {
		fputs(test->verdict == VERDICT_AGREES ? "passes, but is known to fail: " : "known to fail: ", out);
		html_text(out, test->known);
		fputs(*test->reason ? "; " : "", out);
	}
	html_text(out, test->reason);
}

/* Jenkins shows the message of an outcome, GitLab what is in the element. */
static void write_outcome(FILE *out, const struct junit_case *test, enum junit_outcome outcome)
{
	static const char *const tags[JUNIT_OUTCOMES] = {
		[JUNIT_FAILURE] = "failure", [JUNIT_ERROR] = "error", [JUNIT_SKIPPED] = "skipped",
	};

	if (!tags[outcome])
		return;
	fprintf(out, "<%s type=\"%s\" message=\"", tags[outcome], verdict_name(test->verdict));
	write_reason(out, test);
	fputs("\">", out);
	write_reason(out, test);
	fprintf(out, "</%s>", tags[outcome]);
}

void report_junit_class(const char *cell, char name[static CELL_NAME_SIZE])
{
	size_t state = strcspn(cell, "/"), kind = cell[state] ? strcspn(cell + state + 1, "/") : 0;

	snprintf(name, CELL_NAME_SIZE, "%.*s.%.*s", (int)state, cell, (int)kind, cell[state] ? cell + state + 1 : "");
}

void report_junit_case(struct junit_suite *suite, const struct junit_case *test)
{
	enum junit_outcome outcome = outcome_of(test);
	FILE *out = suite->body;

	suite->cases++;
	suite->outcomes[outcome]++;
	suite->seconds += test->seconds;
	fputs("<testcase", out);
	attribute(out, "classname", test->class_name);
	attribute(out, "name", test->name);
	if (test->seconds > 0)
		fprintf(out, " time=\"%.6f\"", test->seconds);
	fputc('>', out);
	write_outcome(out, test, outcome);
	if (*test->answer) {
		fputs("<system-out>", out);
		html_text(out, test->answer);
		fputs("</system-out>", out);
	}
	fputs("</testcase>\n", out);
}

static void begin_suite(FILE *out, const char *name, const struct junit_suite *suite)
{
	fputs("<testsuite", out);
	attribute(out, "name", name);
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\"", suite->cases,
		suite->outcomes[JUNIT_FAILURE], suite->outcomes[JUNIT_ERROR], suite->outcomes[JUNIT_SKIPPED]);
	/* Jenkins' schema has no place for more than milliseconds here; for a case, it has. */
	if (suite->seconds > 0)
		fprintf(out, " time=\"%.3f\"", suite->seconds);
	fputs(">\n", out);
}

void report_junit_suite_end(struct junit_suite *suite, FILE *out, const char *name, const char *const *properties)
{
	fclose(suite->body);
	suite->body = NULL;
	begin_suite(out, name, suite);
	fputs("<properties>\n", out);
	for (; properties[0]; properties += 2) {
		fputs("<property", out);
		attribute(out, "name", properties[0]);
		attribute(out, "value", properties[1]);
		fputs("/>\n", out);
	}
	fputs("</properties>\n", out);
	fwrite(suite->text, 1, suite->size, out);
	fputs("</testsuite>\n", out);
	report_junit_suite_drop(suite);
}

void report_junit_suite_drop(struct junit_suite *suite)
{
	if (suite->body)
		fclose(suite->body);
	free(suite->text);
	*suite = (struct junit_suite){ .cases = 0 };
}

void report_junit_trouble(FILE *out, const char *name, const char *message)
{
	begin_suite(out, name, &(struct junit_suite){ .cases = 1, .outcomes[JUNIT_ERROR] = 1 });
	fputs("<testcase classname=\"twprobe\" name=\"run\"><error", out);
	attribute(out, "message", message);
	fputc('>', out);
	html_text(out, message);
	fputs("</error></testcase>\n</testsuite>\n", out);
}
