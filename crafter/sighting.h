/* sighting.h - what the subject's kernel says of the subject's socket at one time: state, timer, queues. Pure. */
#ifndef TWPROBE_CRAFTER_SIGHTING_H
#define TWPROBE_CRAFTER_SIGHTING_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/state.h"

/* idiag_timer, as inet_sk_diag_fill(), inet_twsk_diag_fill() and inet_req_diag_fill() report it. */
enum sighting_timer {
	SIGHTING_NO_TIMER,
	SIGHTING_RETRANSMISSION, /* of data, a SYN, a FIN; of a half-open connection's SYN-ACK */
	SIGHTING_KEEPALIVE,      /* or FIN_WAIT_2 of a full socket */
	SIGHTING_TIME_WAIT,      /* TIME_WAIT, and FIN_WAIT_2 of the same small socket */
	SIGHTING_PROBE,          /* of a closed window */
	SIGHTING_DELAYED_ACK,    /* reported where no other runs, by newer kernels */
	SIGHTING_TIMER_COUNT,
};

/* TCP_TIMEWAIT_LEN, in every kernel */
enum { SIGHTING_TIME_WAIT_MS = 60000 };

struct sighting {
	enum state state;     /* STATE_CLOSED: nothing, or only the listener, has the tuple; STATE_UNKNOWN: nobody was asked */
	bool listener;        /* STATE_CLOSED: the listener was found */
	uint8_t timer;        /* enum sighting_timer, or what a newer kernel has invented */
	uint8_t retransmits;
	uint32_t expires_ms;  /* of the timer; as exact as the kernel's jiffies, up to 10 ms */
	uint32_t recv_queue, send_queue; /* tcp_diag_get_info(): unread, unacknowledged bytes, a FIN counts as one */
	uint32_t inode;       /* 0: no process holds it */
	uint64_t time_ns, took_ns; /* when the kernel was asked, on the run's clock, and how long it took; 0: not known */
};

/* The kernel says 0 of the queues of small sockets (TIME_WAIT, FIN_WAIT_2, a half-open connection), which is no number. */
bool sighting_has_queues(const struct sighting *sighting);
/* "none" "retransmission" "keepalive" "time-wait" "probe" "delayed-ack"; "unknown" */
const char *sighting_timer_name(unsigned timer);

/* Milliseconds that the timer of `before` has left when `after` was made, if nothing touched it meanwhile. */
struct sighting_span {
	uint32_t least_ms, most_ms;
};
struct sighting_span sighting_untouched(const struct sighting *before, const struct sighting *after);
/* The same of a timer that was set to `full_ms` between `since_ns` and `after`. */
struct sighting_span sighting_set(uint32_t full_ms, uint64_t since_ns, const struct sighting *after);

/* Whether the same timer was set again meanwhile, by its times alone. */
enum sighting_restart {
	SIGHTING_RESTART_UNKNOWN, /* its times do not tell: it had hardly run, or it is another */
	SIGHTING_RESTARTED,
	SIGHTING_WENT_ON,
};
/* `since_ns`: nothing was sent between the first sighting and then. */
enum sighting_restart sighting_restart(const struct sighting *before, uint64_t since_ns, const struct sighting *after);

#endif
