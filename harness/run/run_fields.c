/* run_fields.c - what the linux book says of the fields of the answers that a try has got. */
#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/units.h"
#include "harness/run/run_internal.h"

/* Sysctls that decide about fields, and are no part of the surroundings. */
static bool sets_what_fields_show(const struct conditions *conditions)
{
	static const char *const names[] = {
		"tcp_ecn", "tcp_sack", "tcp_dsack", "tcp_window_scaling", "tcp_shrink_window", "tcp_rmem", "tcp_app_win",
		"tcp_adv_win_scale", "tcp_workaround_signed_windows", "tcp_base_mss", "tcp_min_snd_mss",
		"tcp_congestion_control", "tcp_mem", "net.core.rmem_max", "net.core.rmem_default",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (conditions_value(conditions, names[i], true))
			return true;
	return false;
}

static struct field_host host_of(const struct run *run, const struct record *record, const struct end *subject,
				 uint64_t time_ns)
{
	uint64_t past_ns = time_ns > subject->last_tsval_ns ? time_ns - subject->last_tsval_ns : 0;

	/* cookie_v4_check() chooses the window anew, after what the cookie has kept of the options. */
	bool by_cookie = limits_cookies_always(&record->cell.conditions, &run->options->kernel, false);

	return (struct field_host){
		.settings = run->options->one_subject && !run->options->kernel.stranger && !by_cookie &&
			    !sets_what_fields_show(&record->cell.conditions),
		.past_ms = past_ns / NSEC_PER_MSEC,
	};
}

/* The follow-up meets what the stimulus has left. */
static void follow(const struct run *run, struct record *record, const struct peer *peer,
		   const struct cell_question *question)
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
	record->follow_up_fields.said = (uint16_t)(record->follow_up_fields.said & ~unknown);
}

/* The witness is asked before the follow-up. */
static void expect_remains(const struct run *run, struct record *record, const struct peer *peer,
			   const struct cell_question *question)
{
	const struct kernel *kernel = &run->options->kernel;
	struct remains_host host = cell_remains_host(&record->cell, run->options->one_subject && !kernel->stranger);

	host.unread = peer->unread;

	if (record->sighted_after.time_ns && record->after == record->expected[BOOK_LINUX].after)
		oracle_remains(&question->subject, &record->sent, &question->surroundings, kernel, &host, &record->remains);
}

/* The second of two same segments meets what the first one has left. False where that is not known. */
static bool take_first(const struct run *run, const struct record *record, struct cell_question *question, uint16_t *unknown)
{
	struct end after;

	*unknown = 0;
	if (!record->has_first)
		return true;
	question->surroundings.repetition = REPETITION_NONE;
	if (!oracle_fields_after(&question->subject, &record->sent, &question->surroundings, &run->options->kernel, &after,
				 unknown))
		return false;
	question->subject = after;
	return true;
}

void run_expect_fields(const struct run *run, struct record *record, const struct peer *peer)
{
	const struct peer_heard *answer = record_answer(record);
	struct cell_question question;
	struct field_host host;
	uint16_t unknown;

	record->fields.said = record->follow_up_fields.said = 0;
	record->remains.said = 0;
	/* Which rule it is must not be in doubt. */
	if (run->options->expect != BOOK_LINUX || !record->observed || !record->has_sent ||
	    record->alternatives[BOOK_LINUX].count != 1 || record->answer != record->expected[BOOK_LINUX].answer)
		return;
	cell_to_question_seen(&record->cell, &run->options->kernel, &record->baseline, &peer->subject, &question);
	if (!take_first(run, record, &question, &unknown))
		return;
	if (answer) {
		host = host_of(run, record, &question.subject, answer->time_ns);
		oracle_fields(&question.subject, &record->sent, &question.surroundings, &run->options->kernel, &host,
			      record->answer, &record->fields);
		record->fields.said = (uint16_t)(record->fields.said & ~unknown);
	}
	if (record->has_first) /* of what the second leaves the follow-up would show the sum */
		return;
	follow(run, record, peer, &question);
	expect_remains(run, record, peer, &question);
}
