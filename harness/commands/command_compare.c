/* command_compare.c - twprobe compare: what differs between result files; or their merging. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/plain.h"
#include "harness/commands/commands.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/commands/session.h"
#include "harness/report/progress.h"
#include "harness/report/text.h"
#include "harness/results/compare_print.h"
#include "harness/results/merge.h"

static const char help[] =
	"  twprobe compare [OPTIONS] A.ndjson B.ndjson...   what differs between results of --format=json\n"
	"  twprobe compare --merge SHARD.ndjson...          the shards of one run (--shard=I/N) as one result\n"
	"\n"
	"  --fields             also the fields of the answers: sequence numbers and timestamps relative to\n"
	"                       the connection's, window, TOS, TTL, options\n"
	"  --baseline=FILE      the first column; what the others changed against it\n"
	"  --format=table|json|tap|markdown\n"
	"  --partial            take runs that were cut off or interrupted, and single shards\n"
	"  --merge              join shards on standard output; overlaps and gaps are refused\n"
	"  -h, --help, -V, --version\n"
	"\n"
	"Exit: 0 nothing differs; 1 a cell differs, or is in some files only; 2 wrong usage, or files that cannot be\n"
	"read or compared; 3 nothing differs, but some cell was inconclusive or skipped in some file; 4 output failed.\n";

struct compare_request {
	enum format format;
	bool fields, merge, partial, said_format;
	const char *baseline;
	size_t count;
	const char **paths; /* the baseline first */
};

enum { CODE_FIELDS = 256, CODE_FORMAT, CODE_BASELINE, CODE_MERGE, CODE_PARTIAL };

static const struct option long_options[] = {
	{ "fields", no_argument, NULL, CODE_FIELDS },
	{ "format", required_argument, NULL, CODE_FORMAT },
	{ "baseline", required_argument, NULL, CODE_BASELINE },
	{ "merge", no_argument, NULL, CODE_MERGE },
	{ "partial", no_argument, NULL, CODE_PARTIAL },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int parse_format(struct compare_request *request, const char *text, struct error *error)
{
	for (enum format format = 0; format < FORMAT_COUNT; format++)
		if (strcmp(format_name(format), text) == 0) {
			request->format = format;
			request->said_format = true;
			return 0;
		}
	return fail(error, "--format=%.40s: expected table, json, tap or markdown", text);
}

static int check_request(const struct compare_request *request, struct error *error)
{
	if (request->merge) {
		if (request->fields || request->baseline || request->partial || request->said_format)
			return fail(error, "--merge joins shards and takes no other option");
		return request->count ? 0 : fail(error, "--merge: no files; expected the shards of one run");
	}
	if (request->count < 2)
		return fail(error, "expected at least two result files%s", request->baseline ? ", the baseline among them" :
			    "");
	if (request->count > COMPARE_FILES_MAX)
		return fail(error, "%zu files, but at most %d can be compared at once", request->count,
			    COMPARE_FILES_MAX);
	return 0;
}

/* 1: help or version was asked for, and printed. */
static int parse(struct compare_request *request, int argc, char **argv, struct error *error)
{
	int code;

	optind = 0; /* main has used getopt already */
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":hV", long_options, NULL)) != -1) {
		switch (code) {
		case CODE_FIELDS:
			request->fields = true;
			break;
		case CODE_FORMAT:
			if (parse_format(request, optarg, error))
				return -1;
			break;
		case CODE_BASELINE:
			request->baseline = optarg;
			break;
		case CODE_MERGE:
			request->merge = true;
			break;
		case CODE_PARTIAL:
			request->partial = true;
			break;
		case 'h':
			text_page(stdout, help);
			return 1;
		case 'V':
			help_version();
			return 1;
		default:
			return options_fail(argv, code, error);
		}
	}
	request->paths = calloc((size_t)argc + 1, sizeof(*request->paths));
	if (!request->paths)
		return fail(error, "out of memory");
	if (request->baseline)
		request->paths[request->count++] = request->baseline;
	while (optind < argc)
		request->paths[request->count++] = argv[optind++];
	return check_request(request, error);
}

static int show(const struct compare_request *request, struct results *const *files, struct pool *pool,
		struct error *error)
{
	static char shown[COMPARE_FILES_MAX][PATH_MAX];
	const char *labels[COMPARE_FILES_MAX];
	struct compare_view view = { .pool = pool, .files = files, .labels = labels,
				     .baseline = request->baseline ? files[0]->shown : NULL };
	struct comparison *comparison;
	int code;

	if (compare_allowed(files, request->count, request->partial, error))
		return EXIT_USAGE;
	comparison = compare(files, request->count, pool, request->fields, error);
	if (!comparison)
		return EXIT_CANNOT_RUN;
	compare_labels(files, request->count, labels);
	/* JSON is UTF-8 everywhere. */
	for (size_t i = 0; i < request->count && request->format != FORMAT_JSON; i++)
		labels[i] = plain_show(labels[i], shown[i], sizeof(shown[i]));
	view.comparison = comparison;
	code = compare_exit(comparison);
	if (compare_print(request->format, stdout, &view, error))
		code = EXIT_CANNOT_RUN;
	compare_free(comparison);
	return code;
}

static int join(const struct compare_request *request, struct results *const *files, struct error *error)
{
	char shards[32], cells[32], line[128];

	if (merge(files, request->count, stdout, error))
		return ferror(stdout) ? EXIT_CANNOT_RUN : EXIT_USAGE;
	snprintf(line, sizeof(line), "merged %s: %s", text_plural(request->count, "shard", shards, sizeof(shards)),
		 text_plural(files[0]->matrix_cells * files[0]->repeat, "cell", cells, sizeof(cells)));
	text_message(stderr, "twprobe: compare: ", line);
	return 0;
}

static int work(const struct compare_request *request, struct error *error)
{
	struct results **files = calloc(request->count, sizeof(*files));
	struct pool pool = { NULL, NULL };
	struct progress *progress = progress_open();
	int code = EXIT_USAGE;
	size_t i;

	if (!files || results_pool_open(&pool, error))
		goto out;
	for (i = 0; i < request->count; i++) {
		files[i] = results_read(request->paths[i], &pool, request->partial, progress, error);
		if (!files[i])
			goto out;
	}
	progress_close(progress);
	progress = NULL;
	if (request->merge)
		code = join(request, files, error);
	else
		code = show(request, files, &pool, error);
out:
	progress_close(progress);
	for (i = 0; files && i < request->count; i++)
		results_free(files[i]);
	free(files);
	results_pool_close(&pool);
	return code;
}

int command_compare(int argc, char **argv)
{
	struct compare_request request = { .format = FORMAT_TABLE };
	struct error error = { "" };
	int code;

	code = parse(&request, argc, argv, &error);
	if (code > 0)
		code = 0;
	else
		code = code < 0 ? EXIT_USAGE : work(&request, &error);
	if (*error.text) {
		fail_in(&error, "compare");
		message_error(error.text, code);
	}
	free(request.paths);
	return code;
}
