/* map.c - answers and expectations at each point of the plane. */
#include "cases/matrix/cell_ask.h"
#include "harness/map/map.h"

#include <stdlib.h>
#include <string.h>

int map_open(struct map *map, const struct map_range *seq, const struct map_range *ts, struct error *error)
{
	memset(map, 0, sizeof(*map));
	if (map_axis_open(&map->seq, seq, error) < 0 || map_axis_open(&map->ts, ts, error) < 0)
		return -1;
	map->cells = map->seq.count * map->ts.count;
	map->books = (1U << BOOK_USUAL) - 1;
	map->shades = malloc(map->cells);
	map->asked = calloc(map->cells, 1);
	for (int book = 0; book < BOOK_COUNT; book++) {
		map->expected[book] = calloc(map->cells, 1);
		if (!map->expected[book])
			return fail(error, "out of memory for %zu cells; a smaller --size needs less", map->cells);
	}
	if (!map->shades || !map->asked)
		return fail(error, "out of memory for %zu cells; a smaller --size needs less", map->cells);
	memset(map->shades, SHADE_UNKNOWN, map->cells);
	return 0;
}

void map_close(struct map *map)
{
	map_axis_close(&map->seq);
	map_axis_close(&map->ts);
	free(map->shades);
	free(map->asked);
	for (int book = 0; book < BOOK_COUNT; book++)
		free(map->expected[book]);
	memset(map, 0, sizeof(*map));
}

void map_cell(const struct map *map, size_t number, struct cell *cell)
{
	cell->stimulus.seq = (struct offset){ .form = OFFSET_NUMBER, .value = map->seq.offsets[number / map->ts.count] };
	cell->stimulus.ts = (struct offset){ .form = OFFSET_NUMBER, .value = map->ts.offsets[number % map->ts.count] };
}

size_t map_number_at(const struct map *map, size_t x, size_t y)
{
	return map->seq.places[x] * map->ts.count + map->ts.places[y];
}

/* What becomes of the socket shows on a map only where the answer is silence. */
uint8_t map_expectation_code(const struct expectation *expectation)
{
	enum fate fate = FATE_UNKNOWN;

	if (expectation->answer == ANSWER_SILENCE && expectation->after != STATE_UNKNOWN)
		fate = expectation->after == STATE_CLOSED ? FATE_GONE : FATE_THERE;
	return (uint8_t)((unsigned)expectation->answer << 4 | (unsigned)expectation->isn << 2 | (unsigned)fate);
}

void map_expect(struct map *map, const struct cell *cell, const struct kernel *kernel)
{
	struct cell asked = *cell;
	struct expectation expectation;

	map->cell = *cell;
	map->kernel = *kernel;
	for (size_t number = 0; number < map->cells; number++) {
		map_cell(map, number, &asked);
		for (enum book book = 0; book < BOOK_COUNT; book++) {
			if (!(map->books & 1U << book))
				continue;
			cell_ask(book, &asked, kernel, &expectation);
			map->expected[book][number] = map_expectation_code(&expectation);
		}
	}
}

void map_put(struct map *map, size_t number, enum shade shade)
{
	map->shades[number] = (uint8_t)shade;
	map->asked[number] = 1;
}

enum shade map_shade_of(const struct record *record)
{
	static const enum shade silences[] = {
		[FATE_UNKNOWN] = SHADE_SILENCE, [FATE_THERE] = SHADE_STAYS, [FATE_GONE] = SHADE_GONE,
	};
	static const enum shade shades[ANSWER_COUNT] = {
		[ANSWER_OPEN] = SHADE_INCONCLUSIVE, [ANSWER_SYN_ACK] = SHADE_FRESH,     [ANSWER_ACK] = SHADE_ACK,
		[ANSWER_RST] = SHADE_RST,           [ANSWER_SILENCE] = SHADE_SILENCE,   [ANSWER_OTHER] = SHADE_OTHER,
	};

	if (!record->observed || record->verdict == VERDICT_INCONCLUSIVE || record->verdict == VERDICT_SKIPPED ||
	    record->verdict == VERDICT_MIXED)
		return SHADE_INCONCLUSIVE;
	if (record->answer == ANSWER_SYN_ACK && record->isn == ISN_CONTINUED)
		return SHADE_CONTINUED;
	if (record->answer == ANSWER_SILENCE)
		return silences[record_observation(record).fate];
	return shades[record->answer];
}

const char *map_shade_words(enum shade shade)
{
	static const char *const words[SHADE_COUNT] = {
		[SHADE_CONTINUED] = "SYN-ACK (continued)", [SHADE_FRESH] = "SYN-ACK (fresh)", [SHADE_ACK] = "ACK",
		[SHADE_RST] = "RST", [SHADE_SILENCE] = "silence", [SHADE_OTHER] = "other",
		[SHADE_STAYS] = "silence, socket stays", [SHADE_GONE] = "silence, socket gone",
		[SHADE_INCONCLUSIVE] = "inconclusive", [SHADE_UNKNOWN] = "not probed",
	};

	return words[shade];
}

bool map_says_otherwise(uint8_t expectation_code, enum shade shade)
{
	static const enum answer answers[SHADE_COUNT] = {
		[SHADE_CONTINUED] = ANSWER_SYN_ACK, [SHADE_FRESH] = ANSWER_SYN_ACK, [SHADE_ACK] = ANSWER_ACK,
		[SHADE_RST] = ANSWER_RST, [SHADE_SILENCE] = ANSWER_SILENCE, [SHADE_STAYS] = ANSWER_SILENCE,
		[SHADE_GONE] = ANSWER_SILENCE, [SHADE_OTHER] = ANSWER_OTHER,
		[SHADE_INCONCLUSIVE] = ANSWER_OPEN, [SHADE_UNKNOWN] = ANSWER_OPEN,
	};
	enum answer expected = (enum answer)(expectation_code >> 4);
	enum isn isn = (enum isn)(expectation_code >> 2 & 3);
	enum fate fate = (enum fate)(expectation_code & 3);

	if (expected == ANSWER_OPEN || answers[shade] == ANSWER_OPEN)
		return false;
	if (expected != answers[shade])
		return true;
	if ((fate == FATE_GONE && shade == SHADE_STAYS) || (fate == FATE_THERE && shade == SHADE_GONE))
		return true;
	return expected == ANSWER_SYN_ACK && isn != ISN_NONE && (isn == ISN_CONTINUED) != (shade == SHADE_CONTINUED);
}

bool map_otherwise(const struct map *map, enum book book, size_t number)
{
	enum shade shade = (enum shade)map->shades[number];
	struct alternatives alternatives;
	struct cell cell = map->cell;

	if (!map_says_otherwise(map->expected[book][number], shade))
		return false;
	map_cell(map, number, &cell);
	cell_ask_all(book, &cell, &map->kernel, NULL, &alternatives);
	for (size_t i = 1; i < alternatives.count; i++)
		if (!map_says_otherwise(map_expectation_code(&alternatives.list[i].expectation), shade))
			return false;
	return true;
}

void map_count(const struct map *map, struct map_counts *counts)
{
	memset(counts, 0, sizeof(*counts));
	for (size_t i = 0; i < map->cells; i++) {
		enum shade shade = (enum shade)map->shades[i];

		counts->asked += map->asked[i];
		counts->shades[shade]++;
		for (enum book book = 0; book < BOOK_COUNT; book++)
			counts->otherwise[book] += map_otherwise(map, book, i);
	}
}
