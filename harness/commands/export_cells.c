/* export_cells.c - words of the command line become cells. */
#include "harness/commands/export_cells.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crafter/textbuf.h"
#include "harness/commands/matrices.h"
#include "harness/commands/message.h"

/* Whether the cell is named, or in a file before. */
static bool has_before(const struct export_cells *cells, uint32_t name)
{
	if (name < cells->named)
		return true;
	for (size_t i = 0; i + 1 < cells->file_count; i++)
		if (name < cells->files[i].names && cells->files[i].where[name])
			return true;
	return false;
}

/* The cells of the file that was read last. */
static int add_cells(struct export_cells *cells, const char *only, struct error *error)
{
	const struct results *results = cells->files[cells->file_count - 1].results;

	for (size_t i = 0; i < results->count; i++) {
		const char *name = intern_text(cells->pool.cells, results->results[i].name);
		struct cell cell;

		if (has_before(cells, results->results[i].name) || (only && fnmatch(only, name, 0) != 0))
			continue;
		if (cell_parse(name, &cell, error) < 0 || matrix_collect(&cells->matrix, &cell, error) < 0)
			return fail_in(error, results->shown);
	}
	return cells->matrix ? 0 : fail(error, "%.300s has no such cells", results->shown);
}

/* By the names of the pool, which has grown since the file before. */
static int index_file(const struct export_cells *cells, struct export_file *file, struct error *error)
{
	const struct results *results = file->results;

	file->names = intern_count(cells->pool.cells);
	file->where = calloc(file->names ? file->names : 1, sizeof(*file->where));
	if (!file->where)
		return fail(error, "out of memory for the results");
	for (size_t i = 0; i < results->count; i++)
		file->where[results->results[i].name] = (uint32_t)i + 1;
	return 0;
}

static int add_file(struct export_cells *cells, const char *path, const char *only, struct error *error)
{
	struct export_file *more = realloc(cells->files, (cells->file_count + 1) * sizeof(*more));
	struct export_file *file;

	if (!more)
		return fail(error, "out of memory for the results");
	cells->files = more;
	file = &more[cells->file_count++];
	*file = (struct export_file){ .results = NULL };
	file->results = results_read(path, &cells->pool, true, NULL, error);
	if (file->results && !file->results->summary)
		message_note("%.200s ends without a summary: the run was cut off, or is not over", file->results->shown);
	if (!file->results || index_file(cells, file, error) < 0)
		return -1;
	cells->grouped = true;
	return add_cells(cells, only, error);
}

static bool is_file(const char *word)
{
	return strcmp(word, "-") == 0 || access(word, F_OK) == 0;
}

/* Cells by their names are the first of the pool, each once. */
static int add_named(struct export_cells *cells, const char *word, struct error *error)
{
	char name[CELL_NAME_SIZE];
	struct cell cell;

	if (!strchr(word, '/'))
		return fail(error, "'%.120s' is neither a cell's name, such as time-wait/syn/seq-below/ts-above, "
			    "nor a file of results", word);
	if (cell_parse(word, &cell, error) < 0)
		return -1;
	if (intern_add(cells->pool.cells, cell_name(&cell, name, sizeof(name))) == INTERN_NONE)
		return fail(error, "out of memory");
	if (intern_count(cells->pool.cells) == cells->named)
		return 0;
	cells->named++;
	return matrix_collect(&cells->matrix, &cell, error);
}

static int add_words(struct export_cells *cells, const struct options *options, struct error *error)
{
	struct error ignored;
	struct cell cell;

	if (results_pool_open(&cells->pool, error) < 0)
		return -1;
	for (int pass = 0; pass < 2; pass++) { /* a file is read after all names */
		for (size_t i = 0; i < options->named_count; i++) {
			const char *word = options->named[i];
			bool file = cell_parse(word, &cell, &ignored) < 0 && is_file(word);

			if (file != (pass == 1))
				continue;
			if ((file ? add_file(cells, word, options->only, error) : add_named(cells, word, error)) < 0)
				return -1;
		}
	}
	return 0;
}

int export_cells_open(struct export_cells *cells, const struct options *options, struct error *error)
{
	char name[MATRICES_NAME_SIZE];

	memset(cells, 0, sizeof(*cells));
	if (options->named_count) {
		if (add_words(cells, options, error) < 0)
			return -1;
	} else {
		cells->grouped = true;
		cells->matrix = matrices_load(options, name, error);
		if (!cells->matrix)
			return -1;
	}
	return options->only ? matrix_only(cells->matrix, options->only, error) : 0;
}

bool export_cells_seen(const struct export_cells *cells, const char *name, const char *answer, char *text, size_t size,
		       bool *other)
{
	uint32_t number = cells->file_count ? intern_find(cells->pool.cells, name) : INTERN_NONE;
	struct textbuf out;
	bool any = false;

	*other = false;
	textbuf_init(&out, text, size);
	for (size_t i = 0; i < cells->file_count; i++) {
		const struct export_file *file = &cells->files[i];
		uint32_t at = number < file->names ? file->where[number] : 0;
		const uint32_t *values = at ? file->results->results[at - 1].values : NULL;
		const char *theirs = at ? intern_text(cells->pool.words, values[ASPECT_ANSWER]) : "";

		if (!at || values[ASPECT_ANSWER] == WORD_UNKNOWN)
			continue;
		textbuf_item(&out, "; ", "%.200s has of Linux %.60s: %s", file->results->shown, file->results->kernel, theirs);
		if (values[ASPECT_ISN] > WORD_NONE)
			textbuf_add(&out, " %s", intern_text(cells->pool.words, values[ASPECT_ISN]));
		*other |= strcmp(theirs, answer) != 0;
		any = true;
	}
	return any;
}

void export_cells_close(struct export_cells *cells)
{
	matrix_free(cells->matrix);
	for (size_t i = 0; i < cells->file_count; i++) {
		results_free(cells->files[i].results);
		free(cells->files[i].where);
	}
	free(cells->files);
	if (cells->pool.cells)
		results_pool_close(&cells->pool);
}
