/* origin.c - the TTL that one side's segments have in common, and those that have another. */
#include "harness/diagnose/origin.h"

#include "crafter/seq.h"

/* So many segments with another TTL one after the other: the route has changed. Packets that take several ways at a time show
 * in one of so many. */
enum { ROUTE_CHANGE = 3, SEVERAL_WAYS = 8 };
/* A SYN proxy sends the SYN-ACK, maybe again, and an ACK that opens the window (synproxy_send_client_ack()). */
enum { HANDSHAKE_MOST = 3 };
/* So many IP IDs in a row show a counter; so far from it is another one. */
enum { ID_RUN = 8, ID_FAR = 4096 };

/* What systems begin with: 255 many routers and appliances, 128 Windows, 64 the others. */
static unsigned initial_of(uint8_t ttl)
{
	return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

bool origin_is_away(const struct origin *origin)
{
	return origin->ttl && origin->ttl != initial_of(origin->ttl);
}

static int16_t hops_nearer(uint8_t own, uint8_t ttl)
{
	return (int16_t)((int)(initial_of(own) - own) - (int)(initial_of(ttl) - ttl));
}

static void begin(struct origin *origin, const struct segment *segment)
{
	*origin = (struct origin){ .ttl = segment->ttl, .steady = 1, .echoes = origin->echoes };
}

/* It says something that its side has not said before. A capture of two places on the way, or of a router with a long queue,
 * shows the same segment again, with another TTL. */
static bool is_new(const struct origin *origin, const struct end *from, const struct segment *segment)
{
	if (segment->flags & FLAG_RST)
		return !origin->reset || origin->reset_seq != segment->seq;
	if ((segment->flags & FLAG_SYN) || !end_knows(from, END_SND_NXT))
		return false;
	if (segment_length(segment) > 0)
		return seq_after(segment->seq + segment_length(segment), from->snd_nxt);
	return end_knows(from, END_LAST_ACK) && seq_after(segment->ack, from->last_ack_sent);
}

/* Resets come in bursts, and tell nothing about the route of what follows. */
static enum origin_view note_other(struct origin *origin, const struct end *from, const struct segment *segment,
				   uint64_t frame)
{
	bool first = !origin->speaks && from->passive && origin->steady <= HANDSHAKE_MOST;

	if (segment->flags & FLAG_RST) {
		origin->odd_reset = frame;
		origin->odd_lives = from->lives;
		return ORIGIN_ODD;
	}
	origin->odd++;
	if (origin->next_ttl != segment->ttl)
		origin->next = 0;
	origin->next_ttl = segment->ttl;
	if (++origin->next < ROUTE_CHANGE)
		return ORIGIN_ODD;
	begin(origin, segment);
	origin->speaks = true;
	return first ? ORIGIN_PROXY : ORIGIN_OWN;
}

static void note_own(struct origin *origin, const struct end *from, const struct segment *segment, uint64_t frame)
{
	if (!(segment->flags & (FLAG_SYN | FLAG_RST))) {
		origin_own(origin, from, segment, frame);
		return;
	}
	origin->steady++;
	origin->next = 0;
	if (segment->flags & FLAG_RST) {
		origin->reset = true;
		origin->reset_seq = segment->seq;
	}
}

/* It begins a connection of its side: maybe of another host behind the same address. */
static bool begins(const struct end *from, const struct segment *segment)
{
	return (segment->flags & FLAG_SYN) && !(end_knows(from, END_ISS) && segment->seq == from->iss);
}

/* A SYN proxy's ACK and that of the server, whose connection it is from then on, say the same. */
static bool may_be_handed_over(const struct origin *origin, const struct segment *segment)
{
	return !origin->speaks && segment->payload_size == 0 && !(segment->flags & (FLAG_SYN | FLAG_FIN | FLAG_RST));
}

/* Before a connection is established, Linux answers from the control socket, and the socket says more later. */
static bool is_opening(const struct end *from)
{
	return from->state == STATE_SYN_SENT || from->state == STATE_SYN_RECV;
}

static bool is_far(uint16_t id, uint16_t other)
{
	uint16_t distance = id - other;

	return distance > ID_FAR && distance < UINT16_MAX - ID_FAR;
}

/* A reset's: Linux's own have 0, or the socket's next one. */
static bool has_other_id(const struct origin *origin, const struct end *from, const struct segment *segment)
{
	return (segment->flags & FLAG_RST) && segment->ip_id && origin->id_run >= ID_RUN &&
	       is_far(segment->ip_id, origin->id) && !origin->echoes && !is_opening(from);
}

struct origin_mark origin_note(struct origin *origin, const struct end *from, const struct segment *segment, uint64_t frame)
{
	struct origin_mark mark = {
		.view = ORIGIN_OWN,
		.ttl = origin->ttl,
		.before = origin->steady,
		.lives = from->lives,
		.reset = segment->flags & FLAG_RST,
	};

	if (segment->ttl == 0) /* the capture does not say it */
		return mark;
	if (segment->ttl == origin->ttl && has_other_id(origin, from, segment)) {
		mark.by_id = true;
		mark.id = origin->id;
		mark.id_breaks = origin->id_breaks;
		mark.view = note_other(origin, from, segment, frame);
		return mark;
	}
	if (segment->ttl == origin->ttl) {
		note_own(origin, from, segment, frame);
		return mark;
	}
	if (origin->ttl == 0 || begins(from, segment)) {
		begin(origin, segment);
		if (!(segment->flags & FLAG_SYN))
			note_own(origin, from, segment, frame);
		return mark;
	}
	mark.hops = hops_nearer(origin->ttl, segment->ttl);
	if (mark.hops == 0)
		return mark;
	mark.echo = !is_new(origin, from, segment) && !may_be_handed_over(origin, segment);
	if (mark.echo) {
		origin->echoes = true;
		return mark;
	}
	mark.view = note_other(origin, from, segment, frame);
	if (origin->echoes || is_opening(from))
		mark.view = ORIGIN_OWN;
	return mark;
}

enum origin_view origin_settle(const struct origin *now, const struct origin_mark *mark, uint64_t frame)
{
	bool returns = now->ttl == mark->ttl && now->own_frame > frame && now->lives == mark->lives;

	if (mark->view == ORIGIN_OWN || now->echoes)
		return ORIGIN_OWN;
	if (mark->view == ORIGIN_PROXY)
		return ORIGIN_PROXY;
	if (now->odd * SEVERAL_WAYS > now->steady)
		return ORIGIN_OWN;
	if (mark->by_id)
		return returns && now->id_breaks == mark->id_breaks ? ORIGIN_OTHER : ORIGIN_OWN;
	if (mark->reset)
		return returns ? ORIGIN_OTHER : mark->before >= 2 ? ORIGIN_ODD : ORIGIN_OWN;
	returns = returns && mark->before >= ROUTE_CHANGE && now->steady - mark->before >= ROUTE_CHANGE;
	return returns ? ORIGIN_OTHER : ORIGIN_OWN;
}

bool origin_outlived(const struct origin *now, uint64_t frame)
{
	return !now->echoes && now->odd_reset == frame && now->own_frame > frame && now->lives == now->odd_lives;
}
