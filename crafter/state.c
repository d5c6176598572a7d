/* state.c - the plan for each state, and their names. */
#include "crafter/state.h"

#include "crafter/words.h"

static const struct state_plan plans[STATE_COUNT] = {
	[STATE_LISTEN] = { .name = "listen", .behaviour = BEHAVIOUR_HOLD },
	[STATE_SYN_RECV] = { .name = "syn-recv", .behaviour = BEHAVIOUR_HOLD },
	[STATE_ESTABLISHED] = { .name = "established", .behaviour = BEHAVIOUR_HOLD, .handshake = true },
	[STATE_FIN_WAIT_1] = {
		.name = "fin-wait-1", .behaviour = BEHAVIOUR_CLOSE, .handshake = true, .awaits_fin = true,
	},
	[STATE_FIN_WAIT_2] = {
		.name = "fin-wait-2", .behaviour = BEHAVIOUR_CLOSE, .handshake = true, .awaits_fin = true,
		.acks_fin = true,
	},
	[STATE_FIN_WAIT_2_HALF] = {
		.name = "fin-wait-2-half", .behaviour = BEHAVIOUR_HALF, .handshake = true, .awaits_fin = true,
		.acks_fin = true,
	},
	/* Both FINs cross: ours must not acknowledge the subject's. */
	[STATE_CLOSING] = {
		.name = "closing", .behaviour = BEHAVIOUR_CLOSE, .handshake = true, .awaits_fin = true,
		.sends_fin = true,
	},
	[STATE_TIME_WAIT] = {
		.name = "time-wait", .behaviour = BEHAVIOUR_CLOSE, .handshake = true, .awaits_fin = true,
		.acks_fin = true, .sends_fin = true,
	},
	[STATE_CLOSE_WAIT] = {
		.name = "close-wait", .behaviour = BEHAVIOUR_HOLD, .handshake = true, .sends_fin = true,
	},
	[STATE_LAST_ACK] = {
		.name = "last-ack", .behaviour = BEHAVIOUR_EOF, .handshake = true, .sends_fin = true,
		.fin_after = true,
	},
};

const struct state_plan *state_plan(enum state state)
{
	return (unsigned)state < STATE_COUNT ? &plans[state] : NULL;
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
