/* ear.h - one captured frame: a valid TCP segment, something else about a connection, or nothing of ours. Pure.
 *
 * No input makes it read past `size`, assert or abort. */
#ifndef TWPROBE_LISTENER_EAR_H
#define TWPROBE_LISTENER_EAR_H

#include <stddef.h>
#include <stdint.h>

#include "crafter/notice.h"
#include "crafter/segment.h"

enum ear_result {
	EAR_SEGMENT, /* `segment` */
	EAR_NOTICE,  /* `notice`, and in `segment` the tuple that it is about, as far as known: port 0 where there is none */
	EAR_CUT,     /* a segment whose options were not captured to their end; it could pass for a sound one without
		      * them. `notice` says so too */
	EAR_NOTHING, /* no business of TCP's */
};

/* `size`: the captured bytes of a frame with a DLT_ link type, which had `length` on the wire. An ICMP error is about the
 * segment that it quotes: `segment` has the tuple of what would have answered that one.
 *
 * Checksums are verified where the whole packet was captured. A TCP checksum that is just the pseudo-header's sum was left for
 * a card to fill in (CHECKSUM_PARTIAL, __tcp_v4_send_check), which never happens on loopback and veth: it is not an error. */
enum ear_result ear_take(int link_type, const uint8_t *frame, size_t size, size_t length, struct segment *segment,
			 struct notice *notice);

#endif
