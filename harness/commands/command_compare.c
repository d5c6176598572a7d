/* command_compare.c - twprobe compare: what differs between result files; or their merging. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/commands.h"
#include "harness/commands/differences.h"
#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/report/expected_failures.h"
#include "harness/report/progress.h"
#include "harness/report/text.h"
#include "harness/results/atlas.h"
#include "harness/results/merge.h"
#include "harness/results/notes.h"
#include "harness/run/exit_code.h"

struct compare_request {
	const struct options *options;
	size_t count;
	const char **paths; /* the baseline first, then every one that ships where all are asked for */
	struct shipped *shipped; /* by the same numbers; those of other files have no version */
};

struct compare_beside {
	struct notes *notes;
	struct expected_failures *failures;
	struct atlas *atlas;
};

static int check(const struct compare_request *request, struct error *error)
{
	const struct compare_options *options = &request->options->compare;

	if (options->merge) {
		if (options->fields || options->baseline || options->all || options->partial || options->notes ||
		    request->options->expected_failures || request->options->format_given)
			return fail(error, "--merge joins shards and takes no other option");
		return request->count ? 0 : fail(error, "--merge: no files; expected the shards of one run");
	}
	if (options->notes && request->options->format != FORMAT_HTML)
		return fail(error, "--notes is for a page; give --format=html");
	if (request->count < 2)
		return fail(error, "expected at least two result files%s", options->baseline ? ", the baseline among them" :
			    "");
	if (request->count > COMPARE_FILES_MAX)
		return fail(error, "%zu files, but at most %d can be compared at once", request->count,
			    COMPARE_FILES_MAX);
	return 0;
}

static int add_shipped(struct compare_request *request, struct error *error)
{
	char versions[SHIPPED_MAX][CASE_FILE_NAME_SIZE];
	size_t count = shipped_list(versions, SHIPPED_MAX);

	if (request->options->compare.fields)
		return fail(error, "--fields: the results that ship with twprobe have no fields of answers");
	for (size_t i = 0; i < count; i++) {
		struct shipped *shipped = &request->shipped[request->count];

		if (shipped_find(versions[i], shipped, error) < 0)
			return fail_in(error, "--all");
		request->paths[request->count++] = shipped->path;
	}
	return 0;
}

static int open_request(struct compare_request *request, struct error *error)
{
	const struct compare_options *options = &request->options->compare;
	size_t most = options->count + 1 + SHIPPED_MAX;

	request->paths = calloc(most, sizeof(*request->paths));
	request->shipped = calloc(most, sizeof(*request->shipped));
	if (!request->paths || !request->shipped)
		return fail(error, "out of memory");
	if (options->baseline) {
		if (differences_baseline(options->baseline, options->fields, &request->shipped[0], error) < 0)
			return -1;
		request->paths[request->count++] = request->shipped[0].path;
	}
	if (options->all && add_shipped(request, error) < 0)
		return -1;
	for (size_t i = 0; i < options->count; i++)
		request->paths[request->count++] = options->paths[i];
	return check(request, error);
}

static int show(const struct compare_request *request, struct results *const *files, const struct compare_beside *beside,
		struct pool *pool, struct error *error)
{
	const struct options *options = request->options;
	const char *version = request->shipped[0].version;
	bool wider = options->compare.baseline && version[0];
	struct differences differences = {
		.files = files, .count = request->count, .pool = pool, .fields = options->compare.fields, .wider = wider,
		.noun = options->compare.all && !options->compare.count ? "kernels" : NULL,
		.notes = beside->notes, .atlas = beside->atlas, .failures = beside->failures,
		.baseline = !options->compare.baseline ? NULL : version[0] ? version : files[0]->shown,
	};

	if (compare_allowed(files, request->count, options->compare.partial, wider, error))
		return EXIT_USAGE;
	return differences_show(stdout, options->format, &differences, error);
}

/* Of a page: why they differ, and with --all what there is beside kernels. */
static int open_beside(const struct compare_request *request, struct compare_beside *beside, struct pool *pool,
		       struct progress *progress, struct error *error)
{
	const struct options *options = request->options;

	if (options->expected_failures && !(beside->failures = expected_failures_load(options->expected_failures, error)))
		return -1;
	if (options->compare.notes && !(beside->notes = notes_load(options->compare.notes, error)))
		return -1;
	if (options->compare.all && options->format == FORMAT_HTML && !(beside->atlas = atlas_read(pool, progress, error)))
		return -1;
	return 0;
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

static struct results *read_file(const struct compare_request *request, const char *path, struct pool *pool,
				 struct progress *progress, struct error *error)
{
	if (request->options->compare.merge)
		return results_read_twice(path, pool, progress, error);
	return results_read(path, pool, request->options->compare.partial, progress, error);
}

static int work(const struct compare_request *request, struct error *error)
{
	struct results **files = calloc(request->count, sizeof(*files));
	struct compare_beside beside = { NULL, NULL, NULL };
	struct pool pool = { NULL, NULL };
	struct progress *progress = progress_open();
	int code = EXIT_USAGE;
	size_t i;

	if (!files || results_pool_open(&pool, error))
		goto out;
	for (i = 0; i < request->count; i++) {
		if (request->shipped[i].version[0])
			files[i] = shipped_read(&request->shipped[i], &pool, progress, error);
		else
			files[i] = read_file(request, request->paths[i], &pool, progress, error);
		if (!files[i])
			goto out;
	}
	if (open_beside(request, &beside, &pool, progress, error) < 0)
		goto out;
	progress_close(progress);
	progress = NULL;
	if (request->options->compare.merge)
		code = join(request, files, error);
	else
		code = show(request, files, &beside, &pool, error);
out:
	progress_close(progress);
	for (i = 0; files && i < request->count; i++)
		results_free(files[i]);
	free(files);
	expected_failures_close(beside.failures);
	notes_free(beside.notes);
	atlas_free(beside.atlas);
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
	free(request.shipped);
	return code;
}
