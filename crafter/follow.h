/* follow.h - one end's TCP state as its own segments and those it gets say (RFC 9293 3.3.2), for the client's column of a
 * ladder. Pure. The other end's state is not guessed: a witness tells it. */
#ifndef TWPROBE_CRAFTER_FOLLOW_H
#define TWPROBE_CRAFTER_FOLLOW_H

#include <stdint.h>

#include "crafter/segment.h"

enum end_state {
	END_CLOSED,
	END_LISTEN,
	END_SYN_SENT,
	END_SYN_RECV,
	END_ESTABLISHED,
	END_FIN_WAIT_1,
	END_FIN_WAIT_2,
	END_CLOSING,
	END_TIME_WAIT,
	END_CLOSE_WAIT,
	END_LAST_ACK,
	END_STATE_COUNT,
};

struct follower {
	enum end_state state;
	uint32_t snd_nxt, rcv_nxt;
};

/* The end sent this, got this. What it would have to ignore changes nothing. */
void follow_sent(struct follower *follower, const struct segment *segment);
void follow_got(struct follower *follower, const struct segment *segment);
/* "syn-sent" */
const char *end_state_name(enum end_state state);

#endif
