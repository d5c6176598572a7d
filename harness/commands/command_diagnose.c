/* command_diagnose.c - twprobe diagnose FILE: what a capture shows, and why. Sends nothing, needs no privilege. */
#include <stdio.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/diagnose/diagnosis.h"
#include "harness/report/progress.h"
#include "harness/report/report_diagnosis.h"
#include "harness/run/exit_code.h"

struct reading {
	struct report_diagnosis *report;
	struct progress *progress;
	const char *path;
};

static void on_encounter(void *context, const struct diagnosed *diagnosed)
{
	struct reading *reading = context;

	report_diagnosis_take(reading->report, diagnosed);
}

static void on_connection(void *context, const struct tracked *connection)
{
	struct reading *reading = context;

	report_diagnosis_connection(reading->report, connection);
}

static void on_progress(void *context, uint64_t consumed, uint64_t size)
{
	struct reading *reading = context;

	if (size)
		progress_line(reading->progress, "reading %s: %llu of %llu MB", reading->path,
			      (unsigned long long)(consumed >> 20), (unsigned long long)(size >> 20));
	else
		progress_line(reading->progress, "reading %s: %llu MB", reading->path, (unsigned long long)(consumed >> 20));
}

static int read_capture(const struct options *options, const struct report_diagnosis_facts *facts, struct error *error)
{
	struct diagnosis_options what = {
		.filter = options->diagnose.filter[0] ? options->diagnose.filter : NULL,
		.connections = options->diagnose.connections,
		.decides = facts->decides,
		.kernel = options->kernel,
	};
	struct reading reading = { .path = facts->path };
	struct diagnosis_listener listener = { on_encounter, on_connection, on_progress, &reading };
	struct diagnosis_counts counts;
	int result;

	reading.report = report_diagnosis_open(facts, error);
	if (!reading.report)
		return message_error(error->text, EXIT_CANNOT_RUN);
	reading.progress = options->quiet ? NULL : progress_open();
	result = diagnosis_run(options->diagnose.path, &what, &listener, &counts, error);
	progress_close(reading.progress);
	if (result == 0 || counts.frames)
		report_diagnosis_end(reading.report, &counts, result < 0 ? error->text : NULL);
	report_diagnosis_close(reading.report);
	return result < 0 ? message_error(error->text, EXIT_USAGE) : report_diagnosis_exit(&counts);
}

int command_diagnose(struct options *options)
{
	struct report_diagnosis_facts facts = {
		.out = stdout,
		.format = options->format,
		.color = options_color(options),
		.every_one = options->verbose,
		.path = strcmp(options->diagnose.path, "-") ? options->diagnose.path : "standard input",
		.tool_version = TWPROBE_VERSION,
		.decides = options->expect,
		.kernel = options->kernel,
	};
	struct error error;

	return read_capture(options, &facts, &error);
}
