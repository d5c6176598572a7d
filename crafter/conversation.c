/* conversation.c - which end a segment is of, and when a new incarnation begins. */
#include "crafter/conversation.h"

#include <string.h>

void conversation_init(struct conversation *conversation, const struct tuple *tuple, enum state source, enum state target)
{
	memset(conversation, 0, sizeof(*conversation));
	conversation->tuple = *tuple;
	end_init(&conversation->source, source);
	end_init(&conversation->target, target);
}

void conversation_pass_from(struct conversation *conversation, bool from_target, const struct segment *segment,
			    uint64_t time_ns)
{
	struct end *from = from_target ? &conversation->target : &conversation->source;
	struct end *to = from_target ? &conversation->source : &conversation->target;
	uint32_t lives = from->lives;

	end_sent(from, segment, time_ns);
	/* A SYN that answers one, or that crosses it, belongs to the incarnation that the other end's SYN began. */
	if (from->lives != lives && to->state != STATE_SYN_SENT)
		conversation->incarnation++;
	end_got(to, segment, time_ns);
}

bool conversation_pass(struct conversation *conversation, const struct segment *segment, uint64_t time_ns)
{
	struct tuple reversed = tuple_reversed(&conversation->tuple);
	bool from_target = tuple_equal(&segment->tuple, &reversed);

	if (!from_target && !tuple_equal(&segment->tuple, &conversation->tuple))
		return false;
	conversation_pass_from(conversation, from_target, segment, time_ns);
	return true;
}
