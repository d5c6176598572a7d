/* compare.c - holds the files against each other, cell by cell, and groups what differs. */
#include "harness/results/compare_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"

enum { TEXT_SIZE = COMPARE_OUTCOME_SIZE };

static const char *const unseen[SIGHT_SEEN] = { "absent", "skipped", "inconclusive" };

struct work {
	struct comparison *comparison;
	struct grouping grouping;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "ack or silence": all that the repeats of a cell showed, sorted. */
static uint32_t either(struct work *work, uint32_t a, uint32_t b)
{
	char joined[TEXT_SIZE], text[TEXT_SIZE], *parts[16], *at, *end;
	struct textbuf out;
	size_t count = 0, i;

	if (a == b || b == WORD_UNKNOWN)
		return a;
	if (a == WORD_UNKNOWN)
		return b;
	snprintf(joined, sizeof(joined), "%s or %s", intern_text(work->grouping.pool->words, a),
		 intern_text(work->grouping.pool->words, b));
	for (at = joined; at && count < 16; at = end) {
		end = strstr(at, " or ");
		if (end) {
			*end = '\0';
			end += strlen(" or ");
		}
		parts[count++] = at;
	}
	qsort(parts, count, sizeof(*parts), by_text);
	textbuf_init(&out, text, sizeof(text));
	for (i = 0; i < count; i++)
		if (!i || strcmp(parts[i], parts[i - 1]))
			textbuf_add(&out, "%s%s", i ? " or " : "", parts[i]);
	return compare_grouping_word(&work->grouping, text);
}

static void enter(struct work *work, struct sighted *outcome, const struct result *result)
{
	enum sight sight = result->verdict == VERDICT_SKIPPED ? SIGHT_SKIPPED :
			   result->verdict == VERDICT_INCONCLUSIVE || result->verdict == VERDICT_MIXED ||
			   !result->values[ASPECT_ANSWER] ?
			   SIGHT_INCONCLUSIVE : SIGHT_SEEN;
	size_t i;

	if (sight == SIGHT_SEEN && outcome->sight == SIGHT_SEEN) {
		/* An answer that has no ISN does not restrict those that have: "ack or syn-ack continued". */
		if (outcome->values[ASPECT_ISN] == WORD_NONE)
			outcome->values[ASPECT_ISN] = result->values[ASPECT_ISN];
		for (i = 0; i < ASPECT_COUNT; i++)
			if (i != ASPECT_ISN || result->values[i] != WORD_NONE)
				outcome->values[i] = either(work, outcome->values[i], result->values[i]);
	} else if (sight > outcome->sight) {
		outcome->sight = sight;
		memcpy(outcome->values, result->values, sizeof(outcome->values));
		outcome->says = result->says;
	}
}

static struct sighted *outcome_of(const struct comparison *comparison, size_t file, size_t cell)
{
	return &comparison->outcomes[file * comparison->cells + cell];
}

/* Two files saw different things. */
static bool aspect_differs(const struct work *work, size_t cell, enum aspect aspect)
{
	uint32_t first = WORD_UNKNOWN, value;
	size_t file;

	for (file = 0; file < work->comparison->files; file++) {
		const struct sighted *outcome = outcome_of(work->comparison, file, cell);

		value = outcome->sight == SIGHT_SEEN ? outcome->values[aspect] : (uint32_t)WORD_UNKNOWN;
		if (value == WORD_UNKNOWN)
			continue;
		if (first != WORD_UNKNOWN && value != first)
			return true;
		first = value;
	}
	return false;
}

bool compare_has(const struct comparison *comparison, size_t file, uint32_t cell)
{
	return outcome_of(comparison, file, cell)->sight != SIGHT_ABSENT;
}

uint32_t compare_says(const struct comparison *comparison, size_t file, uint32_t cell)
{
	return outcome_of(comparison, file, cell)->says;
}

const char *compare_outcome_text(const struct comparison *comparison, const struct pool *pool, size_t file, uint32_t cell,
				 bool after, char buffer[static COMPARE_OUTCOME_SIZE])
{
	const struct sighted *outcome = outcome_of(comparison, file, cell);
	const uint32_t *values = outcome->values;
	struct textbuf out;

	textbuf_init(&out, buffer, COMPARE_OUTCOME_SIZE);
	if (outcome->sight != SIGHT_SEEN) {
		textbuf_add(&out, "%s", unseen[outcome->sight]);
		return buffer;
	}
	textbuf_add(&out, "%s", intern_text(pool->words, values[ASPECT_ANSWER]));
	if (values[ASPECT_ISN] != WORD_NONE)
		textbuf_add(&out, " %s", intern_text(pool->words, values[ASPECT_ISN]));
	if (values[ASPECT_FOLLOW_UP] != WORD_NONE)
		textbuf_add(&out, ", then %s", intern_text(pool->words, values[ASPECT_FOLLOW_UP]));
	if (after)
		textbuf_add(&out, " -> %s", intern_text(pool->words, values[ASPECT_AFTER]));
	return buffer;
}

static void put_outcome(struct work *work, enum likeness likeness, uint32_t cell)
{
	bool after = aspect_differs(work, cell, ASPECT_AFTER);
	uint32_t values[COMPARE_FILES_MAX];
	char text[COMPARE_OUTCOME_SIZE];
	size_t file;

	for (file = 0; file < work->comparison->files; file++)
		values[file] = compare_grouping_word(&work->grouping,
						     compare_outcome_text(work->comparison, work->grouping.pool, file,
									  cell, after, text));
	compare_grouping_put(&work->grouping, likeness, ASPECT_ANSWER, cell, values);
}

/* The baseline alone has it; or no file has it any more (results_join_paths()). */
static bool is_unasked(const struct work *work, size_t cell)
{
	for (size_t file = work->comparison->wider; file < work->comparison->files; file++)
		if (outcome_of(work->comparison, file, cell)->sight != SIGHT_ABSENT)
			return false;
	return true;
}

static bool outcome_differs(const struct work *work, uint32_t cell)
{
	int aspect;

	for (aspect = 0; aspect < ASPECT_FIELDS; aspect++)
		if (aspect_differs(work, cell, (enum aspect)aspect))
			return true;
	return false;
}

/* Groups the fields that differ; answers that are not alike have other fields as a matter of course, so this is only
 * for cells whose outcome is the same. */
static bool put_fields(struct work *work, uint32_t cell)
{
	uint32_t values[COMPARE_FILES_MAX];
	bool differs = false;
	size_t file;
	int aspect;

	for (aspect = ASPECT_FIELDS; aspect < ASPECT_COUNT; aspect++) {
		if (!aspect_differs(work, cell, (enum aspect)aspect))
			continue;
		for (file = 0; file < work->comparison->files; file++) {
			const struct sighted *outcome = outcome_of(work->comparison, file, cell);

			values[file] = outcome->sight == SIGHT_SEEN ? outcome->values[aspect] :
				       compare_grouping_word(&work->grouping, unseen[outcome->sight]);
		}
		compare_grouping_put(&work->grouping, LIKENESS_DIFFERENT, (enum aspect)aspect, cell, values);
		differs = true;
	}
	return differs;
}

static enum likeness judge(struct work *work, uint32_t cell, bool fields)
{
	size_t sights[SIGHT_SEEN + 1] = { 0 }, known = 0, file;
	enum likeness likeness = LIKENESS_SAME;

	for (file = 0; file < work->comparison->files; file++) {
		const struct sighted *outcome = outcome_of(work->comparison, file, cell);

		sights[outcome->sight]++;
		known += outcome->sight == SIGHT_SEEN && outcome->values[ASPECT_AFTER] != WORD_UNKNOWN;
	}
	if (known && known < sights[SIGHT_SEEN])
		work->comparison->unwitnessed++;
	if (outcome_differs(work, cell))
		likeness = LIKENESS_DIFFERENT;
	else if (sights[SIGHT_ABSENT])
		likeness = LIKENESS_PARTLY;
	else if (sights[SIGHT_SKIPPED] == work->comparison->files)
		return LIKENESS_SKIPPED;
	else if (sights[SIGHT_SEEN] < work->comparison->files)
		likeness = LIKENESS_UNCERTAIN;
	/* That a wider baseline lacks some cells is not worth a list: they are counted. */
	if (likeness != LIKENESS_SAME && !(likeness == LIKENESS_PARTLY && work->comparison->wider))
		put_outcome(work, likeness, cell);
	if (likeness != LIKENESS_DIFFERENT && fields && put_fields(work, cell))
		likeness = LIKENESS_DIFFERENT;
	return likeness;
}

static void fill(struct work *work, struct results *const *files)
{
	size_t file, i;

	for (file = 0; file < work->comparison->files; file++)
		for (i = 0; i < files[file]->count && !work->grouping.failed; i++)
			enter(work, outcome_of(work->comparison, file, files[file]->results[i].name), &files[file]->results[i]);
}

static int work_open(struct work *work, struct pool *pool)
{
	struct comparison *comparison = work->comparison;
	size_t outcomes = comparison->files * comparison->cells + 1;

	comparison->outcomes = calloc(outcomes, sizeof(*comparison->outcomes));
	comparison->likeness = calloc(comparison->cells + 1, 1);
	if (compare_grouping_open(&work->grouping, comparison, pool) || !comparison->outcomes || !comparison->likeness)
		return -1;
	return 0;
}

static int work_do(struct work *work, struct results *const *files, bool fields)
{
	struct comparison *comparison = work->comparison;
	uint32_t cell;

	fill(work, files);
	for (cell = 0; cell < comparison->cells && !work->grouping.failed; cell++)
		if (!is_unasked(work, cell))
			compare_grouping_count(&work->grouping, cell);
	for (cell = 0; cell < comparison->cells && !work->grouping.failed; cell++) {
		enum likeness likeness = is_unasked(work, cell) ? LIKENESS_UNASKED : judge(work, cell, fields);

		comparison->likeness[cell] = (uint8_t)likeness;
		comparison->counts[likeness]++;
	}
	return work->grouping.failed ? -1 : 0;
}

struct comparison *compare(struct results *const *files, size_t count, struct pool *pool, bool fields, bool wider,
			   struct error *error)
{
	struct comparison *comparison = calloc(1, sizeof(*comparison));
	struct work work = { .comparison = comparison };
	bool failed;

	if (!comparison) {
		fail(error, "out of memory for the comparison");
		return NULL;
	}
	if (results_join_paths(files, count, pool, error) < 0) {
		free(comparison);
		return NULL;
	}
	comparison->files = count;
	comparison->wider = wider;
	comparison->cells = intern_count(pool->cells);
	failed = work_open(&work, pool) || work_do(&work, files, fields);
	compare_grouping_close(&work.grouping);
	if (!failed)
		return comparison;
	compare_free(comparison);
	fail(error, "out of memory for the comparison");
	return NULL;
}

void compare_free(struct comparison *comparison)
{
	size_t i;

	if (!comparison)
		return;
	for (i = 0; i < comparison->group_count; i++)
		free(comparison->groups[i].members);
	free(comparison->groups);
	free(comparison->likeness);
	free(comparison->outcomes);
	free(comparison);
}

size_t compare_cells(const struct comparison *comparison)
{
	return comparison->cells - comparison->counts[LIKENESS_UNASKED];
}

int compare_allowed(struct results *const *files, size_t count, bool partial, bool wider, struct error *error)
{
	const char *matrix = files[wider && count > 1]->matrix;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct results *one = files[i];

		if (strcmp(one->tool_version, files[0]->tool_version))
			return fail(error, "%.120s was made by twprobe %.40s, but %.120s by twprobe %.40s: run one of "
				    "them again", files[0]->shown, files[0]->tool_version, one->shown,
				    one->tool_version);
		if (strcmp(one->matrix, matrix) && !(wider && i == 0))
			return fail(error, "%.120s is of matrix %.80s, but %.120s of matrix %.80s: there is nothing to "
				    "compare", files[wider]->shown, matrix, one->shown, one->matrix);
		if (one->shards && !partial)
			return fail(error, "%.120s is shard %u of %u: join the shards with --merge first (--partial compares "
				    "it anyway)", one->shown, one->shard, one->shards);
	}
	return 0;
}

int compare_exit(const struct comparison *comparison)
{
	const size_t *counts = comparison->counts;

	if (counts[LIKENESS_DIFFERENT] || (counts[LIKENESS_PARTLY] && !comparison->wider))
		return 1;
	return counts[LIKENESS_UNCERTAIN] || counts[LIKENESS_PARTLY] ? 3 : 0;
}
