/* notice.h - what was heard about a connection but is not a valid segment of it, and so not an answer: an ICMP error, a frame
 * that cannot be read, a wrong checksum, a fragment, a segment that came too late or has numbers of none of our connections.
 * Pure. */
#ifndef TWPROBE_CRAFTER_NOTICE_H
#define TWPROBE_CRAFTER_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/segment.h"

enum notice_kind {
	NOTICE_ICMP,      /* an ICMP or ICMPv6 error that quotes a segment of ours */
	NOTICE_MALFORMED, /* lengths or options that contradict each other (`why`) */
	NOTICE_CHECKSUM,  /* a wrong IP, TCP or ICMP checksum: every host drops it */
	NOTICE_FRAGMENT,  /* a part of an IP packet */
	NOTICE_LATE,      /* a sound segment that answers what was given up waiting for */
	NOTICE_STRAY,     /* a sound segment whose numbers belong to no connection of ours */
	NOTICE_KIND_COUNT,
};

struct notice {
	enum notice_kind kind;
	const char *why;        /* MALFORMED, CHECKSUM, FRAGMENT, STRAY: a constant that says more; else NULL */
	uint8_t icmp_type, icmp_code;
	struct address from;    /* who sent the frame; for ICMP the router or host that rejects */
	struct segment segment; /* as far as it could be read; ICMP: of the quoted segment, seq alone. payload is NULL */
	uint64_t time_ns;
	uint64_t after_ns;      /* LATE: time since what it answers was seen; else 0 */
};

enum { NOTICE_TEXT_SIZE = 240 };

const char *notice_name(enum notice_kind kind); /* "icmp", "malformed"... */
/* Of two of the same sort one is enough. */
bool notice_same_sort(const struct notice *a, const struct notice *b);
/* One clause: "ICMP communication administratively prohibited (type 3, code 13) from 10.6.0.2". Returns `buffer`. */
const char *notice_text(const struct notice *notice, char *buffer, size_t size);

#endif
