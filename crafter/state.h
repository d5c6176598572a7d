/* state.h - the states a subject can be in, and the way to each. docs/architecture.md: "How to add a state". */
#ifndef TWPROBE_CRAFTER_STATE_H
#define TWPROBE_CRAFTER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/behaviour.h"

enum state {
	STATE_CLOSED,          /* no socket has the four-tuple; as a cell's state: and nobody listens */
	STATE_LISTEN,
	STATE_SYN_SENT,
	STATE_SYN_RECV,
	STATE_ESTABLISHED,
	/* In the "half" states the process called shutdown(SHUT_WR) and still holds the descriptor; else it closed it. */
	STATE_FIN_WAIT_1,
	STATE_FIN_WAIT_1_HALF,
	STATE_FIN_WAIT_2,      /* the kernel keeps a small socket */
	STATE_FIN_WAIT_2_HALF,
	STATE_CLOSING,
	STATE_CLOSING_HALF,
	STATE_TIME_WAIT,
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_LAST_ACK_HALF,
	STATE_COUNT,           /* the states a cell may name come before this */
	STATE_UNKNOWN,         /* no witness */
};

/* How the subject got its connection. */
enum opening {
	OPENING_PASSIVE,      /* it listened; "syn-sent" has only the active one all the same, and needs no name for it */
	OPENING_ACTIVE,       /* it connected to the crafted end */
	OPENING_SIMULTANEOUS, /* both did (RFC 9293 figure 7) */
	OPENING_COUNT,
};

/* The steps of a connection, as the two ends take them. */
enum state_who {
	WHO_CRAFTED, /* we */
	WHO_SUBJECT, /* who is asked; its steps are waited for */
};

enum state_what {
	DOES_NOTHING, /* the list is over */
	DOES_SYN,
	DOES_SYN_ACK,
	DOES_ACK,     /* of the SYN-ACK */
	DOES_FIN,
	DOES_ACK_FIN, /* acknowledges the other end's FIN */
	DOES_DATA,    /* sends bytes that the other end's process leaves unread */
	DOES_ACK_DATA,
};

struct state_step {
	enum state_who who;
	enum state_what what;
};

enum { STATE_STEPS_MAX = 10 };

/* The way to a state: what the subject's process must do, and the steps of both ends, in their order. What the crafted end
 * does without waiting for the subject in between is one segment. A FIN that no step acknowledges stays unacknowledged. */
struct state_plan {
	const char *name, *meaning; /* in names of cells; for lists */
	enum behaviour behaviour;
	struct state_step steps[STATE_STEPS_MAX + 1]; /* the last one is DOES_NOTHING */
};

/* By a passive opening, or the only one that the state has. NULL for what no cell may name. */
const struct state_plan *state_plan(enum state state);
/* NULL where this opening does not lead to the state. */
const struct state_plan *state_plan_by(enum state state, enum opening opening);
/* The subject connects: its SYN is the first step. */
bool state_plan_connects(const struct state_plan *plan);
bool state_plan_has(const struct state_plan *plan, enum state_who who, enum state_what what);
/* The same way, on which the crafted end sends data as soon as the handshake is complete. */
void state_plan_with_data(const struct state_plan *plan, struct state_plan *way);
/* DOES_NOTHING where there is none. */
struct state_step state_plan_last(const struct state_plan *plan);
/* NULL for STATE_UNKNOWN. */
const char *state_name(enum state state);
/* The state as segments show it: without "half". */
enum state state_whole(enum state state);
/* Is this the wanted state? A FIN_WAIT_1, CLOSING or LAST_ACK whose process holds the descriptor is that state as well, where
 * it was not asked to close it. */
bool state_fits(enum state seen, enum state wanted);
/* STATE_UNKNOWN: not the name of a cell's state. */
enum state state_parse(const char *name);
const char *state_list(char *buffer, size_t size); /* "closed, listen, ..." for messages */

#endif
