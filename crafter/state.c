/* state.c - the table of states: name, and the way there. */
#include "crafter/state.h"

#include "crafter/words.h"

#define CRAFTED(act) { WHO_CRAFTED, DOES_##act }
#define SUBJECT(act) { WHO_SUBJECT, DOES_##act }
#define HANDSHAKE CRAFTED(SYN), SUBJECT(SYN_ACK), CRAFTED(ACK)

/* RFC 9293 figure 5. */
static const struct state_plan plans[] = {
	[STATE_LISTEN] = {
		"listen", "the subject has no connection", BEHAVIOUR_HOLD,
		{ { 0 } },
	},
	[STATE_SYN_RECV] = {
		"syn-recv", "the subject holds the connection", BEHAVIOUR_HOLD,
		{ CRAFTED(SYN), SUBJECT(SYN_ACK) },
	},
	[STATE_ESTABLISHED] = {
		"established", "the subject holds the connection", BEHAVIOUR_HOLD,
		{ HANDSHAKE },
	},
	[STATE_FIN_WAIT_1] = {
		"fin-wait-1", "the subject closed first", BEHAVIOUR_CLOSE,
		{ HANDSHAKE, SUBJECT(FIN) },
	},
	[STATE_FIN_WAIT_2] = {
		"fin-wait-2", "the subject closed; the kernel keeps a small socket", BEHAVIOUR_CLOSE,
		{ HANDSHAKE, SUBJECT(FIN), CRAFTED(ACK_FIN) },
	},
	[STATE_FIN_WAIT_2_HALF] = {
		"fin-wait-2-half", "the subject called shutdown(SHUT_WR) and holds the descriptor", BEHAVIOUR_HALF,
		{ HANDSHAKE, SUBJECT(FIN), CRAFTED(ACK_FIN) },
	},
	/* Both FINs cross: ours must not acknowledge the subject's. */
	[STATE_CLOSING] = {
		"closing", "the subject closed first", BEHAVIOUR_CLOSE,
		{ HANDSHAKE, SUBJECT(FIN), CRAFTED(FIN), SUBJECT(ACK_FIN) },
	},
	[STATE_TIME_WAIT] = {
		"time-wait", "the subject closed first", BEHAVIOUR_CLOSE,
		{ HANDSHAKE, SUBJECT(FIN), CRAFTED(ACK_FIN), CRAFTED(FIN), SUBJECT(ACK_FIN) },
	},
	[STATE_CLOSE_WAIT] = {
		"close-wait", "the subject holds the connection", BEHAVIOUR_HOLD,
		{ HANDSHAKE, CRAFTED(FIN), SUBJECT(ACK_FIN) },
	},
	[STATE_LAST_ACK] = {
		"last-ack", "the subject closed after us", BEHAVIOUR_EOF,
		{ HANDSHAKE, CRAFTED(FIN), SUBJECT(ACK_FIN), SUBJECT(FIN) },
	},
};

_Static_assert(sizeof(plans) / sizeof(plans[0]) == STATE_COUNT, "every state that a cell may name has its plan");

const struct state_plan *state_plan(enum state state)
{
	return (unsigned)state < STATE_COUNT ? &plans[state] : NULL;
}

bool state_plan_has(const struct state_plan *plan, enum state_who who, enum state_what what)
{
	for (const struct state_step *step = plan->steps; step->what != DOES_NOTHING; step++)
		if (step->who == who && step->what == what)
			return true;
	return false;
}

struct state_step state_plan_last(const struct state_plan *plan)
{
	struct state_step last = { WHO_CRAFTED, DOES_NOTHING };

	for (const struct state_step *step = plan->steps; step->what != DOES_NOTHING; step++)
		last = *step;
	return last;
}

const char *state_name(enum state state)
{
	if (state == STATE_CLOSED)
		return "closed";
	if (state == STATE_SYN_SENT)
		return "syn-sent";
	return (unsigned)state < STATE_COUNT ? plans[state].name : NULL;
}

enum state state_parse(const char *name)
{
	size_t number = words_find(WORDS_MEMBER(plans, name), name);

	return number < STATE_COUNT ? (enum state)number : STATE_UNKNOWN;
}

const char *state_list(char *buffer, size_t size)
{
	return words_list(WORDS_MEMBER(plans, name), buffer, size);
}
