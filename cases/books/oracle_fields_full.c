/* oracle_fields_full.c - the linux book on what a full socket takes of a segment before it sends its ACK.
 *
 * net/ipv4/tcp_input.c: tcp_validate_incoming(), tcp_ack(), tcp_data_queue(), tcp_fin(), in that order; the same in 6.1, 6.12,
 * 7.2 and 7.3 but for what is said to be open. */
#include <string.h>

#include "cases/books/oracle_fields_internal.h"

static void block(struct uptake *uptake, uint32_t from, uint32_t to, const char *why)
{
	uptake->blocks[0] = (struct sack_block){ from, to };
	uptake->block_count = 1;
	uptake->why = why;
}

/* What was held before is reported in every ACK, after a D-SACK block. */
static void add_held(const struct asked *asked, struct uptake *uptake)
{
	const struct sack_block held = {
		asked->end->held_from - asked->end->rcv_nxt, asked->end->held_to - asked->end->rcv_nxt,
	};

	uptake->blocks[uptake->block_count++] = held;
	if (uptake->block_count == 1)
		uptake->why = "tcp_established_options(): num_sacks: what tcp_data_queue_ofo() has held before";
}

/* Challenge ACKs report no blocks. Before CHANGE_PAWS_SYN a SYN with an old timestamp gets none. */
static bool is_challenged(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;
	bool old = arrival->has_timestamp && arrival->connection_timestamps &&
		   !oracle_linux_paws_check(arrival, asked->kernel, TCP_PAWS_WINDOW);

	if (!arrival->syn || arrival->rst)
		return arrival->rst;
	return !old || kernel_has(asked->kernel, CHANGE_PAWS_SYN);
}

/* tcp_send_dupack(): what is old in a segment that is dropped. */
static void dropped(const struct asked *asked, struct uptake *uptake)
{
	const struct arrival *arrival = asked->arrival;
	uint32_t end = seq_after(arrival->end_seq, 0) ? 0 : arrival->end_seq;

	if (!is_challenged(asked) && arrival->end_seq != arrival->seq && seq_before(arrival->seq, 0))
		block(uptake, arrival->seq, end, "tcp_send_dupack(): before(seq, rcv_nxt) -> tcp_dsack_set()");
}

/* tcp_ack() -> tcp_replace_ts_recent(). An ACK below snd_una brings a new ts_recent only in later releases of each series
 * (old_ack), or by the fast path. The new socket of a handshake has got the timestamp from tcp_check_req() before. */
static void stamp(const struct asked *asked, struct uptake *uptake)
{
	const struct arrival *arrival = asked->arrival;
	bool saw = arrival->has_timestamp && arrival->connection_timestamps && !seq_after(arrival->seq, arrival->rcv_wup);

	if (!saw || !oracle_linux_paws_check(arrival, asked->kernel, 0))
		return;
	uptake->newer = true;
	uptake->newer_open = arrival->tsval != arrival->ts_recent && seq_before(arrival->ack_seq, arrival->una);
}

/* tcp_check_req(), own_req: the timestamp of a segment that makes a socket, with tcp_timestamps as it is now. */
static bool stamped_by_request(const struct arrival *arrival)
{
	return arrival->state == STATE_SYN_RECV && arrival->passive && arrival->has_timestamp && arrival->timestamps &&
	       arrival->connection_timestamps && !seq_after(arrival->seq, 0);
}

/* What the IP header says of congestion is read by tcp_event_data_recv(), that is of data alone. In FIN_WAIT_1 and FIN_WAIT_2
 * tcp_fin() sends the ACK at once; in the other states it forgets all blocks first. */
static void take(const struct arrival *arrival, struct uptake *uptake)
{
	bool at_once = arrival->state == STATE_FIN_WAIT_1 || arrival->state == STATE_FIN_WAIT_2_HALF;

	uptake->taken = arrival->end_seq;
	uptake->congested = arrival->ecn == ECN_CE && arrival->end_seq - arrival->seq > arrival->fin;
	if (arrival->fin && !at_once)
		uptake->block_count = 0;
}

/* tcp_rcv_state_process(): the segment that acknowledges the last FIN ends there, and nothing follows the other end's. */
static bool is_ignored(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;
	bool acked = arrival->ack_seq == 0, follows = !seq_before(arrival->seq, 0);

	switch (arrival->state) {
	case STATE_FIN_WAIT_1:
		return acked && !arrival->held && !arrival->fin;
	case STATE_CLOSING:
	case STATE_LAST_ACK:
		return acked || follows;
	case STATE_CLOSE_WAIT:
		return follows;
	default:
		return false;
	}
}

static bool is_held(const struct asked *asked)
{
	const struct end *end = asked->end;

	return oracle_fields_holds(end) && asked->segment->seq == end->held_from &&
	       asked->arrival->end_seq == end->held_to - end->rcv_nxt;
}

/* tcp_data_queue() */
static void queue(const struct asked *asked, struct uptake *uptake)
{
	const struct arrival *arrival = asked->arrival;
	bool closed = arrival->rcv_wnd == 0, bare_fin = arrival->fin && arrival->end_seq == 1;

	if (arrival->seq == arrival->end_seq)
		return;
	if (arrival->seq == 0) {
		if (!closed || (bare_fin && kernel_has(asked->kernel, CHANGE_BARE_FIN)))
			take(arrival, uptake);
	} else if (!seq_after(arrival->end_seq, 0)) {
		block(uptake, arrival->seq, arrival->end_seq, "tcp_data_queue(): old data -> tcp_dsack_set()");
	} else if (seq_after(arrival->seq, 0)) {
		if (!seq_before(arrival->seq, arrival->rcv_wnd))
			return;
		block(uptake, arrival->seq, arrival->end_seq, is_held(asked) ?
		      "tcp_data_queue_ofo(): all there already -> tcp_dsack_set()" :
		      "tcp_data_queue_ofo(): selective_acks[0]");
		uptake->held = !is_held(asked);
		uptake->congested = arrival->ecn == ECN_CE;
	} else {
		block(uptake, arrival->seq, 0, "tcp_data_queue(): before(seq, rcv_nxt) -> tcp_dsack_set()");
		if (!closed)
			take(arrival, uptake);
	}
}

void oracle_fields_uptake(const struct asked *asked, struct uptake *uptake)
{
	const struct arrival *arrival = asked->arrival;

	memset(uptake, 0, sizeof(*uptake));
	if (oracle_linux_drops_unread(arrival, asked->kernel))
		return;
	uptake->newer = stamped_by_request(arrival);
	switch (oracle_linux_full_passes(arrival, asked->kernel)) {
	case PASSES_NOTHING:
		dropped(asked, uptake);
		break;
	case PASSES_VALIDATE:
		break;
	case PASSES_ALL:
		stamp(asked, uptake);
		if (!is_ignored(asked))
			queue(asked, uptake);
		break;
	}
	if (oracle_fields_holds(asked->end) && !uptake->held && !uptake->taken)
		add_held(asked, uptake);
}
