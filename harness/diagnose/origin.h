/* origin.h - who sent a segment: what its IP header has in common with the other segments of its side. Pure.
 *
 * What a kernel does on its own is its own. Linux sends resets, and the ACKs of TIME_WAIT and SYN_RECV, from a control socket:
 * with the default TTL, whatever IP_TTL the process has set (tcp_v4_send_reset(), tcp_v4_send_ack(), ip_send_unicast_reply();
 * in IPv6 tcp_v6_send_response()), with IP ID 0, and resets without timestamps. So a missing option or an IP ID of 0 accuses
 * nobody here, nor does a TTL that shows the same distance from another initial TTL. An IP ID does where the others count
 * up, and go on to do so afterwards. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_ORIGIN_H
#define TWPROBE_HARNESS_DIAGNOSE_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/end.h"

enum origin_view {
	ORIGIN_OWN,   /* like the others of its side, or there is nothing to compare it with */
	ORIGIN_ODD,   /* another TTL than those before it; what comes after it decides */
	ORIGIN_OTHER, /* another TTL than those before it and those after it: sent by something else */
	ORIGIN_PROXY, /* from here on another TTL than the handshake's: perhaps something else answered the SYN */
};

/* What was found about one segment. */
struct origin_mark {
	enum origin_view view;
	uint8_t ttl;     /* of the other segments of its side; 0: not known */
	int16_t hops;    /* it comes from so much nearer (below 0: farther), if both began with 32, 64, 128 or 255 */
	uint32_t before; /* so many segments of its side had `ttl` */
	uint32_t lives;  /* connections that its side had begun */
	bool reset;      /* it is one */
	bool echo;       /* what was sent before, with another TTL */
	bool by_id;      /* it is the IP ID that is odd, not the TTL */
	uint16_t id;     /* the IP ID of its side before it */
	uint8_t id_breaks;
};

/* What the segments of one side have in common. */
struct origin {
	uint64_t own_frame;     /* the last segment with `ttl` that is neither SYN nor reset; 0: none */
	uint64_t odd_reset;     /* the last reset with another one */
	uint32_t lives, odd_lives; /* of the end, at own_frame; at odd_reset */
	uint32_t steady, odd;   /* so many had it; so many had another one, resets left out */
	uint32_t reset_seq;
	uint16_t id;            /* the last IP ID of its own, and how many have counted up to it by small steps */
	uint8_t id_run, id_breaks; /* id_breaks: how often they did not */
	uint8_t ttl;            /* of its segments; 0: none came */
	uint8_t next_ttl, next; /* another one, and how many of the last segments had it, one after the other */
	bool speaks;            /* data or a FIN had it */
	bool echoes;            /* what was sent before came again with another TTL: the capture shows two places of the way,
				 * or the route changed just then */
	bool reset;             /* a reset had it, with reset_seq */
};

/* A step of the IP ID: 1, or with segmentation offload as many as there were segments (ip_select_ident_segs()). */
enum { ORIGIN_ID_STEP = 64 };

/* A router has counted its TTL down: its host is not the one of the capture. */
bool origin_is_away(const struct origin *origin);

static inline void origin_break_ids(struct origin *origin)
{
	origin->id_run = 0;
	origin->id_breaks++;
}

/* A segment of its own, neither SYN nor reset. */
static inline void origin_own(struct origin *origin, const struct end *from, const struct segment *segment, uint64_t frame)
{
	origin->steady++;
	origin->next = 0;
	origin->speaks |= segment->payload_size > 0 || (segment->flags & FLAG_FIN);
	origin->own_frame = frame;
	origin->lives = from->lives;
	if ((uint16_t)(segment->ip_id - origin->id - 1) >= ORIGIN_ID_STEP)
		origin_break_ids(origin);
	else if (origin->id_run < UINT8_MAX)
		origin->id_run++;
	origin->id = segment->ip_id;
}

/* `from` is as it was before it sent the segment. */
struct origin_mark origin_note(struct origin *origin, const struct end *from, const struct segment *segment, uint64_t frame);
/* What is to be said of it in the light of what followed. */
enum origin_view origin_settle(const struct origin *now, const struct origin_mark *mark, uint64_t frame);
/* The reset `frame` came from something else, and the end that it seemed to come from went on. */
bool origin_outlived(const struct origin *now, uint64_t frame);

#endif
