/* acceptor.c - a server in three rules. */
#include "crafter/acceptor.h"

#include <string.h>

enum { MSS_IPV4 = 1460, MSS_IPV6 = 1440 };

static void begin(struct acceptor *acceptor, const struct segment *syn, struct segment *reply)
{
	acceptor->timestamps = segment_has_option(syn, OPTION_TIMESTAMPS);
	acceptor->fin_sent = false;
	acceptor->rcv_nxt = syn->seq + 1;
	acceptor->snd_nxt = acceptor->isn + 1;
	reply->flags = FLAG_SYN | FLAG_ACK;
	reply->seq = acceptor->isn;
	segment_add_option(reply, OPTION_MSS);
	reply->mss = syn->tuple.target.address.family == 6 ? MSS_IPV6 : MSS_IPV4;
	segment_add_option(reply, OPTION_SACK_PERMITTED);
	if (!acceptor->timestamps) {
		segment_add_option(reply, OPTION_NOP);
		segment_add_option(reply, OPTION_NOP);
	}
}

static void add_timestamps(struct segment *reply, const struct segment *segment, uint32_t tsval)
{
	if (!(reply->flags & FLAG_SYN)) {
		segment_add_option(reply, OPTION_NOP);
		segment_add_option(reply, OPTION_NOP);
	}
	segment_add_option(reply, OPTION_TIMESTAMPS);
	reply->tsval = tsval;
	reply->tsecr = segment->tsval;
}

/* True when the segment takes sequence space, in order or again: it wants an acknowledgment. */
static bool take(struct acceptor *acceptor, const struct segment *segment, struct segment *reply)
{
	if (segment_length(segment) == 0)
		return false;
	if (segment->seq == acceptor->rcv_nxt)
		acceptor->rcv_nxt += segment_length(segment);
	reply->flags = FLAG_ACK;
	reply->seq = acceptor->snd_nxt;
	if (!(segment->flags & FLAG_FIN))
		return true;
	reply->flags |= FLAG_FIN;
	if (acceptor->fin_sent)
		reply->seq--;
	else
		acceptor->snd_nxt++;
	acceptor->fin_sent = true;
	return true;
}

bool acceptor_hear(struct acceptor *acceptor, const struct segment *segment, uint32_t tsval, struct segment *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->tuple = tuple_reversed(&segment->tuple);
	reply->ttl = SEGMENT_TTL;
	reply->window = SEGMENT_WINDOW;
	if (segment->flags & FLAG_RST)
		return false;
	if ((segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
		begin(acceptor, segment, reply);
	else if (!take(acceptor, segment, reply))
		return false;
	reply->ack = acceptor->rcv_nxt;
	if (acceptor->timestamps)
		add_timestamps(reply, segment, tsval);
	if (reply->flags & FLAG_SYN) {
		segment_add_option(reply, OPTION_NOP);
		segment_add_option(reply, OPTION_WSCALE);
		reply->wscale = SEGMENT_WSCALE;
	}
	return true;
}
