/* run_fields.c - what the linux book says of the fields of the answers that a try has got. */
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "cases/matrix/cell_host.h"
#include "crafter/units.h"
#include "harness/run/run_internal.h"

static struct field_host host_of(const struct run *run, const struct record *record, const struct end *subject,
				 uint64_t time_ns)
{
	const struct kernel *kernel = &run->options->kernel;
	struct field_host host = cell_field_host(&record->cell, kernel, run->options->one_subject && !kernel->stranger);

	host.past_ms = time_ns > subject->last_tsval_ns ? (time_ns - subject->last_tsval_ns) / NSEC_PER_MSEC : 0;
	return host;
}

/* The follow-up meets what the stimulus has left. */
static void follow(const struct run *run, struct record *record, const struct peer *peer,
		   const struct cell_question *question, uint16_t open)
{
	const struct kernel *kernel = &run->options->kernel;
	const struct peer_heard *heard = &peer->follow_up_heard;
	struct field_host host;
	struct end after;
	uint16_t unknown;

	if (!peer->follow_up_answered || kernel->stranger)
		return;
	if (!oracle_fields_after(&question->subject, &record->sent, &question->surroundings, kernel, &after, &unknown))
		return;
	host = host_of(run, record, &after, heard->time_ns);
	oracle_fields(&after, &record->follow_up, &question->surroundings, kernel, &host, record->follow_up_answer,
		      &record->follow_up_fields);
	record->follow_up_fields.said = (uint16_t)(record->follow_up_fields.said & ~(unknown | open));
}

/* The witness is asked before the follow-up. Of two segments only what the second one sets is known of the timer. */
static void expect_remains(const struct run *run, struct record *record, const struct peer *peer,
			   const struct cell_question *question, uint32_t taken)
{
	const struct kernel *kernel = &run->options->kernel;
	struct remains_host host = cell_remains_host(&record->cell, run->options->one_subject && !kernel->stranger);
	struct remains *remains = &record->remains;
	struct expectation expected;

	host.unread = peer->unread + taken;
	if (!record->sighted_after.time_ns || record->after != record->expected[BOOK_LINUX].after)
		return;
	oracle_remains(&question->subject, &record->sent, &question->surroundings, kernel, &host, remains);
	oracle_ask(BOOK_LINUX, &question->subject, &record->sent, &question->surroundings, kernel, &expected);
	if (record->has_first && (!remains->set || expected.answer != record->answer))
		remains->said = (uint8_t)(remains->said & ~(1U << REMAIN_TIMER_MS));
}

static bool begins(const struct run *run, const struct record *record, const struct cell_question *question)
{
	enum state state = question->subject.state;
	struct expectation expected;

	if (verdict_answer(&record->first.segment) != ANSWER_SYN_ACK || state == STATE_SYN_SENT || state == STATE_SYN_RECV)
		return false;
	oracle_ask(BOOK_LINUX, &question->subject, &record->sent, &question->surroundings, &run->options->kernel, &expected);
	return expected.after == STATE_SYN_RECV; /* with a cookie it is forgotten */
}

/* A listener's SYN-ACK has begun a connection, whose numbers it shows. */
static void begin(const struct record *record, struct end *after)
{
	const struct segment *syn_ack = &record->first.segment;

	end_init(after, STATE_LISTEN);
	end_got(after, &record->sent, record->sent_ns);
	end_sent(after, syn_ack, record->first.time_ns);
	after->accurate_ecn = syn_ack->flags & (FLAG_CWR | FLAG_AE);
}

/* The second of two same segments meets what the first one has left. False where that is not known. `taken`: bytes of text that
 * the first one has left unread. */
static bool take_first(const struct run *run, const struct record *record, struct cell_question *question, uint16_t *unknown,
		       uint32_t *taken)
{
	const struct kernel *kernel = &run->options->kernel;
	const struct segment *first = &record->first.segment;
	bool answered = record->first.time_ns;
	struct end after;

	*unknown = 0;
	*taken = 0;
	if (!record->has_first)
		return true;
	question->surroundings.repetition = REPETITION_NONE;
	if (answered && begins(run, record, question)) {
		begin(record, &question->subject);
		return true;
	}
	if (!oracle_fields_after(&question->subject, &record->sent, &question->surroundings, kernel, &after, unknown))
		return false;
	/* The answer has shown it. */
	if (answered && verdict_answer(first) == ANSWER_ACK) {
		after.rcv_wnd = (uint32_t)first->window << after.rcv_wscale;
		*unknown = (uint16_t)(*unknown & ~(1U << FIELD_WINDOW));
	}
	if (question->subject.state != STATE_SYN_SENT)
		*taken = after.rcv_nxt - question->subject.rcv_nxt - (after.fin_taken && !question->subject.fin_taken);
	question->subject = after;
	return true;
}

void run_expect_fields(const struct run *run, struct record *record, const struct peer *peer)
{
	const struct peer_heard *answer = record_answer(record);
	struct cell_question question;
	struct field_host host;
	uint16_t unknown;
	uint32_t taken;

	record->fields.said = record->follow_up_fields.said = 0;
	record->remains.said = 0;
	/* Which rule it is must not be in doubt. */
	if (run->options->expect != BOOK_LINUX || !record->observed || !record->has_sent ||
	    record->alternatives[BOOK_LINUX].count != 1 || record->answer != record->expected[BOOK_LINUX].answer)
		return;
	cell_to_question_seen(&record->cell, &run->options->kernel, &record->baseline, &peer->subject, &question);
	if (!take_first(run, record, &question, &unknown, &taken))
		return;
	if (answer) {
		host = host_of(run, record, &question.subject, answer->time_ns);
		oracle_fields(&question.subject, &record->sent, &question.surroundings, &run->options->kernel, &host,
			      record->answer, &record->fields);
		record->fields.said = (uint16_t)(record->fields.said & ~unknown);
	}
	follow(run, record, peer, &question, unknown);
	expect_remains(run, record, peer, &question, taken);
}
