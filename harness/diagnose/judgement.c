/* judgement.c - puts the encounter to the rule books, with all in doubt that no segment shows. */
#include "harness/diagnose/judgement_internal.h"

#include <string.h>

#include "cases/matrix/cell_ask.h"

static const struct kernel any_kernel;

/* Who answered a SYN listened; whether it still does, only the next SYN-ACK shows. */
static bool shows_listener(const struct encounter *encounter)
{
	return encounter->subject.passive || encounter_answer(encounter) == ANSWER_SYN_ACK;
}

static void surround(const struct encounter *encounter, struct surroundings *surroundings)
{
	*surroundings = (struct surroundings){
		.facts = FACT_TIMESTAMPS | FACT_MD5,
		.doubts = FACT_MD5 | FACT_AO | FACT_HELD | FACT_READ | FACT_RFC1337 | FACT_UNREAD | FACT_TIMESTAMPS,
		.now_ns = encounter->time_ns,
	};
	if (shows_listener(encounter))
		surroundings->facts |= FACT_LISTENER;
	else
		surroundings->doubts |= FACT_LISTENER;
}

/* Nothing else is expected, whatever is in doubt. */
static bool all_silent(const struct alternatives *alternatives)
{
	for (uint8_t i = 0; i < alternatives->count; i++)
		if (alternatives->list[i].expectation.answer != ANSWER_SILENCE)
			return false;
	return true;
}

void judgement_ask_linux(struct encounter *encounter)
{
	struct surroundings surroundings;

	surround(encounter, &surroundings);
	oracle_ask_all(BOOK_LINUX, &encounter->subject, &encounter->segment, &surroundings, &any_kernel,
		       &encounter->linux_book);
}

enum judgement_effect judgement_effect(const struct encounter *encounter)
{
	const struct alternatives *expected = &encounter->linux_book;
	bool ends[ALTERNATIVES_MAX] = { false }, any_ends = false;

	for (uint8_t i = 0; i < expected->count; i++) {
		enum state after = expected->list[i].expectation.after;

		ends[i] = after == STATE_CLOSED || after == STATE_LISTEN;
		any_ends |= ends[i];
	}
	if (ends[0])
		return EFFECT_ENDS;
	if (any_ends || encounter_resets_beyond_gap(encounter))
		return EFFECT_MAYBE;
	return !expected->count || expected->list[0].expectation.after == STATE_UNKNOWN ? EFFECT_OPEN : EFFECT_NONE;
}

/* Linux, of any kernel, when the encounter came; and its answer has not shown more since. */
static bool asked_already(const struct encounter *encounter)
{
	return encounter->linux_book.count && encounter->subject.passive == shows_listener(encounter);
}

static void ask_book(enum book book, const struct encounter *encounter, const struct kernel *kernel,
		     struct alternatives *expected)
{
	struct surroundings surroundings;

	if (book == BOOK_LINUX && !kernel_known(kernel) && asked_already(encounter)) {
		*expected = encounter->linux_book;
		return;
	}
	surround(encounter, &surroundings);
	oracle_ask_all(book, &encounter->subject, &encounter->segment, &surroundings, kernel, expected);
}

static bool same_alternative(const struct alternative *a, const struct alternative *b)
{
	return a->expectation.answer == b->expectation.answer && a->expectation.isn == b->expectation.isn &&
	       a->expectation.after == b->expectation.after && a->kernels == b->kernels && a->doubts == b->doubts;
}

bool judgement_asks_same(const struct encounter *encounter, const struct cell *cell)
{
	const struct kernel stamping = { .timestamps = true }; /* or its connections have none */
	struct alternatives met, asked;
	struct surroundings surroundings;
	struct cell_question question;

	ask_book(BOOK_LINUX, encounter, &any_kernel, &met);
	surround(encounter, &surroundings);
	/* What no segment shows is in doubt there as well; but its timestamps were taken just now. */
	cell_to_question(cell, &stamping, NULL, &question);
	surroundings.now_ns = question.surroundings.now_ns;
	oracle_ask_all(BOOK_LINUX, &question.subject, &question.segment, &surroundings, &any_kernel, &asked);
	if (met.count != asked.count)
		return false;
	for (uint8_t i = 0; i < met.count; i++)
		if (!same_alternative(&met.list[i], &asked.list[i]))
			return false;
	return true;
}

static void judge_open(const struct encounter *encounter, struct judgement *judgement)
{
	for (enum book book = 0; book < BOOK_USUAL; book++)
		judgement->expected[book].count = 1; /* ANSWER_OPEN */
	judgement->missing = judgement_missing_of_open(encounter);
	judgement->certain = judgement->missing == NULL;
	judgement->verdict = judgement->certain ? VERDICT_AGREES : VERDICT_INCONCLUSIVE;
}

static bool has_doubtless(const struct alternatives *expected, const struct observation *observation)
{
	char why[sizeof(((struct judgement *)0)->why)];

	for (uint8_t i = 0; i < expected->count; i++)
		if (!expected->list[i].doubts &&
		    verdict_of(&expected->list[i].expectation, observation, why, sizeof(why)) == VERDICT_AGREES)
			return true;
	return false;
}

/* A setting is needed where no kernel with its default value answers like this, whatever else is in doubt. */
static uint16_t settings_of(const struct encounter *encounter, const struct observation *observation)
{
	static const enum fact settings[] = { FACT_RFC1337, FACT_TIMESTAMPS };
	uint16_t needed = 0;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		struct surroundings surroundings;
		struct alternatives expected;

		surround(encounter, &surroundings);
		surroundings.doubts &= ~(uint32_t)settings[i];
		oracle_ask_all(BOOK_LINUX, &encounter->subject, &encounter->segment, &surroundings, &any_kernel, &expected);
		if (!verdict_kernels(&expected, observation))
			needed |= (uint16_t)settings[i];
	}
	return needed;
}

/* tcp_time_wait(): with tcp_max_tw_buckets sockets there are no more, and the connection is closed at once. What Linux answers
 * then. False: the state does not hang on that. */
static bool ask_without_time_wait(const struct encounter *encounter, const struct kernel *kernel, struct alternatives *expected)
{
	struct surroundings surroundings;
	struct end closed = encounter->subject;

	if (closed.state != STATE_TIME_WAIT && closed.state != STATE_FIN_WAIT_2)
		return false;
	closed.state = STATE_CLOSED;
	surround(encounter, &surroundings);
	surroundings.doubts |= FACT_LISTENER;
	oracle_ask_all(BOOK_LINUX, &closed, &encounter->segment, &surroundings, kernel, expected);
	return true;
}

/* tcp_v4_rcv(), TCP_TW_SYN: where nobody listens any more, a SYN that could reopen the connection gets its last ACK again. */
static bool ask_without_listener(const struct encounter *encounter, const struct kernel *kernel, struct alternatives *expected)
{
	struct surroundings surroundings;

	if (encounter->kind != ENCOUNTER_SYN_TIME_WAIT)
		return false;
	surround(encounter, &surroundings);
	surroundings.doubts |= FACT_LISTENER;
	oracle_ask_all(BOOK_LINUX, &encounter->subject, &encounter->segment, &surroundings, kernel, expected);
	return true;
}

static void judge_kernel(const struct encounter *encounter, const struct observation *observation, struct judgement *judgement)
{
	char why[sizeof(judgement->why)];
	struct alternatives expected;

	ask_book(BOOK_LINUX, encounter, &any_kernel, &expected);
	if (expected.list[0].expectation.answer == ANSWER_OPEN)
		return;
	judgement->tells = true;
	judgement->usual = judgement->kernels = verdict_kernels(&expected, observation);
	for (uint8_t i = 0; i < expected.count; i++)
		judgement->answers |= (uint8_t)(1U << expected.list[i].expectation.answer);
	if (judgement->usual && !has_doubtless(&expected, observation))
		judgement->settings = settings_of(encounter, observation);
	if (ask_without_time_wait(encounter, &any_kernel, &expected))
		judgement->kernels |= verdict_kernels(&expected, observation);
	for (enum book book = 0; book < BOOK_USUAL; book++)
		if (book == BOOK_LINUX ? judgement->kernels != 0 : verdict_of_any(&judgement->expected[book], observation, why,
										  sizeof(why)) == VERDICT_AGREES)
			judgement->books |= (uint8_t)(1U << book);
}

enum answer judgement_answer(const struct encounter *encounter)
{
	enum answer answer = encounter_answer(encounter);
	const struct segment *asked = &encounter->segment;
	bool acks = (encounter->answer.flags & (FLAG_SYN | FLAG_RST | FLAG_ACK)) == FLAG_ACK &&
		    encounter->answer.ack == asked->seq + segment_length(asked);

	return answer == ANSWER_OTHER && acks ? ANSWER_ACK : answer;
}

/* A host that does not know the connection resets, or accepts another one: a reset, a restart or a FIN of it may have passed
 * elsewhere; a SYN cookie leaves nothing behind. (An ISN that continues the old connection's shows that the host knows it.)
 * And nobody acknowledges anything before its handshake is over. */
static const char *belied_by(const struct encounter *encounter)
{
	enum state state = encounter->subject.state;
	enum answer answer = judgement_answer(encounter);

	if (state == STATE_SYN_SENT && answer == ANSWER_ACK)
		return "this side acknowledges as if its handshake were over; the SYN-ACK may not have been captured";
	if ((answer == ANSWER_SYN_ACK || answer == ANSWER_RST) && state != STATE_CLOSED && state != STATE_LISTEN &&
	    state != STATE_SYN_SENT && encounter_isn(encounter) != ISN_CONTINUED)
		return "this side answers as if it had no such connection; what ended it may not have been captured";
	if (encounter->answer.ttl == 0)
		return "the text shows no TTL, by which one could tell who sent the answer; tcpdump -v does";
	return NULL;
}

/* What explains an answer that the book does not expect, and does not show. */
static void doubt_difference(const struct encounter *encounter, enum book decides, const struct kernel *kernel,
			     struct observation *observation, struct judgement *judgement)
{
	struct alternatives closed;

	if (!encounter->answered)
		judgement->missing = "the capture shows no answer; something may have been lost on the way";
	else if (decides == BOOK_LINUX && ask_without_time_wait(encounter, kernel, &closed) &&
		 verdict_kernels(&closed, observation))
		judgement->missing = "this side may keep no TIME_WAIT: its tcp_max_tw_buckets may be reached";
	else if (decides == BOOK_LINUX && ask_without_listener(encounter, kernel, &closed) &&
		 verdict_kernels(&closed, observation))
		judgement->missing = "perhaps nobody listens on this port any more: then a SYN into TIME_WAIT gets an ACK";
	else
		judgement->missing = belied_by(encounter);
	if (!judgement->missing)
		return;
	observation->conclusive = judgement->certain = false;
	observation->reason = judgement->missing;
	judgement->verdict = verdict_of_any(&judgement->expected[decides], observation, judgement->why, sizeof(judgement->why));
}

void judgement_make(const struct encounter *encounter, enum book decides, const struct kernel *kernel,
		    struct judgement *judgement)
{
	struct observation observation = {
		.answer = judgement_answer(encounter),
		.isn = encounter_isn(encounter),
		.before = encounter->subject.state,
		.after = STATE_UNKNOWN,
	};

	memset(judgement, 0, sizeof(*judgement));
	if (encounter_is_open(encounter)) {
		judge_open(encounter, judgement);
		return;
	}
	for (enum book book = 0; book < BOOK_USUAL; book++)
		ask_book(book, encounter, kernel, &judgement->expected[book]);
	judgement->missing = judgement_missing(encounter, all_silent(&judgement->expected[decides]));
	judgement->certain = judgement->missing == NULL;
	observation.conclusive = judgement->certain;
	observation.reason = judgement->missing;
	judgement->verdict = verdict_of_any(&judgement->expected[decides], &observation, judgement->why,
					    sizeof(judgement->why));
	if (judgement->verdict == VERDICT_DIFFERS)
		doubt_difference(encounter, decides, kernel, &observation, judgement);
	if (judgement->certain && encounter->answered)
		judge_kernel(encounter, &observation, judgement);
}
