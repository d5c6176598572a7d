/* stacks.c - other stacks by what they were heard to answer. */
#include "harness/results/stacks.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/case_file.h"
#include "crafter/textbuf.h"
#include "harness/results/results.h"

struct heard {
	const struct pool *pool;
	size_t count;
	uint32_t *bits; /* by the cell's number in pool->cells */
};

struct stacks {
	struct pool pool;
	size_t count;
	struct suspects_stack suspects[SUSPECTS_STACKS_MAX];
	struct heard heard[SUSPECTS_STACKS_MAX];
};

static uint32_t bits_of_cell(const struct suspects_stack *stack, const char *cell)
{
	const struct heard *heard = stack->context;
	uint32_t number = intern_find(heard->pool->cells, cell);

	return number < heard->count ? heard->bits[number] : SUSPECTS_NOT_KNOWN;
}

static enum isn isn_of(const char *word)
{
	for (enum isn isn = ISN_NONE + 1; oracle_isn_name(isn); isn++)
		if (strcmp(word, oracle_isn_name(isn)) == 0)
			return isn;
	return ISN_NONE;
}

static uint32_t bits_of_result(const struct pool *pool, const struct result *result)
{
	uint32_t answer_word = result->values[ASPECT_ANSWER], isn_word = result->values[ASPECT_ISN];
	enum answer answer = ANSWER_COUNT;

	if (answer_word != WORD_UNKNOWN && (result->verdict == VERDICT_AGREES || result->verdict == VERDICT_DIFFERS))
		answer = oracle_answer_parse(intern_text(pool->words, answer_word));
	return answer < ANSWER_COUNT ? suspects_bits(answer, isn_of(intern_text(pool->words, isn_word))) : SUSPECTS_NOT_KNOWN;
}

/* "lwip-2.1.3": "lwIP 2.1.3" */
static void set_name(struct suspects_stack *stack, const char *file)
{
	static const char *const spelt[][2] = {
		{ "gvisor", "gVisor" }, { "lwip", "lwIP" }, { "passt", "passt (pasta)" }, { "slirp", "libslirp" },
	};
	size_t length = strcspn(file, "-");
	const char *version = file[length] ? file + length + 1 : "", *system = NULL;
	struct textbuf out;

	for (size_t i = 0; i < sizeof(spelt) / sizeof(spelt[0]); i++)
		if (strlen(spelt[i][0]) == length && strncmp(file, spelt[i][0], length) == 0)
			system = spelt[i][1];
	if (system)
		snprintf(stack->system, sizeof(stack->system), "%s", system);
	else
		snprintf(stack->system, sizeof(stack->system), "%.*s", (int)length, file);
	textbuf_init(&out, stack->name, sizeof(stack->name));
	if (strncmp(version, "ts-", 3) == 0)
		textbuf_add(&out, "%s %s with timestamps", stack->system, version + 3);
	else
		textbuf_add(&out, "%s%s%s", stack->system, *version ? " " : "", version);
}

static bool takes_timestamps(const struct heard *heard)
{
	struct error error;
	struct cell cell;

	for (uint32_t i = 0; i < heard->count; i++)
		if (heard->bits[i] != SUSPECTS_NOT_KNOWN &&
		    cell_parse(intern_text(heard->pool->cells, i), &cell, &error) == 0 &&
		    suspects_needs_timestamps(&cell))
			return true;
	return false;
}

static int read_one(struct stacks *stacks, const char *file, struct error *error)
{
	struct suspects_stack *stack = &stacks->suspects[stacks->count];
	struct heard *heard = &stacks->heard[stacks->count];
	char path[PATH_MAX];
	struct results *results;

	if (case_file_find(CASE_FILE_STACK_RESULTS, file, path, sizeof(path), error) < 0)
		return -1;
	results = results_read(path, &stacks->pool, false, NULL, error);
	if (!results)
		return -1;
	heard->pool = &stacks->pool;
	heard->count = intern_count(stacks->pool.cells);
	heard->bits = malloc((heard->count + 1) * sizeof(*heard->bits));
	if (!heard->bits) {
		results_free(results);
		return fail(error, "out of memory for the results");
	}
	for (size_t i = 0; i < heard->count; i++)
		heard->bits[i] = SUSPECTS_NOT_KNOWN;
	for (size_t i = 0; i < results->count; i++)
		heard->bits[results->results[i].name] = bits_of_result(&stacks->pool, &results->results[i]);
	stack->timestamps = takes_timestamps(heard);
	results_free(results);
	set_name(stack, file);
	stack->may = bits_of_cell;
	stack->context = heard;
	stacks->count++;
	return 0;
}

struct stacks *stacks_read(struct error *error)
{
	char files[CASE_FILE_MANY][CASE_FILE_NAME_SIZE];
	size_t count = case_file_list(CASE_FILE_STACK_RESULTS, files, CASE_FILE_MANY);
	struct stacks *stacks = calloc(1, sizeof(*stacks));
	int result;

	if (!stacks) {
		fail(error, "out of memory for the results");
		return NULL;
	}
	result = results_pool_open(&stacks->pool, error);
	for (size_t i = 0; i < count && result == 0 && stacks->count < SUSPECTS_STACKS_MAX; i++)
		if (strncmp(files[i], "linux-", strlen("linux-")) != 0)
			result = read_one(stacks, files[i], error);
	if (result == 0)
		return stacks;
	stacks_free(stacks);
	return NULL;
}

void stacks_free(struct stacks *stacks)
{
	if (!stacks)
		return;
	for (size_t i = 0; i < stacks->count; i++)
		free(stacks->heard[i].bits);
	results_pool_close(&stacks->pool);
	free(stacks);
}

const struct suspects_stack *stacks_suspects(const struct stacks *stacks, size_t *count)
{
	*count = stacks->count;
	return stacks->suspects;
}

int stacks_add_cells(const struct stacks *stacks, struct matrix *matrix, struct error *error)
{
	struct matrix *asked = NULL;

	for (uint32_t i = 0; i < intern_count(stacks->pool.cells); i++) {
		struct cell cell;

		if (cell_parse(intern_text(stacks->pool.cells, i), &cell, error) < 0 ||
		    matrix_collect(&asked, &cell, error) < 0) {
			matrix_free(asked);
			return -1;
		}
	}
	return asked ? matrix_append(matrix, asked, error) : 0; /* takes it */
}
