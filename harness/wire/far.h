/* far.h - the subject's side of the lab's router: what comes out of the router there and what the subject sends, heard by a
 * capture of its own, and matched with what the crafted end sends and hears (harness/wire/sides.h). */
#ifndef TWPROBE_HARNESS_WIRE_FAR_H
#define TWPROBE_HARNESS_WIRE_FAR_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/pair.h"
#include "harness/lab/lab.h"
#include "harness/wire/sides.h"

struct far;

/* A sound segment of the subject's, in the order in which they pass: whoever counts them. */
typedef void far_sink(void *context, const struct segment *segment);

struct capture_options;

/* What is sent and heard at the crafted end, opened there. The raw sockets of a lab without a router, or of none (NULL), are
 * opened where we are. `options` are changed: the path may have the subject behind other addresses and ports, so all of TCP is
 * heard. All these are called in the subject's namespace, and return there. */
struct inject *far_inject(struct lab *lab, unsigned families, struct error *error);
struct capture *far_near_capture(struct lab *lab, struct capture_options *options, struct error *error);
struct far *far_open(struct lab *lab, size_t ring_bytes, far_sink *sink, void *context, struct error *error);
/* A new connection from this source begins; something of it is sent. */
void far_begin(struct far *far, const struct endpoint *crafted);
void far_sent(struct far *far, const struct segment *segment);
/* The crafted end heard this; and all there was to hear until then. */
void far_came(struct far *far, const struct segment *segment);
void far_near_known(struct far *far, uint64_t upto_ns);
/* Hears what there is to hear. */
int far_receive(struct far *far, struct error *error);
/* TCP segments that came out of the router. */
uint64_t far_arrived(const struct far *far);
/* The same connection as the subject knows it. */
struct pair far_pair(const struct far *far, const struct pair *pair);
/* Everything that was lost so far, by the capture or on the links; how often the interface went down. */
int far_health(struct far *far, uint64_t *lost, uint64_t *went_down, struct error *error);
void far_tell(const struct far *far, const struct pair *pair, const struct side_exchange *exchange, struct side_view *view);
void far_close(struct far *far); /* NULL is fine */

#endif
