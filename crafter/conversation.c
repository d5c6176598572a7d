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

bool conversation_pass(struct conversation *conversation, const struct segment *segment, uint64_t time_ns)
{
	struct tuple reversed = tuple_reversed(&conversation->tuple);
	struct end *from = &conversation->source, *to = &conversation->target;
	uint32_t lives;

	if (tuple_equal(&segment->tuple, &reversed)) {
		from = &conversation->target;
		to = &conversation->source;
	} else if (!tuple_equal(&segment->tuple, &conversation->tuple)) {
		return false;
	}
	lives = from->lives;
	end_sent(from, segment, time_ns);
	/* A SYN that answers one, or that crosses it, belongs to the incarnation that the other end's SYN began. */
	if (from->lives != lives && to->state != STATE_SYN_SENT)
		conversation->incarnation++;
	end_got(to, segment, time_ns);
	return true;
}
