/* oracle_fields.c - the linux book on the fields of answers: which function sends it, and what that puts into each.
 *
 * Read in 6.1, 6.12, 7.2 and 7.3: net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c, net/ipv4/tcp_output.c, net/ipv4/tcp_minisocks.c. */
#include "cases/books/oracle_fields.h"

#include <string.h>

#include "cases/books/oracle_fields_internal.h"

#define SMALL_ACK "tcp_v4_send_ack(), tcp_v6_send_ack(): "
#define FULL_ACK "__tcp_transmit_skb(): "
#define SEND_RESET "tcp_v4_send_reset(), tcp_v6_send_reset(): "

/* RFC 9293 3.10.7.1 gives the same numbers. No timestamps: only the RSTs that a process causes may have them. */
static void say_reset(const struct asked *asked)
{
	const struct segment *segment = asked->segment;
	struct fields *fields = asked->fields;
	bool ack = segment->flags & FLAG_ACK;

	oracle_say_flags(fields, ack ? FLAG_RST : FLAG_RST | FLAG_ACK, SEND_RESET "th->ack, or not");
	oracle_say_seq(fields, ack ? segment->ack : 0, SEND_RESET "th->ack: seq = th->ack_seq; else 0");
	oracle_say_ack(fields, ack ? 0 : segment->seq + segment_length(segment),
		       SEND_RESET "!th->ack: ack_seq = seq + syn + fin + length; else 0");
	oracle_say_window(fields, 0, 0, SEND_RESET "the header is all zeros at first");
	oracle_say_padded(fields, false, false, SEND_RESET "no key, so no options");
}

/* Of small sockets. An echo of 0 leaves the timestamps out altogether. */
static void say_small_ack(const struct asked *asked, uint32_t ack, uint32_t ts_recent)
{
	struct fields *fields = asked->fields;
	bool timestamps = asked->end->timestamps && ts_recent != 0;

	oracle_say_flags(fields, FLAG_ACK, SMALL_ACK "ack = 1");
	oracle_say_ack(fields, ack, SMALL_ACK "tw_rcv_nxt, or rcv_nxt of the request");
	oracle_say_padded(fields, timestamps, false, SMALL_ACK "timestamps if tsecr is not 0");
	if (!timestamps)
		return;
	oracle_say_tsecr(fields, ts_recent, SMALL_ACK "tw_ts_recent, or ts_recent of the request");
	oracle_say_tsval(asked, SMALL_ACK "the clock now and the connection's offset");
}

/* tcp_timewait_state_process(): the FIN that makes a TIME_WAIT of FIN_WAIT_2 counts, nothing else that is answered does. */
static void say_timewait_ack(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;
	const struct end *end = asked->end;
	bool fin = arrival->state == STATE_FIN_WAIT_2 && asked->rule->after == STATE_TIME_WAIT;
	bool newer = fin && arrival->has_timestamp && arrival->connection_timestamps && arrival->timestamps;

	say_small_ack(asked, end->rcv_nxt + (fin ? arrival->end_seq : 0), newer ? arrival->tsval : end->ts_recent);
	oracle_say_seq(asked->fields, end->snd_nxt, "tcp_v4_timewait_ack(), tcp_v6_timewait_ack(): tw_snd_nxt");
	if (asked->host->settings)
		oracle_say_window(asked->fields, end->rcv_wnd >> end->rcv_wscale, end->rcv_wnd >> end->rcv_wscale,
				  "tcp_v4_timewait_ack(), tcp_v6_timewait_ack(): tw_rcv_wnd >> tw_rcv_wscale");
}

/* tcp_v4_reqsk_send_ack(), tcp_v6_reqsk_send_ack() */
static void say_request_ack(const struct asked *asked)
{
	const struct end *end = asked->end;

	say_small_ack(asked, end->rcv_nxt, end->ts_recent);
	oracle_say_seq(asked->fields, end->snd_nxt, "tcp_v4_reqsk_send_ack(), tcp_v6_reqsk_send_ack(): snt_isn + 1");
	if (asked->host->settings && end->own_syn.seen && end->own_syn.window < UINT16_MAX)
		oracle_say_window(asked->fields, (uint32_t)end->own_syn.window >> end->rcv_wscale,
				  (uint32_t)end->own_syn.window >> end->rcv_wscale,
				  "tcp_v4_reqsk_send_ack(), tcp_v6_reqsk_send_ack(): rsk_rcv_wnd >> rcv_wscale");
}

/* tcp_select_window(): what was offered is never taken back, in whole units of the scale; and rcv_ssthresh, which bounds it
 * from above, is the first window until data comes. */
static void say_selected_window(const struct asked *asked, const struct uptake *uptake)
{
	const struct end *end = asked->end;
	uint32_t taken = uptake->taken;
	uint32_t offered = end->rcv_wnd > taken ? end->rcv_wnd - taken : 0;
	uint32_t first = end->own_syn.window > offered ? end->own_syn.window : offered;
	bool still = end->own_syn.seen && end->own_syn.window < UINT16_MAX && !asked->arrival->unread &&
		     !taken && !uptake->held;

	/* With tcp_shrink_window it is what the buffer has room for; how much of it a segment takes depends on its memory. */
	if (asked->arrival->facts & FACT_SHRINKS) {
		if (asked->host->settings && !taken && !uptake->held)
			oracle_say_window(asked->fields, asked->arrival->rcv_wnd >> end->rcv_wscale,
					  asked->arrival->rcv_wnd >> end->rcv_wscale,
					  "__tcp_select_window(), shrink_window_allowed: free_space is as before");
		return;
	}
	if (asked->host->settings && end->rcv_wnd == 0 && asked->arrival->facts & FACT_UNREAD)
		oracle_say_window(asked->fields, 0, 0, "__tcp_select_window(): free_space < mss -> 0; nobody has read");
	else if (asked->host->settings)
		oracle_say_window(asked->fields, oracle_fields_align(offered, end->rcv_wscale) >> end->rcv_wscale,
				  still ? oracle_fields_align(first, end->rcv_wscale) >> end->rcv_wscale : UINT16_MAX,
				  "tcp_select_window(): new_win < cur_win: never shrink; __tcp_select_window(): rcv_ssthresh");
}

static void say_blocks(const struct asked *asked, const struct uptake *uptake)
{
	struct fields *fields = asked->fields;
	const struct end *end = asked->end;
	bool blocks = end->sack && uptake->block_count;

	oracle_say_padded(fields, end->timestamps, blocks,
			  "tcp_established_options(), tcp_options_write(): tstamp_ok; num_sacks + dsack");
	if (!blocks)
		return;
	fields->block_count = uptake->block_count;
	for (size_t i = 0; i < uptake->block_count; i++) {
		fields->blocks[i].from = end->rcv_nxt + uptake->blocks[i].from;
		fields->blocks[i].to = end->rcv_nxt + uptake->blocks[i].to;
	}
	oracle_say(fields, FIELD_SACK, uptake->why);
}

/* tcp_validate_incoming(): a SYN in the window is answered with what its IP header says; one that is not gets there before. */
static bool is_reflected(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;
	bool old = arrival->has_timestamp && arrival->connection_timestamps &&
		   !oracle_linux_paws_check(arrival, asked->kernel, TCP_PAWS_WINDOW);

	return arrival->syn && !arrival->rst && !old && !seq_before(arrival->end_seq, arrival->rcv_wup) &&
	       !seq_after(arrival->seq, arrival->rcv_wnd);
}

/* tcp_accecn_set_ace(), unless there are flags already. */
static uint16_t count_of_ce(const struct asked *asked)
{
	enum { FIRST_COUNT = 5 /* TCP_ACCECN_CEP_INIT_OFFSET */ };
	unsigned count = FIRST_COUNT + asked->end->ce_count;

	return (uint16_t)((count & 4 ? FLAG_AE : 0) | (count & 2 ? FLAG_CWR : 0) | (count & 1 ? FLAG_ECE : 0));
}

static void say_full_flags(const struct asked *asked, const struct uptake *uptake)
{
	const struct end *end = asked->end;

	if (end->accurate_ecn)
		oracle_say_flags(asked->fields, FLAG_ACK | (is_reflected(asked) ? oracle_fields_reflected(asked->arrival->ecn) :
									       count_of_ce(asked)),
				 "tcp_ecn_send(): tcp_accecn_set_ace(); tcp_send_challenge_ack(): accecn_reflector");
	else if (end->ecn)
		oracle_say_flags(asked->fields, FLAG_ACK | (end->demands_cwr || uptake->congested ? FLAG_ECE : 0),
				 "tcp_ecn_send(): TCP_ECN_DEMAND_CWR, since tcp_ecn_check_ce() (tcp_data_ecn_check()) read CE");
	else
		oracle_say_flags(asked->fields, FLAG_ACK, "__tcp_send_ack(): TCPHDR_ACK");
}

static void say_full_ack(const struct asked *asked)
{
	const struct end *end = asked->end;
	struct fields *fields = asked->fields;
	struct uptake uptake;

	oracle_fields_uptake(asked, &uptake);
	say_full_flags(asked, &uptake);
	oracle_say_seq(fields, end->snd_nxt, "__tcp_send_ack(): tcp_acceptable_seq()");
	oracle_say_ack(fields, end->rcv_nxt + uptake.taken, FULL_ACK "rcv_nxt, after tcp_rcv_nxt_update()");
	say_selected_window(asked, &uptake);
	if (asked->host->settings || !uptake.block_count)
		say_blocks(asked, &uptake);
	if (!end->timestamps)
		return;
	oracle_say_tsval(asked, "tcp_established_options(): the clock now, and tsoffset");
	if (!uptake.newer_open)
		oracle_say_tsecr(fields, uptake.newer ? asked->arrival->tsval : end->ts_recent,
				 "tcp_established_options(): ts_recent, after tcp_replace_ts_recent()");
}

/* cookie_v4_check(), cookie_v6_check(): the segment's numbers are those of the connection that it makes, and what it carries is
 * taken. */
static void say_cookie_ack(const struct asked *asked)
{
	const struct segment *segment = asked->segment;
	const struct end *end = asked->end;
	struct fields *fields = asked->fields;
	uint32_t window = asked->host->space, mss = oracle_linux_cookie_mss(asked->arrival);

	if (!end->ecn)
		oracle_say_flags(fields, FLAG_ACK, "__tcp_send_ack(): TCPHDR_ACK");
	oracle_say_seq(fields, segment->ack, "cookie_tcp_reqsk_init(): snt_isn = ack_seq - 1");
	oracle_say_ack(fields, segment->seq + segment_length(segment),
		       "cookie_tcp_reqsk_init(): rcv_isn = seq - 1; tcp_rcv_nxt_update()");
	oracle_say_new_timestamps(asked, "cookie_timestamp_decode(): saw_tstamp -> tstamp_ok",
				  "cookie_tcp_reqsk_init(): ts_recent = rcv_tsval");
	if (!asked->host->settings || !window || !mss)
		return;
	window = oracle_fields_whole_segments(window, mss) - segment_length(segment);
	oracle_say_window(fields, oracle_fields_align(window, end->rcv_wscale) >> end->rcv_wscale, UINT16_MAX,
			  "cookie_v4_check(), cookie_v6_check(): tcp_select_initial_window() by the cookie's MSS");
}

static void say_ack_of_state(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;

	switch (arrival->state) {
	case STATE_TIME_WAIT:
	case STATE_FIN_WAIT_2:
		say_timewait_ack(asked);
		break;
	case STATE_SYN_SENT:
		oracle_fields_connected(asked);
		break;
	case STATE_SYN_RECV:
		if (arrival->passive && !oracle_linux_made_child(asked->rule))
			say_request_ack(asked);
		else
			say_full_ack(asked);
		break;
	case STATE_LISTEN:
		if (arrival->cookie)
			say_cookie_ack(asked);
		break;
	case STATE_CLOSED:
		break;
	default:
		say_full_ack(asked);
	}
}

void oracle_fields(const struct end *subject, const struct segment *segment, const struct surroundings *surroundings,
		   const struct kernel *kernel, const struct field_host *host, enum answer answer, struct fields *fields)
{
	struct arrival arrival;
	struct asked asked = { subject, segment, &arrival, kernel, host, NULL, fields };

	memset(fields, 0, sizeof(*fields));
	oracle_arrival(subject, segment, surroundings, &arrival);
	/* Of a second segment they depend on what the first one did. */
	if (arrival.icmp || arrival.repetition != REPETITION_NONE || arrival.state == STATE_UNKNOWN || arrival.unseen)
		return;
	asked.rule = oracle_rule(BOOK_LINUX, &arrival, kernel);
	if (asked.rule->answer != answer)
		return;
	if (answer == ANSWER_RST)
		say_reset(&asked);
	else if (answer == ANSWER_SYN_ACK)
		oracle_fields_syn_ack(&asked);
	else if (answer == ANSWER_ACK)
		say_ack_of_state(&asked);
}
