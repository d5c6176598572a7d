/* oracle_arrival.c - from an end and the segment that it gets to the distances that rules ask for. */
#include "cases/books/oracle_internal.h"

#include <string.h>

/* What must be known of the end in a state, enum end_fact. */
static unsigned needs_of(const struct end *end)
{
	switch (end->state) {
	case STATE_CLOSED:
	case STATE_LISTEN:
	case STATE_UNKNOWN:
		return 0;
	case STATE_SYN_SENT:
		return END_ISS | END_SND_NXT;
	default:
		return END_SND_NXT | END_SND_UNA | END_SND_WND | END_RCV_NXT | END_RCV_WND | END_TIMESTAMPS |
		       (end->timestamps ? END_TS_RECENT : 0); /* without END_TIMESTAMPS that means nothing */
	}
}

/* The state as a kernel's lookup of the four-tuple finds it. */
static void place(const struct end *end, struct arrival *arrival)
{
	bool held = arrival->facts & FACT_HELD;

	arrival->state = end->state;
	if (end->state == STATE_CLOSED && arrival->facts & FACT_LISTENER) {
		arrival->state = STATE_LISTEN;
		arrival->gone = true;
	} else if (end->state == STATE_SYN_RECV && arrival->facts & FACT_COOKIE) {
		arrival->state = STATE_LISTEN;
		arrival->cookie = arrival->gone = true;
	} else if (end->state == STATE_FIN_WAIT_2 || end->state == STATE_FIN_WAIT_2_HALF) {
		arrival->state = held ? STATE_FIN_WAIT_2_HALF : STATE_FIN_WAIT_2;
	} else {
		arrival->state = state_whole(end->state);
		arrival->half = arrival->state != end->state;
	}
}

static void measure_segment(const struct end *end, const struct segment *segment, struct arrival *arrival)
{
	arrival->syn = segment->flags & FLAG_SYN;
	arrival->ack = segment->flags & FLAG_ACK;
	arrival->rst = segment->flags & FLAG_RST;
	arrival->fin = segment->flags & FLAG_FIN;
	arrival->flags = segment->flags;
	arrival->ecn = (enum ecn)(segment->tos & ECN_MASK);
	arrival->ace = (uint8_t)((segment->flags & FLAG_AE ? 4 : 0) | (segment->flags & FLAG_CWR ? 2 : 0) |
				 (segment->flags & FLAG_ECE ? 1 : 0));
	arrival->ecn_setup = (segment->flags & (FLAG_ECE | FLAG_CWR)) == (FLAG_ECE | FLAG_CWR);
	arrival->seq = segment->seq - end->rcv_nxt;
	arrival->end_seq = arrival->seq + segment_length(segment);
	arrival->ack_seq = segment->ack - end->snd_nxt;
	arrival->window = (uint32_t)segment->window << (arrival->syn ? 0 : end->snd_wscale);
	arrival->bad_checksum = segment->bad_checksum;
	arrival->icmp = (enum icmp_error)segment->icmp_error;
	arrival->family = segment->tuple.target.address.family;
	if (arrival->icmp)
		arrival->ack_seq = segment->seq - end->snd_nxt;
}

/* tp->bytes_acked counts the SYN of an end that connected (tcp_ack() in SYN_SENT), not that of one that listened. */
static uint32_t bytes_acked(const struct end *end)
{
	if (!end_knows(end, END_ISS))
		return UINT32_MAX;
	return end->snd_una - end->iss - (end->passive ? 1 : 0);
}

static void measure_end(const struct end *end, struct arrival *arrival)
{
	arrival->passive = end->passive;
	arrival->mss = end->snd_mss ? end->snd_mss : arrival->family == 6 ? SEGMENT_MSS_IPV6 : SEGMENT_MSS_IPV4;
	arrival->iss = end->iss - end->snd_nxt;
	arrival->una = end->snd_una - end->snd_nxt;
	arrival->bytes_acked = bytes_acked(end);
	arrival->snd_wnd = end->snd_wnd;
	arrival->max_window = end->max_snd_wnd;
	arrival->snd_wl1 = end->snd_wl1 - end->rcv_nxt;
	arrival->rcv_wnd = end->rcv_wnd;
	arrival->rcv_taken_back = end->rcv_taken_back;
	arrival->rcv_wup = end_knows(end, END_LAST_ACK) ? end->last_ack_sent - end->rcv_nxt : 0;
	arrival->offers_timestamps = end->own_syn.timestamps;
	arrival->syn_tsval = end->own_syn.tsval;
	arrival->last_tsval = end_knows(end, END_LAST_TSVAL) ? end->last_tsval : end->own_syn.tsval;
	arrival->connection_timestamps = end->timestamps;
	arrival->ts_recent = end->ts_recent;
}

static void note_facts(const struct end *subject, struct arrival *arrival)
{
	unsigned facts = arrival->facts;

	arrival->timestamps = facts & FACT_TIMESTAMPS;
	arrival->rfc1337 = facts & FACT_RFC1337;
	arrival->held = facts & FACT_HELD;
	/* A process that has closed reads nothing more: tcp_close() empties the queue. */
	arrival->fin_read = state_whole(subject->state) == STATE_LAST_ACK || facts & FACT_READ;
	/* What was not read is why a window is closed. */
	arrival->unread = facts & FACT_UNREAD || subject->rcv_wnd == 0;
	arrival->limited = facts & FACT_LIMITED;
	arrival->no_cookies = facts & FACT_NO_COOKIES;
	arrival->accept_full = facts & FACT_ACCEPT_FULL;
	arrival->syn_full = facts & FACT_SYN_FULL;
	arrival->opens_fast = facts & FACT_OPENS_FAST;
	arrival->aborts = facts & FACT_ABORTS;
	arrival->defers = facts & FACT_DEFERS;
	arrival->cookies = facts & FACT_COOKIES;
	arrival->low_ttl = facts & FACT_LOW_TTL;
	arrival->no_fin_wait_2 = facts & FACT_NO_FIN_WAIT_2;
	arrival->no_time_waits = facts & FACT_NO_TIME_WAITS;
	arrival->listener = facts & FACT_LISTENER;
	arrival->checks_md5 = facts & FACT_MD5;
	arrival->checks_ao = facts & FACT_AO;
}

void oracle_arrival_with(const struct end *subject, const struct segment *segment, unsigned facts, struct arrival *arrival)
{
	bool reads_otherwise = (facts ^ arrival->facts) & FACT_AO;

	arrival->facts = facts;
	arrival->gone = arrival->cookie = arrival->half = false;
	place(subject, arrival);
	if (reads_otherwise)
		oracle_options(segment, facts, arrival);
	note_facts(subject, arrival);
}

void oracle_arrival(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
		    struct arrival *arrival)
{
	memset(arrival, 0, sizeof(*arrival));
	arrival->facts = surroundings->facts;
	arrival->unseen = (uint16_t)(needs_of(subject) & ~(unsigned)subject->known);
	place(subject, arrival);
	measure_segment(subject, segment, arrival);
	oracle_options(segment, surroundings->facts, arrival);
	measure_end(subject, arrival);
	if (arrival->facts & FACT_SHRINKS) {
		arrival->rcv_wnd -= arrival->rcv_taken_back;
		arrival->rcv_shrunk = arrival->rcv_taken_back;
		arrival->rcv_taken_back = 0;
	}
	arrival->ts_age_s = end_ts_age_s(subject, surroundings->now_ns);
	arrival->repetition = surroundings->repetition;
	note_facts(subject, arrival);
}
