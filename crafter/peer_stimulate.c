/* peer_stimulate.c - the stimulus, and the wait for its answer. */
#include "crafter/peer_internal.h"

#include "crafter/units.h"

/* Several round trips of most paths. */
#define SYN_RECV_WAIT_NS (400 * NSEC_PER_MSEC)
#define RTO_MIN_NS (200 * NSEC_PER_MSEC)

bool peer_same_on_wire(const struct segment *a, const struct segment *b)
{
	return a->flags == b->flags && a->seq == b->seq && a->ack == b->ack && a->payload_size == b->payload_size;
}

/* How long to wait for an answer: no target is further away than it takes. */
uint64_t peer_answer_wait(const struct peer *peer)
{
	uint64_t wait_ns = 2 * peer->round_trip_ns;

	if (wait_ns < peer->rules->answer_ns)
		wait_ns = peer->rules->answer_ns;
	return wait_ns < peer->rules->answer_least_ns ? peer->rules->answer_least_ns : wait_ns;
}

/* In SYN_RECV the wait ends before the subject sends its SYN-ACK again by itself, as long as that leaves time enough. */
static uint64_t answer_deadline(const struct peer *peer)
{
	uint64_t deadline_ns = peer->now_ns + peer_answer_wait(peer);
	uint64_t timer_ns = peer->syn_ack_ns + PEER_SYN_ACK_TIMER_NS;
	uint64_t least_ns = peer->now_ns + SYN_RECV_WAIT_NS + peer->round_trip_ns;

	if (peer->state == STATE_SYN_RECV && timer_ns < deadline_ns && timer_ns > least_ns)
		return timer_ns;
	return deadline_ns;
}

void peer_stimulate(struct peer *peer, struct peer_actions *actions)
{
	peer_enter(peer, PEER_STIMULATED);
	peer_send_stimulus(peer, actions);
	peer_arm(peer, TIMER_ANSWER, peer->now_ns + peer_answer_wait(peer));
}

/* Our own segment passed the capture. The wait for an answer begins here. */
void peer_see(struct peer *peer, const struct segment *segment)
{
	if (peer->phase == PEER_STIMULATED && !peer->seen_ns && peer_same_on_wire(segment, &peer->sent)) {
		peer->seen_ns = peer->now_ns;
		peer_arm(peer, TIMER_ANSWER, answer_deadline(peer));
	} else if (peer->phase == PEER_FOLLOWED && !peer->follow_up_seen_ns &&
		   peer_same_on_wire(segment, &peer->follow_up)) {
		peer->follow_up_seen_ns = peer->now_ns;
		peer_arm(peer, TIMER_FOLLOW_UP, peer->now_ns + peer_answer_wait(peer));
	}
}

void peer_hear_answer(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t heard_ns)
{
	bool repeat = peer_is_repeat(peer, segment, peer->now_ns);
	const char *why;

	if (!repeat && peer_place(peer, segment, &why) == PLACE_STRAY) {
		peer_note_segment(peer, NOTICE_STRAY, why, segment, heard_ns);
		return;
	}
	if (!repeat && peer_contradicts(peer, segment))
		peer_note_segment(peer, NOTICE_STRAY, "a second answer, and another one than the first", segment, heard_ns);
	peer_add_heard(peer, segment, heard_ns, repeat);
	if (repeat || peer->phase != PEER_STIMULATED)
		return;
	peer->answered_ns = peer->now_ns;
	peer_enter(peer, PEER_AFTERWARDS);
	if (peer->rules->after_ns)
		peer_arm(peer, TIMER_AFTER, peer->now_ns + peer->rules->after_ns);
	else
		peer_conclude(peer, actions);
}

static bool syn_ack_repeated(const struct peer *peer)
{
	for (uint8_t i = 0; i < peer->heard_count; i++)
		if (peer->heard[i].repeat && (peer->heard[i].segment.flags & FLAG_SYN))
			return true;
	return false;
}

/* A FIN's timer starts with TCP_RTO_MIN, 200 ms, and doubles; each may come twice. More than that is no timer. */
static bool repeats_too_often(const struct peer *peer)
{
	uint64_t waited_ns = peer->now_ns - peer->seen_ns;
	uint32_t likely = 4;

	for (uint64_t timer_ns = RTO_MIN_NS; timer_ns < waited_ns; timer_ns *= 2)
		likely += 2;
	return peer->heard_count + peer->heard_more > likely;
}

void peer_no_answer_in_time(struct peer *peer, struct peer_actions *actions)
{
	if (peer->seen_ns && peer->heard_count && repeats_too_often(peer))
		peer_note_segment(peer, NOTICE_STRAY, "it repeats what it sent before more often than timers do",
			     &peer->heard[0].segment, peer->heard[0].time_ns);
	if (!peer->seen_ns) {
		peer_end_in_trouble(peer, actions, TROUBLE_NOT_SEEN);
	} else if (syn_ack_repeated(peer)) {
		/* In SYN_RECV the answer may be that very SYN-ACK; elsewhere the handshake was not over. */
		peer_end_in_trouble(peer, actions, TROUBLE_AMBIGUOUS);
	} else {
		peer_enter(peer, PEER_AFTERWARDS);
		peer_conclude(peer, actions);
	}
}
