/* report.c - hands records to a format, and looks whether they could be written. */
#include "harness/report/report.h"

#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crafter/stream.h"
#include "crafter/units.h"
#include "harness/report/report_internal.h"
#include "harness/report/report_junit.h"

static const struct report_style *const styles[FORMAT_COUNT] = {
	[FORMAT_TABLE] = &report_table_style,
	[FORMAT_JSON] = &report_json_style,
	[FORMAT_TAP] = &report_tap_style,
	[FORMAT_KTAP] = &report_ktap_style,
	[FORMAT_JUNIT] = &report_junit_style,
	[FORMAT_GITHUB] = &report_github_style,
	[FORMAT_HTML] = &report_page_style,
	[FORMAT_SVG] = &report_svg_style,
	[FORMAT_PNG] = &report_png_style,
};

enum { FLUSH_EVERY_NS = 100000000 };

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * NSEC_PER_SEC + (uint64_t)now.tv_nsec;
}

struct report *report_open(enum format format, bool color, bool quiet, FILE *out, const struct run_facts *facts,
			   struct error *error)
{
	struct report *report = calloc(1, sizeof(*report));

	if (!report) {
		fail(error, "out of memory for the report");
		return NULL;
	}
	report->style = styles[format];
	report->color = color;
	report->quiet = quiet;
	report->out = out;
	report->facts = *facts;
	report->flushed_ns = monotonic_ns();
	if (report->style->open && report->style->open(report, error)) {
		free(report);
		return NULL;
	}
	return report;
}

int report_flush(struct report *report, struct error *error)
{
	int result;

	report->flushed_ns = monotonic_ns();
	if (report->progress && __fpending(report->out)) {
		progress_hide(report->progress);
		result = stream_finish(report->out, "the report", error);
		progress_restore(report->progress);
		return result;
	}
	return stream_finish(report->out, "the report", error);
}

void report_progress(struct report *report, struct progress *progress)
{
	report->progress = progress;
}

int report_begin(struct report *report, struct error *error)
{
	if (report->style->begin && report->style->begin(report, error))
		return -1;
	return report_flush(report, error);
}

int report_cell(struct report *report, const struct record *record, struct error *error)
{
	int result = report->style->cell(report, record, error);

	report->count++;
	if (result)
		return -1;
	return ferror(report->out) || monotonic_ns() - report->flushed_ns >= FLUSH_EVERY_NS ? report_flush(report, error) : 0;
}

int report_end(struct report *report, const struct tally *tally, struct error *error)
{
	if (report->style->end(report, tally, error))
		return -1;
	return report_flush(report, error);
}

void report_close(struct report *report)
{
	if (!report)
		return;
	if (report->style->close)
		report->style->close(report);
	free(report);
}

static void skip_all_tap(enum format format, FILE *out, const char *why)
{
	fprintf(out, "%s\n1..0 # SKIP ", format_tap_version(format));
	for (; *why; why++)
		fputc(*why == '\n' ? ' ' : *why, out);
	fputc('\n', out);
}

void report_skip_all(enum format format, FILE *out, const char *why)
{
	switch (format) {
	case FORMAT_TAP:
	case FORMAT_KTAP:
		skip_all_tap(format, out, why);
		break;
	case FORMAT_JUNIT:
		report_junit_begin(out, "twprobe");
		report_junit_trouble(out, "cannot run", why);
		report_junit_end(out);
		break;
	default:
		return;
	}
	fflush(out);
}
