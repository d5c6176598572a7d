/* conntrack.h - what the router's connection tracking knows of a connection: its state as it was when a segment was sent, and
 * what that made of it. From the kernel's own events (nfnetlink, as of `conntrack -E`), which come while a segment passes.
 *
 * Where an event was lost for want of room, nothing is known until the next one of that connection. */
#ifndef TWPROBE_HARNESS_LAB_CONNTRACK_H
#define TWPROBE_HARNESS_LAB_CONNTRACK_H

#include "crafter/fail.h"
#include "crafter/segment.h"

struct conntrack;

/* Called in the router's namespace. NULL with an error; a kernel without it: NULL and no error text. */
struct conntrack *conntrack_open(struct error *error);
/* A source is taken for a new connection: what was known of it is over. */
void conntrack_begin(struct conntrack *conntrack, const struct endpoint *crafted);
/* The crafted end sends this now, and all before it has passed. Of what has a mark (ip_id) the state is remembered. */
void conntrack_sent(struct conntrack *conntrack, const struct segment *segment);
/* The states when this segment was sent (`again`: the second that is like it), and before the next one was: "ESTABLISHED";
 * "none": forgotten. NULL: not known, or the connection was never tracked. */
void conntrack_tell(struct conntrack *conntrack, const struct segment *sent, bool again, const char **before,
		    const char **after);
void conntrack_close(struct conntrack *conntrack); /* NULL is fine */

#endif
