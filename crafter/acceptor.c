/* acceptor.c - a server in three rules. */
#include "crafter/acceptor.h"

#include <string.h>

static void accept_syn(const struct segment *syn, uint32_t iss, uint32_t tsval, struct segment *answer)
{
	bool timestamps = segment_has_option(syn, OPTION_TIMESTAMPS);

	answer->flags = FLAG_SYN | FLAG_ACK;
	answer->seq = iss;
	answer->ack = syn->seq + 1;
	segment_add_syn_options(answer, timestamps);
	if (timestamps) {
		answer->tsval = tsval;
		answer->tsecr = syn->tsval;
	}
}

static void acknowledge(const struct end *server, uint32_t tsval, struct segment *answer)
{
	answer->flags = FLAG_ACK;
	answer->seq = server->snd_nxt;
	answer->ack = server->rcv_nxt;
	if (server->fin_taken) {
		answer->flags |= FLAG_FIN;
		if (server->fin_sent)
			answer->seq = server->fin_seq;
	}
	if (server->timestamps)
		segment_add_timestamps(answer, tsval, server->ts_recent);
}

bool acceptor_answer(const struct end *server, const struct segment *segment, uint32_t iss, uint32_t tsval,
		     struct segment *answer)
{
	bool connected = server->state != STATE_LISTEN && server->state != STATE_CLOSED;

	memset(answer, 0, sizeof(*answer));
	answer->tuple = tuple_reversed(&segment->tuple);
	answer->ttl = SEGMENT_TTL;
	answer->window = SEGMENT_WINDOW;
	if (segment->flags & FLAG_RST)
		return false;
	if ((segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
		accept_syn(segment, iss, tsval, answer);
	else if (connected && segment_length(segment) > 0)
		acknowledge(server, tsval, answer);
	else
		return false;
	return true;
}
