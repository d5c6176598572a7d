/* peer_after.c - answered, or silent: what became of the subject, and whether a follow-up must ask. */
#include "crafter/peer_internal.h"

/* The wait is over: what became of the subject? */
void peer_conclude(struct peer *peer, struct peer_actions *actions)
{
	if (peer->rules->witness && peer->state_after == STATE_UNKNOWN)
		actions->ask_witness = true;
	else
		peer_after_the_answer(peer, actions);
}

/* Everything that there is to hear was heard. What was noticed may be, or may hide, the answer. */
void peer_finish(struct peer *peer, struct peer_actions *actions)
{
	if (peer->noticed)
		peer_end_in_trouble(peer, actions, TROUBLE_NOTICED);
	else
		peer_end(peer, actions);
}

/* An answer that is an ACK or a SYN-ACK shows the socket at work; after silence or a reset one must ask. */
static bool needs_follow_up(const struct peer *peer)
{
	const struct peer_heard *answer = peer_answer(peer);

	if (peer->state == STATE_LISTEN || peer->followed)
		return false;
	if (answer && (answer->segment.flags & FLAG_SYN))
		return false;
	return !answer || (answer->segment.flags & FLAG_RST) || (stimulus_kind_flags(peer->stimulus.kind) & FLAG_RST);
}

void peer_after_the_answer(struct peer *peer, struct peer_actions *actions)
{
	if (!peer->noticed && needs_follow_up(peer))
		peer_follow_up(peer, actions);
	else
		peer_finish(peer, actions);
}
