/* state.h - the states a subject can be in, and what the subject's process does to get there. */
#ifndef TWPROBE_CRAFTER_STATE_H
#define TWPROBE_CRAFTER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/behaviour.h"

enum state {
	STATE_LISTEN,
	STATE_SYN_RECV,
	STATE_ESTABLISHED,
	STATE_FIN_WAIT_1,
	STATE_FIN_WAIT_2,      /* the process closed the descriptor: the kernel keeps a small socket */
	STATE_FIN_WAIT_2_HALF, /* the process called shutdown(SHUT_WR) and still holds the descriptor */
	STATE_CLOSING,
	STATE_TIME_WAIT,
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_COUNT,           /* the states a cell may name come before this */
	STATE_CLOSED,          /* only seen, never asked for: the socket is gone */
	STATE_SYN_SENT,        /* only seen as well */
	STATE_UNKNOWN,         /* no witness */
};

/* How the peer brings a subject into a state once the handshake is done. */
struct state_plan {
	const char *name;
	enum behaviour behaviour;
	bool handshake;   /* complete it (else: at most the SYN is sent) */
	bool awaits_fin;  /* the subject closes first; wait for its FIN */
	bool acks_fin;    /* acknowledge the subject's FIN */
	bool sends_fin;   /* send a FIN of our own, and wait for its acknowledgment */
	bool fin_after;   /* after our FIN the subject closes too: wait for its FIN, leave it unacknowledged */
};

const struct state_plan *state_plan(enum state state);
/* Also names "closed" and "syn-sent"; NULL for STATE_UNKNOWN. */
const char *state_name(enum state state);
/* STATE_UNKNOWN when the name is none of a cell's. */
enum state state_parse(const char *name);
const char *state_list(char *buffer, size_t size); /* "listen, syn-recv, ..." for messages */

#endif
