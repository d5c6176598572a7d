/* command_export.c - twprobe export CELL...: cells of the lab as scripts for others. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/commands/commands.h"
#include "harness/commands/matrices.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"
#include "harness/report/report_export.h"

/* Each script of several begins with such a line, which is in none of them: a file's name follows. */
#define BEGINS "\f"

struct exporter {
	const struct options *options;
	const char *kernel;
	bool several;
	size_t written, refused;
};

static const char *ending_of(const struct options *options)
{
	return options->format == FORMAT_C ? "c" : "pkt";
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct exporter *exporter = context;
	struct export_script *script = malloc(sizeof(*script));
	char name[CELL_NAME_SIZE + 8];
	struct error why = { "" };
	const char *lacks;

	if (!script)
		return fail(error, "out of memory for a script");
	if (report_export_make(record, script, &why) == 0 && exporter->options->format == FORMAT_PACKETDRILL &&
	    (lacks = report_export_packetdrill_lacks(script)))
		fail(&why, "%s: %s", script->name, lacks);
	if (!why.text[0] && exporter->options->format == FORMAT_C && record->cell.family == 6)
		fail(&why, "%s: the program is one of IPv4", script->name);
	if (why.text[0]) {
		exporter->refused++;
		if (exporter->refused <= 3 || exporter->options->verbose)
			message_note("no script of %.400s", why.text);
	} else {
		script->tool_version = TWPROBE_VERSION;
		script->kernel = exporter->kernel;
		if (exporter->several)
			printf(BEGINS "%s\n", report_export_name(script->name, ending_of(exporter->options), name,
								 sizeof(name)));
		(exporter->options->format == FORMAT_C ? report_export_c : report_export_packetdrill)(stdout, script);
		exporter->written++;
	}
	free(script);
	fflush(stdout);
	return ferror(stdout) ? fail(error, "cannot write the scripts: %s", strerror(errno)) : 0;
}

static void begin(void *context, const struct run_facts *facts, const struct kernel *kernel)
{
	(void)kernel;
	((struct exporter *)context)->kernel = facts->kernel;
}

/* 0: all are scripts; 3: some are not. */
static int ask(struct exporter *exporter, struct matrix *matrix)
{
	const struct session_extras extras = { .sink = take_record, .silent = true, .begin = begin, .context = exporter };
	int code = session_cells(exporter->options, matrix, "export", true, &extras);

	if (code == EXIT_CANNOT_RUN || code == EXIT_USAGE || code >= EXIT_INTERRUPTED)
		return code;
	if (exporter->refused > 3 && !exporter->options->verbose)
		message_note("%zu cells are no scripts, %zu are; -v names all of them", exporter->refused, exporter->written);
	return exporter->refused ? EXIT_INCONCLUSIVE : EXIT_AGREES;
}

/* What a child writes, each script into a file of its own. The child has given up the right to make any. */
static int write_files(const char *folder, FILE *scripts, struct error *error)
{
	char *line = NULL, path[PATH_MAX];
	size_t room = 0;
	ssize_t size;
	FILE *file = NULL;
	int result = 0;

	while (result == 0 && (size = getline(&line, &room, scripts)) > 0) {
		if (line[0] == BEGINS[0]) {
			line[size - 1] = '\0';
			snprintf(path, sizeof(path), "%s/%s", folder, line + 1);
			if (file && fclose(file) != 0)
				result = fail(error, "cannot write into %.200s: %s", folder, strerror(errno));
			file = fopen(path, "w");
			if (!file)
				result = fail(error, "cannot write %.300s: %s", path, strerror(errno));
		} else if (file && fwrite(line, 1, (size_t)size, file) != (size_t)size) {
			result = fail(error, "cannot write %.300s: %s", path, strerror(errno));
		}
	}
	if (file && fclose(file) != 0 && result == 0)
		result = fail(error, "cannot write into %.200s: %s", folder, strerror(errno));
	free(line);
	return result;
}

static int export_into(struct exporter *exporter, const char *folder, struct matrix *matrix)
{
	struct error error;
	int ends[2], status = 0, result;
	FILE *scripts;
	pid_t child;

	if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
		fail(&error, "-o %.200s: %s", folder, strerror(errno));
		return message_failed(&error, EXIT_USAGE);
	}
	if (pipe2(ends, O_CLOEXEC) < 0 || (child = fork()) < 0)
		return message_error("cannot start another process", EXIT_CANNOT_RUN);
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		exporter->several = true;
		status = ask(exporter, matrix);
		fflush(stdout);
		_exit(status);
	}
	close(ends[1]);
	scripts = fdopen(ends[0], "r");
	result = scripts ? write_files(folder, scripts, &error) : fail(&error, "out of memory");
	if (scripts)
		fclose(scripts);
	waitpid(child, &status, 0);
	if (result < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT_RUN;
}

static struct matrix *load_cells(const struct options *options, struct error *error)
{
	struct matrix *all = NULL;

	for (size_t i = 0; i < options->export_count; i++) {
		struct cell cell;
		struct matrix *one;

		if (cell_parse(options->exported[i], &cell, error) < 0)
			goto failed;
		one = matrix_single(&cell);
		if (!one) {
			fail(error, "out of memory");
			goto failed;
		}
		if (!all)
			all = one;
		else if (matrix_append(all, one, error) < 0)
			goto failed;
	}
	return all;
failed:
	matrix_free(all);
	return NULL;
}

int command_export(struct options *options)
{
	struct exporter exporter = { .options = options };
	char name[MATRICES_NAME_SIZE];
	struct matrix *matrix;
	struct error error;
	int code;

	if (!options->format_given)
		options->format = FORMAT_PACKETDRILL;
	if (!options->export_count && !options->matrix_count)
		return message_error("export: a cell's name or --matrix is expected, such as: twprobe export "
				     "time-wait/syn/seq-below/ts-below", EXIT_USAGE);
	if (options->export_count && options->matrix_count)
		return message_error("export: cells by name, or those of --matrix; not both", EXIT_USAGE);
	matrix = options->export_count ? load_cells(options, &error) : matrices_load(options, name, &error);
	if (!matrix)
		return message_failed(&error, EXIT_USAGE);
	if (options->only && matrix_only(matrix, options->only, &error) < 0)
		code = message_failed(&error, EXIT_USAGE);
	else if (options->map.output)
		code = export_into(&exporter, options->map.output, matrix);
	else if (matrix_count(matrix) > 1)
		code = message_error("export: several cells are several files; -o FOLDER says where", EXIT_USAGE);
	else
		code = ask(&exporter, matrix);
	matrix_free(matrix);
	return code;
}
