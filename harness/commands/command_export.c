/* command_export.c - twprobe export CELL...: cells of the lab as scripts for others. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crafter/stream.h"
#include "harness/commands/commands.h"
#include "harness/commands/dry_run.h"
#include "harness/commands/export_cells.h"
#include "harness/commands/export_folder.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"
#include "harness/report/report_export.h"

/* What can be written, by the format. */
static const struct language {
	enum format format;
	const char *ending;
	const char *(*lacks)(const struct export_script *script); /* NULL: it can play all */
	void (*write)(FILE *out, const struct export_script *script);
} languages[] = {
	{ FORMAT_PACKETDRILL, "pkt", report_export_packetdrill_lacks, report_export_packetdrill },
	{ FORMAT_SCAPY, "py", NULL, report_export_scapy },
	{ FORMAT_C, "c", NULL, report_export_c },
};

struct exporter {
	const struct options *options;
	const struct language *language;
	struct export_cells cells;
	const char *kernel;
	bool several;
	size_t written, refused, others; /* answers other than those of a result file */
};

static void print(struct exporter *exporter, struct export_script *script)
{
	const struct record *record = script->record;
	char name[CELL_NAME_SIZE + 8], setup[CELL_NAME_SIZE];
	bool other;

	script->tool_version = TWPROBE_VERSION;
	script->kernel = exporter->kernel;
	export_cells_seen(&exporter->cells, script->name, oracle_answer_name(record->answer), script->elsewhere,
			  sizeof(script->elsewhere), &other);
	exporter->others += other;
	if (exporter->several) {
		printf(EXPORT_FOLDER_BEGINS "%s%s%s\n",
		       exporter->cells.grouped ? report_export_setup(&record->cell, setup) : "",
		       exporter->cells.grouped ? "/" : "",
		       report_export_name(script->name, exporter->language->ending, name, sizeof(name)));
	}
	exporter->language->write(stdout, script);
	exporter->written++;
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct exporter *exporter = context;
	struct export_script *script = malloc(sizeof(*script));
	struct error why = { "" };
	const char *lacks;

	if (!script)
		return fail(error, "out of memory for a script");
	if (report_export_make(record, script, &why) == 0 && exporter->language->lacks &&
	    (lacks = exporter->language->lacks(script)))
		fail(&why, "%s: %s", script->name, lacks);
	if (why.text[0]) {
		exporter->refused++;
		if (exporter->refused <= 3 || exporter->options->verbose)
			message_note("no script of %.400s", why.text);
	} else {
		print(exporter, script);
	}
	free(script);
	return stream_finish(stdout, "the scripts", error);
}

static void begin(void *context, const struct run_facts *facts, const struct kernel *kernel)
{
	(void)kernel;
	((struct exporter *)context)->kernel = facts->kernel;
}

/* 0: all are scripts; 3: some are not. */
static int ask(struct exporter *exporter)
{
	const struct session_extras extras = { .sink = take_record, .silent = true, .begin = begin, .context = exporter };
	int code = session_cells(exporter->options, exporter->cells.matrix, "export", true, &extras);

	if (code == EXIT_CANNOT_RUN || code == EXIT_USAGE || code >= EXIT_INTERRUPTED)
		return code;
	if (exporter->refused > 3 && !exporter->options->verbose)
		message_note("%zu cells are no scripts, %zu are; -v names all of them", exporter->refused, exporter->written);
	if (exporter->others)
		message_note("%zu scripts have another answer than the file: this kernel's", exporter->others);
	return exporter->refused ? EXIT_INCONCLUSIVE : EXIT_AGREES;
}

static int export_into(struct exporter *exporter, const char *folder)
{
	struct error error;
	int ends[2], status = 0, result;
	FILE *scripts;
	pid_t child;

	if (export_folder_make(folder, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	if (pipe2(ends, O_CLOEXEC) < 0 || (child = fork()) < 0)
		return message_error("cannot start another process", EXIT_CANNOT_RUN);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		exporter->several = true;
		status = ask(exporter);
		fflush(stdout);
		_exit(status);
	}
	close(ends[1]);
	scripts = fdopen(ends[0], "r");
	result = scripts ? export_folder_fill(folder, scripts, &error) : fail(&error, "out of memory");
	if (scripts)
		fclose(scripts);
	waitpid(child, &status, 0);
	if (result < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT_RUN;
}

int command_export(struct options *options)
{
	struct exporter exporter = { .options = options, .language = languages };
	struct error error;
	int code;

	for (size_t i = 0; options->format_given && i < sizeof(languages) / sizeof(languages[0]); i++)
		if (languages[i].format == options->format)
			exporter.language = &languages[i];
	if (!options->named_count && !options->matrix_count)
		return message_error("export: a cell's name or --matrix is expected, such as: twprobe export "
				     "time-wait/syn/seq-below/ts-below", EXIT_USAGE);
	if (options->named_count && options->matrix_count)
		return message_error("export: cells by name, or those of --matrix; not both", EXIT_USAGE);
	if (export_cells_open(&exporter.cells, options, &error) < 0)
		code = message_failed(&error, EXIT_USAGE);
	else if (options->dry_run)
		code = dry_run_cells(options, exporter.cells.matrix);
	else if (options->map.output)
		code = export_into(&exporter, options->map.output);
	else if (matrix_count(exporter.cells.matrix) > 1)
		code = message_error("export: several cells are several files; -o FOLDER says where", EXIT_USAGE);
	else
		code = ask(&exporter);
	export_cells_close(&exporter.cells);
	return code;
}
