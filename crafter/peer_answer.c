/* peer_answer.c - from the stimulus to the end: what counts as the answer, and what became of the subject. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"

/* The subject's first SYN-ACK retransmission comes after TCP_TIMEOUT_INIT (1 s). One that comes sooner was provoked. */
#define SYN_ACK_TIMER_NS (900 * UINT64_C(1000000))
/* Several round trips of most paths. */
#define SYN_RECV_WAIT_NS (400 * UINT64_C(1000000))

/* The listener's RST has the number that our ACK acknowledged, and acknowledges nothing. */
bool is_clearing_reset(const struct peer *peer, const struct segment *segment)
{
	return (segment->flags & (FLAG_RST | FLAG_ACK)) == FLAG_RST && segment->seq == peer->irs + 1;
}

/* FINs it repeats are timers (no stimulus makes it send one again: tcp_send_ack carries no FIN); a SYN-ACK may be one when
 * its timer was due. That began with the first SYN that arrived; after several nobody knows which one that was. */
bool peer_is_repeat(const struct peer *peer, const struct segment *segment, uint64_t now_ns)
{
	/* The listener's RST that ended the way to it, twice: no stimulus acknowledges that number. */
	if (peer->state == STATE_LISTEN)
		return peer->rules->proves_listen && is_clearing_reset(peer, segment);
	if (segment->flags & FLAG_RST)
		return false;
	if (segment->flags & FLAG_SYN)
		return segment->seq == peer->irs && (peer->state != STATE_SYN_RECV || peer->resent ||
						     now_ns - peer->syn_ack_ns >= SYN_ACK_TIMER_NS);
	if (segment->flags & FLAG_FIN)
		return peer->fin_heard && segment->seq + segment->payload_size == peer->fin_seq;
	return segment->payload_size > 0 && seq_before(segment->seq, peer->baseline.snd_nxt);
}

/* The wait is over: what became of the subject? */
void conclude(struct peer *peer, struct peer_actions *actions, uint64_t now_ns)
{
	if (peer->rules->witness && peer->state_after == STATE_UNKNOWN)
		actions->ask_witness = true;
	else
		after_the_answer(peer, actions, now_ns);
}

void hear_answer(struct peer *peer, const struct segment *segment, struct peer_actions *actions,
			uint64_t now_ns)
{
	struct peer_heard *heard = &peer->heard[peer->heard_count];
	bool repeat = peer_is_repeat(peer, segment, now_ns);

	if (peer->heard_count == PEER_HEARD_MAX)
		return;
	peer->heard_count++;
	heard->segment = *segment;
	heard->segment.payload = NULL;
	heard->time_ns = now_ns;
	heard->repeat = repeat;
	if (repeat || peer->phase != PEER_STIMULATED)
		return;
	peer->phase = PEER_AFTERWARDS;
	if (peer->rules->after_ns)
		arm(actions, now_ns + peer->rules->after_ns);
	else
		conclude(peer, actions, now_ns);
}

void hear_follow_up(struct peer *peer, const struct segment *segment, struct peer_actions *actions,
			   uint64_t now_ns)
{
	if (!peer->follow_up_seen_ns || peer_is_repeat(peer, segment, now_ns))
		return;
	peer->follow_up_answered = true;
	peer->follow_up_heard.segment = *segment;
	peer->follow_up_heard.segment.payload = NULL;
	peer->follow_up_heard.time_ns = now_ns;
	end(peer, actions);
}

static bool same_on_wire(const struct segment *a, const struct segment *b)
{
	return a->flags == b->flags && a->seq == b->seq && a->ack == b->ack && a->payload_size == b->payload_size;
}

/* How long to wait for an answer: no target is further away than it takes. */
uint64_t answer_wait(const struct peer *peer)
{
	uint64_t wait_ns = 2 * peer->round_trip_ns;

	return wait_ns > peer->rules->answer_ns ? wait_ns : peer->rules->answer_ns;
}

/* In SYN_RECV the wait ends before the subject sends its SYN-ACK again by itself, as long as that leaves time enough. */
static uint64_t answer_deadline(const struct peer *peer, uint64_t now_ns)
{
	uint64_t deadline_ns = now_ns + answer_wait(peer);
	uint64_t timer_ns = peer->syn_ack_ns + SYN_ACK_TIMER_NS;
	uint64_t least_ns = now_ns + SYN_RECV_WAIT_NS + peer->round_trip_ns;

	if (peer->state == STATE_SYN_RECV && timer_ns < deadline_ns && timer_ns > least_ns)
		return timer_ns;
	return deadline_ns;
}

/* Our own segment passed the capture. The wait for an answer begins here. */
void see(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns)
{
	if (peer->phase == PEER_STIMULATED && !peer->seen_ns && same_on_wire(segment, &peer->sent)) {
		peer->seen_ns = now_ns;
		arm(actions, answer_deadline(peer, now_ns));
	} else if (peer->phase == PEER_FOLLOWED && !peer->follow_up_seen_ns &&
		   same_on_wire(segment, &peer->follow_up)) {
		peer->follow_up_seen_ns = now_ns;
		arm(actions, now_ns + answer_wait(peer));
	}
}

/* An answer that is an ACK or a SYN-ACK shows the socket at work; after silence or a reset one must ask. */
static bool needs_follow_up(const struct peer *peer)
{
	const struct peer_heard *answer = peer_answer(peer);

	if (peer->state == STATE_LISTEN || peer->followed)
		return false;
	if (answer && (answer->segment.flags & FLAG_SYN))
		return false;
	return !answer || (answer->segment.flags & FLAG_RST) || (kind_flags(peer->stimulus.kind) & FLAG_RST);
}

void follow_up(struct peer *peer, struct peer_actions *actions, uint64_t now_ns)
{
	const struct peer_heard *answer = peer_answer(peer);

	/* The ACK it sent may have used up its rate limit; the follow-up's would be held back. */
	if (peer->phase != PEER_LIMITED && answer && !(answer->segment.flags & FLAG_RST) &&
	    peer->rules->rate_limit_ns) {
		peer->phase = PEER_LIMITED;
		arm(actions, answer->time_ns + peer->rules->rate_limit_ns);
		return;
	}
	peer->phase = PEER_FOLLOWED;
	send_follow_up(peer, actions);
	arm(actions, now_ns + answer_wait(peer));
}

void after_the_answer(struct peer *peer, struct peer_actions *actions, uint64_t now_ns)
{
	if (needs_follow_up(peer))
		follow_up(peer, actions, now_ns);
	else
		end(peer, actions);
}

static bool syn_ack_repeated(const struct peer *peer)
{
	for (uint8_t i = 0; i < peer->heard_count; i++)
		if (peer->heard[i].repeat && (peer->heard[i].segment.flags & FLAG_SYN))
			return true;
	return false;
}

void no_answer_in_time(struct peer *peer, struct peer_actions *actions, uint64_t now_ns)
{
	if (!peer->seen_ns) {
		end_in_trouble(peer, actions, TROUBLE_NOT_SEEN);
	} else if (syn_ack_repeated(peer)) {
		/* In SYN_RECV the answer may be that very SYN-ACK; elsewhere the handshake was not over. */
		end_in_trouble(peer, actions, TROUBLE_AMBIGUOUS);
	} else {
		peer->phase = PEER_AFTERWARDS;
		conclude(peer, actions, now_ns);
	}
}

const struct peer_heard *peer_answer(const struct peer *peer)
{
	for (uint8_t i = 0; i < peer->heard_count; i++)
		if (!peer->heard[i].repeat)
			return &peer->heard[i];
	return NULL;
}
