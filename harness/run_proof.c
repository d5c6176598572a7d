/* run_proof.c - from what a probe found to a record that can be believed: delivered, asked again, or inconclusive. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/run_internal.h"

enum { TRIES_MAX = 5, SILENT_TRIES_MIN = 2, SILENT_TRIES_MAX = 24 };

/* How often a run may hold a silence that was none. */
#define RUN_DOUBT 1e-4

/* How long the balance may take to come even before segments count as lost. */
#define BALANCE_PATIENCE (400 * MILLISECOND)

/* Troubles that a fresh connection may not have. */
static bool may_pass(const struct run *run, enum peer_trouble trouble)
{
	switch (trouble) {
	case TROUBLE_RESET:
	case TROUBLE_SETUP_LOST:
	case TROUBLE_WRONG_STATE:
	case TROUBLE_NOT_SEEN:
	case TROUBLE_AMBIGUOUS:
	case TROUBLE_OLD_HALF_OPEN:
		return true;
	case TROUBLE_NO_ANSWER:
		return run->heard_syn_ack && !run_is_hopeless(run); /* somebody is there: this one was lost */
	case TROUBLE_NEVER_CLOSES:
		return run->heard_fin; /* it does close first: its FIN, or what leads to it, was lost */
	default:
		return false;
	}
}

static void record_follow_up(struct record *record, const struct peer *peer)
{
	record->has_follow_up = peer->followed;
	if (!peer->followed)
		return;
	record->follow_up = peer->follow_up;
	record->follow_up_conclusive = peer->follow_up_seen_ns != 0;
	record->follow_up_answer = ANSWER_SILENCE;
	record->follow_up_isn = ISN_NONE;
	if (!peer->follow_up_answered)
		return;
	record->follow_up_answer = answer_of(&peer->follow_up_heard.segment);
	if (record->follow_up_answer == ANSWER_SYN_ACK)
		record->follow_up_isn = isn_of(&peer->follow_up_heard.segment, peer->baseline.snd_nxt);
}

/* Everything but the verdict. */
static void record_peer(struct record *record, const struct peer *peer)
{
	const struct peer_heard *answer = peer_answer(peer);

	record->before = peer->state_before;
	record->after = peer->state_after;
	record->has_baseline = peer->reached_ns != 0;
	record->baseline = peer->baseline;
	record->has_sent = peer->sent_ns != 0;
	record->sent = peer->sent;
	record->sent_ns = peer->seen_ns;
	record->heard_count = peer->heard_count;
	memcpy(record->heard, peer->heard, sizeof(record->heard));
	record->observed = peer->trouble == TROUBLE_NONE;
	record->answer = answer ? answer_of(&answer->segment) : ANSWER_SILENCE;
	record->isn = ISN_NONE;
	if (record->answer == ANSWER_SYN_ACK)
		record->isn = isn_of(&answer->segment, peer->baseline.snd_nxt);
	record_follow_up(record, peer);
}

void entry_park(struct run *run, struct probe *probe)
{
	struct entry *entry = run_entry(run, probe->number);
	const struct peer *peer = &probe->peer;

	run->tally->resent += peer->resent;
	run->tally->set_up_segments += peer->set_up_segments;
	run->loss.exchanges += peer->set_up_segments;
	record_peer(&entry->record, peer);
	entry->silent = entry->record.observed &&
			(entry->record.answer == ANSWER_SILENCE ||
			 (entry->record.has_follow_up && entry->record.follow_up_answer == ANSWER_SILENCE));
	entry->silent_tries = (uint8_t)(entry->silent_tries + entry->silent);
	entry->retryable = may_pass(run, peer->trouble);
	entry->record.reason[0] = '\0';
	if (peer->trouble != TROUBLE_NONE)
		peer_trouble_text(peer, entry->record.reason, sizeof(entry->record.reason));
	if (peer->trouble == TROUBLE_NO_ANSWER || peer->trouble == TROUBLE_REFUSED)
		run->fruitless++;
	entry->parked_ns = run->wire->now(run->wire->self);
	entry->status = ENTRY_PARKED;
	run->parked[run->parked_count++] = probe->number;
}

void entry_close(struct run *run, size_t number, enum verdict verdict, const char *reason)
{
	struct entry *entry = run_entry(run, number);

	entry->record.verdict = verdict;
	if (reason != entry->record.reason)
		snprintf(entry->record.reason, sizeof(entry->record.reason), "%s", reason);
	entry->record.trace = entry->trace;
	entry->status = ENTRY_PROVEN;
}

static void inconclusive(struct run *run, size_t number, const char *reason)
{
	struct record *record = &run_entry(run, number)->record;

	record->observed = false;
	entry_close(run, number, VERDICT_INCONCLUSIVE, reason);
}

static void again(struct run *run, size_t number)
{
	run_entry(run, number)->status = ENTRY_AGAIN;
	run->again[run->again_count++] = number;
}

static void again_or_inconclusive(struct run *run, size_t number, const char *reason)
{
	const struct entry *entry = run_entry(run, number);

	/* Tries that went well, and were silent, do not count: under loss a silence takes many. */
	if (entry->record.tries - entry->silent_tries < TRIES_MAX && !run->interrupted)
		again(run, number);
	else
		inconclusive(run, number, reason);
}

/* How much a try shows. An answer shows most. Behind a silent stimulus a follow-up that finds the socket gone shows that
 * the stimulus arrived and took effect; one that finds it alive shows less, because the stimulus may have been lost. */
static int shows(const struct record *record)
{
	int follow_up = !record->has_follow_up ? 0 : record->follow_up_answer == ANSWER_SILENCE ? 1 :
			record->follow_up_answer == ANSWER_SYN_ACK ? 3 : 2;

	return (record->answer != ANSWER_SILENCE ? 10 : 0) + follow_up;
}

/* Before the next try overwrites this one. */
static void keep_best(struct entry *entry)
{
	if (!entry->best)
		entry->best = calloc(1, sizeof(*entry->best));
	if (entry->best && (entry->best->tries == 0 || shows(&entry->record) > shows(entry->best)))
		*entry->best = entry->record;
}

static void take_best(struct entry *entry)
{
	uint8_t tries = entry->record.tries;

	if (!entry->best || shows(entry->best) <= shows(&entry->record))
		return;
	entry->record = *entry->best;
	entry->record.tries = tries;
}

static void believe(struct run *run, size_t number)
{
	static const struct expectation open = { .answer = ANSWER_OPEN, .after = STATE_UNKNOWN };
	struct record *record = &run_entry(run, number)->record;
	enum book book = run->options->expect;
	struct observation observation = { .conclusive = true };
	enum verdict verdict;

	take_best(run_entry(run, number));
	observation.answer = record->answer;
	observation.isn = record->isn;
	observation.before = record->before;
	observation.after = record->after;
	verdict = verdict_of(book < BOOK_COUNT ? &record->expected[book] : &open, &observation, record->reason,
			     sizeof(record->reason));
	if (verdict == VERDICT_AGREES)
		record->reason[0] = '\0';
	entry_close(run, number, verdict, record->reason);
}

/* Whether loss is no explanation for the silences: at this rate a whole run is wrong less than once in ten thousand. */
static bool silence_is_shown(const struct run *run, const struct entry *entry)
{
	return entry->silent_tries >= SILENT_TRIES_MIN &&
	       loss_explains(&run->loss, entry->silent_tries) * (double)run->cells < RUN_DOUBT;
}

static void weigh_silence(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);
	char reason[RECORD_REASON_SIZE];

	if (silence_is_shown(run, entry)) {
		believe(run, number);
	} else if (run->interrupted || entry->record.tries >= SILENT_TRIES_MAX) {
		snprintf(reason, sizeof(reason), "no answer in %u tries, but with %llu of %llu segments lost so far "
			 "that is no proof of silence", entry->silent_tries, (unsigned long long)run->loss.lost,
			 (unsigned long long)run->loss.exchanges);
		inconclusive(run, number, reason);
	} else {
		keep_best(entry);
		again(run, number);
	}
}

/* True when the entry must stay parked. */
static bool judge_silence(struct run *run, size_t number, uint64_t now_ns)
{
	struct entry *entry = run_entry(run, number);
	char reason[RECORD_REASON_SIZE];

	if (run->health.went_down != entry->went_down) {
		inconclusive(run, number, "the interface went down during the probe, so silence proves nothing");
		return false;
	}
	if (run->health.dropped != entry->dropped) {
		snprintf(reason, sizeof(reason), "the capture dropped %llu frames during the probe; the answer may be "
			 "among them", (unsigned long long)(run->health.dropped - entry->dropped));
		entry->silent_tries--;
		again_or_inconclusive(run, number, reason);
		return false;
	}
	if (run->health.balance == BALANCE_EVEN) {
		believe(run, number);
		return false;
	}
	if (run->health.balance == BALANCE_UNEVEN && now_ns - entry->parked_ns < BALANCE_PATIENCE)
		return true;
	weigh_silence(run, number);
	return false;
}

static bool judge(struct run *run, size_t number, uint64_t now_ns)
{
	struct entry *entry = run_entry(run, number);
	char reason[RECORD_REASON_SIZE];

	if (run->health.overloads != entry->overloads) {
		entry->silent_tries = (uint8_t)(entry->silent_tries - (entry->silent && entry->silent_tries));
		again_or_inconclusive(run, number, "the subject's kernel was overloaded (ListenOverflows, ListenDrops, "
				      "TCPReqQFullDoCookies or TCPTimeWaitOverflow moved)");
		return false;
	}
	if (!entry->record.observed) {
		snprintf(reason, sizeof(reason), "%s", entry->record.reason);
		if (run->health.went_down != entry->went_down)
			inconclusive(run, number, "the interface went down during the probe");
		else if (entry->retryable)
			again_or_inconclusive(run, number, reason);
		else
			inconclusive(run, number, reason);
		return false;
	}
	if (entry->silent)
		return judge_silence(run, number, now_ns);
	/* The subject does answer this one: the silent tries before were lost. */
	run->loss.exchanges += 1U + entry->silent_tries;
	run->loss.lost += entry->silent_tries;
	believe(run, number);
	return false;
}

/* Reads the wire's health and judges everything parked. False when the wire failed. */
bool entries_check(struct run *run, uint64_t now_ns)
{
	size_t kept = 0;

	if (run->wire->health(run->wire->self, &run->health, run->error) < 0) {
		run->failed = true;
		return false;
	}
	run->checked_ns = now_ns;
	for (size_t i = 0; i < run->parked_count; i++)
		if (judge(run, run->parked[i], now_ns))
			run->parked[kept++] = run->parked[i];
	run->parked_count = kept;
	return true;
}
