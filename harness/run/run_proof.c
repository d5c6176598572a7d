/* run_proof.c - from what a probe found to a record that can be believed: delivered, asked again, or inconclusive. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/units.h"
#include "harness/run/run_internal.h"

/* Tries that come to nothing: of a network that loses one segment in twenty or more, many do. */
enum { TROUBLES_MAX = 5, TROUBLES_MAX_ROUGH = 20 };
/* Rules that drop a segment of the set-up drop the next one like it; and a listener that says nothing to so many of ours, where
 * nothing else was lost, never does. */
enum { TROUBLES_MAX_STOPPED = 2 };

/* What takes longer than any segment may be on its way is not waited for (sides_patience()). */
#define CROSSING_PATIENCE_NS (2 * NSEC_PER_SEC)

/* Troubles that a fresh connection may not have. */
static bool may_pass(const struct run *run, enum peer_trouble trouble)
{
	switch (trouble) {
	case TROUBLE_RESET:
	case TROUBLE_SETUP_LOST:
	case TROUBLE_WRONG_STATE:
	case TROUBLE_NOT_SEEN:
	case TROUBLE_LATE:
	case TROUBLE_OUTLIVED:
	case TROUBLE_AMBIGUOUS:
	case TROUBLE_OLD_HALF_OPEN:
	case TROUBLE_RESTLESS:
	case TROUBLE_NOTICED:
		return true;
	case TROUBLE_NO_ANSWER:
		return run->heard_subject && !run_is_hopeless(run); /* somebody is there: this one was lost */
	case TROUBLE_NO_TIMESTAMPS:
		return run->traits.learns && !run->traits.with_timestamps; /* it will be asked without */
	case TROUBLE_NEVER_CLOSES:
		return run->heard_fin; /* it does close first: its FIN, or what leads to it, was lost */
	default:
		return false;
	}
}

/* The SYN of a subject that connects, again, with an ACK: no new number. */
static bool is_own_syn(const struct peer *peer, const struct segment *syn_ack)
{
	return peer->baseline.syn_sent && syn_ack->seq == peer->baseline.snd_nxt - 1;
}

/* An acknowledgment is one also where an old FIN goes with it (peer_is_ack_with_fin()). */
static enum answer answer_of(const struct peer *peer, const struct segment *segment)
{
	bool old_fin = (segment->flags & (FLAG_FIN | FLAG_SYN | FLAG_RST | FLAG_ACK)) == (FLAG_FIN | FLAG_ACK) &&
		       segment->payload_size == 0 && segment->seq + 1 == peer->baseline.snd_nxt;

	return old_fin ? ANSWER_ACK : verdict_answer(segment);
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
	record->follow_up_answer = answer_of(peer, &peer->follow_up_heard.segment);
	record->follow_up_reply = peer->follow_up_heard.segment;
	if (record->follow_up_answer == ANSWER_SYN_ACK && !is_own_syn(peer, &peer->follow_up_heard.segment))
		record->follow_up_isn = verdict_isn(&peer->follow_up_heard.segment, peer->baseline.snd_nxt);
}

/* Everything but the verdict. */
static void record_peer(struct record *record, const struct peer *peer)
{
	const struct peer_heard *answer = peer_answer(peer);

	record->before = peer->state_before;
	record->after = peer->state_after;
	record->sighted_before = peer->sighted_before;
	record->sighted_after = peer->sighted_after;
	record->has_baseline = peer->reached_ns != 0;
	record->baseline = peer->baseline;
	record->has_sent = peer->sent_ns != 0;
	record->sent = peer->sent;
	record->sent_ns = peer->seen_ns;
	record->has_first = peer->again;
	record->first = peer->first;
	record->heard_count = peer->heard_count;
	memcpy(record->heard, peer->heard, sizeof(record->heard));
	record->observed = peer->trouble == TROUBLE_NONE;
	record->answer = answer ? answer_of(peer, &answer->segment) : ANSWER_SILENCE;
	record->isn = ISN_NONE;
	if (record->answer == ANSWER_SYN_ACK && !is_own_syn(peer, &answer->segment))
		record->isn = verdict_isn(&answer->segment, peer->baseline.snd_nxt);
	record_follow_up(record, peer);
	for (uint8_t i = 0; i < peer->notice_count; i++)
		record_notice(record, &peer->notices[i]);
}

void run_expect(const struct run *run, struct record *record)
{
	struct cell_question question;

	cell_to_question(&record->cell, &run->options->kernel, NULL, &question);
	if (record->has_baseline)
		cell_question_offers(&question, &record->cell, &run->options->kernel, &record->baseline);
	/* Without a book to judge by, none is asked. */
	for (enum book book = 0; book < BOOK_COUNT; book++) {
		record->expected[book] = (struct expectation){ .answer = ANSWER_OPEN, .after = STATE_UNKNOWN };
		record->alternatives[book].count = 0;
		if (run->options->expect == BOOK_COUNT || !oracle_book_shown(book, run->options->expect))
			continue;
		oracle_ask_all(book, &question.subject, &question.segment, &question.surroundings, &run->options->kernel,
			       &record->alternatives[book]);
		record->expected[book] = record->alternatives[book].list[0].expectation;
	}
}

static bool is_followed(const struct record *record)
{
	return record->has_follow_up && record->follow_up_answer != ANSWER_SILENCE;
}

/* Adds the last try to the silences, if it had one. */
static void count_silence(struct entry *entry)
{
	const struct record *record = &entry->record;

	entry->silence = SILENCE_NONE;
	if (!record->observed)
		return;
	if (record->answer == ANSWER_SILENCE) {
		entry->silence = SILENCE_ANSWER;
		entry->silent_tries = (uint8_t)(entry->silent_tries + 1);
		entry->followed_tries = (uint8_t)(entry->followed_tries + is_followed(record));
		entry->reachable |= is_followed(record);
	} else if (record->has_follow_up && !is_followed(record)) {
		entry->silence = SILENCE_FOLLOW_UP;
		entry->unfollowed_tries = (uint8_t)(entry->unfollowed_tries + 1);
	} else if (record->has_follow_up) {
		entry->unfollowed_tries = 0; /* somebody answers it: those before were lost */
	}
}

/* The last try's silence does not count, or counts as an answer. */
static void uncount_silence(struct entry *entry)
{
	entry->silent_tries = (uint8_t)(entry->silent_tries - (entry->silence == SILENCE_ANSWER));
	if (entry->silence == SILENCE_ANSWER && is_followed(&entry->record))
		entry->followed_tries--;
	entry->unfollowed_tries = (uint8_t)(entry->unfollowed_tries - (entry->silence == SILENCE_FOLLOW_UP));
	entry->silence = SILENCE_NONE;
}

void run_entry_park(struct run *run, struct probe *probe)
{
	struct entry *entry = run_entry(run, probe->number);
	const struct peer *peer = &probe->peer;

	run->tally->resent += peer->resent;
	run->tally->set_up_segments += peer->set_up_segments;
	run->loss.exchanges += peer->set_up_segments;
	record_peer(&entry->record, peer);
	if (peer->reached_ns != 0 && cell_may_pass_edge(&entry->record.cell))
		run_expect(run, &entry->record);
	run_expect_fields(run, &entry->record, peer);
	count_silence(entry);
	entry->record.acks_resets = run->acks_resets;
	entry->progress = (struct side_progress){
		.heard = end_knows(&peer->crafted, END_IRS), .irs = peer->crafted.irs, .rcv_nxt = peer->crafted.rcv_nxt,
		.snd_una = peer->crafted.snd_una,
	};
	entry->record.reason[0] = '\0';
	if (peer->trouble != TROUBLE_NONE)
		peer_trouble_text(peer, entry->record.reason, sizeof(entry->record.reason));
	run_learn_way(run, entry, peer);
	entry->no_ecn = peer->trouble == TROUBLE_NO_ECN;
	entry->unproven_listener = peer->trouble == TROUBLE_SETUP_LOST && peer->trouble_at == PEER_CLEARING;
	entry->retryable = may_pass(run, peer->trouble) || run_may_be_the_state(run, entry, peer->trouble);
	if (peer->trouble == TROUBLE_NO_ANSWER || peer->trouble == TROUBLE_REFUSED)
		run->fruitless++;
	entry->parked_ns = run->wire->now(run->wire->self);
	entry->status = ENTRY_PARKED;
	run->parked[run->parked_count++] = probe->number;
}

void run_entry_close(struct run *run, size_t number, enum verdict verdict, const char *reason)
{
	struct entry *entry = run_entry(run, number);

	entry->record.verdict = verdict;
	if (reason != entry->record.reason)
		snprintf(entry->record.reason, sizeof(entry->record.reason), "%s", reason);
	entry->record.trace = entry->trace;
	run->calm_count -= entry->calm;
	entry->calm = false;
	entry->status = ENTRY_PROVEN;
	run->tally->decided++;
}

void run_entry_inconclusive(struct run *run, size_t number, const char *reason)
{
	struct record *record = &run_entry(run, number)->record;

	record->observed = false;
	run_entry_close(run, number, VERDICT_INCONCLUSIVE, reason);
}

void run_entry_skip(struct run *run, size_t number, const char *reason)
{
	if (run->parked_count && run->parked[run->parked_count - 1] == number)
		run->parked_count--;
	run_entry(run, number)->record.observed = false;
	run_entry_close(run, number, VERDICT_SKIPPED, reason);
}

void run_entry_again(struct run *run, size_t number)
{
	run_entry(run, number)->status = ENTRY_AGAIN;
	run->again[run->again_count++] = number;
}

static int troubles_max(const struct run *run, const struct entry *entry)
{
	bool stopped = entry->record.side.set_up && entry->record.side.answerer == SIDE_ANSWERER_STOPPED;
	bool mute = entry->unproven_listener && !run->traits.learns && !run->loss.lost && traits_may_be_mute(&run->traits);

	if (stopped || mute)
		return TROUBLES_MAX_STOPPED;
	return run->loss.lost * 20 > run->loss.exchanges ? TROUBLES_MAX_ROUGH : TROUBLES_MAX;
}

static void again_or_inconclusive(struct run *run, size_t number, const char *reason)
{
	struct entry *entry = run_entry(run, number);
	int most = troubles_max(run, entry);
	bool spent = run->options->tries_most && entry->record.tries >= run->options->tries_most;

	/* Where many tries are needed, more of them meet with trouble. */
	entry->troubles++;
	if (entry->troubles < most + (entry->record.tries - entry->troubles) / 2 && !run->interrupted && !spent)
		run_entry_again(run, number);
	else
		run_entry_inconclusive(run, number, reason);
}

/* An answer that nobody waited for any more shows that a silence was none; how many of those before were none, nobody knows. */
void run_entry_heard_late(struct run *run, size_t number, const struct notice *notice)
{
	struct entry *entry;

	if (number < run->delivered || number >= run->next)
		return;
	entry = run_entry(run, number);
	if (entry->status == ENTRY_PROVEN && (entry->record.answer != ANSWER_SILENCE || !entry->record.observed))
		return;
	record_notice(&entry->record, notice);
	entry->late = entry->reachable = true;
	entry->silent_tries = entry->followed_tries = entry->unfollowed_tries = 0;
	record_forget_silence(&entry->record);
	if (entry->status == ENTRY_PARKED)
		entry->record.observed = false;
	if (entry->status == ENTRY_PROVEN) {
		run->tally->decided--;
		run_entry_again(run, number);
	}
}

static void late_reason(const struct record *record, char *reason, size_t size)
{
	char text[NOTICE_TEXT_SIZE];
	const struct notice *notice = &record->notices[0];

	for (uint8_t i = 0; i < record->notice_count; i++)
		if (record->notices[i].kind == NOTICE_LATE)
			notice = &record->notices[i];
	snprintf(reason, size, "silence was given up too early: %s came%s", notice_text(notice, text, sizeof(text)),
		 notice->kind == NOTICE_LATE ? "; a longer --timeout waits for it" : "");
}

/* The counters prove what reached the subject and what it sent; what a router took from either is no silence of the subject's.
 * Its rules may be those of chance. */
static bool may_be_the_routers(const struct entry *entry)
{
	const struct record *record = &entry->record;
	const struct side_view *side = &record->side;
	bool follow_up_silent = record->has_follow_up && record->follow_up_answer == ANSWER_SILENCE;

	return side->routed && (entry->silence == SILENCE_FOLLOW_UP || follow_up_silent ||
				side->stimulus != SIDE_FATE_REACHED || side->answerer != SIDE_ANSWERER_NOBODY);
}

/* True when the entry must stay parked. */
static bool judge_silence(struct run *run, size_t number, uint64_t now_ns)
{
	struct entry *entry = run_entry(run, number);
	char reason[RECORD_REASON_SIZE];

	if (run->health.went_down != entry->went_down) {
		run_entry_inconclusive(run, number,
				       "the interface went down during the probe, so silence proves nothing");
		return false;
	}
	if (run->unplaced != entry->unplaced) {
		uncount_silence(entry);
		again_or_inconclusive(run, number, "frames came that cannot be assigned to any connection (fragments of IP "
				      "packets, or errors that quote too little); the answer may be among them");
		return false;
	}
	if (run->health.dropped != entry->dropped) {
		snprintf(reason, sizeof(reason), "the capture dropped %llu frames during the probe; the answer may be "
			 "among them", (unsigned long long)(run->health.dropped - entry->dropped));
		uncount_silence(entry);
		again_or_inconclusive(run, number, reason);
		return false;
	}
	if (run->health.balance == BALANCE_EVEN && !may_be_the_routers(entry)) { /* proven: as good as any answer */
		entry->proven_silences = (uint8_t)(entry->proven_silences + (entry->silence == SILENCE_ANSWER));
		uncount_silence(entry);
		run_entry_weigh(run, number);
		return false;
	}
	if (run->health.balance == BALANCE_UNEVEN && now_ns - entry->parked_ns < BALANCE_PATIENCE_NS)
		return true;
	run_entry_weigh(run, number);
	return false;
}

/* Known now that the wire's health is. */
void run_look_behind(const struct run *run, struct record *record, const struct entry *entry)
{
	const struct peer_heard *answer = record->observed ? record_answer(record) : NULL;
	const struct side_exchange exchange = {
		.sent = record->has_sent ? &record->sent : NULL, .again = record->has_first,
		.answer = answer ? &answer->segment : NULL,
		.follow_up = record->has_follow_up ? &record->follow_up : NULL,
		.progress = record->observed || record->has_sent ? NULL : &entry->progress,
	};

	if (!run->wire->crossed)
		return;
	record->side = (struct side_view){ .routed = true, .answerer = SIDE_ANSWERER_UNKNOWN };
	if (run->health.dropped == entry->dropped && run->health.went_down == entry->went_down)
		run->wire->crossed(run->wire->self, &record->pair, &exchange, &record->side);
}

static bool judge(struct run *run, size_t number, uint64_t now_ns)
{
	struct entry *entry = run_entry(run, number);
	uint64_t round_trip_ns = run_longest_round_trip(run, entry);
	char reason[RECORD_REASON_SIZE];

	run_look_behind(run, &entry->record, entry);
	/* On its way through the router still, for all that is known. */
	if (entry->record.side.early && !run->far_late && now_ns - entry->parked_ns < CROSSING_PATIENCE_NS)
		return true;
	run->far_late |= entry->record.side.early && run->wire->grows;
	if (run->health.overloads != entry->overloads) {
		uncount_silence(entry);
		again_or_inconclusive(run, number, "the subject's kernel was overloaded (ListenOverflows, ListenDrops, "
				      "TCPReqQFullDoCookies or TCPTimeWaitOverflow increased)");
		return false;
	}
	if (run->health.given_up != entry->given_up) {
		uncount_silence(entry);
		again_or_inconclusive(run, number, "the subject could not hold all its connections (too few descriptors)");
		return false;
	}
	/* The path lost the stimulus or the answer: nothing is known of what it would have been. */
	if (entry->record.side.by_chance) {
		uncount_silence(entry);
		sides_cause(&entry->record.side, reason, sizeof(reason));
		entry->record.observed = false;
		entry->silence = SILENCE_NONE;
		again_or_inconclusive(run, number, reason);
		return false;
	}
	if (entry->late) {
		late_reason(&entry->record, reason, sizeof(reason));
		entry->record.observed = false;
		entry->silence = SILENCE_NONE;
		again_or_inconclusive(run, number, reason);
		return false;
	}
	if (!entry->record.observed) {
		run_add_cause(&entry->record);
		snprintf(reason, sizeof(reason), "%s", entry->record.reason);
		if (run->health.went_down != entry->went_down)
			run_entry_inconclusive(run, number, "the interface went down during the probe");
		else if (entry->retryable)
			again_or_inconclusive(run, number, reason);
		else if (entry->no_ecn && run->traits.learns) /* a stack that has none cannot be asked about it */
			run_entry_close(run, number, VERDICT_SKIPPED, reason);
		else
			run_entry_inconclusive(run, number, reason);
		return false;
	}
	if (run_entry_may_be_overtaken(entry, round_trip_ns)) {
		uncount_silence(entry);
		snprintf(reason, sizeof(reason), "a round trip of the set-up took %.0f ms, so the kernel may take the "
			 "segment for a reordered one (tcp_disordered_ack) and stay silent; an older --ts is answered",
			 (double)round_trip_ns / 1e6);
		again_or_inconclusive(run, number, reason);
		return false;
	}
	if (entry->silence)
		return judge_silence(run, number, now_ns);
	run_entry_weigh(run, number);
	return false;
}

/* Reads the wire's health and judges everything parked. False when the wire failed. */
bool run_entries_check(struct run *run, uint64_t now_ns)
{
	const uint64_t limits = run->health.overloads + run->health.given_up;
	size_t kept = 0;

	if (run->wire->health(run->wire->self, &run->health, run->error) < 0) {
		run->failed = true;
		return false;
	}
	if (run->health.overloads + run->health.given_up != limits)
		pace_limited(&run->pace);
	run->checked_ns = now_ns;
	for (size_t i = 0; i < run->parked_count; i++)
		if (judge(run, run->parked[i], now_ns))
			run->parked[kept++] = run->parked[i];
	run->parked_count = run->parked_kept = kept;
	return true;
}
