/* record.c - how a record compares with a rule book. */
#include "harness/run/record.h"

#include <stdio.h>

#include "crafter/textbuf.h"

bool record_is_conclusive(const struct record *record)
{
	return record->observed && record->verdict != VERDICT_INCONCLUSIVE && record->verdict != VERDICT_SKIPPED &&
	       record->verdict != VERDICT_MIXED;
}

/* A live socket answers the follow-up, a SYN, with an ACK, in SYN_SENT with its own SYN and an ACK; a listener with a SYN-ACK
 * that has a number of its own. Behind a router it may have met another. */
static enum fate fate_of(const struct record *record)
{
	if (!record->has_follow_up || !record->follow_up_conclusive ||
	    (record->side.routed && sides_follow_up_strays(&record->side)))
		return FATE_UNKNOWN;
	if (record->follow_up_answer == ANSWER_SYN_ACK)
		return record->follow_up_isn == ISN_CONTINUED ||
		       (record->baseline.syn_sent && record->follow_up_isn == ISN_NONE) ? FATE_THERE : FATE_GONE;
	return record->follow_up_answer == ANSWER_ACK ? FATE_THERE : FATE_UNKNOWN;
}

/* What it sends acknowledges everything in the stimulus, and follows what it sent before. */
static bool own_words(const struct record *record)
{
	const struct peer_heard *answer = record_answer(record);
	const uint8_t flags = FLAG_SYN | FLAG_RST | FLAG_ACK;
	uint32_t end = record->baseline.rcv_nxt;

	if (!answer || record->answer != ANSWER_OTHER || (answer->segment.flags & flags) != FLAG_ACK)
		return false;
	if (record->sent.seq == end)
		end += segment_length(&record->sent);
	return answer->segment.seq == record->baseline.snd_nxt && answer->segment.ack == end;
}

struct observation record_observation(const struct record *record)
{
	return (struct observation){
		.conclusive = true,
		.answer = record->answer,
		.isn = record->isn,
		.before = record->before,
		.after = record->after,
		.fate = fate_of(record),
		.own_words = own_words(record),
	};
}

/* A reset that answers a segment with an ACK has its number and no ACK of its own (RFC 9293 3.10.7.1, tcp_v4_send_reset). One
 * with an ACK is the end that a process makes of its connection (3.10.5, tcp_send_active_reset): a server that cannot hold one
 * more, for instance. That shows nothing about the kernel's rules, where the process has, or may just get, the connection. */
static bool process_aborted(const struct record *record)
{
	const struct peer_heard *answer = record_answer(record);
	enum state state = record->cell.state;
	bool is_open = state == STATE_SYN_RECV || state == STATE_ESTABLISHED || state == STATE_CLOSE_WAIT;

	return is_open && answer && !record->acks_resets && (record->sent.flags & FLAG_ACK) &&
	       (answer->segment.flags & (FLAG_RST | FLAG_ACK)) == (FLAG_RST | FLAG_ACK);
}

static enum verdict hold_against(const struct record *record, enum book book, char *why, size_t size)
{
	static const struct expectation open = { .answer = ANSWER_OPEN, .after = STATE_UNKNOWN };
	const struct observation seen = record_observation(record);

	if (book >= BOOK_COUNT)
		return verdict_of(&open, &seen, why, size);
	if (record->alternatives[book].count > 1)
		return verdict_of_any(&record->alternatives[book], &seen, why, size);
	return verdict_of(&record->expected[book], &seen, why, size);
}

struct field_bases record_field_bases(const struct record *record)
{
	const struct baseline *baseline = &record->baseline;

	return (struct field_bases){ baseline->snd_nxt, baseline->rcv_nxt, baseline->ts_recent, baseline->ts_echo };
}

enum sighting_restart record_restart(const struct record *record)
{
	return record->has_first ? SIGHTING_RESTART_UNKNOWN :
	       sighting_restart(&record->sighted_before, record->sent_ns, &record->sighted_after);
}

/* An ACK of the socket itself; what a listener or nobody answers shows nothing of it. */
struct memory record_memory(const struct record *record)
{
	const struct peer_heard *answer = record_answer(record);
	const struct segment *segment = answer && record->answer == ANSWER_ACK ? &answer->segment : NULL;
	struct memory memory = { .has_rcv_nxt = false };

	if (record->observed && record->has_follow_up && record->follow_up_conclusive && record->follow_up_answer == ANSWER_ACK)
		segment = &record->follow_up_reply;
	if (!segment || !(segment->flags & FLAG_ACK))
		return memory;
	memory.has_rcv_nxt = true;
	memory.rcv_nxt = segment->ack;
	memory.has_ts_recent = segment_has_option(segment, OPTION_TIMESTAMPS);
	memory.ts_recent = memory.has_ts_recent ? segment->tsecr : 0;
	return memory;
}

static void wrong_remain(const struct record *record, struct wrong_field *wrong)
{
	const struct remains_seen seen = { &record->sighted_before, &record->sighted_after, record->sent_ns };
	enum remain remain = oracle_remains_wrong(&record->remains, &seen);

	if (remain == REMAIN_COUNT)
		return;
	wrong->of_follow_up = false;
	wrong->of_socket = true;
	wrong->name = oracle_remain_name(remain);
	wrong->rule = record->remains.rules[remain];
	oracle_remain_expected(&record->remains, remain, &seen, wrong->expected);
	oracle_remain_observed(remain, &seen, wrong->observed);
}

void record_wrong_field(const struct record *record, struct wrong_field *wrong)
{
	const struct peer_heard *answer = record_answer(record);
	const struct field_bases bases = record_field_bases(record);
	const struct segment *segment = answer ? &answer->segment : NULL;
	const struct fields *fields = &record->fields;
	enum field field = segment ? oracle_fields_wrong(fields, segment) : FIELD_COUNT;

	wrong->name = NULL;
	wrong->of_socket = false;
	wrong->of_follow_up = field == FIELD_COUNT;
	if (wrong->of_follow_up) {
		segment = &record->follow_up_reply;
		fields = &record->follow_up_fields;
		field = oracle_fields_wrong(fields, segment);
	}
	if (field == FIELD_COUNT) {
		wrong_remain(record, wrong);
		return;
	}
	wrong->name = oracle_field_name(field);
	wrong->rule = fields->rules[field];
	oracle_field_expected(fields, field, &bases, wrong->expected);
	oracle_field_observed(segment, field, &bases, wrong->observed);
}

/* The kind is right: "tsecr: expected ts_recent, the ack has ts_recent+1000 [function: condition]" */
static enum verdict hold_fields(const struct record *record, char *why, size_t size)
{
	struct wrong_field wrong;

	record_wrong_field(record, &wrong);
	if (!wrong.name)
		return VERDICT_AGREES;
	snprintf(why, size, "%s: expected %s, the %s%s has %s [%s]", wrong.name, wrong.expected,
		 wrong.of_socket ? "socket" :
		 oracle_answer_name(wrong.of_follow_up ? record->follow_up_answer : record->answer),
		 wrong.of_follow_up ? " to the follow-up" : "", wrong.observed, wrong.rule);
	return VERDICT_DIFFERS;
}

enum verdict record_verdict(const struct record *record, enum book book, char *why, size_t size)
{
	enum verdict verdict = hold_against(record, book, why, size);

	if (verdict == VERDICT_AGREES && book == BOOK_LINUX)
		verdict = hold_fields(record, why, size);

	if (verdict == VERDICT_AGREES || !process_aborted(record))
		return verdict;
	snprintf(why, size, "the server's process reset the connection (an RST with an ACK); it may hold too many connections");
	return VERDICT_INCONCLUSIVE;
}

enum opinion record_opinion(const struct record *record, enum book book)
{
	const struct expectation *expected = &record->expected[book];
	char why[RECORD_REASON_SIZE];

	if (!record_is_conclusive(record))
		return OPINION_UNTESTED;
	if (expected->answer == ANSWER_OPEN || !record_asked(record, book))
		return OPINION_OPEN;
	/* The same judge as for the verdict, so that a mark in the table and the verdict cannot contradict. */
	switch (record_verdict(record, book, why, sizeof(why))) {
	case VERDICT_DIFFERS:
		return OPINION_OTHERWISE;
	case VERDICT_AGREES:
		return OPINION_SAME;
	default:
		return OPINION_UNTESTED;
	}
}

const struct peer_heard *record_answer(const struct record *record)
{
	size_t i;

	if (!record->observed || record->answer == ANSWER_SILENCE)
		return NULL;
	for (i = 0; i < record->heard_count && i < PEER_HEARD_MAX; i++)
		if (!record->heard[i].repeat)
			return &record->heard[i];
	return NULL;
}

/* The same ways to end, as far as both are known. */
static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	if (a->answer != b->answer || a->isn != b->isn)
		return false;
	if (a->fate != FATE_UNKNOWN && b->fate != FATE_UNKNOWN && a->fate != b->fate)
		return false;
	return a->after == STATE_UNKNOWN || b->after == STATE_UNKNOWN || a->after == b->after;
}

bool record_met_listener(const struct record *record)
{
	const struct alternatives *alternatives = &record->alternatives[BOOK_LINUX];

	for (size_t i = 0; i < alternatives->count; i++) {
		const struct expectation *expected = &alternatives->list[i].expectation;

		for (size_t at = 0; at < record->outcome_count; at++)
			if (alternatives->list[i].doubts & FACT_COOKIE &&
			    (expected->answer == ANSWER_OPEN || expected->answer == record->outcomes[at].answer))
				return true;
	}
	return false;
}

const struct outcome *record_outcome(struct record *record)
{
	struct observation seen = record_observation(record);
	const struct peer_heard *answer = record_answer(record);
	struct outcome outcome = {
		/* Whether the server's process speaks soon enough to ride along with the kernel's ACK is chance. */
		.answer = seen.own_words ? ANSWER_ACK : seen.answer,
		.isn = seen.isn, .after = seen.own_words ? STATE_UNKNOWN : seen.after, .fate = seen.fate, .tries = 0,
	};
	uint8_t at = 0;

	if (answer) {
		outcome.ttl = answer->segment.ttl;
		outcome.ip_id = answer->segment.ip_id != 0;
	}
	while (at < record->outcome_count && !same_outcome(&record->outcomes[at], &outcome))
		at++;
	if (at == RECORD_OUTCOMES_MAX)
		at--;
	else if (at == record->outcome_count)
		record->outcomes[record->outcome_count++] = outcome;
	record->outcomes[at].tries++;
	return &record->outcomes[at];
}

void record_forget_silence(struct record *record)
{
	uint8_t kept = 0;

	for (uint8_t i = 0; i < record->outcome_count; i++)
		if (record->outcomes[i].answer != ANSWER_SILENCE)
			record->outcomes[kept++] = record->outcomes[i];
	record->outcome_count = kept;
}

static bool senders_differ(const struct record *record, bool *by_ttl)
{
	const struct outcome *first = NULL;
	bool by_id = false;

	*by_ttl = false;
	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];

		if (!outcome->ttl)
			continue;
		if (!first)
			first = outcome;
		*by_ttl |= outcome->ttl != first->ttl;
		by_id |= outcome->ip_id != first->ip_id;
	}
	return *by_ttl || by_id;
}

const char *record_outcomes_text(const struct record *record, char *buffer, size_t size)
{
	bool by_ttl, senders = senders_differ(record, &by_ttl);
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	for (uint8_t i = 0; i < record->outcome_count; i++) {
		const struct outcome *outcome = &record->outcomes[i];
		const char *isn = oracle_isn_name(outcome->isn), *after = state_name(outcome->after);

		textbuf_item(&out, ", ", "%s%s%s", oracle_answer_name(outcome->answer), isn ? " " : "", isn ? isn : "");
		if (after)
			textbuf_add(&out, " (then %s)", after);
		else if (outcome->fate != FATE_UNKNOWN)
			textbuf_add(&out, " (then %s)", outcome->fate == FATE_GONE ? "gone" : "still there");
		textbuf_add(&out, " %u time%s", outcome->tries, outcome->tries == 1 ? "" : "s");
		if (senders && outcome->ttl)
			textbuf_add(&out, " (TTL %u, IP ID %s0)", outcome->ttl, outcome->ip_id ? "not " : "");
	}
	return buffer;
}

void record_notice(struct record *record, const struct notice *notice)
{
	for (size_t i = 0; i < record->notice_count; i++)
		if (notice_same_sort(&record->notices[i], notice))
			return;
	if (record->notice_count < RECORD_NOTICES_MAX)
		record->notices[record->notice_count++] = *notice;
}
