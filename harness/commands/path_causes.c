/* path_causes.c - results by path, compared cell by cell; equal causes are counted. */
#include "harness/commands/path_causes.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/commands/message.h"
#include "harness/report/html.h"
#include "harness/report/ndjson.h"
#include "harness/report/text.h"
#include "harness/results/compare_print.h"
#include "harness/run/exit_code.h"

enum { PATHS_MAX = OPTIONS_PATHS_MAX + 1, NO_CAUSE = -1 };

/* Cells that one path changes, and that its router did the same to. */
struct cause_group {
	size_t path, count;
	uint32_t says;    /* in pool.words */
	uint32_t example; /* in pool.cells */
};

struct path_causes {
	struct matrix *matrix;
	struct pool pool;
	struct results *files[PATHS_MAX];
	size_t count;
	struct cause_group *groups;
	size_t group_count;
};

struct path_causes *path_causes_open(struct matrix *matrix, struct error *error)
{
	struct path_causes *causes = calloc(1, sizeof(*causes));

	if (causes && results_pool_open(&causes->pool, error) == 0) {
		causes->matrix = matrix;
		return causes;
	}
	if (!causes)
		fail(error, "out of memory");
	free(causes);
	return NULL;
}

void path_causes_tell(const struct record *record, struct path_told *told)
{
	memset(told, 0, sizeof(*told));
	told->number = record->number;
	told->verdict = (uint8_t)record->verdict;
	told->observed = record->observed;
	told->answer = (uint8_t)record->answer;
	told->isn = (uint8_t)record->isn;
	told->after = (uint8_t)record->after;
	told->has_follow_up = record->has_follow_up;
	told->follow_up_conclusive = record->follow_up_conclusive;
	told->follow_up_answer = (uint8_t)record->follow_up_answer;
	told->follow_up_isn = (uint8_t)record->follow_up_isn;
	if (record->side.routed)
		sides_summary(&record->side, told->says, sizeof(told->says));
}

int path_causes_begin(struct path_causes *causes, const char *path, const char *matrix, struct error *error)
{
	struct results *results = results_open(path, error);

	if (!results)
		return -1;
	causes->files[causes->count++] = results;
	results->kernel = strdup(path); /* what the columns are called */
	results->matrix = strdup(matrix);
	results->tool_version = strdup(TWPROBE_VERSION);
	return results->kernel && results->matrix && results->tool_version ? 0 : fail(error, "out of memory");
}

void path_causes_drop(struct path_causes *causes)
{
	causes->count--;
	results_free(causes->files[causes->count]);
	causes->files[causes->count] = NULL;
}

static bool is_possible(const struct path_causes *causes, const struct path_told *told)
{
	return matrix_count(causes->matrix) && told->verdict < VERDICT_COUNT && told->answer < ANSWER_COUNT &&
	       told->isn <= ISN_FRESH && told->follow_up_answer < ANSWER_COUNT && told->follow_up_isn <= ISN_FRESH &&
	       told->after <= STATE_UNKNOWN && memchr(told->says, '\0', sizeof(told->says));
}

int path_causes_take(struct path_causes *causes, const struct path_told *told, struct error *error)
{
	struct record record = { .number = (size_t)told->number };
	struct results *file = causes->files[causes->count - 1];
	uint32_t *says;

	if (!is_possible(causes, told))
		return fail(error, "a path's process has told what no run can see");
	matrix_cell(causes->matrix, record.number % matrix_count(causes->matrix), &record.cell);
	record.verdict = (enum verdict)told->verdict;
	record.observed = told->observed;
	record.answer = (enum answer)told->answer;
	record.isn = (enum isn)told->isn;
	record.after = (enum state)told->after;
	record.has_follow_up = told->has_follow_up;
	record.follow_up_conclusive = told->follow_up_conclusive;
	record.follow_up_answer = (enum answer)told->follow_up_answer;
	record.follow_up_isn = (enum isn)told->follow_up_isn;
	if (results_add(file, &causes->pool, &record, error))
		return -1;
	says = &file->results[file->count - 1].says;
	*says = intern_add(causes->pool.words, told->says);
	return *says == INTERN_NONE ? fail(error, "out of memory") : 0;
}

/* What a comparison takes for seen, too. */
static bool is_seen(const struct result *result)
{
	return result->verdict == VERDICT_AGREES || result->verdict == VERDICT_DIFFERS;
}

/* What is known on both sides is not the same. */
static bool differs(const struct result *one, const struct result *other)
{
	if (!is_seen(one) || !is_seen(other))
		return false;
	for (enum aspect aspect = 0; aspect < ASPECT_FIELDS; aspect++)
		if (one->values[aspect] != WORD_UNKNOWN && other->values[aspect] != WORD_UNKNOWN &&
		    one->values[aspect] != other->values[aspect])
			return true;
	return false;
}

static int count_cause(struct path_causes *causes, size_t path, uint32_t says, uint32_t cell, struct error *error)
{
	struct cause_group *grown;

	for (size_t i = 0; i < causes->group_count; i++) {
		struct cause_group *group = &causes->groups[i];

		if (group->path == path && group->says == says) {
			group->count++;
			return 0;
		}
	}
	grown = realloc(causes->groups, (causes->group_count + 1) * sizeof(*grown));
	if (!grown)
		return fail(error, "out of memory");
	causes->groups = grown;
	grown[causes->group_count++] = (struct cause_group){ path, 1, says, cell };
	return 0;
}

/* Every path has the same cells in the same order. */
static int count_all(struct path_causes *causes, struct error *error)
{
	const struct results *direct = causes->files[0];

	for (size_t path = 1; path < causes->count; path++) {
		const struct results *file = causes->files[path];

		for (size_t i = 0; i < file->count && i < direct->count; i++)
			if (file->results[i].name == direct->results[i].name &&
			    differs(&direct->results[i], &file->results[i]) &&
			    count_cause(causes, path, file->results[i].says, file->results[i].name, error))
				return -1;
	}
	return 0;
}

static const char *says_of(const struct path_causes *causes, const struct cause_group *group)
{
	const char *says = intern_text(causes->pool.words, group->says);

	return *says ? says : "stimulus and answer came through as they were: what differs came before, or after";
}

static void print_causes(const struct path_causes *causes, FILE *out)
{
	if (causes->group_count)
		fprintf(out, "\nWhat the routers did there\n");
	for (size_t i = 0; i < causes->group_count; i++) {
		const struct cause_group *group = &causes->groups[i];
		char line[PATH_TOLD_SIZE + CELL_NAME_SIZE + 256], cells[32];

		snprintf(line, sizeof(line), "%.100s, %s: %s; for instance %s", causes->files[group->path]->kernel,
			 text_plural(group->count, "cell", cells, sizeof(cells)), says_of(causes, group),
			 intern_text(causes->pool.cells, group->example));
		fputs("  ", out);
		text_wrap(out, line, 2, 6);
	}
}

/* The same on a page. */
static void show_causes(void *context, FILE *out)
{
	struct html_lines lines;

	if (html_lines_begin(&lines) < 0)
		return;
	print_causes(context, lines.out);
	html_lines_end(&lines, out);
}

static int write_causes(const struct path_causes *causes, FILE *out, struct error *error)
{
	for (size_t i = 0; i < causes->group_count; i++) {
		const struct cause_group *group = &causes->groups[i];

		if (ndjson_write(out, json_pack("{s:s, s:s, s:I, s:s, s:s}", "record", "cause",
						"path", causes->files[group->path]->kernel,
						"cells", (json_int_t)group->count,
						"says", says_of(causes, group),
						"example", intern_text(causes->pool.cells, group->example)), error))
			return -1;
	}
	return 0;
}

int path_causes_show(struct path_causes *causes, const struct options *options, FILE *out, struct error *error)
{
	const char *labels[COMPARE_FILES_MAX];
	struct compare_view view = { .pool = &causes->pool, .files = causes->files, .labels = labels, .noun = "paths",
				     .more = show_causes, .context = causes };
	struct comparison *comparison;
	int code;

	if (causes->count < 2)
		return EXIT_CANNOT_RUN;
	comparison = compare(causes->files, causes->count, &causes->pool, false, false, error);
	if (!comparison || count_all(causes, error)) {
		compare_free(comparison);
		return -1;
	}
	compare_labels(causes->files, causes->count, labels);
	view.comparison = comparison;
	code = compare_exit(comparison);
	if (compare_print(options->format, out, &view, error) ||
	    (options->format == FORMAT_JSON && write_causes(causes, out, error)))
		code = -1;
	if (options->format == FORMAT_TABLE)
		print_causes(causes, out);
	compare_free(comparison);
	return code == EXIT_DIFFERS && options->expect == BOOK_COUNT ? EXIT_AGREES : code;
}

void path_causes_close(struct path_causes *causes)
{
	if (!causes)
		return;
	while (causes->count)
		path_causes_drop(causes);
	results_pool_close(&causes->pool);
	free(causes->groups);
	free(causes);
}
