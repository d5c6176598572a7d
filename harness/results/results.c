/* results.c - reads a result file line by line and holds it to its form. */
#include "harness/results/results.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "crafter/plain.h"
#include "harness/report/ndjson.h"
#include "harness/report/progress.h"
#include "harness/results/results_internal.h"

enum { LINE_MOST = 1 << 20 /* a record of ours has some thousand bytes */ };

/* A file while it is read. */
enum { SHOW_EVERY = 2048 }; /* lines, for the progress line */

struct results_reader {
	struct results *results;
	struct pool *pool;
	bool partial, head, twice; /* head: the run record is all that is wanted */
	bool whole; /* another file is like this one, which must have all cells itself */
	bool like;  /* this file is like another: its cells replace those of that one, in their order */
	size_t next; /* like: the first that may still be replaced */
	gzFile file; /* which reads a file that is not compressed as it is */
	char *line; /* LINE_MOST of room */
	size_t line_number;
	off_t offset; /* of the line */
	size_t length;
	struct progress *progress; /* NULL: none is shown */
};

static int fail_line(const struct results_reader *reader, struct error *error)
{
	char where[320];

	snprintf(where, sizeof(where), "%.280s:%zu", reader->results->shown, reader->line_number);
	return fail_in(error, where);
}

static char *copy_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return strdup(text ? text : "");
}

static int read_shard(struct results *results, const json_t *run, struct error *error)
{
	const char *text = json_string_value(json_object_get(run, "shard"));

	if (!text)
		return 0;
	if (sscanf(text, "%u/%u", &results->shard, &results->shards) != 2 || results->shard < 1 ||
	    results->shard > results->shards)
		return fail(error, "\"shard\": \"%.40s\" is not I/N", text);
	return 0;
}

static int read_count(const json_t *run, const char *key, size_t *count, struct error *error)
{
	const json_t *value = json_object_get(run, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return fail(error, "\"%s\": expected a number", key);
	*count = (size_t)json_integer_value(value);
	return 0;
}

static struct results *read_path(struct results_reader *reader, const char *path, struct error *error);

/* Of a file beside this one: its cells are this one's, too. */
static int take_cells(struct results_reader *reader, const char *name, struct error *error)
{
	struct results_reader other_reader = { .pool = reader->pool, .whole = true };
	struct results *results = reader->results, *other;
	const char *end = strrchr(results->path, '/');
	char path[PATH_MAX];

	if (strchr(name, '/') || snprintf(path, sizeof(path), "%.*s%s.ndjson.gz", end ? (int)(end + 1 - results->path) : 0,
					  results->path, name) >= (int)sizeof(path))
		return fail(error, "\"like\": expected the name of a file beside this one, without its .ndjson.gz");
	other = read_path(&other_reader, path, error);
	if (!other)
		return fail_in(error, "\"like\"");
	if (other->planned != results->planned || strcmp(other->matrix, results->matrix) != 0) {
		results_free(other);
		return fail(error, "\"like\": %.300s has other cells", path);
	}
	results->results = other->results;
	results->count = other->count;
	results->room = other->room;
	other->results = NULL;
	results_free(other);
	reader->like = true;
	return 0;
}

static int read_like(struct results_reader *reader, const json_t *run, struct error *error)
{
	const char *name = json_string_value(json_object_get(run, "like"));

	if (!name || reader->head)
		return 0;
	if (reader->whole)
		return fail(error, "\"like\": a file that others are like has all cells itself");
	if (reader->twice)
		return fail(error, "\"like\": it has only what differs from %.40s, and no lines of the other cells", name);
	return take_cells(reader, name, error);
}

static int read_run(struct results_reader *reader, json_t *run, struct error *error)
{
	struct results *results = reader->results;
	json_int_t version = json_integer_value(json_object_get(run, "format_version"));

	if (results->run)
		return fail(error, "a second \"run\" record; a result file holds one run");
	if (version != NDJSON_VERSION)
		return fail(error, "\"format_version\" is %lld, but this twprobe reads %d", (long long)version,
			    NDJSON_VERSION);
	results->run = json_incref(run);
	results->tool_version = copy_text(run, "tool_version");
	results->kernel = copy_text(run, "kernel");
	results->matrix = copy_text(run, "matrix");
	results->over = copy_text(run, "path");
	if (!results->tool_version || !results->kernel || !results->matrix || !results->over)
		return fail(error, "out of memory for the results");
	if (read_count(run, "cells", &results->planned, error) ||
	    read_count(run, "matrix_cells", &results->matrix_cells, error) ||
	    read_count(run, "repeat", &results->repeat, error))
		return -1;
	return read_shard(results, run, error) ? -1 : read_like(reader, run, error);
}

static int read_verdict(const json_t *cell, enum verdict *verdict, struct error *error)
{
	const char *text = json_string_value(json_object_get(cell, "verdict"));
	int i;

	for (i = 0; text && i < VERDICT_COUNT; i++) {
		*verdict = (enum verdict)i;
		if (!strcmp(verdict_name(*verdict), text))
			return 0;
	}
	return fail(error, "\"verdict\": expected agrees, differs, inconclusive, skipped or mixed");
}

/* Where the cell goes: behind the last, or in the place of the one of this name. */
static struct result *place_of(struct results_reader *reader, uint32_t name, struct error *error)
{
	struct results *results = reader->results;

	if (!reader->like)
		return results_next(results, error);
	while (reader->next < results->count && results->results[reader->next].name != name)
		reader->next++;
	if (reader->next < results->count)
		return &results->results[reader->next++];
	fail(error, "\"cell\": not one of the file that this one is like, or not in its order");
	return NULL;
}

static int read_says(const json_t *cell, struct pool *pool, uint32_t *says, struct error *error)
{
	const char *text = json_string_value(json_object_get(json_object_get(cell, "path"), "says"));

	*says = text ? intern_add(pool->words, text) : (uint32_t)WORD_UNKNOWN;
	return *says == INTERN_NONE ? fail(error, "out of memory for the results") : 0;
}

static int read_cell(struct results_reader *reader, json_t *cell, struct error *error)
{
	const char *name = json_string_value(json_object_get(cell, "cell"));
	const json_t *number = json_object_get(cell, "number");
	struct result *result;
	uint32_t interned;

	if (!name)
		return fail(error, "\"cell\": expected the cell's name");
	if (!results_is_word(name))
		return fail(error, "\"cell\": the name is not printable ASCII");
	interned = intern_add(reader->pool->cells, name);
	if (interned == INTERN_NONE)
		return fail(error, "out of memory for the results");
	/* What ships has no numbers: those of a whole run follow from the order. */
	if ((number || reader->results->shards) && (!json_is_integer(number) || json_integer_value(number) < 0))
		return fail(error, "\"number\": expected the cell's number in the matrix");
	result = place_of(reader, interned, error);
	if (!result || read_verdict(cell, &result->verdict, error) || read_says(cell, reader->pool, &result->says, error) ||
	    results_fields_read(cell, reader->pool, result->values, error))
		return -1;
	result->name = interned;
	result->number = number ? (uint64_t)json_integer_value(number) : (uint64_t)(result - reader->results->results);
	result->offset = reader->offset;
	result->length = reader->length;
	reader->results->count += !reader->like;
	return 0;
}

static int read_record(struct results_reader *reader, json_t *record, struct error *error)
{
	const char *kind = json_string_value(json_object_get(record, "record"));

	if (!kind)
		return fail(error, "no \"record\" key: this is not a line of twprobe --format=json");
	if (reader->results->summary)
		return fail(error, "a \"%.40s\" record after the summary", kind);
	if (!strcmp(kind, "run"))
		return read_run(reader, record, error);
	if (!reader->results->run)
		return fail(error, "a \"%.40s\" record before the \"run\" record", kind);
	if (!strcmp(kind, "cell"))
		return read_cell(reader, record, error);
	if (strcmp(kind, "summary"))
		return fail(error, "\"record\": \"%.40s\" is not one of run, cell, summary", kind);
	reader->results->summary = json_incref(record);
	reader->results->interrupted = json_is_true(json_object_get(record, "interrupted"));
	return 0;
}

/* Every text in it may be printed one day. */
static bool is_plain(const json_t *value)
{
	const char *key;
	const json_t *inner;
	size_t i;

	if (json_is_string(value))
		return plain_is(json_string_value(value));
	for (i = 0; json_is_array(value) && i < json_array_size(value); i++)
		if (!is_plain(json_array_get(value, i)))
			return false;
	/* jansson's macro takes no const. */
	json_object_foreach((json_t *)(uintptr_t)value, key, inner)
		if (!plain_is(key) || !is_plain(inner))
			return false;
	return true;
}

static int read_line(struct results_reader *reader, struct error *error)
{
	json_error_t problem;
	json_t *record;
	int result;

	if (reader->line[reader->length - 1] != '\n') {
		if (reader->partial)
			return 0;
		return fail(error, "the file ends in the middle of a line: the run was cut off");
	}
	record = json_loadb(reader->line, reader->length, 0, &problem);
	if (!record)
		return fail(error, "%s (column %d)", problem.text, problem.column);
	result = is_plain(record) ? read_record(reader, record, error) :
		 fail(error, "a control character in a text: this is not a line of twprobe --format=json");
	json_decref(record);
	return result;
}

/* What can be checked only at the end of the file. */
static int check_whole(const struct results_reader *reader, struct error *error)
{
	const struct results *results = reader->results;

	if (!results->run)
		return reader->line_number ? fail(error, "no \"run\" record: this is not a result of twprobe --format=json") :
		       fail(error, "no \"run\" record: the file is empty");
	if (reader->partial)
		return 0;
	if (!results->summary)
		return fail(error, "the file ends without a \"summary\" record: the run was cut off after %zu of %zu "
			    "cells (--partial accepts it)", results->count, results->planned);
	if (results->interrupted)
		return fail(error, "the run was interrupted after %zu of %zu cells (--partial accepts it)",
			    results->count, results->planned);
	if (results->count != results->planned)
		return fail(error, "the file holds %zu of the %zu cells that its \"run\" record announces (--partial "
			    "accepts it)", results->count, results->planned);
	return 0;
}

/* A line with its end, or as much as a line may have; 0: the file has ended. */
static size_t next_line(const struct results_reader *reader)
{
	size_t length = 0;
	int byte = 0;

	while (length < LINE_MOST && byte != '\n' && (byte = gzgetc(reader->file)) != EOF)
		reader->line[length++] = (char)byte;
	return length;
}

static void show_progress(const struct results_reader *reader)
{
	struct stat file;

	if (stat(reader->results->path, &file) == 0)
		progress_line(reader->progress, "reading %s: %lld of %lld MB", reader->results->shown,
			      (long long)gzoffset(reader->file) / 1000000, (long long)file.st_size / 1000000);
}

/* After the last line: was that the end? Compressed data that breaks off is a file that was cut off. */
static int check_end(const struct results_reader *reader, struct error *error)
{
	int problem;
	const char *text = gzerror(reader->file, &problem);

	if (problem == Z_ERRNO)
		return fail(error, "%s", strerror(errno));
	if (problem == Z_BUF_ERROR)
		return reader->partial ? 0 : fail(error, "the compressed data breaks off: the file was cut off");
	return problem == Z_OK || problem == Z_STREAM_END ? 0 : fail(error, "the compressed data is damaged (%.80s)", text);
}

static int read_file(struct results_reader *reader, struct error *error)
{
	while ((reader->length = next_line(reader)) > 0) {
		reader->line_number++;
		if (reader->length == LINE_MOST && reader->line[LINE_MOST - 1] != '\n') {
			fail(error, "the line has more than %d bytes: this is not a result of twprobe --format=json",
			     LINE_MOST - 1);
			return fail_line(reader, error);
		}
		if (read_line(reader, error))
			return fail_line(reader, error);
		if (reader->head)
			return 0;
		reader->offset += (off_t)reader->length;
		if (reader->line_number % SHOW_EVERY == 0)
			show_progress(reader);
	}
	return check_end(reader, error) || check_whole(reader, error) ? fail_line(reader, error) : 0;
}

static bool is_standard_input(const char *path)
{
	return strcmp(path, "-") == 0;
}

struct results *results_open(const char *path, struct error *error)
{
	struct results *results = calloc(1, sizeof(*results));
	const char *shown = is_standard_input(path) ? "standard input" : path;

	if (results)
		results->copy = -1;
	if (!results || !(results->path = strdup(path)) || !(results->shown = strdup(shown))) {
		fail(error, "out of memory for the results");
		results_free(results);
		return NULL;
	}
	plain_text(results->shown);
	return results;
}

/* What is read twice is kept in a file that nobody else sees. */
static int copy_input(struct results *results, struct error *error)
{
	char buffer[65536];
	FILE *file = tmpfile();
	ssize_t got = 0;

	while (file && (got = read(STDIN_FILENO, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)got, file);
	if (file && got == 0 && fflush(file) == 0)
		results->copy = dup(fileno(file));
	if (results->copy < 0)
		fail(error, "cannot keep standard input: %s", strerror(errno));
	if (file)
		fclose(file);
	return results->copy < 0 ? -1 : 0;
}

static gzFile open_file(const struct results *results, struct error *error)
{
	gzFile file;

	errno = 0;
	if (results->copy >= 0)
		file = lseek(results->copy, 0, SEEK_SET) == 0 ? gzdopen(dup(results->copy), "r") : NULL;
	else
		file = is_standard_input(results->path) ? gzdopen(dup(STDIN_FILENO), "r") : gzopen(results->path, "re");
	if (!file)
		fail(error, "cannot read %.300s: %s", results->shown, errno ? strerror(errno) : "out of memory");
	return file;
}

gzFile results_again(const struct results *results, struct error *error)
{
	return open_file(results, error);
}

static struct results *read_path(struct results_reader *reader, const char *path, struct error *error)
{
	int failed = -1;

	reader->results = results_open(path, error);
	reader->line = malloc(LINE_MOST);
	if (!reader->results || !reader->line) {
		fail(error, "out of memory for the results");
		goto out;
	}
	if (reader->twice && is_standard_input(path) && copy_input(reader->results, error) < 0)
		goto out;
	reader->file = open_file(reader->results, error);
	if (!reader->file)
		goto out;
	failed = read_file(reader, error);
	gzclose(reader->file);
out:
	free(reader->line);
	if (!failed)
		return reader->results;
	results_free(reader->results);
	return NULL;
}

struct results *results_read(const char *path, struct pool *pool, bool partial, struct progress *progress,
			     struct error *error)
{
	struct results_reader reader = { .pool = pool, .partial = partial, .progress = progress };

	return read_path(&reader, path, error);
}

struct results *results_read_twice(const char *path, struct pool *pool, struct progress *progress, struct error *error)
{
	struct results_reader reader = { .pool = pool, .twice = true, .progress = progress };

	return read_path(&reader, path, error);
}

struct results *results_read_run(const char *path, struct error *error)
{
	struct results_reader reader = { .partial = true, .head = true };
	struct results *results = read_path(&reader, path, error);

	if (!results || results->run)
		return results;
	fail(error, "%.300s: does not begin with a \"run\" record", path);
	results_free(results);
	return NULL;
}

void results_free(struct results *results)
{
	if (!results)
		return;
	if (results->copy >= 0)
		close(results->copy);
	free(results->path);
	free(results->over);
	free(results->shown);
	free(results->tool_version);
	free(results->kernel);
	free(results->matrix);
	json_decref(results->run);
	json_decref(results->summary);
	free(results->results);
	free(results);
}
