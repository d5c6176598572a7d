/* replay.c - collects cells, and compares what a capture and a kernel answered. */
#include "harness/diagnose/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "cases/matrix/matrix.h"
#include "crafter/textbuf.h"

/* PLACES: of the table that finds a cell by the hash of its name; a power of two, more than twice as many as cells. */
enum { PLACES = 32768 };

struct replay {
	bool at_target;
	struct replay_cell *cells;
	size_t count, room;
	uint32_t places[PLACES]; /* number of a cell, plus one; 0: free */
	char target[REPLAY_NAME_SIZE], kernel[REPLAY_NAME_SIZE], path[PATH_NAME_SIZE];
	uint64_t without_cell, beyond;
	int failed;
};

struct replay *replay_open(bool at_target)
{
	struct replay *replay = calloc(1, sizeof(*replay));

	if (replay)
		replay->at_target = at_target;
	return replay;
}

/* FNV-1a. */
static uint32_t hash_of(const struct cell *cell)
{
	char name[CELL_NAME_SIZE];
	uint32_t hash = 2166136261U;

	for (const char *c = cell_name(cell, name, sizeof(name)); *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619U;
	return hash;
}

/* NULL: out of memory. */
static struct replay_cell *append(struct replay *replay, const struct cell *cell)
{
	struct replay_cell *added;

	if (replay->count == replay->room) {
		size_t room = replay->room ? 2 * replay->room : 64;
		struct replay_cell *cells = reallocarray(replay->cells, room, sizeof(*cells));

		if (!cells)
			return NULL;
		replay->cells = cells;
		replay->room = room;
	}
	added = &replay->cells[replay->count++];
	memset(added, 0, sizeof(*added));
	added->cell = *cell;
	added->result = REPLAY_UNANSWERED;
	return added;
}

/* -1: out of memory. `found` is NULL where there are too many cells. */
static int find(struct replay *replay, const struct cell *cell, struct replay_cell **found)
{
	uint32_t place = hash_of(cell) % PLACES;

	for (; replay->places[place]; place = (place + 1) % PLACES) {
		*found = &replay->cells[replay->places[place] - 1];
		if (axes_same(&(*found)->cell, cell, 0))
			return 0;
	}
	*found = NULL;
	if (replay->count == REPLAY_CELLS_MAX)
		return 0;
	*found = append(replay, cell);
	if (!*found)
		return -1;
	replay->places[place] = (uint32_t)replay->count;
	return 0;
}

static bool same_answer(enum answer a, enum isn a_isn, enum answer b, enum isn b_isn)
{
	return a == b && a_isn == b_isn;
}

/* NULL: there are more sorts of answers than there can be. */
static struct replay_seen *seen_of(struct replay_cell *cell, enum answer answer, enum isn isn)
{
	for (uint8_t i = 0; i < cell->seen_count; i++)
		if (same_answer(cell->seen[i].answer, cell->seen[i].isn, answer, isn))
			return &cell->seen[i];
	if (cell->seen_count == REPLAY_SEEN_MAX)
		return NULL;
	cell->seen[cell->seen_count] = (struct replay_seen){ .answer = answer, .isn = isn };
	return &cell->seen[cell->seen_count++];
}

static bool is_expected(const struct alternatives *expected, enum answer answer, enum isn isn)
{
	struct observation seen = { .conclusive = true, .answer = answer, .isn = isn, .after = STATE_UNKNOWN };
	char why[RECORD_REASON_SIZE];

	return expected->list[0].expectation.answer != ANSWER_OPEN &&
	       verdict_of_any(expected, &seen, why, sizeof(why)) == VERDICT_AGREES;
}

static bool any_counts(const struct replay_cell *cell)
{
	return cell->encounters > 0 && !cell->missing;
}

/* Why its answer does not count. */
static const char *missing_of(const struct judgement *judgement, const struct reproduction *reproduction)
{
	if (!judgement->certain)
		return judgement->missing;
	if (judgement->expected[BOOK_LINUX].list[0].expectation.answer == ANSWER_OPEN)
		return "the linux book does not say what such an end answers";
	return reproduction->same ? NULL : "the answer may depend on more than the cell repeats";
}

static void add(struct replay_cell *cell, const struct diagnosed *diagnosed, const struct reproduction *reproduction)
{
	const struct judgement *judgement = diagnosed->judgement;
	const struct encounter *encounter = diagnosed->encounter;
	enum answer answer = judgement_answer(encounter);
	enum isn isn = encounter_isn(encounter);
	struct replay_seen *seen = seen_of(cell, answer, isn);
	const char *missing = missing_of(judgement, reproduction);

	if (cell->encounters == 0)
		cell->frame = encounter->frame;
	if (cell->encounters == 0 || (!missing && !any_counts(cell))) {
		memcpy(cell->expected, judgement->expected, sizeof(cell->expected));
		memcpy(cell->lacks, reproduction->lacks, sizeof(cell->lacks));
		cell->missing = missing;
	}
	cell->encounters++;
	if (!seen)
		return;
	seen->encounters++;
	if (!missing && !seen->counted++)
		seen->expected = is_expected(&judgement->expected[BOOK_LINUX], answer, isn);
}

int replay_take(struct replay *replay, const struct diagnosed *diagnosed)
{
	struct reproduction reproduction;
	struct replay_cell *cell;

	reproduction_make(diagnosed->encounter, &reproduction);
	if (reproduction.why_not) {
		replay->without_cell++;
		return 0;
	}
	if (replay->at_target)
		reproduction_at_target(diagnosed->encounter, &reproduction);
	if (find(replay, &reproduction.cell, &cell) < 0)
		return -1;
	if (cell)
		add(cell, diagnosed, &reproduction);
	else
		replay->beyond++;
	return 0;
}

const struct replay_cell *replay_at(const struct replay *replay, size_t number)
{
	return number < replay->count ? &replay->cells[number] : NULL;
}

struct matrix *replay_matrix(const struct replay *replay, struct error *error)
{
	struct matrix *matrix = NULL;

	if (!replay->count)
		fail(error, "there is no cell to ask");
	for (size_t i = 0; i < replay->count && matrix_collect(&matrix, &replay->cells[i].cell, error) == 0; i++)
		;
	return matrix;
}

/* Of whom the linux book expects this answer. "": of everybody, or it does not say. */
static const char *expected_of(const struct replay_cell *cell, enum answer answer, enum isn isn,
			       char text[static ALTERNATIVE_TEXT_SIZE])
{
	const struct alternatives *expected = &cell->expected[BOOK_LINUX];
	struct alternatives one = { .count = 1 };

	for (uint8_t i = 0; i < expected->count; i++) {
		one.list[0] = expected->list[i];
		if (is_expected(&one, answer, isn))
			return oracle_alternative_text(expected, i, text);
	}
	text[0] = '\0';
	return text;
}

/* "syn-ack fresh of kernels 5.10 to 6.9", "ack if its process still holds the descriptor" */
static void add_expected(struct textbuf *out, const struct replay_cell *cell, enum answer answer, enum isn isn)
{
	const char *kind = oracle_isn_name(isn);
	char text[ALTERNATIVE_TEXT_SIZE];

	expected_of(cell, answer, isn, text);
	textbuf_add(out, "%s%s%s%s%s", oracle_answer_name(answer), kind ? " " : "", kind ? kind : "",
		    strncmp(text, "kernels", 7) == 0 ? " of " : *text ? " " : "", text);
}

static void explain(struct replay_cell *cell, const struct replay_seen *seen)
{
	struct textbuf out;

	textbuf_init(&out, cell->why, sizeof(cell->why));
	textbuf_add(&out, "the linux book expects both: ");
	add_expected(&out, cell, seen->answer, seen->isn);
	textbuf_add(&out, "; ");
	add_expected(&out, cell, cell->answer, cell->isn);
}

/* The capture's answers that count, against what came now, which is conclusive. */
static void compare(struct replay_cell *cell, bool expected)
{
	const struct replay_seen *explained = NULL;
	bool same = false, differs = false;

	for (uint8_t i = 0; i < cell->seen_count; i++) {
		const struct replay_seen *seen = &cell->seen[i];
		bool is_same = same_answer(seen->answer, seen->isn, cell->answer, cell->isn);

		/* Where none counts, all must be the same. */
		if (!seen->counted && !cell->missing)
			continue;
		same |= is_same;
		if (!is_same && seen->counted && seen->expected && expected)
			explained = seen;
		else if (!is_same)
			differs = true;
	}
	if (differs) {
		cell->result = cell->missing ? REPLAY_UNCERTAIN : REPLAY_DIFFERS;
		snprintf(cell->why, sizeof(cell->why), "%s", cell->missing ? cell->missing :
			 expected ? "this kernel answers as the linux book expects of it" :
			 "this kernel does not answer as the linux book expects of it");
	} else if (explained) {
		cell->result = REPLAY_EXPLAINED;
		explain(cell, explained);
	} else {
		cell->result = same ? REPLAY_SAME : REPLAY_UNCERTAIN;
	}
}

void replay_answer(struct replay *replay, const struct record *record)
{
	struct replay_cell *cell;
	char why[RECORD_REASON_SIZE];

	if (record->number >= replay->count)
		return;
	cell = &replay->cells[record->number];
	if (!record_is_conclusive(record)) {
		cell->result = REPLAY_UNANSWERED;
		snprintf(cell->why, sizeof(cell->why), "%s", *record->reason ? record->reason :
			 "nothing conclusive came");
		return;
	}
	cell->answered = true;
	cell->answer = record->answer;
	cell->isn = record->isn;
	compare(cell, record_verdict(record, BOOK_LINUX, why, sizeof(why)) == VERDICT_AGREES);
}

void replay_name(struct replay *replay, const char *target, const char *kernel)
{
	snprintf(replay->target, sizeof(replay->target), "%s", target);
	snprintf(replay->kernel, sizeof(replay->kernel), "%s", kernel ? kernel : "");
}

void replay_over(struct replay *replay, const char *path)
{
	snprintf(replay->path, sizeof(replay->path), "%s", path);
	for (size_t i = 0; i < replay->count; i++)
		strcpy(replay->cells[i].cell.path, replay->path);
}

const char *replay_path(const struct replay *replay)
{
	return replay->path;
}

const char *replay_target(const struct replay *replay)
{
	return replay->target;
}

const char *replay_kernel(const struct replay *replay)
{
	return *replay->kernel ? replay->kernel : NULL;
}

void replay_fail(struct replay *replay, int code)
{
	replay->failed = code;
	for (size_t i = 0; i < replay->count; i++) {
		struct replay_cell *cell = &replay->cells[i];

		if (cell->result == REPLAY_UNANSWERED && !*cell->why)
			snprintf(cell->why, sizeof(cell->why), "not asked");
	}
}

void replay_count(const struct replay *replay, struct replay_counts *counts)
{
	*counts = (struct replay_counts){
		.cells = replay->count, .without_cell = replay->without_cell, .beyond = replay->beyond,
		.failed = replay->failed,
	};
	for (size_t i = 0; i < replay->count; i++) {
		counts->results[replay->cells[i].result]++;
		counts->encounters += replay->cells[i].encounters;
	}
}

void replay_close(struct replay *replay)
{
	if (!replay)
		return;
	free(replay->cells);
	free(replay);
}

const char *replay_result_name(enum replay_result result)
{
	static const char *const names[REPLAY_RESULTS] = {
		[REPLAY_DIFFERS] = "differs", [REPLAY_EXPLAINED] = "explained", [REPLAY_UNCERTAIN] = "uncertain",
		[REPLAY_UNANSWERED] = "unanswered", [REPLAY_SAME] = "same",
	};

	return names[result];
}
