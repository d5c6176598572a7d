/* command_matrix.c - twprobe matrix [OPTIONS] [HOST:PORT]: every cell of one or more case files. */
#include <stdio.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/matrices.h"
#include "harness/commands/message.h"
#include "harness/commands/path_runs.h"
#include "harness/commands/run_baseline.h"
#include "harness/commands/session_cells.h"
#include "harness/engine/guest.h"

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
	if (!options->compare.baseline || guest_worker() >= 0)
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
	char name[MATRICES_NAME_SIZE];
	int code;

	matrix = matrices_load(options, name, &error);
	if (!matrix)
		return message_failed(&error, EXIT_USAGE);
	/* Before names are picked: they end in /ipv6 then, in the lab and for a target. */
	if (options->ipv6 || (options->target && options->target[0] == '['))
		matrix_set_family(matrix, 6);
	else if (options->ipv4)
		matrix_set_family(matrix, 4);
	if (options->only && matrix_only(matrix, options->only, &error) < 0)
		code = message_failed(&error, EXIT_USAGE);
	else
		code = ask(options, matrix, name);
	matrix_free(matrix);
	return code;
}
