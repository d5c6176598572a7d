/* peer_after.c - PEER_AFTERWARDS and PEER_LIMITED: answered, or silent; what became of the subject, and whether a follow-up
 * must ask. */
#include "crafter/peer_internal.h"

/* An answer that is an ACK or a SYN-ACK shows the socket at work; after silence or a reset one must ask. */
static bool needs_follow_up(const struct peer *peer)
{
	const struct peer_heard *answer = peer_answer(peer);

	if (peer_has_none(peer) || peer->followed)
		return false;
	if (answer && (answer->segment.flags & FLAG_SYN))
		return false;
	return !answer || (answer->segment.flags & FLAG_RST) || (stimulus_kind_flags(peer->stimulus.kind) & FLAG_RST);
}

/* All is known that the wire and the witness say without being asked again. */
static enum peer_phase after_the_answer(struct peer *peer)
{
	const struct peer_heard *answer = peer_answer(peer);

	if (peer->noticed || !needs_follow_up(peer))
		return peer_finish(peer);
	/* The ACK it sent may have used up its rate limit; the follow-up's would be held back. */
	if (((answer && !(answer->segment.flags & FLAG_RST)) || peer->first_answered) && peer->rules->rate_limit_ns)
		return PEER_LIMITED;
	return PEER_FOLLOWED;
}

/* The subject has had its time: what became of it? */
enum peer_phase peer_after_expire(struct peer *peer, struct peer_actions *actions)
{
	if (!peer->rules->witness || peer->state_after != STATE_UNKNOWN)
		return after_the_answer(peer);
	actions->ask_witness = true;
	return PEER_AFTERWARDS;
}

enum peer_phase peer_after_enter(struct peer *peer, struct peer_actions *actions)
{
	if (!peer_answer(peer) || !peer->rules->after_ns)
		return peer_after_expire(peer, actions);
	peer_arm(peer, peer->now_ns + peer->rules->after_ns);
	return PEER_AFTERWARDS;
}

/* In both phases. */
enum peer_phase peer_after_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions)
{
	(void)actions;
	peer_keep_answer(peer, event);
	return peer->phase;
}

enum peer_phase peer_after_testify(struct peer *peer, enum state state, struct peer_actions *actions)
{
	(void)actions;
	peer->state_after = state;
	peer->sighted_after = peer->sighted;
	peer->sighted_after_ns = peer->now_ns;
	return after_the_answer(peer);
}

enum peer_phase peer_limit_enter(struct peer *peer, struct peer_actions *actions)
{
	(void)actions;
	peer_arm(peer, peer->answered_ns + peer->rules->rate_limit_ns);
	return PEER_LIMITED;
}

enum peer_phase peer_limit_expire(struct peer *peer, struct peer_actions *actions)
{
	(void)peer;
	(void)actions;
	return PEER_FOLLOWED;
}
