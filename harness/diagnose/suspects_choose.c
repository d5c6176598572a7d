/* suspects_choose.c - which cell tells most about those that are left. */
#include "harness/diagnose/suspects_internal.h"

#include "cases/matrix/axes.h"

static const uint32_t silent_bits = 7u << 3 * ANSWER_SILENCE;

/* All answers that these kernels may give. */
static uint32_t answers_of(const uint32_t may[static SUSPECTS_KERNELS], uint64_t kernels)
{
	uint32_t bits = 0;

	for (uint64_t left = kernels; left; left &= left - 1)
		bits |= may[__builtin_ctzll(left)];
	return bits;
}

/* What is chosen of a round already. */
struct round {
	size_t count, candidates[SUSPECTS_ROUND];
	unsigned states; /* 1 << each, of those that were never reached: such a one costs little, if only one is asked */
};

static bool is_told(const struct suspects *suspects, const struct round *round, unsigned one, unsigned other)
{
	for (size_t i = 0; i < round->count; i++)
		if (!(suspects->may[round->candidates[i]][one] & suspects->may[round->candidates[i]][other]))
			return true;
	return false;
}

/* Pairs of kernels that fit so far, and that the cell tells apart; not those that others of the round tell. */
static unsigned pairs_told(const struct suspects *suspects, const struct round *round,
			   const uint32_t may[static SUSPECTS_KERNELS])
{
	unsigned pairs = 0;

	for (uint64_t left = suspects->among; left; left &= left - 1) {
		unsigned one = (unsigned)__builtin_ctzll(left);

		for (uint64_t others = left & (left - 1); others; others &= others - 1) {
			unsigned other = (unsigned)__builtin_ctzll(others);

			pairs += !(may[one] & may[other]) && !is_told(suspects, round, one, other) ? 1 : 0;
		}
	}
	return pairs;
}

/* A kernel is ruled out for good by so many answers, as far as there are cells for that. */
enum { RULED_OUT_BY = 3 };

/* Kernels that do not fit, but few answers say so, which the cell tells from all that fit. */
static unsigned weak_told(const struct suspects *suspects, const uint32_t may[static SUSPECTS_KERNELS])
{
	uint32_t of_fits = answers_of(may, suspects->fits);
	unsigned told = 0;

	for (uint64_t left = suspects->all & ~suspects->fits; left; left &= left - 1) {
		unsigned kernel = (unsigned)__builtin_ctzll(left);

		told += suspects->fits && suspects->against[kernel] < RULED_OUT_BY && (may[kernel] & of_fits) == 0 ? 1 : 0;
	}
	return told;
}

/* In connections, roughly: a silence must be heard several times; a state that needs a server that closes may not be
 * reached. */
static unsigned cost_of(const struct suspects *suspects, size_t candidate)
{
	enum state state = suspects->candidates[candidate].state;
	bool any_server = state == STATE_LISTEN || state == STATE_SYN_RECV || state == STATE_ESTABLISHED;
	uint32_t bits = answers_of(suspects->may[candidate], suspects->among);

	return 2u + ((bits & silent_bits) ? 3u : 0u) + (any_server || (suspects->reached >> state & 1) ? 0u : 3u);
}

/* So many sorts are asked in any case, as far as all that fit agree on the answer: others may not. */
enum { SORTS_ENOUGH = 10, STATES_ENOUGH = 3, HEARD_ENOUGH = 2 };

/* What it is worth: most in a state, or with an answer, that is new. */
static unsigned worth_of_check(const struct suspects *suspects, size_t candidate)
{
	const struct cell *cell = &suspects->candidates[candidate];
	uint32_t bits = answers_of(suspects->may[candidate], suspects->among);

	/* One answer, whatever its ISN. */
	for (unsigned answer = 0; answer < ANSWER_COUNT; answer++)
		if (bits && !(bits & ~(7u << 3 * answer)) && !suspects_alike(suspects, cell, false)) {
			bool new_state = !(suspects->states >> cell->state & 1), new_answer = !(suspects->heard >> answer & 1);
			bool enough = suspects->sorts >= SORTS_ENOUGH &&
				      !(new_state && __builtin_popcount(suspects->states) < STATES_ENOUGH) &&
				      !(new_answer && __builtin_popcount(suspects->heard) < HEARD_ENOUGH);

			return enough ? 0 : 1u + (new_state ? 4u : 0u) + (new_answer ? 4u : 0u);
		}
	return 0;
}

static bool is_in_round(const struct suspects *suspects, const struct round *round, const struct cell *cell)
{
	for (size_t i = 0; i < round->count; i++)
		if (suspects_same_sort(&suspects->candidates[round->candidates[i]], cell))
			return true;
	return false;
}

/* What a cell is asked for. */
enum purpose { PURPOSE_VERSION, PURPOSE_DOUBT, PURPOSE_CHECK, PURPOSE_COUNT };

static size_t best(const struct suspects *suspects, const struct round *round, enum purpose purpose)
{
	size_t found = suspects->candidate_count;
	unsigned most = 0;

	for (size_t i = 0; i < suspects->candidate_count; i++) {
		enum state state = suspects->candidates[i].state;
		unsigned told, worth;

		if (suspects->without_timestamps && suspects_needs_timestamps(&suspects->candidates[i]))
			continue;
		if (suspects->asked[i] || ((suspects->out_of_reach | round->states) >> state & 1))
			continue;
		if (purpose != PURPOSE_VERSION && is_in_round(suspects, round, &suspects->candidates[i]))
			continue;
		told = purpose == PURPOSE_VERSION ? pairs_told(suspects, round, suspects->may[i]) :
		       purpose == PURPOSE_CHECK ? worth_of_check(suspects, i) :
		       suspects_alike(suspects, &suspects->candidates[i], false) < ALIKE_MOST ?
		       weak_told(suspects, suspects->may[i]) : 0;
		worth = told * 64 / cost_of(suspects, i);
		if (worth > most) {
			most = worth;
			found = i;
		}
	}
	return found;
}

size_t suspects_next(struct suspects *suspects, size_t most, struct cell cells[static SUSPECTS_ROUND])
{
	struct round round = { .count = 0 };
	unsigned against;

	/* Where none fits, perhaps by one mistake, those that are nearest. */
	suspects->among = suspects->fits ? suspects->fits : suspects_nearest(suspects, &against);
	for (enum purpose purpose = 0; purpose < PURPOSE_COUNT; purpose++) {
		while (round.count < most && round.count < SUSPECTS_ROUND) {
			size_t found = best(suspects, &round, purpose);

			if (found == suspects->candidate_count)
				break;
			for (size_t i = found; i < suspects->candidate_count; i++)
				suspects->asked[i] |= axes_same(&suspects->candidates[i], &suspects->candidates[found], 0);
			cells[round.count] = suspects->candidates[found];
			round.candidates[round.count++] = found;
			round.states |= ~suspects->reached & 1u << suspects->candidates[found].state;
		}
	}
	return round.count;
}
