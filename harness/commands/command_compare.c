/* command_compare.c - twprobe compare: what differs between result files; or their merging. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/differences.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/report/progress.h"
#include "harness/report/text.h"
#include "harness/results/merge.h"
#include "harness/run/exit_code.h"

struct compare_request {
	const struct options *options;
	size_t count;
	const char **paths; /* the baseline first */
	struct shipped baseline;
};

static int check(const struct compare_request *request, struct error *error)
{
	const struct compare_options *options = &request->options->compare;

	if (options->merge) {
		if (options->fields || options->baseline || options->partial || request->options->format_given)
			return fail(error, "--merge joins shards and takes no other option");
		return request->count ? 0 : fail(error, "--merge: no files; expected the shards of one run");
	}
	if (request->count < 2)
		return fail(error, "expected at least two result files%s", options->baseline ? ", the baseline among them" :
			    "");
	if (request->count > COMPARE_FILES_MAX)
		return fail(error, "%zu files, but at most %d can be compared at once", request->count,
			    COMPARE_FILES_MAX);
	return 0;
}

static int open_request(struct compare_request *request, struct error *error)
{
	const struct compare_options *options = &request->options->compare;

	request->paths = calloc(options->count + 1, sizeof(*request->paths));
	if (!request->paths)
		return fail(error, "out of memory");
	if (options->baseline) {
		if (differences_baseline(options->baseline, options->fields, &request->baseline, error) < 0)
			return -1;
		request->paths[request->count++] = request->baseline.path;
	}
	for (size_t i = 0; i < options->count; i++)
		request->paths[request->count++] = options->paths[i];
	return check(request, error);
}

static int show(const struct compare_request *request, struct results *const *files, struct pool *pool,
		struct error *error)
{
	const struct options *options = request->options;
	bool shipped = request->baseline.version[0];
	struct differences differences = {
		.files = files, .count = request->count, .pool = pool, .fields = options->compare.fields, .wider = shipped,
		.baseline = !options->compare.baseline ? NULL : shipped ? request->baseline.version : files[0]->shown,
	};

	if (compare_allowed(files, request->count, options->compare.partial, shipped, error))
		return EXIT_USAGE;
	return differences_show(stdout, options->format, &differences, error);
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
		if (i == 0 && request->baseline.version[0])
			files[i] = shipped_read(&request->baseline, &pool, progress, error);
		else
			files[i] = results_read(request->paths[i], &pool, request->options->compare.partial, progress, error);
		if (!files[i])
			goto out;
	}
	progress_close(progress);
	progress = NULL;
	if (request->options->compare.merge)
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

int command_compare(struct options *options)
{
	struct compare_request request = { .options = options };
	struct error error = { "" };
	int code = open_request(&request, &error) < 0 ? EXIT_USAGE : work(&request, &error);

	if (*error.text) {
		fail_in(&error, "compare");
		message_failed(&error, code);
	}
	free(request.paths);
	return code;
}
