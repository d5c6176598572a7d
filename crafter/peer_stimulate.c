/* peer_stimulate.c - PEER_STIMULATED and PEER_BETWEEN: the stimulus, and the wait for its answer; and the same once more, where
 * it is sent twice. */
#include "crafter/peer_internal.h"

#include "crafter/units.h"

/* Several round trips of most paths. */
#define SYN_RECV_WAIT_NS (400 * NSEC_PER_MSEC)
#define SECOND_LATE_NS (100 * NSEC_PER_MSEC)
#define RTO_MIN_NS (200 * NSEC_PER_MSEC)

/* In SYN_RECV the wait ends before the subject retransmits its SYN-ACK, as long as that leaves enough time. */
static uint64_t answer_deadline(const struct peer *peer)
{
	uint64_t deadline_ns = peer->now_ns + peer_answer_wait(peer);
	uint64_t timer_ns = peer->syn_ack_ns + PEER_SYN_ACK_TIMER_NS;
	uint64_t least_ns = peer->now_ns + SYN_RECV_WAIT_NS + peer->round_trip_ns;

	if (peer->state == STATE_SYN_RECV && timer_ns < deadline_ns && timer_ns > least_ns)
		return timer_ns;
	return deadline_ns;
}

enum peer_phase peer_stimulate_enter(struct peer *peer, struct peer_actions *actions)
{
	peer_send_stimulus(peer, actions);
	peer_arm(peer, peer->now_ns + peer_answer_wait(peer));
	return PEER_STIMULATED;
}

/* Our own segment passed the capture. The wait for an answer begins here. */
void peer_stimulate_see(struct peer *peer, const struct segment *segment)
{
	if (peer->seen_ns || !segment_alike(segment, &peer->sent))
		return;
	peer->seen_ns = peer->now_ns;
	if (!peer->stimulated_ns)
		peer->stimulated_ns = peer->now_ns;
	peer_arm(peer, answer_deadline(peer));
}

bool peer_is_own_unsound(const struct peer *peer, const struct notice *notice)
{
	return peer->sent_ns && segment_is_unsound(&peer->sent) && segment_alike(&notice->segment, &peer->sent);
}

/* The second one shall meet the subject's rate limit, and came so late, because this process or the whole machine stood still,
 * that the limit may have been over. */
static bool second_came_late(const struct peer *peer)
{
	uint64_t latest_ns = peer->first.time_ns + peer->again_after_ns + SECOND_LATE_NS;

	return peer->again && peer->first_answered && peer->again_after_ns < peer->rules->rate_limit_ns &&
	       peer->seen_ns > latest_ns;
}

static enum peer_phase had_its_time(struct peer *peer)
{
	if (second_came_late(peer))
		return peer_fail(peer, TROUBLE_LATE);
	return peer->twice && !peer->again ? PEER_BETWEEN : PEER_AFTERWARDS;
}

enum peer_phase peer_stimulate_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	(void)actions;
	/* The capture shows things in order: what comes before our stimulus does not answer it. */
	if (!peer->seen_ns || !peer_keep_answer(peer, event))
		return PEER_STIMULATED;
	peer->answered_ns = peer->now_ns;
	return had_its_time(peer);
}

/* What a subject that connected says again is its timer's, for certain (peer_is_repeat); and so is a SYN-ACK in SYN_RECV, where
 * nothing but a SYN gets one. */
static bool syn_ack_repeated(const struct peer *peer)
{
	bool is_syn = (stimulus_kind_flags(peer->stimulus.kind) & (FLAG_SYN | FLAG_RST)) == FLAG_SYN;

	if (state_plan_connects(peer->plan) || (peer->state == STATE_SYN_RECV && !is_syn))
		return false;
	for (uint8_t i = 0; i < peer->heard_count; i++)
		if (peer->heard[i].repeat && (peer->heard[i].segment.flags & FLAG_SYN))
			return true;
	return false;
}

/* A FIN's timer starts with TCP_RTO_MIN, 200 ms, and doubles; each may come twice. More than that is not a timer. */
static bool repeats_too_often(const struct peer *peer)
{
	uint64_t waited_ns = peer->now_ns - peer->seen_ns;
	uint32_t likely = 4;

	for (uint64_t timer_ns = RTO_MIN_NS; timer_ns < waited_ns; timer_ns *= 2)
		likely += 2;
	return peer->heard_count + peer->heard_more > likely;
}

enum peer_phase peer_stimulate_expire(struct peer *peer, struct peer_actions *actions)
{
	(void)actions;
	if (!peer->seen_ns)
		return peer_fail(peer, TROUBLE_NOT_SEEN);
	if (peer->heard_count && repeats_too_often(peer))
		peer_note_segment(peer, NOTICE_STRAY, "it repeats itself more often than timers would",
				  &peer->heard[0].segment, peer->heard[0].time_ns);
	/* In SYN_RECV the answer may be that very SYN-ACK; elsewhere the handshake was not over. */
	return syn_ack_repeated(peer) ? peer_fail(peer, TROUBLE_AMBIGUOUS) : had_its_time(peer);
}

/* Its answer is known, and what else comes is still the first one's: the capture shows things in order. */
enum peer_phase peer_between_enter(struct peer *peer, struct peer_actions *actions)
{
	(void)actions;
	peer_arm(peer, peer->now_ns + peer->again_after_ns);
	return PEER_BETWEEN;
}

enum peer_phase peer_between_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	(void)actions;
	peer_keep_answer(peer, event);
	return PEER_BETWEEN;
}

/* From here on all is about the second one. A SYN-ACK that the first one got has started its timer anew (tcp_check_req()). */
enum peer_phase peer_between_expire(struct peer *peer, struct peer_actions *actions)
{
	const struct peer_heard *answer = peer_answer(peer);

	(void)actions;
	if (peer->noticed)
		return peer_finish(peer);
	peer->first_answered = answer != NULL;
	if (answer) {
		peer->first = *answer;
		if (answer->segment.flags & FLAG_SYN)
			peer->syn_ack_ns = answer->time_ns;
	}
	peer->again = true;
	peer->heard_count = 0;
	peer->heard_more = 0;
	peer->seen_ns = 0;
	return PEER_STIMULATED;
}
