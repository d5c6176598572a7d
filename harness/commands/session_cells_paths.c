/* session_cells_paths.c - cells over several paths in one run: each path has a process with a lab of its own, and is asked when
 * the one before it is done. What comes is one run, with the numbers that the cells have in the matrix. */
#include <stdlib.h>
#include <string.h>

#include "harness/commands/message.h"
#include "harness/commands/session_cells_internal.h"

enum { PATHS_MAX = 16 };

struct cell_path {
	struct cells *cells;
	char name[PATH_NAME_SIZE];
	size_t *numbers, count; /* of its cells in the matrix, in rising order */
	struct workers *workers;
	const struct run_listener *listener;
};

struct cell_paths {
	struct cell_path list[PATHS_MAX];
	size_t count;
};

static struct cell_path *path_of(struct cell_paths *paths, const char *name)
{
	size_t i;

	for (i = 0; i < paths->count; i++)
		if (strcmp(paths->list[i].name, name) == 0)
			return &paths->list[i];
	if (i == PATHS_MAX)
		return NULL;
	strcpy(paths->list[paths->count++].name, name);
	return &paths->list[i];
}

static int sort(struct cells *cells, struct cell_paths *paths, struct error *error)
{
	size_t total = matrix_count(cells->matrix);

	for (size_t i = 0; i < total; i++) {
		struct cell_path *path;
		struct cell cell;

		matrix_cell(cells->matrix, i, &cell);
		path = path_of(paths, cell.path);
		if (!path)
			return fail(error, "cells over more than %d paths: ask for some of them with --only='*path=NAME*'",
				    PATHS_MAX);
		if (!path->numbers)
			path->numbers = reallocarray(NULL, total, sizeof(*path->numbers));
		if (!path->numbers)
			return fail(error, "out of memory");
		path->cells = cells;
		path->numbers[path->count++] = i;
	}
	return 0;
}

int session_paths_sort(struct cells *cells, struct error *error)
{
	char path[PATH_NAME_SIZE];
	struct error several;
	int result;

	if (cells->options->path_count || matrix_path(cells->matrix, path, &several) == 0 || session_workers_one(cells))
		return 0;
	cells->paths = calloc(1, sizeof(*cells->paths));
	result = cells->paths ? sort(cells, cells->paths, error) : fail(error, "out of memory");
	if (result < 0)
		session_paths_close(cells);
	return result;
}

/* In the child, whose matrix is its own. */
static int ask_path(void *context, struct worker *worker, size_t number)
{
	struct cell_path *path = context;
	struct error error;

	if (matrix_pick(path->cells->matrix, path->numbers, path->count, &error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	return session_worker_main(path->cells, worker, number);
}

static size_t cells_of(const struct cell_path *path, size_t *first)
{
	const struct options *options = path->cells->options;

	return shard_cells(path->count * options->repeat, options->shard, options->shards, first);
}

int session_paths_open(struct cells *cells, struct error *error)
{
	struct session_told told, first = { .sysctl_count = 0 };
	size_t begin, count = 0;
	int code = EXIT_CANNOT_RUN;

	cells->session = (struct session){ .options = cells->options };
	for (size_t i = 0; i < cells->paths->count; i++) {
		struct cell_path *path = &cells->paths->list[i];
		size_t each = cells->options->workers ? cells->options->workers : workers_worth(cells_of(path, &begin), false);

		const struct workers_plan plan = {
			.count = each, .main = ask_path, .context = path, .rest = SESSION_WORKERS_REST,
		};

		cells->shared_by = each;
		path->workers = workers_open(&plan, &told, sizeof(told), &code, error);
		if (!path->workers)
			return error->text[0] ? message_error(error->text, EXIT_CANNOT_RUN) : code;
		if (i == 0)
			first = told;
		count += cells_of(path, &begin);
	}
	code = session_workers_told(cells, &first, error);
	cells->run.count = count;
	return code;
}

/* A repeat of a cell has the number of all cells more. */
static int take(void *context, const struct record *record, struct error *error)
{
	static struct record known;
	const struct cell_path *path = context;
	size_t total = matrix_count(path->cells->matrix);

	known = *record;
	known.number = record->number / path->count * total + path->numbers[record->number % path->count];
	return path->listener->sink(path->listener->context, &known, error);
}

/* Each has a wire of its own, whose counts do not go on from those of the last. */
static void join(struct tally *all, const struct tally *tally)
{
	const struct tally before = *all;

	tally_join(all, tally);
	all->segments_sent += before.segments_sent;
	all->capture_dropped += before.capture_dropped;
	all->left |= before.left;
}

int session_paths_run(struct cells *cells, const struct run_listener *listener, struct tally *all, struct error *error)
{
	struct tally tally;

	memset(all, 0, sizeof(*all));
	for (size_t i = 0; i < cells->paths->count && !all->interrupted; i++) {
		struct cell_path *path = &cells->paths->list[i];
		const struct run_listener ours = { .sink = take, .context = path };
		size_t first, count = cells_of(path, &first);

		path->listener = listener;
		if (count == 0)
			continue;
		if (session_workers_run(path->cells, path->workers, first, count, &ours, &tally, error) < 0)
			return -1;
		join(all, &tally);
	}
	return 0;
}

void session_paths_close(struct cells *cells)
{
	for (size_t i = 0; cells->paths && i < cells->paths->count; i++) {
		workers_close(cells->paths->list[i].workers);
		free(cells->paths->list[i].numbers);
	}
	free(cells->paths);
	cells->paths = NULL;
}
