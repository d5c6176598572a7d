/* suspects.c - kernels by their answers, and what to ask next. */
#include "harness/diagnose/suspects_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "cases/matrix/cell_ask.h"

/* Neither its version nor its process is known, nor its settings. */
static const struct kernel unknown = { .timestamps = true, .md5 = true, .stranger = true, .unsettled = true };

static uint64_t stack_bit(size_t stack)
{
	return UINT64_C(1) << (SUSPECTS_STACKS + stack);
}

static uint64_t all_kernels(const struct suspects *suspects)
{
	uint64_t all = (kernel_steps(&unknown) & SUSPECTS_LINUX) | SUSPECTS_FREEBSD;

	for (size_t i = 0; i < suspects->stack_count; i++)
		all |= stack_bit(i);
	return all;
}

uint32_t suspects_bits(enum answer answer, enum isn isn)
{
	return isn == ISN_NONE ? 7u << 3 * answer : 1u << (3 * answer + isn);
}

static uint32_t bits_of(const struct expectation *expected)
{
	return expected->answer == ANSWER_OPEN ? UINT32_MAX : suspects_bits(expected->answer, expected->isn);
}

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
		if (may[__builtin_ctzll(left)]) /* else it cannot be asked */
			first &= may[__builtin_ctzll(left)];
	return first == 0;
}

bool suspects_same_sort(const struct cell *one, const struct cell *other)
{
	return one->state == other->state && one->stimulus.kind == other->stimulus.kind;
}

/* Enough of a sort that tell the same. */
static bool is_one_more(const struct suspects *suspects, size_t candidate)
{
	const struct cell *cell = &suspects->candidates[candidate];
	unsigned same = 0;

	for (size_t i = 0; i < candidate; i++)
		same += suspects_same_sort(&suspects->candidates[i], cell) &&
			suspects->candidates[i].connection_timestamps == cell->connection_timestamps &&
			memcmp(suspects->may[i], suspects->may[candidate], sizeof(suspects->may[0])) == 0;
	return same >= ALIKE_MOST;
}

bool suspects_needs_timestamps(const struct cell *cell)
{
	return cell->connection_timestamps && cell->state != STATE_LISTEN;
}

static void ask_stacks(const struct suspects *suspects, const struct cell *cell, uint32_t may[static SUSPECTS_KERNELS])
{
	char name[CELL_NAME_SIZE];
	struct cell asked = *cell;

	asked.family = 4; /* so they were asked, and a name says IPv6 */
	cell_name(&asked, name, sizeof(name));
	for (size_t i = 0; i < suspects->stack_count; i++)
		may[SUSPECTS_STACKS + i] = suspects->stacks[i].timestamps || !suspects_needs_timestamps(cell) ?
					   suspects->stacks[i].may(&suspects->stacks[i], name) : 0;
}

/* Of those without timestamps few cells tell anything; so others may show that it is not somebody unknown. */
static bool checks(const struct suspects *suspects, const struct cell *cell, const uint32_t may[static SUSPECTS_KERNELS])
{
	for (size_t i = 0; i < suspects->stack_count; i++)
		if (!cell->connection_timestamps && may[SUSPECTS_STACKS + i] != SUSPECTS_NOT_KNOWN)
			return true;
	return false;
}

int suspects_open(struct suspects *suspects, const struct matrix *matrix, uint8_t family, const struct suspects_stack *stacks,
		  size_t stack_count, struct error *error)
{
	size_t count = matrix_count(matrix);

	memset(suspects, 0, sizeof(*suspects));
	suspects->stacks = stacks;
	suspects->stack_count = stack_count < SUSPECTS_STACKS_MAX ? stack_count : SUSPECTS_STACKS_MAX;
	suspects->all = suspects->fits = suspects->sure = all_kernels(suspects);
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
		memset(may, 0, sizeof(suspects->may[0]));
		cell->family = family;
		ask_stacks(suspects, cell, may);
		ask_book(BOOK_LINUX, cell, may);
		ask_book(BOOK_FREEBSD, cell, may);
		if ((tells(may, suspects->all) || checks(suspects, cell, may)) &&
		    !is_one_more(suspects, suspects->candidate_count))
			suspects->candidate_count++;
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

static void add_books(const struct record *record, struct suspects_seen *seen)
{
	struct cell_question question;

	/* With the window that was offered, as far as it is known. */
	cell_to_question(&record->cell, &unknown, NULL, &question);
	if (record->has_baseline)
		cell_question_offers(&question, &record->cell, &unknown, &record->baseline);
	for (unsigned i = 0; i < 2; i++) {
		struct alternatives all;
		uint64_t system = i ? SUSPECTS_FREEBSD : SUSPECTS_LINUX;

		oracle_ask_all(i ? BOOK_FREEBSD : BOOK_LINUX, &question.subject, &question.segment, &question.surroundings,
			       &unknown, &all);
		if (all.count < ALTERNATIVES_MAX)
			seen->surely |= verdict_kernels(&all, &seen->observation) & system;
		else
			seen->kernels |= system;
	}
	seen->kernels |= seen->surely;
}

static void add_kernels(const struct suspects *suspects, const struct record *record, struct suspects_seen *seen)
{
	uint32_t bits = suspects_bits(seen->observation.answer, seen->observation.isn), may[SUSPECTS_KERNELS];

	ask_stacks(suspects, &record->cell, may);
	for (size_t i = 0; i < suspects->stack_count; i++) {
		uint32_t known = may[SUSPECTS_STACKS + i];

		if (!(known & bits))
			continue;
		seen->kernels |= stack_bit(i);
		seen->surely |= known != SUSPECTS_NOT_KNOWN ? stack_bit(i) : 0;
	}
	add_books(record, seen);
}

unsigned suspects_alike(const struct suspects *suspects, const struct cell *cell, bool answered)
{
	unsigned count = 0;

	for (size_t i = 0; i < suspects->count; i++)
		count += suspects_same_sort(&suspects->answers[i].cell, cell) && (!answered || suspects->answers[i].count == 1);
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

	suspects->heard |= 1u << seen->answer;
	answer->ruled_out = suspects->fits & against;
	/* A socket that is gone shows that the segment came. */
	if (seen->answer != ANSWER_SILENCE || seen->fate == FATE_GONE || suspects->direct)
		suspects->sure &= ~against;
	suspects->fits &= ~against;
	for (uint64_t left = answer->seen[0].surely; left; left &= left - 1)
		suspects->given[__builtin_ctzll(left)]++;
	for (; against; against &= against - 1)
		suspects->against[__builtin_ctzll(against)]++;
}

static bool refused_timestamps(const struct record *record)
{
	static const struct peer refused = { .trouble = TROUBLE_NO_TIMESTAMPS };
	char text[RECORD_REASON_SIZE];

	return strcmp(record->reason, peer_trouble_text(&refused, text, sizeof(text))) == 0;
}

static void add_mixed(const struct suspects *suspects, struct suspects_answer *answer, const struct record *record)
{
	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];
		struct suspects_seen *seen = &answer->seen[answer->count++];

		seen->observation = (struct observation){
			.conclusive = true, .answer = outcome->answer, .isn = outcome->isn, .before = record->before,
			.after = outcome->after, .fate = outcome->fate,
		};
		seen->tries = outcome->tries;
		add_kernels(suspects, record, seen);
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
		add_mixed(suspects, answer, record);
		suspects->mixed++;
	} else if (conclusive) {
		answer->count = 1;
		answer->seen[0].observation = record_observation(record);
		answer->seen[0].tries = record->tries;
		add_kernels(suspects, record, &answer->seen[0]);
		suspects->conclusive++;
		suspects->states |= 1u << record->cell.state;
		suspects->sorts += suspects_alike(suspects, &record->cell, true) == 1;
		rule_out(suspects, answer);
	} else {
		memcpy(answer->reason, record->reason, sizeof(answer->reason));
		if (refused_timestamps(record))
			suspects->without_timestamps = true;
		else if (!record->has_sent && !(suspects->reached >> record->cell.state & 1))
			suspects->out_of_reach |= 1u << record->cell.state;
	}
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

/* Of how many questions whose tries differ it is known that these answer so; 0 also where one of all is none of theirs. */
static unsigned explained(const struct suspects *suspects, uint64_t both)
{
	unsigned surely = 0;

	for (size_t i = 0; i < suspects->count; i++) {
		const struct suspects_answer *answer = &suspects->answers[i];
		bool known = answer->count > 1;

		for (uint8_t j = 0; j < answer->count; j++) {
			if (!(answer->seen[j].kernels & both))
				return 0;
			known &= (answer->seen[j].surely & both) != 0;
		}
		surely += known;
	}
	return surely;
}

bool suspects_pair(const struct suspects *suspects, uint64_t *one, uint64_t *other)
{
	unsigned most = 1;

	*one = *other = 0;
	if (!suspects->mixed)
		return false;
	for (uint64_t left = suspects->all; left; left &= left - 1) {
		uint64_t first = left & -left;

		for (uint64_t others = left & (left - 1); others; others &= others - 1) {
			uint64_t second = others & -others;
			unsigned surely = explained(suspects, first | second);

			if (surely < most)
				continue;
			*one = surely > most ? first : *one | first;
			*other = surely > most ? second : *other | second;
			most = surely;
		}
	}
	return *one != 0;
}

uint64_t suspects_system(const struct suspects *suspects, unsigned kernel)
{
	uint64_t system = 0;

	if (kernel >= KERNEL_STEPS_MAX)
		return SUSPECTS_FREEBSD;
	if (kernel < SUSPECTS_STACKS)
		return suspects->all & SUSPECTS_LINUX;
	for (size_t i = 0; i < suspects->stack_count; i++)
		if (strcmp(suspects->stacks[i].system, suspects->stacks[kernel - SUSPECTS_STACKS].system) == 0)
			system |= stack_bit(i);
	return system;
}

static unsigned not_given(const struct suspects *suspects, uint64_t system)
{
	unsigned count = 0;

	for (size_t i = 0; i < suspects->count; i++)
		count += suspects->answers[i].count == 1 && !(suspects->answers[i].seen[0].kernels & system);
	return count;
}

unsigned suspects_telling(const struct suspects *suspects)
{
	uint64_t own = suspects->fits ? suspects_system(suspects, (unsigned)__builtin_ctzll(suspects->fits)) : 0;
	unsigned least = UINT_MAX;

	if (!suspects->fits || (suspects->fits & ~own))
		return 0;
	for (uint64_t left = suspects->all & ~own; left; ) {
		uint64_t other = suspects_system(suspects, (unsigned)__builtin_ctzll(left));
		unsigned count = not_given(suspects, other);

		least = count < least ? count : least;
		left &= ~other;
	}
	return least == UINT_MAX ? 0 : least;
}
