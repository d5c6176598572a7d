/* merge.c - shards of one run become one result file. */
#include "harness/results/merge.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "crafter/stream.h"
#include "harness/report/ndjson.h"

/* A cell record and its place. */
struct source_line {
	const struct result *result;
	const struct results *file;
};

/* Keys of the run record that must be the same in all shards. */
static const char *const alike[] = { "tool_version", "kernel", "matrix", "target", "expect", "matrix_cells", "repeat",
				     "sysctls" };

static const char *value_text(const json_t *value, char *buffer, size_t size)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

	snprintf(buffer, size, "%.90s", text ? text : "null");
	free(text);
	return buffer;
}

static int check_alike(struct results *const *files, size_t count, struct error *error)
{
	char first[100], other[100];
	size_t i, key;

	for (i = 1; i < count; i++)
		for (key = 0; key < sizeof(alike) / sizeof(*alike); key++) {
			const json_t *a = json_object_get(files[0]->run, alike[key]);
			const json_t *b = json_object_get(files[i]->run, alike[key]);

			if ((!a && !b) || json_equal(a, b))
				continue;
			return fail(error, "these are not shards of one run: \"%s\" is %s in %.100s, but %s in %.100s",
				    alike[key], value_text(a, first, sizeof(first)), files[0]->shown,
				    value_text(b, other, sizeof(other)), files[i]->shown);
		}
	return 0;
}

static int check_shards(struct results *const *files, size_t count, struct error *error)
{
	unsigned shards = files[0]->shards, shard;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!files[i]->shards)
			return fail(error, "%.200s is not a shard: its run record has no \"shard\"; shards are made with "
				    "--shard=I/N", files[i]->shown);
		if (files[i]->shards != shards)
			return fail(error, "%.150s is shard %u of %u, but %.150s is one of %u", files[i]->shown,
				    files[i]->shard, files[i]->shards, files[0]->shown, shards);
	}
	for (shard = 1; shard <= shards; shard++) {
		const struct results *found = NULL;

		for (i = 0; i < count; i++) {
			if (files[i]->shard != shard)
				continue;
			if (found)
				return fail(error, "shard %u of %u is given twice: %.150s and %.150s", shard, shards,
					    found->shown, files[i]->shown);
			found = files[i];
		}
		if (!found)
			return fail(error, "shard %u of %u is missing", shard, shards);
	}
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct source_line *one = a, *other = b;

	return (one->result->number > other->result->number) - (one->result->number < other->result->number);
}

static int check_lines(const struct source_line *lines, size_t count, uint64_t expected, struct error *error)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (i && lines[i].result->number == lines[i - 1].result->number)
			return fail(error, "cell number %llu is in %.150s and in %.150s",
				    (unsigned long long)lines[i].result->number, lines[i - 1].file->shown,
				    lines[i].file->shown);
		if (lines[i].result->number != i)
			break;
	}
	if (i < count || i != expected)
		return fail(error, "cell number %zu is in none of the files; the whole run has %llu", i,
			    (unsigned long long)expected);
	return 0;
}

static struct source_line *gather(struct results *const *files, size_t count, size_t *total, struct error *error)
{
	struct source_line *lines;
	size_t i, j;

	for (*total = i = 0; i < count; i++)
		*total += files[i]->count;
	lines = malloc((*total + 1) * sizeof(*lines));
	if (!lines) {
		fail(error, "out of memory for the shards");
		return NULL;
	}
	for (*total = i = 0; i < count; i++)
		for (j = 0; j < files[i]->count; j++)
			lines[(*total)++] = (struct source_line){ &files[i]->results[j], files[i] };
	qsort(lines, *total, sizeof(*lines), by_number);
	return lines;
}

static json_t *merged_run(struct results *const *files, size_t count, size_t cells)
{
	json_t *run = json_deep_copy(files[0]->run);
	const char *started = json_string_value(json_object_get(run, "started")), *other;
	bool one_seed = true;
	size_t i;

	for (i = 1; i < count; i++) {
		other = json_string_value(json_object_get(files[i]->run, "started"));
		if (other && (!started || strcmp(other, started) < 0))
			started = other;
		one_seed = one_seed && json_equal(json_object_get(run, "seed"),
						  json_object_get(files[i]->run, "seed"));
	}
	if (started)
		json_object_set_new(run, "started", json_string(started));
	if (!one_seed)
		json_object_set_new(run, "seed", json_null());
	json_object_set_new(run, "shard", json_null());
	json_object_set_new(run, "cells", json_integer((json_int_t)cells));
	return run;
}

/* Adds the numbers of `from` to those of `to`, and those of the objects inside. */
static int add_numbers(json_t *to, const json_t *from, struct error *error)
{
	const char *key;
	json_t *value;

	json_object_foreach(to, key, value) {
		const json_t *more = json_object_get(from, key);
		json_int_t sum;

		if (json_is_integer(value)) {
			if (__builtin_add_overflow(json_integer_value(value), json_integer_value(more), &sum))
				return fail(error, "the numbers \"%.60s\" of the summaries are too large to be added", key);
			json_integer_set(value, sum);
		} else if (json_is_real(value)) {
			json_real_set(value, round((json_real_value(value) + json_number_value(more)) * 1e6) / 1e6);
		} else if (json_is_object(value) && add_numbers(value, more, error)) {
			return -1;
		}
	}
	return 0;
}

/* NULL with an error. */
static json_t *merged_summary(struct results *const *files, size_t count, struct error *error)
{
	json_t *summary = json_deep_copy(files[0]->summary);
	double seconds, cells;
	size_t i;

	for (i = 1; i < count; i++)
		if (add_numbers(summary, files[i]->summary, error)) {
			json_decref(summary);
			return NULL;
		}
	seconds = json_number_value(json_object_get(summary, "seconds"));
	cells = json_number_value(json_object_get(summary, "cells"));
	json_object_set_new(summary, "cells_per_second",
			    json_real(seconds > 0 ? round(cells / seconds * 10) / 10 : 0));
	json_object_set_new(summary, "exit", json_integer(
		json_integer_value(json_object_get(summary, "differs")) ? 1 :
		json_integer_value(json_object_get(summary, "inconclusive")) ||
		json_integer_value(json_object_get(summary, "mixed")) ? 3 : 0));
	return summary;
}

static int copy_line(const struct source_line *line, gzFile in, FILE *out, char **buffer, size_t *size,
		     struct error *error)
{
	size_t length = line->result->length;

	if (*size < length) {
		free(*buffer);
		*size = length * 2;
		*buffer = malloc(*size);
		if (!*buffer)
			return fail(error, "out of memory for the shards");
	}
	if (gzseek(in, line->result->offset, SEEK_SET) < 0 || gzfread(*buffer, 1, length, in) != length)
		return fail(error, "%.300s changed while it was read", line->file->shown);
	fwrite(*buffer, 1, length, out);
	return 0;
}

/* Shards are contiguous, so one file is open at a time. */
static int copy_lines(const struct source_line *lines, size_t count, FILE *out, struct error *error)
{
	const struct results *opened = NULL;
	char *buffer = NULL;
	gzFile in = NULL;
	size_t size = 0, i;
	int result = 0;

	for (i = 0; i < count && !result; i++) {
		if (lines[i].file != opened) {
			if (in)
				gzclose(in);
			opened = lines[i].file;
			in = results_again(opened, error);
			result = in ? 0 : -1;
		}
		if (!result)
			result = copy_line(&lines[i], in, out, &buffer, &size, error);
	}
	if (in)
		gzclose(in);
	free(buffer);
	return result;
}

int merge(struct results *const *files, size_t count, FILE *out, struct error *error)
{
	uint64_t expected = (uint64_t)files[0]->matrix_cells * files[0]->repeat;
	json_t *summary = NULL;
	struct source_line *lines;
	size_t total;
	int result;

	if (check_alike(files, count, error) || check_shards(files, count, error))
		return -1;
	lines = gather(files, count, &total, error);
	if (!lines)
		return -1;
	result = check_lines(lines, total, expected, error);
	if (!result) {
		summary = merged_summary(files, count, error);
		result = summary ? 0 : -1;
	}
	if (!result)
		result = ndjson_write(out, merged_run(files, count, total), error);
	if (!result)
		result = copy_lines(lines, total, out, error);
	if (!result)
		result = ndjson_write(out, json_incref(summary), error);
	json_decref(summary);
	if (!result)
		result = stream_finish(out, "the merged results", error);
	free(lines);
	return result;
}
