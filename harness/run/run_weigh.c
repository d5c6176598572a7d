/* run_weigh.c - what several tries of one cell show together, where no counters prove a single one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "harness/run/run_internal.h"

/* What both sides of a router show of a silence is no surprise; the question is whether it does so every time. */
enum { SURPRISING_SILENCES_MIN = 8, SETTLED_TRIES_MIN = 3,
	SILENT_TRIES_MAX = 24, SURPRISES_MIN = 3, CALM_AFTER = 3,
	TRIES_LIMIT = 80, /* of a cell, whatever happens */
};

/* How much a silent try shows: a follow-up that finds the socket gone shows that the stimulus arrived and took effect; one that
 * finds it alive shows less, because the stimulus may have been lost. */
static int shows(const struct record *record)
{
	if (!record->has_follow_up)
		return 0;
	if (record->follow_up_answer == ANSWER_SILENCE)
		return 1;
	/* A socket in SYN_SENT answers with a SYN-ACK as well, which has the number of its own SYN. */
	return record->follow_up_answer == ANSWER_SYN_ACK && record_observation(record).fate != FATE_THERE ? 3 : 2;
}

/* Before the next try overwrites this one. */
static void keep_best(struct entry *entry)
{
	if (!entry->best)
		entry->best = calloc(1, sizeof(*entry->best));
	if (entry->best && (entry->best->tries == 0 || shows(&entry->record) > shows(entry->best)))
		*entry->best = entry->record;
}

/* Of silent tries the one that shows most: a follow-up that was lost once is no surprise. */
static const struct record *best_of(const struct entry *entry)
{
	const struct record *record = &entry->record;

	return entry->best && entry->silence == SILENCE_ANSWER && shows(entry->best) > shows(record) ? entry->best : record;
}

/* What was counted over all tries stays. */
static void take_best(struct entry *entry)
{
	struct record *record = &entry->record;
	struct record last = *record;

	if (best_of(entry) == record)
		return;
	*record = *entry->best;
	record->tries = last.tries;
	record->outcome_count = last.outcome_count;
	memcpy(record->outcomes, last.outcomes, sizeof(record->outcomes));
	record->notice_count = last.notice_count;
	memcpy(record->notices, last.notices, sizeof(record->notices));
}

void run_add_cause(struct record *record)
{
	size_t used = strlen(record->reason);
	char cause[SIDES_TEXT_SIZE];

	if (record->side.routed && *sides_cause(&record->side, cause, sizeof(cause)))
		snprintf(record->reason + used, sizeof(record->reason) - used, "%s%s", used ? ": " : "", cause);
}

/* The last try counts, or of several silent ones the one that shows most. */
static void believe(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);
	struct record *record = &entry->record;
	enum verdict verdict;

	if (entry->calm)
		traits_at_ease(&run->traits, record->cell.stimulus.kind, entry->silence == SILENCE_ANSWER);
	if (entry->calm && !entry->silence)
		pace_limited(&run->pace);
	if (!entry->silence) { /* the subject does answer this one: what was silent before was lost */
		run->loss.exchanges += 1U + entry->silent_tries + entry->unfollowed_tries;
		run->loss.lost += entry->silent_tries + entry->unfollowed_tries;
	}
	take_best(entry);
	verdict = record_verdict(record, run->options->expect, record->reason, sizeof(record->reason));
	if (verdict == VERDICT_AGREES)
		record->reason[0] = '\0';
	else
		run_add_cause(record);
	run_entry_close(run, number, verdict, record->reason);
}

/* Not what the kernel's rules give; every live socket and every listener answers the follow-up. Where no book is asked, nothing
 * is expected, and so everything is a surprise. */
static bool is_surprise(const struct run *run, const struct record *record)
{
	char reason[RECORD_REASON_SIZE];

	if (run->options->expect == BOOK_COUNT)
		return true;
	if (record->has_follow_up && record->follow_up_answer == ANSWER_SILENCE &&
	    !cell_is_limited(&record->cell.conditions) && !cell_drops_requests(&record->cell))
		return true;
	return record_verdict(record, BOOK_LINUX, reason, sizeof(reason)) != VERDICT_AGREES;
}

static bool is_given_up(const struct run *run, const struct record *record)
{
	return run->interrupted || record->tries >= (run->options->tries_most ? run->options->tries_most : TRIES_LIMIT);
}

static void mixed(struct run *run, size_t number)
{
	struct record *record = &run_entry(run, number)->record;
	char outcomes[RECORD_REASON_SIZE - 130];

	record->observed = false;
	snprintf(record->reason, sizeof(record->reason), "the answer was not always the same: %s%s",
		 record_outcomes_text(record, outcomes, sizeof(outcomes)), record_met_listener(record) ?
		 "; where its queue is full, the server sends SYN cookies: a smaller --in-flight may help" : "");
	run_entry_close(run, number, VERDICT_MIXED, record->reason);
	run_contest(run);
}

/* All answers are the same, and what contests them is only that some tries had none, which proves nothing. */
static bool silences_alone_contest(const struct entry *entry)
{
	unsigned answers = 0;

	for (uint8_t i = 0; i < entry->record.outcome_count; i++)
		answers += entry->record.outcomes[i].answer != ANSWER_SILENCE;
	return answers < 2 && !entry->proven_silences;
}

/* Answered alike more often than not at all, by as many tries as a surprise needs. */
static bool is_mostly_the_same(const struct entry *entry)
{
	unsigned answered = 0;

	for (uint8_t i = 0; i < entry->record.outcome_count; i++)
		if (entry->record.outcomes[i].answer != ANSWER_SILENCE)
			answered += entry->record.outcomes[i].tries;
	return silences_alone_contest(entry) && answered >= (unsigned)SURPRISES_MIN + entry->silent_tries;
}

static void undecided(struct run *run, size_t number)
{
	const struct record *record = &run_entry(run, number)->record;
	char outcomes[RECORD_REASON_SIZE - 130], reason[RECORD_REASON_SIZE];

	snprintf(reason, sizeof(reason), "%s: too few tries to tell a silence from loss (%llu of %llu segments so far)",
		 record_outcomes_text(record, outcomes, sizeof(outcomes)), (unsigned long long)run->loss.lost,
		 (unsigned long long)run->loss.exchanges);
	run_entry_inconclusive(run, number, reason);
}

/* The same, as far as both show what became of the socket: a follow-up may be lost. */
static bool same_surprise(const struct observation *a, const struct observation *b)
{
	return a->answer == b->answer && a->isn == b->isn &&
	       (a->fate == b->fate || a->fate == FATE_UNKNOWN || b->fate == FATE_UNKNOWN);
}

/* A network that repeats the stimulus shows the answer to two of them, a late segment of the way to the state looks like an
 * answer, and a stimulus that comes while the subject's process still holds the socket may die with it (the backlog of a
 * socket that tcp_time_wait() replaces). None of these happens several times in a row, more often than silence; what the
 * subject does itself, does. */
static void weigh_surprise(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);
	const struct record *record = &entry->record;
	struct observation seen = record_observation(record);

	if (!same_surprise(&seen, &entry->surprise))
		entry->surprises = 0;
	if (!entry->surprises || seen.fate != FATE_UNKNOWN)
		entry->surprise = seen;
	entry->surprises++;
	/* Tries that are alike as far as they show the socket's end do not contradict; the one that is believed shows it. */
	if ((entry->surprises >= SURPRISES_MIN + entry->silent_tries && seen.fate == entry->surprise.fate) ||
	    (is_given_up(run, record) && (record->outcome_count == 1 || is_mostly_the_same(entry))))
		believe(run, number);
	else if (is_given_up(run, record) && silences_alone_contest(entry))
		undecided(run, number);
	else if (is_given_up(run, record))
		mixed(run, number);
	else
		run_entry_again(run, number);
}

/* Whether loss does not explain so many silences: at this rate a whole run is wrong less than once in ten thousand. One
 * that the rules do not give is asked longer. */
static bool silence_is_shown(const struct run *run, const struct record *record, unsigned tries)
{
	bool stopped = record->side.stimulus == SIDE_FATE_STOPPED || record->side.answerer == SIDE_ANSWERER_STOPPED;
	bool settled = stopped || run->options->tries_most || traits_never_hurried(&run->traits, record->cell.stimulus.kind);
	unsigned least = !is_surprise(run, record) ? RUN_SILENT_TRIES_MIN :
			 settled ? SETTLED_TRIES_MIN : SURPRISING_SILENCES_MIN;

	return tries >= least && loss_explains(&run->loss, tries) * (double)run->cells < RUN_SILENCE_DOUBT;
}

static void unproven(struct run *run, size_t number, unsigned tries, const char *to)
{
	char reason[RECORD_REASON_SIZE];

	snprintf(reason, sizeof(reason), "no answer%s in %u tries, but with %llu of %llu segments lost so far that is not "
		 "proof of silence", to, tries, (unsigned long long)run->loss.lost,
		 (unsigned long long)run->loss.exchanges);
	run_entry_inconclusive(run, number, reason);
}

/* The subject may have a limit for all its sockets together (tcp_challenge_ack_limit), which the run itself reaches. What was
 * silent in the hurry does not count. */
static void calm_down(struct run *run, struct entry *entry)
{
	const struct side_view *side = &entry->record.side;

	/* The router that was seen to drop it is no limit of the subject's. */
	if (side->stimulus == SIDE_FATE_STOPPED || side->answerer == SIDE_ANSWERER_STOPPED)
		return;
	if (run->options->tries_most || traits_never_hurried(&run->traits, entry->record.cell.stimulus.kind))
		return;
	if (entry->calm || entry->silent_tries < CALM_AFTER || run->options->expect == BOOK_COUNT ||
	    !is_surprise(run, best_of(entry)))
		return;
	entry->calm = true;
	entry->silent_tries = entry->followed_tries = 0;
	record_forget_silence(&entry->record);
	run->calm_count++;
}

/* Whatever asks for more tries: what this one shows of a silence stays. */
static void ask_again(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);

	if (entry->silence == SILENCE_ANSWER) {
		keep_best(entry);
		calm_down(run, entry);
	}
	run_entry_again(run, number);
}

/* Where the follow-up was not answered either, the whole try may have been lost, or be late: that shows a silence only where
 * it is always so, and nothing ever came late. */
static unsigned telling_tries(const struct entry *entry)
{
	return entry->reachable ? entry->followed_tries : entry->silent_tries;
}

static void weigh_silence(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);

	if (silence_is_shown(run, best_of(entry), telling_tries(entry))) {
		believe(run, number);
	} else if (entry->silent_tries >= SILENT_TRIES_MAX || is_given_up(run, &entry->record)) {
		unproven(run, number, entry->silent_tries, "");
	} else {
		ask_again(run, number);
	}
}

static void weigh_answer(struct run *run, size_t number)
{
	if (is_surprise(run, &run_entry(run, number)->record))
		weigh_surprise(run, number);
	else
		believe(run, number);
}

static void weigh_follow_up(struct run *run, size_t number)
{
	const struct entry *entry = run_entry(run, number);

	if (silence_is_shown(run, &entry->record, entry->unfollowed_tries))
		weigh_answer(run, number);
	else if (entry->unfollowed_tries >= SILENT_TRIES_MAX || is_given_up(run, &entry->record))
		unproven(run, number, entry->unfollowed_tries, " to the follow-up");
	else
		run_entry_again(run, number);
}

static void weigh_agreeing(struct run *run, size_t number)
{
	switch (run_entry(run, number)->silence) {
	case SILENCE_NONE:
		weigh_answer(run, number);
		break;
	case SILENCE_ANSWER:
		weigh_silence(run, number);
		break;
	case SILENCE_FOLLOW_UP:
		weigh_follow_up(run, number);
		break;
	}
}

void run_entry_weigh(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);
	bool last = is_given_up(run, &entry->record);
	enum tries_say say;

	record_outcome(&entry->record);
	say = run_entry_tries_say(run, entry);
	if (say == TRIES_CONTEST && run_suspects(run))
		run_contest(run);
	if (say == TRIES_CONTEST && last && silences_alone_contest(entry))
		undecided(run, number);
	else if (say == TRIES_MIXED || (say == TRIES_CONTEST && last))
		mixed(run, number);
	else if (say == TRIES_CONTEST || (say == TRIES_TOO_FEW && !last))
		ask_again(run, number);
	else
		weigh_agreeing(run, number);
}
