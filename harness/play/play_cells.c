/* play_cells.c - a table of cells: probed by the run that probes matrices. Each must be as the linux rule book predicts, and
 * as the step expects, if it does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/matrix.h"
#include "harness/play/play_internal.h"
#include "harness/run/run.h"

static struct matrix *matrix_of(const struct step *step, struct error *error)
{
	struct matrix *all = matrix_single(&step->cells[0].cell);

	if (!all)
		fail(error, "out of memory");
	for (size_t i = 1; all && i < step->cell_count; i++) {
		struct matrix *one = matrix_single(&step->cells[i].cell);

		if (!one || matrix_append(all, one, error) < 0) {
			matrix_free(all);
			return NULL;
		}
	}
	return all;
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct player *player = context;
	struct play *play = player->play;
	struct cell_result *cell;

	if (play->cell_count == play->cell_room) {
		size_t more = play->cell_room ? 2 * play->cell_room : 32;
		struct cell_result *cells = realloc(play->cells, more * sizeof(*cells));

		if (!cells)
			return fail(error, "out of memory");
		play->cells = cells;
		play->cell_room = more;
	}
	cell = &play->cells[play->cell_count++];
	cell->step = (size_t)(player->result - play->steps);
	cell->record = *record;
	cell->record.trace = NULL;
	return 0;
}

static const char *answer_words(enum answer answer, enum isn isn, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s%s%s", oracle_answer_name(answer), oracle_isn_name(isn) ? " " : "",
		 oracle_isn_name(isn) ? oracle_isn_name(isn) : "");
	return buffer;
}

/* The record's verdict is the finding; the text says which cell. What is inconclusive is trouble. */
static int find_in(struct player *player, const struct record *record)
{
	struct findings *findings = &player->result->findings;
	const struct expectation *expected = &record->expected[BOOK_LINUX];
	const struct checks *checks = &player->step->checks;
	enum isn isn = checks->isn == ISN_NONE ? record->isn : checks->isn;
	char name[CELL_NAME_SIZE], text[2][64], cause[SIDES_TEXT_SIZE];
	bool unlike;

	cell_name(&record->cell, name, sizeof(name));
	if (record->verdict == VERDICT_INCONCLUSIVE || record->verdict == VERDICT_MIXED)
		return player->troubled ? -1 : play_trouble(player, "%.200s: %.200s", name, record->reason);
	if (record->verdict == VERDICT_SKIPPED) {
		findings->left_out |= NEED_SYSCTLS;
		return 0;
	}
	answer_words(record->answer, record->isn, text[1], sizeof(text[1]));
	unlike = checks->answer != ANSWER_OPEN && (record->answer != checks->answer || record->isn != isn);
	if (record->side.routed && !*player->result->path && (unlike || record->verdict == VERDICT_DIFFERS))
		play_cause(player, &record->side, cause);
	if (unlike)
		findings_check_field(findings, name, answer_words(checks->answer, isn, text[0], sizeof(text[0])),
				     text[1]);
	else if (record->verdict == VERDICT_DIFFERS)
		findings_fail(findings, name, answer_words(expected->answer, expected->isn, text[0], sizeof(text[0])),
			      record->reason);
	return 0;
}

int play_cells(struct player *player, const struct step *step)
{
	const struct play_setup *setup = player->setup;
	struct run_options options = {
		.in_flight = step->cell_count,
		.repeat = 1,
		.count = step->cell_count,
		.seed = setup->seed,
		.rules = setup->rules,
		.kernel = setup->kernel,
		.expect = BOOK_LINUX,
		.one_subject = setup->has & NEED_WITNESS,
		.nobody_port = setup->has & NEED_LAB ? LAB_PORT_NOBODY : 0,
		.calls_port = setup->has & NEED_LAB ? LAB_PORT_CALLS : 0,
		.no_sysctls = setup->has & NEED_SYSCTLS ? NULL : "sysctls can be set in the lab only",
	};
	struct run_listener listener = { .sink = take_record, .context = player };
	struct matrix *matrix = matrix_of(step, player->error);
	size_t first = player->play->cell_count;
	struct tally tally;
	int result;

	if (!matrix)
		return -1;
	*(setup->target.address.family == 6 ? &options.target_v6 : &options.target_v4) = setup->target;
	if (setup->target.address.family == 6)
		matrix_set_family(matrix, 6);
	options.count = matrix_count(matrix);
	result = run(&options, matrix, setup->transport, &listener, &tally, player->error);
	matrix_free(matrix);
	if (result < 0)
		return -1;
	player->play->interrupted = tally.interrupted;
	for (size_t i = first; i < player->play->cell_count; i++)
		if (find_in(player, &player->play->cells[i].record) < 0)
			result = -1;
	if (result < 0)
		return -1;
	snprintf(player->result->observed, sizeof(player->result->observed), "%zu", player->play->cell_count - first);
	return play_rebase(player);
}
