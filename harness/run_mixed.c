/* run_mixed.c - whether the tries of a cell contradict each other: a target that answers at random, two kernels behind one
 * address, a path that is not always the same.
 *
 * One try never shows that. Where somebody else's network is between, each cell is tried several times, and many times as soon
 * as there is any sign in the run; so what was decided is kept back until the run is over, or there is no more room. */
#include "harness/run_internal.h"

enum {
	TRIES_FEW = 3,      /* of a cell, while nothing is suspected */
	TRIES_MANY = 10,    /* two equal halves look like one kernel once in 512 times; enough to say in which ways */
	TRIES_SUSPECT = 20, /* once the run knows of two: once in 524,288 times */
	CELLS_FEW = 16,     /* a run of no more cells asks each of them TRIES_MANY times from the start */
};

/* How often loss may explain the silent ones among the tries: below the first more tries are asked, below the second (for the
 * whole run) they are an answer of their own. */
#define SUSPICIOUS 1e-2
#define RUN_DOUBT 1e-3

static unsigned tries_wanted(const struct run *run)
{
	if (run->options->one_subject)
		return 1;
	if (run->contested)
		return TRIES_SUSPECT;
	return run->cells <= CELLS_FEW ? TRIES_MANY : TRIES_FEW;
}

/* How many tries were answered, and in how many ways; *rarest: the fewest of one way. */
static unsigned ways(const struct record *record, unsigned *answered, unsigned *rarest)
{
	unsigned count = 0;

	*answered = 0;
	*rarest = 0;
	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];

		if (outcome->answer == ANSWER_SILENCE)
			continue;
		*answered += outcome->tries;
		*rarest = count++ == 0 || outcome->tries < *rarest ? outcome->tries : *rarest;
	}
	return count;
}

static double silence_by_loss(const struct run *run, const struct entry *entry, unsigned answered)
{
	return loss_explains_some(&run->loss, entry->silent_tries, entry->silent_tries + answered);
}

/* In the lab a stimulus may meet a socket that is just being replaced (tcp_time_wait() and the old socket's backlog), once in
 * some 100,000 times: a single one among many is no second kernel. */
static bool is_accident(const struct run *run, const struct entry *entry, unsigned answered, unsigned rarest)
{
	unsigned silent = entry->proven_silences;

	return run->options->one_subject && (rarest == 1 || silent == 1 || (answered == 1 && silent > 1));
}

static bool last_is_rare(const struct entry *entry)
{
	const struct record *record = &entry->record;
	struct record copy = *record;

	return record->outcome_count > 1 && record_outcome(&copy)->tries == 2;
}

enum tries_say entry_tries_say(struct run *run, struct entry *entry)
{
	unsigned answered, rarest, count = ways(&entry->record, &answered, &rarest);
	unsigned tries = answered + entry->silent_tries + entry->proven_silences;
	bool proven = entry->proven_silences && answered;
	bool lost = !proven && entry->silent_tries && answered;
	double chance = lost ? silence_by_loss(run, entry, answered) : 1;

	if (count < 2 && !proven && chance >= SUSPICIOUS)
		return tries < tries_wanted(run) && entry->record.answer != ANSWER_SILENCE ? TRIES_TOO_FEW : TRIES_AGREE;
	if (tries < TRIES_MANY)
		return TRIES_CONTEST;
	if (count < 2 && !proven)
		return chance * (double)run->cells < RUN_DOUBT ? TRIES_MIXED : TRIES_AGREE;
	if (is_accident(run, entry, answered, rarest))
		return last_is_rare(entry) ? TRIES_CONTEST : TRIES_AGREE;
	return TRIES_MIXED;
}

void run_contest(struct run *run)
{
	if (run->contested || run->options->one_subject)
		return;
	run->contested = true;
	for (size_t number = run->delivered; number < run->next; number++) {
		struct entry *entry = run_entry(run, number);
		unsigned answered, rarest;

		if (entry->status != ENTRY_PROVEN || !entry->record.observed)
			continue;
		ways(&entry->record, &answered, &rarest);
		if (answered >= TRIES_SUSPECT || entry->record.answer == ANSWER_SILENCE)
			continue;
		run->tally->decided--;
		entry_again(run, number);
	}
}

bool run_holds_back(const struct run *run)
{
	bool over = run->next == run->cells && run_active(run) == 0 && run->parked_count == 0 && run->again_count == 0;

	return !run->options->one_subject && !run->interrupted && !over && run->next - run->delivered < run->ring_size;
}
