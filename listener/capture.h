/* capture.h - hears every segment between us and the subject, ours included. */
#ifndef TWPROBE_LISTENER_CAPTURE_H
#define TWPROBE_LISTENER_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/notice.h"
#include "crafter/segment.h"
#include "listener/capture_file.h"

struct capture; /* owns the libpcap handle or the packet socket, the link-state socket and the optional savefile */

/* Every captured frame, numbered from 1. `segment` is as a capture_sink has it, at this time; without numbers (an ICMP error, a
 * fragment) only its tuple counts. */
typedef void capture_keep(void *context, const struct capture_frame *frame, const struct segment *segment, bool has_numbers,
			  uint64_t time_ns);

struct capture_options {
	const char *interface;
	struct endpoint target;   /* only segments to or from it are captured (kernel-side filter);
	                             * port 0: any port; family 0: any address */
	uint16_t last_port;       /* of a range that begins with the target's port; 0: that port alone */
	size_t ring_bytes;        /* 0: a default */
	bool few;                 /* a few frames at a time: no ring, where that can be (packet_socket_link_type()), which would
				   * take longer to be made and removed than a cell does */
	int savefile;             /* write every captured frame there, by a copy of this descriptor; 0: none. Who reads
				   * a pipe sees each frame when it comes */
	const char *savefile_name; /* for errors; outlives the capture */
	capture_keep *keep;       /* gets every captured frame; NULL: nobody */
	void *keep_context;
	bool marked_only;         /* of what goes to the target, only segments with an ip_id: the peer marks with it what
				   * it must see, and the rest of its own it need not (any host; port needed) */
	bool loopback;            /* the interface shows each frame twice; take the copy that is received */
};

/* Needs CAP_NET_RAW now, and never again. */
struct capture *capture_open(const struct capture_options *options, struct error *error);

/* Becomes readable when there is something to receive. */
int capture_descriptor(const struct capture *capture);

/* Hands over everything that is there, oldest first. `notice` is NULL for a valid segment; else `segment` has no more than
 * the tuple that it is about (port 0: not known). The segment's payload lives until the call returns. Frames that are no
 * business of TCP's are passed over.
 *
 * Times are CLOCK_MONOTONIC. The kernel stamps frames with CLOCK_REALTIME; what lies between the two is sampled at each call,
 * and a stamp from before a step of the clock is known by its being in the future, or before the frame that came before it.
 *
 * Everything that was stamped until *upto_ns has been handed over: nothing of it is still on its way to us. Returns the number
 * of frames, or -1. */
typedef void capture_sink(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns);
int capture_receive(struct capture *capture, capture_sink *sink, void *context, uint64_t *upto_ns, struct error *error);

struct capture_health {
	uint64_t frames;     /* seen */
	uint64_t dropped;    /* by the kernel or the interface because there was no room, since the start */
	uint64_t went_down;  /* how often the interface lost UP or RUNNING since the start; now down counts */
};

/* Asks the kernel; costs system calls. */
int capture_health(struct capture *capture, struct capture_health *health, struct error *error);

/* Flushes the savefile. */
int capture_flush(struct capture *capture, struct error *error);
const char *capture_library_version(void);
void capture_close(struct capture *capture); /* NULL is fine */

#endif
