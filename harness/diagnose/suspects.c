/* suspects.c - kernels by their answers, and what to ask next. */
#include "harness/diagnose/suspects.h"

#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "cases/matrix/cell_ask.h"

/* Neither its version nor its process is known, nor its settings. */
static const struct kernel unknown = { .timestamps = true, .md5 = true, .stranger = true, .unsettled = true };

static uint64_t all_kernels(void)
{
	return kernel_steps(&unknown) | KERNEL_FREEBSD(FREEBSD_ANY);
}

/* The answers of a kernel as bits: each answer three times, for the ISN of a SYN-ACK. */
static uint32_t bits_of(const struct expectation *expected)
{
	if (expected->answer == ANSWER_OPEN)
		return UINT32_MAX;
	return expected->isn == ISN_NONE ? 7u << 3 * expected->answer : 1u << (3 * expected->answer + expected->isn);
}

static const uint32_t silent_bits = 7u << 3 * ANSWER_SILENCE;

static void ask_book(enum book book, const struct cell *cell, uint32_t may[static SUSPECTS_KERNELS])
{
	struct alternatives all;

	cell_ask_all(book, cell, &unknown, NULL, &all);
	if (all.count == ALTERNATIVES_MAX) { /* perhaps not all of them */
		memset(may, 0xff, sizeof(uint32_t) * SUSPECTS_KERNELS);
		return;
	}
	for (size_t i = 0; i < all.count; i++)
		for (uint64_t left = all.list[i].kernels; left; left &= left - 1)
			may[__builtin_ctzll(left)] |= bits_of(&all.list[i].expectation);
}

static const char *after_slash(const char *text)
{
	const char *slash = strchr(text, '/');

	return slash ? slash + 1 : NULL;
}

/* "state/segment/seq/ts", and of the rest what any server can be asked: no conditions, a passive opening. */
static bool is_plain(const struct cell *cell)
{
	static const char *const plain[] = { "conn-ts-off", "ack", "tsecr", "payload=", "win=" };
	char name[CELL_NAME_SIZE];
	const char *at = cell_name(cell, name, sizeof(name));

	if (cell->state == STATE_CLOSED || cell->state == STATE_SYN_SENT || cell->stimulus.bad_checksum)
		return false;
	for (unsigned part = 0; at && part < 4; part++)
		at = after_slash(at);
	for (; at; at = after_slash(at)) {
		size_t i = 0;

		while (i < sizeof(plain) / sizeof(plain[0]) && strncmp(at, plain[i], strlen(plain[i])) != 0)
			i++;
		if (i == sizeof(plain) / sizeof(plain[0]))
			return false;
	}
	return true;
}

static bool tells(const uint32_t may[static SUSPECTS_KERNELS], uint64_t among)
{
	uint32_t first = UINT32_MAX;

	for (uint64_t left = among; left; left &= left - 1)
		first &= may[__builtin_ctzll(left)];
	return first == 0;
}

int suspects_open(struct suspects *suspects, const struct matrix *matrix, uint8_t family, struct error *error)
{
	size_t count = matrix_count(matrix);

	memset(suspects, 0, sizeof(*suspects));
	suspects->all = suspects->fits = suspects->sure = all_kernels();
	suspects->candidates = calloc(count + 1, sizeof(*suspects->candidates));
	suspects->may = calloc(count + 1, sizeof(*suspects->may));
	suspects->asked = calloc(count + 1, sizeof(*suspects->asked));
	if (!suspects->candidates || !suspects->may || !suspects->asked) {
		suspects_close(suspects);
		return fail(error, "out of memory for %zu cells", count);
	}
	for (size_t i = 0; i < count; i++) {
		struct cell *cell = &suspects->candidates[suspects->candidate_count];
		uint32_t *may = suspects->may[suspects->candidate_count];

		matrix_cell(matrix, i, cell);
		if (!is_plain(cell))
			continue;
		cell->family = family;
		memset(may, 0, sizeof(suspects->may[0]));
		ask_book(BOOK_LINUX, cell, may);
		ask_book(BOOK_FREEBSD, cell, may);
		suspects->candidate_count += tells(may, suspects->all);
	}
	return 0;
}

void suspects_close(struct suspects *suspects)
{
	free(suspects->candidates);
	free(suspects->may);
	free(suspects->asked);
	suspects->candidates = NULL;
	suspects->may = NULL;
	suspects->asked = NULL;
	suspects->candidate_count = 0;
}

/* With the window that was offered, as far as it is known. */
static uint64_t kernels_that_do(const struct record *record, const struct observation *seen)
{
	struct cell_question question;
	uint64_t kernels = 0;

	cell_to_question(&record->cell, &unknown, NULL, &question);
	if (record->has_baseline)
		cell_question_offers(&question, &record->cell, &record->baseline);
	for (unsigned i = 0; i < 2; i++) {
		struct alternatives all;

		oracle_ask_all(i ? BOOK_FREEBSD : BOOK_LINUX, &question.subject, &question.segment, &question.surroundings,
			       &unknown, &all);
		kernels |= all.count < ALTERNATIVES_MAX ? verdict_kernels(&all, seen) :
			   i ? KERNEL_FREEBSD(FREEBSD_ANY) : kernel_steps(&unknown);
	}
	return kernels;
}

/* Cells of the same sort that were asked, and answered if that counts. */
static unsigned alike(const struct suspects *suspects, const struct cell *cell, bool answered)
{
	unsigned count = 0;

	for (size_t i = 0; i < suspects->count; i++)
		count += suspects->answers[i].cell.state == cell->state && (!answered || suspects->answers[i].count == 1) &&
			 suspects->answers[i].cell.stimulus.kind == cell->stimulus.kind ? 1 : 0;
	return count;
}

static void add_ttl(struct suspects *suspects, uint8_t ttl)
{
	if (!ttl || memchr(suspects->ttls, ttl, suspects->ttl_count) || suspects->ttl_count == SUSPECTS_TTLS)
		return;
	suspects->ttls[suspects->ttl_count++] = ttl;
}

static void rule_out(struct suspects *suspects, struct suspects_answer *answer)
{
	const struct observation *seen = &answer->seen[0].observation;
	uint64_t against = suspects->all & ~answer->seen[0].kernels;

	answer->ruled_out = suspects->fits & against;
	/* A socket that is gone shows that the segment came. */
	if (seen->answer != ANSWER_SILENCE || seen->fate == FATE_GONE || suspects->direct)
		suspects->sure &= ~against;
	suspects->fits &= ~against;
	for (; against; against &= against - 1)
		suspects->against[__builtin_ctzll(against)]++;
}

static bool refused_timestamps(const struct record *record)
{
	static const struct peer refused = { .trouble = TROUBLE_NO_TIMESTAMPS };
	char text[RECORD_REASON_SIZE];

	return strcmp(record->reason, peer_trouble_text(&refused, text, sizeof(text))) == 0;
}

static void add_mixed(struct suspects_answer *answer, const struct record *record)
{
	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];
		struct suspects_seen *seen = &answer->seen[answer->count++];

		seen->observation = (struct observation){
			.conclusive = true, .answer = outcome->answer, .isn = outcome->isn, .before = record->before,
			.after = outcome->after, .fate = outcome->fate,
		};
		seen->tries = outcome->tries;
		seen->kernels = kernels_that_do(record, &seen->observation);
	}
}

void suspects_take(struct suspects *suspects, const struct record *record)
{
	struct suspects_answer *answer = &suspects->answers[suspects->count];
	bool conclusive = record_is_conclusive(record);

	suspects->connections += record->tries;
	if (suspects->count == SUSPECTS_ANSWERS)
		return;
	suspects->count++;
	*answer = (struct suspects_answer){ .cell = record->cell, .conclusive = conclusive };
	for (uint8_t i = 0; i < record->outcome_count; i++)
		add_ttl(suspects, record->outcomes[i].ttl);
	if (record->has_sent)
		suspects->reached |= 1u << record->cell.state;
	if (record->verdict == VERDICT_MIXED && record->outcome_count > 1) {
		add_mixed(answer, record);
		suspects->mixed++;
	} else if (conclusive) {
		answer->count = 1;
		answer->seen[0].observation = record_observation(record);
		answer->seen[0].tries = record->tries;
		answer->seen[0].kernels = kernels_that_do(record, &answer->seen[0].observation);
		suspects->conclusive++;
		suspects->states |= 1u << record->cell.state;
		suspects->sorts += alike(suspects, &record->cell, true) == 1;
		rule_out(suspects, answer);
	} else {
		memcpy(answer->reason, record->reason, sizeof(answer->reason));
		if (refused_timestamps(record))
			suspects->without_timestamps = true;
		else if (!record->has_sent && !(suspects->reached >> record->cell.state & 1))
			suspects->out_of_reach |= 1u << record->cell.state;
	}
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
	unsigned told = 0;
	uint32_t of_fits = 0;

	for (uint64_t left = suspects->fits; left; left &= left - 1)
		of_fits |= may[__builtin_ctzll(left)];
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
	uint32_t bits = 0;

	for (uint64_t left = suspects->among; left; left &= left - 1)
		bits |= suspects->may[candidate][__builtin_ctzll(left)];
	return 2u + ((bits & silent_bits) ? 3u : 0u) + (any_server || (suspects->reached >> state & 1) ? 0u : 3u);
}

/* So many sorts are asked in any case, as far as all that fit agree on the answer: others may not. */
enum { SORTS_ENOUGH = 10, ALIKE_MOST = 2 };

static unsigned is_check(const struct suspects *suspects, size_t candidate)
{
	uint32_t bits = 0;

	for (uint64_t left = suspects->among; left; left &= left - 1)
		bits |= suspects->may[candidate][__builtin_ctzll(left)];
	/* One answer, whatever its ISN. */
	for (unsigned answer = 0; answer < ANSWER_COUNT; answer++)
		if (bits && !(bits & ~(7u << 3 * answer)))
			return suspects->sorts < SORTS_ENOUGH && !alike(suspects, &suspects->candidates[candidate], false);
	return 0;
}

static bool is_in_round(const struct suspects *suspects, const struct round *round, const struct cell *cell)
{
	for (size_t i = 0; i < round->count; i++) {
		const struct cell *other = &suspects->candidates[round->candidates[i]];

		if (other->state == cell->state && other->stimulus.kind == cell->stimulus.kind)
			return true;
	}
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

		if (suspects->without_timestamps && state != STATE_LISTEN && suspects->candidates[i].connection_timestamps)
			continue;
		if (suspects->asked[i] || ((suspects->out_of_reach | round->states) >> state & 1))
			continue;
		if (purpose != PURPOSE_VERSION && is_in_round(suspects, round, &suspects->candidates[i]))
			continue;
		told = purpose == PURPOSE_VERSION ? pairs_told(suspects, round, suspects->may[i]) :
		       purpose == PURPOSE_CHECK ? is_check(suspects, i) :
		       alike(suspects, &suspects->candidates[i], false) < ALIKE_MOST ?
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

uint64_t suspects_nearest(const struct suspects *suspects, unsigned *against)
{
	uint64_t nearest = 0;

	*against = UINT8_MAX;
	for (uint64_t left = suspects->all; left; left &= left - 1) {
		unsigned kernel = (unsigned)__builtin_ctzll(left);

		if (suspects->against[kernel] < *against) {
			*against = suspects->against[kernel];
			nearest = 0;
		}
		if (suspects->against[kernel] == *against)
			nearest |= UINT64_C(1) << kernel;
	}
	return nearest;
}

static bool explain_all(const struct suspects *suspects, uint64_t both)
{
	for (size_t i = 0; i < suspects->count; i++)
		for (uint8_t j = 0; j < suspects->answers[i].count; j++)
			if (!(suspects->answers[i].seen[j].kernels & both))
				return false;
	return true;
}

bool suspects_pair(const struct suspects *suspects, uint64_t *one, uint64_t *other)
{
	*one = *other = 0;
	if (!suspects->mixed)
		return false;
	for (uint64_t left = suspects->all; left; left &= left - 1) {
		uint64_t first = left & -left;

		for (uint64_t others = left & (left - 1); others; others &= others - 1) {
			uint64_t second = others & -others;

			if (!explain_all(suspects, first | second))
				continue;
			*one |= first;
			*other |= second;
		}
	}
	return *one != 0;
}

unsigned suspects_telling(const struct suspects *suspects)
{
	uint64_t freebsd = KERNEL_FREEBSD(FREEBSD_ANY), foreign = suspects->all & ~freebsd;
	unsigned telling = 0;

	if (!suspects->fits || ((suspects->fits & freebsd) && (suspects->fits & foreign)))
		return 0;
	foreign = (suspects->fits & freebsd) ? foreign : freebsd;
	for (size_t i = 0; i < suspects->count; i++)
		telling += suspects->answers[i].count == 1 && !(suspects->answers[i].seen[0].kernels & foreign);
	return telling;
}
