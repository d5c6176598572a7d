/* results_record.c - what a run has just seen of a cell, in the words in which result files are compared. */
#include "harness/results/results_internal.h"

#include "harness/run/record.h"

static const char *word_of(enum answer answer)
{
	return answer == ANSWER_OPEN ? NULL : oracle_answer_name(answer);
}

static int read_follow_up(const struct record *record, struct pool *pool, uint32_t *value, struct error *error)
{
	bool known = record->follow_up_conclusive;
	char word[RESULTS_WORD_SIZE];

	*value = WORD_NONE;
	if (!record->has_follow_up)
		return 0;
	return results_word(pool, results_follow_up(known ? word_of(record->follow_up_answer) : NULL,
						    known ? oracle_isn_name(record->follow_up_isn) : NULL, word), value, error);
}

int results_add(struct results *results, struct pool *pool, const struct record *record, struct error *error)
{
	struct result *result = results_next(results, error);
	const char *isn = record->observed ? oracle_isn_name(record->isn) : NULL;
	char name[CELL_NAME_SIZE];

	if (!result)
		return -1;
	*result = (struct result){ .verdict = record->verdict, .number = record->number };
	result->name = intern_add(pool->cells, cell_name(&record->cell, name, sizeof(name)));
	if (result->name == INTERN_NONE)
		return fail(error, "out of memory for the results");
	if (results_word(pool, record->observed ? word_of(record->answer) : NULL, &result->values[ASPECT_ANSWER], error) ||
	    results_word(pool, isn ? isn : "none", &result->values[ASPECT_ISN], error) ||
	    results_word(pool, state_name(record->after), &result->values[ASPECT_AFTER], error) ||
	    read_follow_up(record, pool, &result->values[ASPECT_FOLLOW_UP], error))
		return -1;
	results->count++;
	return 0;
}
