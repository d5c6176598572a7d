/* peer_follow_up.c - PEER_FOLLOWED: the second segment, and what counts as its answer. */
#include "crafter/peer_internal.h"

enum peer_phase peer_follow_up_enter(struct peer *peer, struct peer_actions *actions)
{
	peer_send_follow_up(peer, actions);
	peer_arm(peer, peer->now_ns + peer_answer_wait(peer));
	return PEER_FOLLOWED;
}

void peer_follow_up_see(struct peer *peer, const struct segment *segment)
{
	if (peer->follow_up_seen_ns || !segment_alike(segment, &peer->follow_up))
		return;
	peer->follow_up_seen_ns = peer->now_ns;
	peer_arm(peer, peer->now_ns + peer_answer_wait(peer));
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

enum peer_phase peer_follow_up_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	const struct segment *segment = event->segment;
	enum peer_place place;
	const char *why;

	(void)actions;
	if (peer_says_again(peer, segment))
		return PEER_FOLLOWED;
	place = peer_place(peer, segment, &why);
	if (place == PLACE_STRAY) {
		peer_note_segment(peer, NOTICE_STRAY, why, segment, event->now_ns);
	} else if (peer_answer(peer) && !peer->follow_up_seen_ns) {
		return PEER_FOLLOWED; /* more of what was answered in time */
	} else if (!peer->follow_up_seen_ns || place == PLACE_STIMULUS) {
		/* The capture shows things in order: before the follow-up passed, nothing can answer it. */
		if (!peer_answer(peer))
			peer_note_segment(peer, NOTICE_LATE, NULL, segment, event->now_ns);
	} else if (peer->follow_up_answered) {
		hear_second(peer, segment, event->now_ns);
	} else {
		peer->follow_up_answered = true;
		peer_keep(&peer->follow_up_heard, segment, event->now_ns, false);
		/* Who was answered in time, or can ask the kernel itself, knows what this is. */
		if (place == PLACE_FOLLOW_UP || peer_answer(peer) || peer->rules->witness)
			return peer_finish(peer);
	}
	return PEER_FOLLOWED;
}

enum peer_phase peer_follow_up_expire(struct peer *peer, struct peer_actions *actions)
{
	(void)actions;
	return peer_finish(peer);
}
