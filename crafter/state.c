/* state.c - the plan for each state, and the names of states and manners. */
#include "crafter/state.h"

#include <stdio.h>
#include <string.h>

static const struct state_plan plans[STATE_COUNT] = {
	[STATE_LISTEN] = { .name = "listen", .manner = MANNER_HOLD },
	[STATE_SYN_RECV] = { .name = "syn-recv", .manner = MANNER_HOLD },
	[STATE_ESTABLISHED] = { .name = "established", .manner = MANNER_HOLD, .handshake = true },
	[STATE_FIN_WAIT_1] = {
		.name = "fin-wait-1", .manner = MANNER_CLOSE, .handshake = true, .awaits_fin = true,
	},
	[STATE_FIN_WAIT_2] = {
		.name = "fin-wait-2", .manner = MANNER_CLOSE, .handshake = true, .awaits_fin = true,
		.acks_fin = true,
	},
	[STATE_FIN_WAIT_2_HALF] = {
		.name = "fin-wait-2-half", .manner = MANNER_HALF, .handshake = true, .awaits_fin = true,
		.acks_fin = true,
	},
	/* Both FINs cross: ours must not acknowledge the subject's. */
	[STATE_CLOSING] = {
		.name = "closing", .manner = MANNER_CLOSE, .handshake = true, .awaits_fin = true,
		.sends_fin = true,
	},
	[STATE_TIME_WAIT] = {
		.name = "time-wait", .manner = MANNER_CLOSE, .handshake = true, .awaits_fin = true,
		.acks_fin = true, .sends_fin = true,
	},
	[STATE_CLOSE_WAIT] = {
		.name = "close-wait", .manner = MANNER_HOLD, .handshake = true, .sends_fin = true,
	},
	[STATE_LAST_ACK] = {
		.name = "last-ack", .manner = MANNER_EOF, .handshake = true, .sends_fin = true,
		.fin_after = true,
	},
};

static const char *const manners[MANNER_COUNT] = {
	[MANNER_CLOSE] = "close",
	[MANNER_HOLD] = "hold",
	[MANNER_HALF] = "half",
	[MANNER_EOF] = "eof",
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
	for (int i = 0; i < STATE_COUNT; i++)
		if (strcmp(name, plans[i].name) == 0)
			return (enum state)i;
	return STATE_UNKNOWN;
}

const char *state_list(char *buffer, size_t size)
{
	size_t used = 0;

	if (size > 0)
		buffer[0] = '\0';
	for (int i = 0; i < STATE_COUNT && used < size; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%s", i ? ", " : "", plans[i].name);
	return buffer;
}

const char *manner_name(enum manner manner)
{
	return (unsigned)manner < MANNER_COUNT ? manners[manner] : NULL;
}

enum manner manner_parse(const char *name)
{
	for (int i = 0; i < MANNER_COUNT; i++)
		if (strcmp(name, manners[i]) == 0)
			return (enum manner)i;
	return MANNER_COUNT;
}
