/* state.c - the table of states: name, and the way there. */
#include "crafter/state.h"

#include <string.h>

#include "crafter/textbuf.h"

#define CRAFTED(act) { WHO_CRAFTED, DOES_##act }
#define SUBJECT(act) { WHO_SUBJECT, DOES_##act }
#define END { 0 }

/* RFC 9293 figures 6 and 7. */
#define LISTENS CRAFTED(SYN), SUBJECT(SYN_ACK), CRAFTED(ACK)
#define CONNECTS SUBJECT(SYN), CRAFTED(SYN_ACK), SUBJECT(ACK)
/* The crafted end acknowledges the SYN-ACK as if it had crossed its own SYN alone: kernels before 6.11 drop a SYN-ACK here. */
#define CROSSES SUBJECT(SYN), CRAFTED(SYN), SUBJECT(SYN_ACK), CRAFTED(ACK)

/* The ways to a state that comes after the handshake, by each opening. */
#define CONNECTION(name, meaning, behaviour, ...) { \
	[OPENING_PASSIVE] = { name, meaning, behaviour, { LISTENS, __VA_ARGS__ } }, \
	[OPENING_ACTIVE] = { name, meaning, behaviour, { CONNECTS, __VA_ARGS__ } }, \
	[OPENING_SIMULTANEOUS] = { name, meaning, behaviour, { CROSSES, __VA_ARGS__ } }, \
}

/* RFC 9293 figure 5. A row without a name: this opening does not lead there. */
static const struct state_plan plans[][OPENING_COUNT] = {
	[STATE_CLOSED] = { { "closed", "nobody listens on the subject's port", BEHAVIOUR_HOLD, { END } } },
	[STATE_LISTEN] = { { "listen", "the subject has no connection", BEHAVIOUR_HOLD, { END } } },
	[STATE_SYN_SENT] = { [OPENING_ACTIVE] = {
		"syn-sent", "the subject connects, and has no answer yet", BEHAVIOUR_HOLD, { SUBJECT(SYN) },
	} },
	[STATE_SYN_RECV] = {
		[OPENING_PASSIVE] = {
			"syn-recv", "the subject holds the connection", BEHAVIOUR_HOLD, { CRAFTED(SYN), SUBJECT(SYN_ACK) },
		},
		[OPENING_SIMULTANEOUS] = {
			"syn-recv", "the subject holds the connection", BEHAVIOUR_HOLD,
			{ SUBJECT(SYN), CRAFTED(SYN), SUBJECT(SYN_ACK) },
		},
	},
	[STATE_ESTABLISHED] = CONNECTION("established", "the subject holds the connection", BEHAVIOUR_HOLD, END),
	[STATE_FIN_WAIT_1] = CONNECTION("fin-wait-1", "the subject closed first", BEHAVIOUR_CLOSE, SUBJECT(FIN)),
	[STATE_FIN_WAIT_1_HALF] = CONNECTION(
		"fin-wait-1-half", "the subject called shutdown(SHUT_WR) and holds the descriptor", BEHAVIOUR_HALF,
		SUBJECT(FIN)),
	[STATE_FIN_WAIT_2] = CONNECTION(
		"fin-wait-2", "the subject closed; the kernel keeps a small socket", BEHAVIOUR_CLOSE,
		SUBJECT(FIN), CRAFTED(ACK_FIN)),
	[STATE_FIN_WAIT_2_HALF] = CONNECTION(
		"fin-wait-2-half", "the subject called shutdown(SHUT_WR) and holds the descriptor", BEHAVIOUR_HALF,
		SUBJECT(FIN), CRAFTED(ACK_FIN)),
	/* Both FINs cross: ours must not acknowledge the subject's. */
	[STATE_CLOSING] = CONNECTION(
		"closing", "the subject closed first", BEHAVIOUR_CLOSE, SUBJECT(FIN), CRAFTED(FIN), SUBJECT(ACK_FIN)),
	[STATE_CLOSING_HALF] = CONNECTION(
		"closing-half", "the subject called shutdown(SHUT_WR) first and holds the descriptor", BEHAVIOUR_HALF,
		SUBJECT(FIN), CRAFTED(FIN), SUBJECT(ACK_FIN)),
	[STATE_TIME_WAIT] = CONNECTION(
		"time-wait", "the subject closed first", BEHAVIOUR_CLOSE,
		SUBJECT(FIN), CRAFTED(ACK_FIN), CRAFTED(FIN), SUBJECT(ACK_FIN)),
	[STATE_CLOSE_WAIT] = CONNECTION(
		"close-wait", "the subject holds the connection", BEHAVIOUR_HOLD, CRAFTED(FIN), SUBJECT(ACK_FIN)),
	[STATE_LAST_ACK] = CONNECTION(
		"last-ack", "the subject closed after us", BEHAVIOUR_EOF, CRAFTED(FIN), SUBJECT(ACK_FIN), SUBJECT(FIN)),
	[STATE_LAST_ACK_HALF] = CONNECTION(
		"last-ack-half", "the subject called shutdown(SHUT_WR) after us and holds the descriptor", BEHAVIOUR_EOF_HALF,
		CRAFTED(FIN), SUBJECT(ACK_FIN), SUBJECT(FIN)),
};

_Static_assert(sizeof(plans) / sizeof(plans[0]) == STATE_COUNT, "every state that a cell may name has its plan");

const struct state_plan *state_plan_by(enum state state, enum opening opening)
{
	const struct state_plan *plan;

	if ((unsigned)state >= STATE_COUNT || (unsigned)opening >= OPENING_COUNT)
		return NULL;
	plan = &plans[state][state == STATE_SYN_SENT && opening == OPENING_PASSIVE ? OPENING_ACTIVE : opening];
	return plan->name ? plan : NULL;
}

const struct state_plan *state_plan(enum state state)
{
	return state_plan_by(state, OPENING_PASSIVE);
}

bool state_plan_connects(const struct state_plan *plan)
{
	return plan->steps[0].who == WHO_SUBJECT && plan->steps[0].what == DOES_SYN;
}

bool state_plan_has(const struct state_plan *plan, enum state_who who, enum state_what what)
{
	for (const struct state_step *step = plan->steps; step->what != DOES_NOTHING; step++)
		if (step->who == who && step->what == what)
			return true;
	return false;
}

static bool is_of_handshake(const struct state_step *step)
{
	return step->what == DOES_SYN || step->what == DOES_SYN_ACK || step->what == DOES_ACK;
}

void state_plan_with_data(const struct state_plan *plan, struct state_plan *way)
{
	const struct state_step *step = plan->steps;
	struct state_step *next;

	*way = *plan;
	next = way->steps;
	while (is_of_handshake(step))
		*next++ = *step++;
	*next++ = (struct state_step)CRAFTED(DATA);
	*next++ = (struct state_step)SUBJECT(ACK_DATA);
	while (step->what != DOES_NOTHING)
		*next++ = *step++;
	*next = *step;
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
	const struct state_plan *plan = state_plan(state);

	return plan ? plan->name : NULL;
}

enum state state_parse(const char *name)
{
	for (enum state state = 0; state < STATE_COUNT; state++)
		if (strcmp(state_name(state), name) == 0)
			return state;
	return STATE_UNKNOWN;
}

enum state state_whole(enum state state)
{
	switch (state) {
	case STATE_FIN_WAIT_1_HALF:
		return STATE_FIN_WAIT_1;
	case STATE_FIN_WAIT_2_HALF:
		return STATE_FIN_WAIT_2;
	case STATE_CLOSING_HALF:
		return STATE_CLOSING;
	case STATE_LAST_ACK_HALF:
		return STATE_LAST_ACK;
	default:
		return state;
	}
}

bool state_fits(enum state seen, enum state wanted)
{
	return seen == wanted || (state_whole(seen) == wanted && wanted != STATE_FIN_WAIT_2);
}

const char *state_list(char *buffer, size_t size)
{
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	for (enum state state = 0; state < STATE_COUNT; state++)
		textbuf_item(&out, ", ", "%s", state_name(state));
	return buffer;
}
