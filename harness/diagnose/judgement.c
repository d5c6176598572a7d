/* judgement.c - puts the encounter to the rule books, with all in doubt that no segment shows. */
#include "harness/diagnose/judgement.h"

#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/seq.h"
#include "crafter/units.h"

/* net/ipv4/tcp_timer.c: TCP_TIMEWAIT_LEN, and a FIN_WAIT_2 that nobody holds (tcp_fin_timeout). */
#define LINUX_FORGETS_NS (60 * NSEC_PER_SEC)

/* How early a sender may give up what nobody acknowledges, without a word: a SYN-ACK after a second (tcp_synack_retries), a FIN
 * (tcp_orphan_retries) and data (TCP_USER_TIMEOUT, tcp_retries2) later, if nobody asks for less. */
#define GIVES_UP_NS NSEC_PER_SEC
/* No machine that lost its connections with its power is back earlier. */
#define RESTARTS_NS (10 * NSEC_PER_SEC)

static const struct kernel any_kernel;
static const char blind_text[] = "since the connection began, frames were dropped, the interface was down, or the clock was "
				 "set";

/* Who answered a SYN listened; whether it still does, only the next SYN-ACK shows. */
static bool shows_listener(const struct encounter *encounter)
{
	return encounter->subject.passive || encounter_answer(encounter) == ANSWER_SYN_ACK;
}

static void surround(const struct encounter *encounter, struct surroundings *surroundings)
{
	*surroundings = (struct surroundings){
		.facts = FACT_TIMESTAMPS,
		.doubts = FACT_HELD | FACT_READ | FACT_RFC1337 | FACT_UNREAD | FACT_TIMESTAMPS,
		.now_ns = encounter->time_ns,
	};
	if (shows_listener(encounter))
		surroundings->facts |= FACT_LISTENER;
	else
		surroundings->doubts |= FACT_LISTENER;
}

static const char doubled_text[] =
	"the capture shows a segment of this connection twice; whether it arrived twice is not known";
static const char crossed_text[] = "this side closed at about the same time; which of the two came first is not known";
static const char held_back_text[] =
	"this side may have closed already: its FIN has to wait while so much of its data is on its way";
static const char lossy_text[] = "the capture misses many segments around this one";

/* Nothing else is expected, whatever is in doubt. */
static bool all_silent(const struct alternatives *alternatives)
{
	for (uint8_t i = 0; i < alternatives->count; i++)
		if (alternatives->list[i].expectation.answer != ANSWER_SILENCE)
			return false;
	return true;
}

/* An ACK with the numbers of the connection shows that it is there. Silence, a reset or a SYN-ACK may come from an end that has
 * lost it. */
static const char *lost_of(const struct encounter *encounter)
{
	enum answer answer = encounter_answer(encounter);

	if (answer == ANSWER_ACK || encounter->subject.state == STATE_CLOSED)
		return NULL;
	if (encounter->unacknowledged_ns >= GIVES_UP_NS)
		return "nobody acknowledged what this side sent; it may have given up without a word";
	if (answer != ANSWER_SILENCE && encounter->idle_ns >= RESTARTS_NS && encounter->subject.state != STATE_TIME_WAIT)
		return "after 10 s without a segment, this side may have been restarted";
	return NULL;
}

/* The first of what a text does not show. */
static const char *lack_of(unsigned lacks)
{
	if (lacks & SEGMENT_LACKS_TIME)
		return "the text does not show when the segments passed";
	if (lacks & SEGMENT_LACKS_BASE)
		return "in the text, each connection's sequence numbers count from its first one";
	if (lacks & SEGMENT_LACKS_OTHERS)
		return "not all packets of the text could be read";
	if (lacks & SEGMENT_LACKS_CHECKSUM)
		return "the text does not show whether a checksum is wrong, or was left to a network card";
	return "the text does not show the sequence number of an ACK on which this depends; tcpdump -vv does";
}

static bool has_unanswered_fin(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	return encounter_answer(encounter) != ANSWER_ACK && subject->fin_taken && subject->state != STATE_CLOSED &&
	       end_knows(subject, END_LAST_ACK) && !seq_after(subject->last_ack_sent, subject->their_fin_seq);
}

/* tsecr_reject in tcp_check_req(), since 6.15: not between the TSvals of the first SYN-ACK and the last one. */
static bool echoes_another(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;
	const struct segment *segment = &encounter->segment;

	return subject->state == STATE_SYN_RECV && subject->timestamps && segment_has_option(segment, OPTION_TIMESTAMPS) &&
	       segment->tsecr != 0 && segment->tsecr - subject->own_syn.tsval > subject->last_tsval - subject->own_syn.tsval;
}

/* What a state or a number of the subject's hangs on, and the capture did not show. */
static const char *missing_of(const struct encounter *encounter, bool expects_silence)
{
	const struct end *subject = &encounter->subject;

	if (!encounter->from_start)
		return "the capture began after this connection";
	if (!end_knows(subject, END_RCV_NXT | END_SND_NXT | END_TIMESTAMPS) && subject->state != STATE_SYN_SENT)
		return "not all numbers of the connection were captured";
	if (encounter->kind == ENCOUNTER_OUTSIDE_WINDOW && !end_knows(subject, END_OPTIONS | END_RCV_WND))
		return "the capture does not show how the windows are scaled";
	if (encounter->kind == ENCOUNTER_ACK_UNSENT && !encounter->answered)
		return "segments of this side may be missing from the capture";
	if ((subject->state == STATE_TIME_WAIT || subject->state == STATE_FIN_WAIT_2) && encounter->idle_ns >= LINUX_FORGETS_NS)
		return "after 60 s without a segment, Linux has forgotten the connection";
	if (encounter->cut)
		return "the capture cuts off options of this connection's segments";
	if (encounter->lacks)
		return lack_of(encounter->lacks);
	if (encounter->gaps)
		return "segments of this connection are missing from the capture";
	if (encounter->blind)
		return blind_text;
	if (encounter->doubled)
		return doubled_text;
	if (encounter->lossy)
		return lossy_text;
	if (encounter->unheard)
		return "the capture ends, or the connection was forgotten, before an answer could come";
	if (encounter->perhaps_over)
		return "an earlier segment may have ended the connection without a word";
	if (encounter->unaccepted)
		return "its SYN-ACK came again later: this side may not have taken the ACK before (a full accept queue)";
	if (encounter->crossed)
		return crossed_text;
	if (encounter->disturbed || (encounter->remote && encounter->rough && !encounter->answered))
		return "the path loses, repeats or reorders segments; what had reached this side is not known";
	if (encounter->held_back)
		return held_back_text;
	if (has_unanswered_fin(encounter))
		return "this side has not acknowledged the other one's FIN; it may have been lost on the way";
	if (echoes_another(encounter))
		return "it echoes a timestamp that no SYN-ACK of this side had, which newer kernels check (tcp_check_req())";
	if (encounter_resets_beyond_gap(encounter))
		return "the reset may continue what this side holds out of order (SACK); Linux then accepts it";
	if (encounter->answer_origin.view != ORIGIN_OWN)
		return "the answer has another TTL than this side's other segments; something else may have sent it";
	if (encounter->ambiguous)
		return "the answer may belong to another segment that came at the same time";
	if (!encounter->answered && encounter->limited && !expects_silence)
		return "this side had just answered another such segment, and kernels limit these answers";
	if (!encounter->answered && !encounter->subject_speaks)
		return "the capture shows nothing that this side sends";
	return lost_of(encounter);
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

/* Of what no book decides: whether the capture is good enough to say that something did not come. */
static const char *missing_of_open(const struct encounter *encounter)
{
	if (encounter->lacks)
		return lack_of(encounter->lacks);
	/* Clocks are measured by that of the capture. */
	if (encounter_is_routine(encounter) && encounter->kind != ENCOUNTER_OTHER_SENDER &&
	    encounter->kind != ENCOUNTER_SACK_SHIFTED && encounter->blind)
		return blind_text;
	if (encounter_is_routine(encounter))
		return encounter->doubled ? doubled_text : encounter->lossy ? lossy_text : NULL;
	if (encounter->kind == ENCOUNTER_SYN_UNREACHABLE)
		return NULL;
	if (encounter->syn.host_asks && !encounter->answered)
		return "the capture shows only SYNs or resets of this host; a filter may have left out its answers";
	if (!encounter->subject_speaks && !encounter->answered)
		return "the capture shows nothing that this side sends";
	if (encounter->blind)
		return blind_text;
	if (encounter->gaps)
		return "segments of this connection are missing from the capture";
	if (encounter->lossy)
		return lossy_text;
	if (encounter->doubled)
		return doubled_text;
	if (encounter->crossed || encounter->held_back)
		return encounter->crossed ? crossed_text : held_back_text;
	return encounter->unheard ? "the capture ends, or the connection was forgotten, before an answer could come" : NULL;
}

static void judge_open(const struct encounter *encounter, struct judgement *judgement)
{
	for (enum book book = 0; book < BOOK_COUNT; book++)
		judgement->expected[book].count = 1; /* ANSWER_OPEN */
	judgement->missing = missing_of_open(encounter);
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
		surroundings.doubts &= (uint16_t)~settings[i];
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
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (book == BOOK_LINUX ? judgement->kernels != 0 : verdict_of_any(&judgement->expected[book], observation, why,
										  sizeof(why)) == VERDICT_AGREES)
			judgement->books |= (uint8_t)(1U << book);
}

/* Data or a FIN of the subject's process that acknowledges the segment carries the kernel's ACK along. */
static enum answer answer_of(const struct encounter *encounter)
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
	enum answer answer = answer_of(encounter);

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
		.answer = answer_of(encounter),
		.isn = encounter_isn(encounter),
		.before = encounter->subject.state,
		.after = STATE_UNKNOWN,
	};

	memset(judgement, 0, sizeof(*judgement));
	if (encounter_is_open(encounter)) {
		judge_open(encounter, judgement);
		return;
	}
	for (enum book book = 0; book < BOOK_COUNT; book++)
		ask_book(book, encounter, kernel, &judgement->expected[book]);
	judgement->missing = missing_of(encounter, all_silent(&judgement->expected[decides]));
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
