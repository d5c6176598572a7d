/* verdict.c - what an expectation and an observation make together. */
#include "cases/books/verdict.h"

#include <stdio.h>
#include <string.h>

#include "crafter/textbuf.h"

enum { TW_ISN_STEP = 65535 + 2 };

enum answer verdict_answer(const struct segment *segment)
{
	uint8_t flags = segment->flags & (FLAG_FIN | FLAG_SYN | FLAG_RST | FLAG_ACK);

	if (flags & FLAG_RST)
		return ANSWER_RST;
	if (flags == (FLAG_SYN | FLAG_ACK))
		return ANSWER_SYN_ACK;
	if (flags == FLAG_ACK && segment->payload_size == 0)
		return ANSWER_ACK;
	return ANSWER_OTHER;
}

/* tcp_timewait_state_process(): isn = tw_snd_nxt + 65535 + 2, and 1 instead of 0. */
uint32_t verdict_continued_isn(uint32_t snd_nxt)
{
	return snd_nxt + TW_ISN_STEP ? snd_nxt + TW_ISN_STEP : 1;
}

enum isn verdict_isn(const struct segment *syn_ack, uint32_t snd_nxt)
{
	return syn_ack->seq == verdict_continued_isn(snd_nxt) ? ISN_CONTINUED : ISN_FRESH;
}

/* Its process has the descriptor, and may send or close at any time. */
static bool process_may_act(const struct expectation *expected)
{
	return expected->stranger && (expected->after == STATE_ESTABLISHED || expected->after == STATE_CLOSE_WAIT);
}

/* A process that sends or closes at once, before the kernel has sent its ACK, carries that ACK along. */
static bool answer_differs(const struct expectation *expected, const struct observation *seen)
{
	bool told = expected->answer == ANSWER_ACK || expected->answer == ANSWER_SILENCE;

	if (expected->answer == ANSWER_OPEN || expected->answer == seen->answer)
		return false;
	return !(process_may_act(expected) && told && seen->own_words);
}

/* A close() of the process leads on from ESTABLISHED and CLOSE_WAIT. */
static bool process_went_on(const struct expectation *expected, const struct observation *seen)
{
	if (!process_may_act(expected))
		return false;
	if (expected->after == STATE_CLOSE_WAIT)
		return state_whole(seen->after) == STATE_LAST_ACK;
	return state_whole(seen->after) == STATE_FIN_WAIT_1 || state_whole(seen->after) == STATE_FIN_WAIT_2;
}

static bool isn_differs(const struct expectation *expected, const struct observation *seen)
{
	return expected->isn != ISN_NONE && seen->isn != ISN_NONE && expected->isn != seen->isn;
}

static bool after_differs(const struct expectation *expected, const struct observation *seen)
{
	return expected->after != STATE_UNKNOWN && seen->after != STATE_UNKNOWN &&
	       expected->after != seen->after && !process_went_on(expected, seen) &&
	       !(expected->stranger && state_fits(seen->after, expected->after));
}

static bool fate_differs(const struct expectation *expected, const struct observation *seen)
{
	if (expected->after == STATE_UNKNOWN || seen->after != STATE_UNKNOWN || seen->fate == FATE_UNKNOWN)
		return false;
	return (expected->after == STATE_CLOSED || expected->after == STATE_LISTEN) != (seen->fate == FATE_GONE);
}

/* Most verdicts need no more than this, and each encounter of a capture gets several. */
static void say(char *why, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);

	memcpy(why, text, length);
	why[length] = '\0';
}

enum verdict verdict_of(const struct expectation *expectation, const struct observation *observation,
			char *why, size_t size)
{
	const char *reason = observation->reason;

	if (!observation->conclusive) {
		say(why, size, reason ? reason : "no reason was given");
		return VERDICT_INCONCLUSIVE;
	}
	if (answer_differs(expectation, observation)) {
		snprintf(why, size, "expected %s, the answer was %s", oracle_answer_name(expectation->answer),
			 oracle_answer_name(observation->answer));
	} else if (isn_differs(expectation, observation)) {
		snprintf(why, size, "expected a %s ISN, the %s carried a %s one", oracle_isn_name(expectation->isn),
			 oracle_answer_name(observation->answer), oracle_isn_name(observation->isn));
	} else if (after_differs(expectation, observation)) {
		snprintf(why, size, "the answer was %s as expected, but the state afterwards was %s, not %s",
			 oracle_answer_name(observation->answer), state_name(observation->after),
			 state_name(expectation->after));
	} else if (fate_differs(expectation, observation)) {
		snprintf(why, size, "the answer was %s as expected, but the follow-up shows that the socket %s; expected "
			 "afterwards: %s", oracle_answer_name(observation->answer),
			 observation->fate == FATE_GONE ? "is gone" : "is still there", state_name(expectation->after));
	} else {
		say(why, size, "");
		return VERDICT_AGREES;
	}
	return VERDICT_DIFFERS;
}

/* "expected ack or silence, the answer was rst"; where the answer is one of them, what else is wrong with the first such. */
static void say_difference(const struct alternatives *alternatives, const struct observation *observation, char *why,
			   size_t size)
{
	struct textbuf out;
	unsigned said = 0;

	for (size_t i = 0; i < alternatives->count; i++) {
		const struct expectation *expectation = &alternatives->list[i].expectation;

		if (expectation->answer == observation->answer) {
			verdict_of(expectation, observation, why, size);
			return;
		}
	}
	textbuf_init(&out, why, size);
	textbuf_add(&out, "expected");
	for (size_t i = 0; i < alternatives->count; i++) {
		enum answer answer = alternatives->list[i].expectation.answer;

		if (!(said >> answer & 1))
			textbuf_add(&out, "%s %s", said ? " or" : "", oracle_answer_name(answer));
		said |= 1U << answer;
	}
	textbuf_add(&out, ", the answer was %s", oracle_answer_name(observation->answer));
}

enum verdict verdict_of_any(const struct alternatives *alternatives, const struct observation *observation, char *why,
			    size_t size)
{
	for (size_t i = 0; i < alternatives->count; i++) {
		const struct alternative *alternative = &alternatives->list[i];
		enum verdict verdict = verdict_of(&alternative->expectation, observation, why, size);

		if (verdict == VERDICT_DIFFERS)
			continue;
		if (verdict == VERDICT_AGREES && alternative->doubts & FACT_COOKIE) {
			snprintf(why, size, "the server answers as if it had no half-open connection: its SYN-ACK may have "
				 "been a SYN cookie, because its queue was full; a smaller --in-flight may help");
			return VERDICT_INCONCLUSIVE;
		}
		return verdict;
	}
	say_difference(alternatives, observation, why, size);
	return VERDICT_DIFFERS;
}

uint64_t verdict_kernels(const struct alternatives *alternatives, const struct observation *observation)
{
	uint64_t kernels = 0;
	char why[160];

	for (size_t i = 0; i < alternatives->count; i++)
		if (verdict_of(&alternatives->list[i].expectation, observation, why, sizeof(why)) == VERDICT_AGREES)
			kernels |= alternatives->list[i].kernels;
	return kernels;
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICT_COUNT] = {
		"agrees", "differs", "inconclusive", "skipped", "mixed",
	};

	return (unsigned)verdict < VERDICT_COUNT ? names[verdict] : NULL;
}
