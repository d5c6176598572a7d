/* peer_follow_up.c - the second segment, and what counts as its answer. */
#include "crafter/peer_internal.h"

void peer_follow_up(struct peer *peer, struct peer_actions *actions)
{
	const struct peer_heard *answer = peer_answer(peer);

	/* The ACK it sent may have used up its rate limit; the follow-up's would be held back. */
	if (peer->phase != PEER_LIMITED && answer && !(answer->segment.flags & FLAG_RST) &&
	    peer->rules->rate_limit_ns) {
		peer_enter(peer, PEER_LIMITED);
		peer_arm(peer, TIMER_LIMIT, peer->answered_ns + peer->rules->rate_limit_ns);
		return;
	}
	peer_enter(peer, PEER_FOLLOWED);
	peer_send_follow_up(peer, actions);
	peer_arm(peer, TIMER_FOLLOW_UP, peer->now_ns + peer_answer_wait(peer));
}

/* One answer to the follow-up came that may as well be the stimulus', late. If it is, the follow-up's own is still to come: a
 * copy of it that the network made comes sooner, and is the same in all its fields. */
static void hear_second(struct peer *peer, const struct segment *segment, uint64_t heard_ns)
{
	const struct peer_heard *first = &peer->follow_up_heard;

	if (segment_is_copy(segment, &first->segment) && heard_ns < first->time_ns + PEER_COPY_LATEST_NS + peer->round_trip_ns)
		return;
	peer_note_segment(peer, NOTICE_LATE, NULL, &first->segment, first->time_ns);
}

void peer_hear_follow_up(struct peer *peer, const struct segment *segment, struct peer_actions *actions,
			 uint64_t heard_ns)
{
	enum peer_place place;
	const char *why;

	if (peer_is_repeat(peer, segment, peer->now_ns))
		return;
	place = peer_place(peer, segment, &why);
	if (place == PLACE_STRAY) {
		peer_note_segment(peer, NOTICE_STRAY, why, segment, heard_ns);
	} else if (peer_answer(peer) && !peer->follow_up_seen_ns) {
		return; /* more of what was answered in time */
	} else if (!peer->follow_up_seen_ns || place == PLACE_STIMULUS) {
		/* The capture shows things in order: before the follow-up passed, nothing can answer it. */
		if (!peer_answer(peer))
			peer_note_segment(peer, NOTICE_LATE, NULL, segment, heard_ns);
	} else if (peer->follow_up_answered) {
		hear_second(peer, segment, heard_ns);
	} else {
		peer->follow_up_answered = true;
		peer_keep(&peer->follow_up_heard, segment, heard_ns, false);
		/* Who was answered in time, or can ask the kernel itself, knows what this is. */
		if (place == PLACE_FOLLOW_UP || peer_answer(peer) || peer->rules->witness)
			peer_finish(peer, actions);
	}
}

void peer_follow_up_is_over(struct peer *peer, struct peer_actions *actions)
{
	peer_finish(peer, actions);
}
