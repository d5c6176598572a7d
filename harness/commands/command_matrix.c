/* command_matrix.c - twprobe matrix [OPTIONS] [HOST:PORT]: every cell of one or more case files. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cases/case_file.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/path_runs.h"
#include "harness/commands/run_baseline.h"
#include "harness/commands/session_cells.h"

enum { NAME_SIZE = 256 };

static struct matrix *load(const char *name, struct error *error)
{
	char path[PATH_MAX];

	if (case_file_find(CASE_FILE_MATRIX, name, path, sizeof(path), error) < 0)
		return NULL;
	return matrix_load(path, error);
}

/* Appends one more; `name`: those so far, joined with '+'. */
static int load_one(struct matrix **all, const char *file, char name[static NAME_SIZE], struct error *error)
{
	struct matrix *matrix = load(file, error);
	size_t used = strlen(name);

	if (!matrix)
		return -1;
	snprintf(name + used, NAME_SIZE - used, "%s%s", used ? "+" : "", matrix_name(matrix));
	if (*all)
		return matrix_append(*all, matrix, error);
	*all = matrix;
	return 0;
}

/* Every matrix that ships, each cell once. */
static int load_full(struct matrix **all, char name[static NAME_SIZE], struct error *error)
{
	char files[CASE_FILE_MANY][CASE_FILE_NAME_SIZE], parts[NAME_SIZE] = "";
	size_t count = case_file_list(CASE_FILE_MATRIX, files, CASE_FILE_MANY), used = strlen(name);

	for (size_t i = 0; i < count; i++)
		if (load_one(all, files[i], parts, error) < 0)
			return -1;
	snprintf(name + used, NAME_SIZE - used, "%s" CASE_FILE_FULL, used ? "+" : "");
	return count ? 0 : fail(error, "--matrix=" CASE_FILE_FULL ": no case files here");
}

/* All the matrices asked for as one; `name` is their names joined with '+'. */
static struct matrix *load_all(const struct options *options, char name[static NAME_SIZE], struct error *error)
{
	static const char *const usual[] = { "time-wait", "time-wait-rst" };
	const char *const *names = options->matrix_count ? options->matrices : usual;
	size_t count = options->matrix_count ? options->matrix_count : 2;
	struct matrix *all = NULL;

	name[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		bool full = strcmp(names[i], CASE_FILE_FULL) == 0;

		if ((full ? load_full(&all, name, error) : load_one(&all, names[i], name, error)) < 0) {
			matrix_free(all);
			return NULL;
		}
	}
	return all;
}

static int ask(const struct options *options, struct matrix *matrix, const char *name)
{
	struct session_extras extras;
	struct run_baseline baseline;
	struct error error = { "" };
	int code;

	if (options->strict && (options->expect != BOOK_RFC || strcmp(name, "rfc") != 0))
		return message_error("--strict is for a report on the RFCs: --expect=rfc --matrix=rfc", EXIT_USAGE);
	if (options->path_count > 1 && options->compare.baseline)
		return message_error("--baseline is compared with one path; leave out the others", EXIT_USAGE);
	if (options->path_count > 1 && (options->pcap || options->write))
		return message_error(options->pcap ? "--pcap writes what passes on one path; leave out the others" :
				     "-w writes what passes on one path; leave out the others", EXIT_USAGE);
	if (options->path_count > 1)
		return path_runs(options, matrix, name);
	if (!options->compare.baseline)
		return session_cells(options, matrix, name, false, NULL);
	if (run_baseline_open(&baseline, options, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	extras = run_baseline_extras(&baseline);
	code = run_baseline_exit(&baseline, session_cells(options, matrix, name, false, &extras));
	run_baseline_close(&baseline);
	return code;
}

int command_matrix(struct options *options)
{
	struct error error;
	struct matrix *matrix;
	char name[NAME_SIZE];
	int code;

	matrix = load_all(options, name, &error);
	if (!matrix)
		return message_failed(&error, EXIT_USAGE);
	/* Before names are picked: they end in /ipv6 then, in the lab and for a target. */
	if (options->ipv6 || (options->target && options->target[0] == '['))
		matrix_set_family(matrix, 6);
	if (options->only && matrix_only(matrix, options->only, &error) < 0)
		code = message_failed(&error, EXIT_USAGE);
	else
		code = ask(options, matrix, name);
	matrix_free(matrix);
	return code;
}
