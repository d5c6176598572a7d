/* far.h - the subject's side of what is between, the lab's router or a path of the user's: what comes out there and what
 * the subject sends, heard by a capture of its own, and matched with what the crafted end sends and hears
 * (harness/wire/sides.h). */
#ifndef TWPROBE_HARNESS_WIRE_FAR_H
#define TWPROBE_HARNESS_WIRE_FAR_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/pair.h"
#include "harness/lab/lab.h"
#include "harness/wire/sides.h"
#include "listener/capture.h"

struct far;

/* A sound segment of the subject's, in the order in which they pass: whoever counts them. */
typedef void far_sink(void *context, const struct segment *segment);

/* What is sent and heard at the crafted end, opened there. The raw sockets of a lab without a router, or of none (NULL), are
 * opened where we are. `options` are changed: the path may have the subject behind other addresses and ports, so all of TCP is
 * heard. All these are called in the subject's namespace, and return there. */
struct inject *far_inject(struct lab *lab, unsigned families, struct error *error);
struct capture *far_near_capture(struct lab *lab, struct capture_options *options, struct error *error);

/* The bytes of a capture's ring for so many connections in flight; `in_turn`: as in struct wire_options. In the lab nobody else
 * is heard, and 40 frames of each find room: what is read again and again stays in the processor's caches. */
size_t far_ring(size_t in_flight, bool in_turn, bool lab);

struct far_options {
	struct lab *lab;       /* behind whose router it is; NULL: behind a path of the user's, to `target` */
	const char *interface; /* where the user's path can be heard behind it; with a lab: ignored */
	const char *namespace; /* of `ip netns`, in which that interface is; NULL: in ours */
	const char *file;      /* instead of an interface: far_file_open() */
	struct endpoint target;
	size_t ring_bytes; /* and `few`: as in struct capture_options */
	bool few;
	far_sink *sink;        /* NULL: nobody counts */
	void *context;
	capture_keep *keep;    /* of an interface: gets every frame; NULL: nobody */
	void *keep_context;
};

struct far *far_open(const struct far_options *options, struct error *error);
/* A new connection from this source begins; something of it is sent. */
void far_begin(struct far *far, const struct endpoint *crafted);
void far_sent(struct far *far, const struct segment *segment);
/* The crafted end heard this; and all there was to hear until then. */
void far_came(struct far *far, const struct segment *segment, uint64_t time_ns);
void far_near_known(struct far *far, uint64_t upto_ns);
/* Hears what there is to hear. */
int far_receive(struct far *far, struct error *error);
/* It is a file, and more may be written to it of what passed long ago. */
bool far_grows(const struct far *far);
/* TCP segments that came out of the router. */
uint64_t far_arrived(const struct far *far);
/* The same connection as the subject knows it. */
struct pair far_pair(const struct far *far, const struct pair *pair);
/* In the lab: everything that was lost so far, by the capture or on the links; how often the interface went down. What the
 * capture behind a path of the user's loses only makes that uncertain which is told of the path. */
int far_health(struct far *far, uint64_t *lost, uint64_t *went_down, struct error *error);
void far_tell(const struct far *far, const struct pair *pair, const struct side_exchange *exchange, struct side_view *view);
void far_close(struct far *far); /* NULL is fine */

#endif
