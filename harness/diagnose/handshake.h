/* handshake.h - SYNs that nobody has answered yet. One that stays so becomes an encounter, with what the rest of the capture
 * shows of the port and its host; so does one that was answered only when it had come three times. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_HANDSHAKE_H
#define TWPROBE_HARNESS_DIAGNOSE_HANDSHAKE_H

#include "crafter/notice.h"
#include "harness/diagnose/closing.h"
#include "harness/diagnose/losses.h"
#include "harness/diagnose/waiting.h"

struct handshakes;

/* Encounters go into the queue, at their place by their frame. NULL when out of memory. */
struct handshakes *handshake_open(struct waiting_queue *queue, const struct losses *losses);
/* How many SYNs it has answered. */
uint64_t handshake_answers(struct handshakes *all, const struct endpoint *port);
void handshake_close(struct handshakes *all); /* NULL is fine */

/* The segment passes from one end to the other, which are as before it. -1: out of memory. */
int handshake_pass(struct handshakes *all, struct track *connection, uint32_t slot, const struct closing *closing,
		   bool from_target, uint64_t frame);
/* This encounter is told: some are only once, and one says something about a port. */
void handshake_told(struct handshakes *all, const struct encounter *encounter, struct track_side *sender,
		    struct track_side *receiver);
/* A SYN into TIME_WAIT came; it is told: if nobody answered it, with what the capture shows of the port. */
void handshake_meet(struct handshakes *all, struct encounter *encounter);
void handshake_settle(struct handshakes *all, struct encounter *encounter);
/* Something was missed until then: what was not answered yet, or comes before that, is in doubt. */
void handshake_miss(struct handshakes *all, uint64_t to_ns);
/* An ICMP error is about a segment that was sent on the connection. */
void handshake_icmp(struct track *connection, const struct notice *notice, uint64_t time_ns);
/* So much time has passed. -1: out of memory. */
int handshake_wait(struct handshakes *all, uint64_t now_ns);
/* The connection is forgotten. */
void handshake_forget(struct handshakes *all, struct track *connection, uint64_t now_ns);
/* The capture is over. */
void handshake_finish(struct handshakes *all, uint64_t now_ns);

#endif
