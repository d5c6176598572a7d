/* peer_place.c - whether a segment that came after the stimulus has numbers of this connection, and which of the two that the
 * peer sent it answers. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"
#include "crafter/units.h"

/* How far the subject's clock and the capture's may be apart over the seconds of a probe. */
#define CLOCK_SLACK_NS (20 * NSEC_PER_MSEC)
/* No subject sends more before it is acknowledged: the largest window that we offer. */
enum { OWN_DATA_MAX = 65535 << 7 };

/* RFC 9293 3.10.7: what answers `segment` acknowledges some of what it takes of the sequence space: all, or a SYN alone. An
 * RST to one without ACK acknowledges all of it, taken or not (3.5.2). */
static bool acknowledges(uint32_t ack, const struct segment *segment)
{
	return ack - segment->seq <= segment_length(segment);
}

/* The old connection: from the first SYN to all that the set-up sent. */
static bool acknowledges_connection(const struct peer *peer, uint32_t ack)
{
	return !peer_has_none(peer) && ack - peer->crafted.iss <= peer->crafted.snd_nxt - peer->crafted.iss;
}

/* From its ISN (a keepalive probe is one below the next number) to a little after the next number. Without a connection it
 * has none. */
static bool from_connection(const struct peer *peer, uint32_t seq)
{
	uint32_t first = peer_subject_iss(peer);

	return peer_has_none(peer) || seq - first <= peer_subject_next(peer) - first + OWN_DATA_MAX;
}

/* The subject's TSval shows when the segment was made. No clock ticks faster than 1 ms (RFC 7323 5.4), so that one which has
 * ticked until after the follow-up left was made after it; a slower clock proves nothing. */
static bool made_after_follow_up(const struct peer *peer, const struct segment *segment)
{
	uint64_t least_ns;

	if (!peer->baseline.timestamps || !segment_has_option(segment, OPTION_TIMESTAMPS) ||
	    seq_before(segment->tsval, peer->baseline.ts_echo))
		return false;
	least_ns = peer->subject.last_tsval_ns + (segment->tsval - peer->baseline.ts_echo) * NSEC_PER_MSEC;
	return least_ns + CLOCK_SLACK_NS >= peer->follow_up_sent_ns &&
	       peer->follow_up_sent_ns > peer->sent_ns + 2 * CLOCK_SLACK_NS;
}

/* The subject connected to us, and did not get the SYN-ACK. */
static bool is_its_first_syn(const struct peer *peer, const struct segment *segment)
{
	return state_plan_connects(peer->plan) && segment->seq == peer_subject_iss(peer);
}

/* A subject that looks at no sequence number takes the stimulus for what it expects next (passt's tcp_data_from_tap() does so
 * with a FIN); nothing else of ours leads to that number. */
static bool acknowledges_as_next(const struct peer *peer, uint32_t ack)
{
	return peer->sent_ns && !peer_has_none(peer) && ack - peer->baseline.rcv_nxt <= segment_length(&peer->sent);
}

const char *peer_why_stray(const struct peer *peer, const struct segment *segment)
{
	bool acks = segment->flags & FLAG_ACK;
	bool of_ours = acknowledges_connection(peer, segment->ack) ||
		       (peer->sent_ns && acknowledges(segment->ack, &peer->sent)) || acknowledges_as_next(peer, segment->ack) ||
		       (peer->followed && acknowledges(segment->ack, &peer->follow_up));

	if (acks && !of_ours)
		return "it acknowledges something that was never sent";
	if (segment->flags & FLAG_SYN)
		return acks || is_its_first_syn(peer, segment) ? NULL : "a SYN of its own";
	if (segment->flags & FLAG_RST) {
		/* RFC 9293 3.5.2: SEQ = SEG.ACK of what it answers; with ACK, SEQ = 0. */
		if (acks || segment->seq == 0 || from_connection(peer, segment->seq) ||
		    (peer->sent_ns && (peer->sent.flags & FLAG_ACK) && segment->seq == peer->sent.ack))
			return NULL;
		return "its sequence number is not the connection's";
	}
	return from_connection(peer, segment->seq) ? NULL : "its sequence number is not the connection's";
}

enum peer_place peer_place(const struct peer *peer, const struct segment *segment, const char **why)
{
	bool acks = segment->flags & FLAG_ACK, to_stimulus, to_follow_up;

	*why = peer_why_stray(peer, segment);
	if (*why)
		return PLACE_STRAY;
	if (!peer->followed)
		return PLACE_STIMULUS;
	if (segment->flags & (FLAG_SYN | FLAG_RST)) {
		to_stimulus = acks ? acknowledges(segment->ack, &peer->sent) :
			      (peer->sent.flags & FLAG_ACK) && segment->seq == peer->sent.ack;
		to_follow_up = acks && acknowledges(segment->ack, &peer->follow_up) && segment->ack != peer->follow_up.seq;
		if (to_stimulus != to_follow_up)
			return to_stimulus ? PLACE_STIMULUS : PLACE_FOLLOW_UP;
	}
	return made_after_follow_up(peer, segment) ? PLACE_FOLLOW_UP : PLACE_EITHER;
}

/* The listener's RST has the number that our ACK acknowledged, and acknowledges nothing; some stacks acknowledge even so. */
bool peer_is_clearing_reset(const struct peer *peer, const struct segment *segment)
{
	return (segment->flags & FLAG_RST) && segment->seq == peer->crafted.irs + 1;
}

bool peer_waits_for_ack_of_fin(const struct peer *peer)
{
	return peer->fin_ns && !state_plan_has(peer->plan, WHO_CRAFTED, DOES_ACK_FIN);
}

bool peer_is_bare_ack(const struct peer *peer, const struct segment *segment)
{
	return peer->phase >= PEER_STIMULATED && peer_waits_for_ack_of_fin(peer) && segment->flags == FLAG_ACK &&
	       segment->payload_size == 0;
}

/* Stacks that come from BSD put their state's flags on all they send (tcp_output() of FreeBSD and of libslirp: TF_SENTFIN and
 * snd_nxt--), and so an acknowledgment carries a FIN that was not acknowledged again. It is one where no timer can have sent
 * it: each wait of one is as long as the last, or longer (RFC 6298 5.5). */
bool peer_is_ack_with_fin(const struct peer *peer, const struct segment *segment, uint64_t now_ns)
{
	uint8_t flags = segment->flags & (FLAG_FIN | FLAG_ACK | FLAG_RST | FLAG_SYN);

	return !peer->rules->witness && flags == (FLAG_FIN | FLAG_ACK) &&
	       segment->payload_size == 0 && peer_waits_for_ack_of_fin(peer) && !peer->bare_acks &&
	       now_ns - peer->fin_ns < (peer->fin_timer_ns ? peer->fin_timer_ns / 4 * 3 : PEER_FIN_TIMER_NS);
}

/* FINs it repeats are timers (no stimulus makes it send one again: tcp_send_ack carries no FIN; a stack that is not Linux may,
 * peer_is_ack_with_fin); a SYN-ACK may be one when its timer was due. That began with the first SYN that arrived; after several
 * nobody knows which one that was. A subject that connected repeats its SYN; that becomes a SYN-ACK when a SYN of ours crosses
 * it (tcp_send_synack), and no stimulus makes it send that one again. */
bool peer_is_repeat(const struct peer *peer, const struct segment *segment, uint64_t now_ns)
{
	/* The listener's RST that ended the way to it, twice: no stimulus acknowledges that number. */
	if (peer_has_none(peer))
		return peer->state == STATE_LISTEN && peer->rules->proves_listen && peer_is_clearing_reset(peer, segment);
	if (segment->flags & FLAG_RST)
		return false;
	if ((segment->flags & FLAG_SYN) && state_plan_connects(peer->plan))
		return is_its_first_syn(peer, segment) && (peer->state != STATE_SYN_SENT || !(segment->flags & FLAG_ACK));
	if (segment->flags & FLAG_SYN)
		return segment->seq == peer->crafted.irs && (peer->state != STATE_SYN_RECV || peer->resent ||
						     now_ns - peer->syn_ack_ns >= PEER_SYN_ACK_TIMER_NS);
	if (segment->flags & FLAG_FIN)
		return peer->crafted.fin_taken && segment->seq + segment->payload_size == peer->crafted.their_fin_seq;
	return segment->payload_size > 0 && seq_before(segment->seq, peer->baseline.snd_nxt);
}
