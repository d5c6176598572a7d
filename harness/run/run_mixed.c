/* run_mixed.c - whether the tries of a cell contradict each other: a target that answers at random, two kernels behind one
 * address, a path that is not always the same.
 *
 * One try never shows that. Where somebody else's network is between, each cell is tried several times, and many times as soon
 * as there is any sign in the run; so what was decided is kept back until the run is over, or there is no more room. */
#include <math.h>

#include "crafter/units.h"
#include "harness/run/run_internal.h"

enum {
	TRIES_SUSPECT = 20, /* once the run knows of two: once in 524,288 times */
	TRIES_ROUGH = 40,   /* where the network itself makes some of them odd */
	/* A run of few cells, and of as many tries as may help, asks each RUN_TRIES_MANY times from the start... */
	TRIES_LONG = 5,     /* ...or so often, once that takes longer than LONG_NS: some states take a second to reach */
};

/* How often loss may explain the silent ones among the tries: below the first more tries are asked, below the second (for the
 * whole run) they are an answer of their own. */
#define SUSPICIOUS 1e-2
#define LONG_NS (4 * NSEC_PER_SEC)
#define MIXED_DOUBT 1e-3
/* What happens that often by chance needs no other cause. */
#define ORDINARY 1e-3

/* How often the network repeats a segment, as far as this run has seen: half as often as a SYN-ACK comes again, for the SYN's
 * copy has one too. */
static double copy_rate(const struct run *run)
{
	double rate = run->syn_acks ? (double)run->copies / (double)run->syn_acks / 2 : 0;

	return rate < 0.5 ? rate : 0.5;
}

static unsigned tries_unsuspected(const struct run *run)
{
	if (run->cells > RUN_CELLS_FEW || run->options->tries_most)
		return RUN_TRIES_FEW;
	return run->checked_ns - run->started_ns > LONG_NS ? TRIES_LONG : RUN_TRIES_MANY;
}

static unsigned tries_wanted(const struct run *run)
{
	unsigned tries = run->contested ? TRIES_SUSPECT : tries_unsuspected(run);
	double chance = pow(copy_rate(run), tries) * (double)run->cells;

	if (run->options->one_subject)
		return 1;
	/* All of them may show the answer to a copy of the stimulus, where the first one got none. */
	for (; chance > MIXED_DOUBT && tries < TRIES_SUSPECT; tries++)
		chance *= copy_rate(run);
	return tries;
}

/* How many tries were answered, and in how many ways. */
static unsigned ways(const struct record *record, unsigned *answered)
{
	unsigned count = 0;

	*answered = 0;
	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];

		if (outcome->answer == ANSWER_SILENCE)
			continue;
		*answered += outcome->tries;
		count++;
	}
	return count;
}

static double silence_by_loss(const struct run *run, const struct entry *entry, unsigned answered)
{
	return loss_explains_some(&run->loss, entry->silent_tries, entry->silent_tries + answered);
}

/* The network loses or repeats, as far as this run has seen. */
static bool is_rough(const struct run *run)
{
	return run->loss.lost > 0 || run->copies > 0;
}

/* The ways but the most frequent one, in tries. Silences count where loss does not explain them. */
static unsigned odd_tries(const struct record *record, bool with_silence)
{
	unsigned all = 0, most = 0;

	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];

		if (outcome->answer == ANSWER_SILENCE && !with_silence)
			continue;
		all += outcome->tries;
		most = outcome->tries > most ? outcome->tries : most;
	}
	return all - most;
}

/* The probability of at least so many of the tries, at this rate. */
static double binomial_tail(double rate, unsigned least, unsigned tries)
{
	double ways = 1, chance = 0;

	for (unsigned k = 0; k <= tries; k++) {
		if (k >= least)
			chance += ways * pow(rate, k) * pow(1 - rate, tries - k);
		ways *= (double)(tries - k) / (k + 1);
	}
	return chance;
}

/* A few odd tries among many do not show a second kernel if something else explains them well. In the lab a stimulus may meet a
 * socket that is just being replaced (tcp_time_wait() and the old socket's backlog), once in some 100,000 times. A network that
 * repeats the stimulus shows the answer to the second copy where the first one gets none, or where the first answer is lost or
 * overtaken: as often as it repeats a segment. */
static bool is_accident(const struct run *run, unsigned odd, unsigned tries)
{
	if (odd == 1 && (run->options->one_subject || run->loss.lost > 0))
		return true;
	return run->copies > 0 && binomial_tail(copy_rate(run), odd, tries) >= ORDINARY;
}

/* The last try is the one whose segments the record has. */
static bool last_is_odd(const struct entry *entry)
{
	struct record copy = entry->record;
	const struct outcome *last = record_outcome(&copy);

	for (uint8_t i = 0; i < copy.outcome_count; i++)
		if (copy.outcomes[i].tries > last->tries)
			return true;
	return false;
}

enum tries_say run_entry_tries_say(struct run *run, struct entry *entry)
{
	unsigned answered, count = ways(&entry->record, &answered);
	unsigned tries = answered + entry->silent_tries + entry->proven_silences;
	bool proven = entry->proven_silences && answered;
	bool lost = !proven && entry->silent_tries && answered;
	double chance = lost ? silence_by_loss(run, entry, answered) : 1;
	/* Or the silences are the truth, and what was answered is the network's copy of the stimulus. */
	bool copied = lost && run->copies > 0 && binomial_tail(copy_rate(run), answered, tries) >= ORDINARY;

	if (count < 2 && !proven && !copied && chance >= SUSPICIOUS)
		return tries < tries_wanted(run) && entry->record.answer != ANSWER_SILENCE ? TRIES_TOO_FEW : TRIES_AGREE;
	if (tries < RUN_TRIES_MANY)
		return TRIES_CONTEST;
	if (count < 2 && !proven && !copied && chance * (double)run->cells >= MIXED_DOUBT)
		return TRIES_AGREE;
	if (is_rough(run) && tries < (run->copies ? TRIES_ROUGH : TRIES_SUSPECT))
		return TRIES_CONTEST;
	if (is_accident(run, odd_tries(&entry->record, chance * (double)run->cells < MIXED_DOUBT || proven || copied), tries))
		return last_is_odd(entry) ? TRIES_CONTEST : TRIES_AGREE;
	return TRIES_MIXED;
}

bool run_suspects(const struct run *run)
{
	return !is_rough(run);
}

void run_contest(struct run *run)
{
	if (run->contested || run->options->one_subject)
		return;
	run->contested = true;
	for (size_t number = run->delivered; number < run->next; number++) {
		struct entry *entry = run_entry(run, number);
		unsigned answered;

		if (entry->status != ENTRY_PROVEN || !entry->record.observed)
			continue;
		ways(&entry->record, &answered);
		if (answered >= TRIES_SUSPECT || entry->record.answer == ANSWER_SILENCE)
			continue;
		run->tally->decided--;
		run_entry_again(run, number);
	}
}

bool run_holds_back(const struct run *run)
{
	/* With all begun, the ring needs no room. */
	bool has_room = run->begun == run->cells || run->begun - run->delivered < run->ring_size;

	if (run_awaits_far(run))
		return true;
	return !run->options->one_subject && !run->interrupted && !run_is_over(run) && has_room;
}
