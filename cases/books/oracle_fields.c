/* oracle_fields.c - the linux book on the fields of answers: which function sends it, and what that puts into each.
 *
 * Read in 6.1, 6.12, 7.2 and 7.3: net/ipv4/tcp_ipv4.c, net/ipv6/tcp_ipv6.c, net/ipv4/tcp_output.c, net/ipv4/tcp_minisocks.c. */
#include "cases/books/oracle_fields.h"

#include <string.h>

#include "cases/books/oracle_fields_internal.h"
#include "cases/books/verdict.h"

#define SMALL_ACK "tcp_v4_send_ack(), tcp_v6_send_ack(): "
#define FULL_ACK "__tcp_transmit_skb(): "
#define SEND_RESET "tcp_v4_send_reset(), tcp_v6_send_reset(): "

/* TSval may be that much ahead of the clock that stamped the last one: the capture's stamps come later than the kernel's. */
enum { CLOCK_SLACK_MS = 1000 };

static void say(struct fields *fields, enum field field, const char *rule)
{
	fields->said = (uint16_t)(fields->said | 1U << field);
	fields->rules[field] = rule;
}

static void say_flags(struct fields *fields, uint16_t flags, const char *rule)
{
	fields->flags = flags;
	say(fields, FIELD_FLAGS, rule);
}

static void say_seq(struct fields *fields, uint32_t seq, const char *rule)
{
	fields->seq = seq;
	say(fields, FIELD_SEQ, rule);
}

static void say_ack(struct fields *fields, uint32_t ack, const char *rule)
{
	fields->ack = ack;
	say(fields, FIELD_ACK, rule);
}

static void say_window(struct fields *fields, uint32_t least, uint32_t most, const char *rule)
{
	fields->window_least = (uint16_t)(least < UINT16_MAX ? least : UINT16_MAX);
	fields->window_most = (uint16_t)(most < UINT16_MAX ? most : UINT16_MAX);
	say(fields, FIELD_WINDOW, rule);
}

static void say_tsecr(struct fields *fields, uint32_t tsecr, const char *rule)
{
	fields->tsecr = tsecr;
	say(fields, FIELD_TSECR, rule);
}

/* The subject's clock: it has ticked on since its last TSval, once a millisecond. */
static void say_tsval(const struct asked *asked, const char *rule)
{
	uint64_t past_ms = asked->host->past_ms + CLOCK_SLACK_MS;

	if (!end_knows(asked->end, END_LAST_TSVAL) || past_ms > INT32_MAX)
		return;
	asked->fields->tsval_least = asked->end->last_tsval;
	asked->fields->tsval_most = asked->end->last_tsval + (uint32_t)past_ms;
	say(asked->fields, FIELD_TSVAL, rule);
}

static void add_option(struct fields *fields, uint8_t kind)
{
	if (fields->option_count < FIELDS_KINDS_MAX)
		fields->options[fields->option_count++] = kind;
}

/* tcp_options_write() puts two NOPs before the timestamps and before the blocks, so that both end on four bytes. */
static void say_padded(struct fields *fields, bool timestamps, bool sack, const char *rule)
{
	const uint8_t kinds[] = { OPTION_TIMESTAMPS, OPTION_SACK };
	const bool there[] = { timestamps, sack };

	for (size_t i = 0; i < 2; i++) {
		if (!there[i])
			continue;
		add_option(fields, OPTION_NOP);
		add_option(fields, OPTION_NOP);
		add_option(fields, kinds[i]);
	}
	say(fields, FIELD_OPTIONS, rule);
}

/* RFC 9293 3.10.7.1 gives the same numbers. No timestamps: only the RSTs that a process causes may have them. */
static void say_reset(const struct asked *asked)
{
	const struct segment *segment = asked->segment;
	struct fields *fields = asked->fields;
	bool ack = segment->flags & FLAG_ACK;

	say_flags(fields, ack ? FLAG_RST : FLAG_RST | FLAG_ACK, SEND_RESET "th->ack, or not");
	say_seq(fields, ack ? segment->ack : 0, SEND_RESET "th->ack: seq = th->ack_seq; else 0");
	say_ack(fields, ack ? 0 : segment->seq + segment_length(segment),
		SEND_RESET "!th->ack: ack_seq = seq + syn + fin + length; else 0");
	say_window(fields, 0, 0, SEND_RESET "the header is all zeros at first");
	say_padded(fields, false, false, SEND_RESET "no key, so no options");
}

/* Of small sockets. An echo of 0 leaves the timestamps out altogether. */
static void say_small_ack(const struct asked *asked, uint32_t ack, uint32_t ts_recent)
{
	struct fields *fields = asked->fields;
	bool timestamps = asked->end->timestamps && ts_recent != 0;

	say_flags(fields, FLAG_ACK, SMALL_ACK "ack = 1");
	say_ack(fields, ack, SMALL_ACK "tw_rcv_nxt, or rcv_nxt of the request");
	say_padded(fields, timestamps, false, SMALL_ACK "timestamps if tsecr is not 0");
	if (!timestamps)
		return;
	say_tsecr(fields, ts_recent, SMALL_ACK "tw_ts_recent, or ts_recent of the request");
	say_tsval(asked, SMALL_ACK "the clock now and the connection's offset");
}

/* tcp_timewait_state_process(): the FIN that makes a TIME_WAIT of FIN_WAIT_2 counts, nothing else that is answered does. */
static void say_timewait_ack(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;
	const struct end *end = asked->end;
	bool fin = arrival->state == STATE_FIN_WAIT_2 && asked->rule->after == STATE_TIME_WAIT;
	bool newer = fin && arrival->has_timestamp && arrival->connection_timestamps && arrival->timestamps;

	say_small_ack(asked, end->rcv_nxt + (fin ? arrival->end_seq : 0), newer ? arrival->tsval : end->ts_recent);
	say_seq(asked->fields, end->snd_nxt, "tcp_v4_timewait_ack(), tcp_v6_timewait_ack(): tw_snd_nxt");
	if (asked->host->settings)
		say_window(asked->fields, end->rcv_wnd >> end->rcv_wscale, end->rcv_wnd >> end->rcv_wscale,
			   "tcp_v4_timewait_ack(), tcp_v6_timewait_ack(): tw_rcv_wnd >> tw_rcv_wscale");
}

/* tcp_v4_reqsk_send_ack(), tcp_v6_reqsk_send_ack() */
static void say_request_ack(const struct asked *asked)
{
	const struct end *end = asked->end;

	say_small_ack(asked, end->rcv_nxt, end->ts_recent);
	say_seq(asked->fields, end->snd_nxt, "tcp_v4_reqsk_send_ack(), tcp_v6_reqsk_send_ack(): snt_isn + 1");
	if (asked->host->settings && end->own_syn.seen && end->own_syn.window < UINT16_MAX)
		say_window(asked->fields, (uint32_t)end->own_syn.window >> end->rcv_wscale,
			   (uint32_t)end->own_syn.window >> end->rcv_wscale,
			   "tcp_v4_reqsk_send_ack(), tcp_v6_reqsk_send_ack(): rsk_rcv_wnd >> rcv_wscale");
}

static uint32_t align(uint32_t window, uint8_t shift)
{
	uint32_t unit = (uint32_t)1 << shift;

	return (window + unit - 1) & ~(unit - 1);
}

/* tcp_select_window(): what was offered is never taken back, in whole units of the scale; and rcv_ssthresh, which bounds it
 * from above, is the first window until data comes. */
static void say_selected_window(const struct asked *asked, uint32_t taken)
{
	const struct end *end = asked->end;
	uint32_t offered = end->rcv_wnd > taken ? end->rcv_wnd - taken : 0;
	uint32_t first = end->own_syn.window > offered ? end->own_syn.window : offered;
	bool still = end->own_syn.seen && end->own_syn.window < UINT16_MAX && !asked->arrival->unread &&
		     asked->segment->payload_size == 0;

	if (asked->host->settings && end->rcv_wnd == 0 && asked->arrival->facts & FACT_UNREAD)
		say_window(asked->fields, 0, 0, "__tcp_select_window(): free_space < mss -> 0; nobody has read");
	else if (asked->host->settings)
		say_window(asked->fields, align(offered, end->rcv_wscale) >> end->rcv_wscale,
			   still ? align(first, end->rcv_wscale) >> end->rcv_wscale : UINT16_MAX,
			   "tcp_select_window(): new_win < cur_win: never shrink; __tcp_select_window(): rcv_ssthresh");
}

static void say_blocks(const struct asked *asked, const struct uptake *uptake)
{
	struct fields *fields = asked->fields;
	const struct end *end = asked->end;
	bool blocks = end->sack && uptake->block_count;

	say_padded(fields, end->timestamps, blocks,
		   "tcp_established_options(), tcp_options_write(): tstamp_ok; num_sacks + dsack");
	if (!blocks)
		return;
	fields->block_count = uptake->block_count;
	for (size_t i = 0; i < uptake->block_count; i++) {
		fields->blocks[i].from = end->rcv_nxt + uptake->blocks[i].from;
		fields->blocks[i].to = end->rcv_nxt + uptake->blocks[i].to;
	}
	say(fields, FIELD_SACK, uptake->why);
}

static void say_full_ack(const struct asked *asked)
{
	const struct end *end = asked->end;
	struct fields *fields = asked->fields;
	struct uptake uptake;

	oracle_fields_uptake(asked, &uptake);
	if (end->ecn)
		say_flags(fields, FLAG_ACK | (end->demands_cwr || uptake.congested ? FLAG_ECE : 0),
			  "tcp_ecn_send(): TCP_ECN_DEMAND_CWR, since tcp_ecn_check_ce() (tcp_data_ecn_check()) read CE");
	else
		say_flags(fields, FLAG_ACK, "__tcp_send_ack(): TCPHDR_ACK");
	say_seq(fields, end->snd_nxt, "__tcp_send_ack(): tcp_acceptable_seq()");
	say_ack(fields, end->rcv_nxt + uptake.taken, FULL_ACK "rcv_nxt, after tcp_rcv_nxt_update()");
	say_selected_window(asked, uptake.taken);
	if (asked->host->settings || !uptake.block_count)
		say_blocks(asked, &uptake);
	if (!end->timestamps)
		return;
	say_tsval(asked, "tcp_established_options(): the clock now, and tsoffset");
	if (!uptake.newer_open)
		say_tsecr(fields, uptake.newer ? asked->arrival->tsval : end->ts_recent,
			  "tcp_established_options(): ts_recent, after tcp_replace_ts_recent()");
}

/* tcp_rcv_synsent_state_process(), th->ack and th->syn. Whatever follows the SYN in the segment is dropped. */
static void say_connected(const struct asked *asked)
{
	const struct end *end = asked->end;
	const struct arrival *arrival = asked->arrival;
	struct fields *fields = asked->fields;
	bool timestamps = arrival->has_timestamp && arrival->timestamps;
	uint32_t window = end->own_syn.window;

	say_flags(fields, FLAG_ACK, "__tcp_send_ack(): TCPHDR_ACK");
	say_seq(fields, end->snd_nxt, "__tcp_send_ack(): tcp_acceptable_seq()");
	say_ack(fields, asked->segment->seq + 1, "tcp_rcv_synsent_state_process(): rcv_nxt = seq + 1");
	if (asked->segment->tail_size)
		return;
	say_padded(fields, timestamps, false, "tcp_rcv_synsent_state_process(): saw_tstamp -> tstamp_ok");
	if (timestamps) {
		say_tsecr(fields, arrival->tsval, "tcp_rcv_synsent_state_process(): tcp_store_ts_recent()");
		say_tsval(asked, "tcp_established_options(): the clock now, and tsoffset");
	}
	if (asked->host->settings && end->own_syn.seen && window < UINT16_MAX && end->own_syn.scales &&
	    segment_has_option(asked->segment, OPTION_WSCALE))
		say_window(fields, align(window, end->own_syn.wscale) >> end->own_syn.wscale,
			   align(window, end->own_syn.wscale) >> end->own_syn.wscale,
			   "tcp_select_window(): the window of the SYN, scaled now");
}

/* The order of tcp_options_write(): with timestamps SACK permitted takes the place of their NOPs. */
static void say_syn_options(struct fields *fields, bool timestamps, bool sack, bool scales, const char *rule)
{
	add_option(fields, OPTION_MSS);
	if (timestamps) {
		add_option(fields, sack ? OPTION_SACK_PERMITTED : OPTION_NOP);
		if (!sack)
			add_option(fields, OPTION_NOP);
		add_option(fields, OPTION_TIMESTAMPS);
	} else if (sack) {
		add_option(fields, OPTION_NOP);
		add_option(fields, OPTION_NOP);
		add_option(fields, OPTION_SACK_PERMITTED);
	}
	if (scales) {
		add_option(fields, OPTION_NOP);
		add_option(fields, OPTION_WSCALE);
	}
	say(fields, FIELD_OPTIONS, rule);
}

/* The subject's SYN or SYN-ACK, seen before, says what another one of it offers. */
static void say_as_before(const struct asked *asked, const char *rule)
{
	const struct end_syn *syn = &asked->end->own_syn;
	struct fields *fields = asked->fields;

	if (!asked->host->settings || !syn->seen)
		return;
	fields->mss = syn->mss;
	say(fields, FIELD_MSS, rule);
	say_window(fields, syn->window, syn->window, rule);
	if (!syn->scales)
		return;
	fields->wscale = syn->wscale;
	say(fields, FIELD_WSCALE, rule);
}

/* tcp_rtx_synack(): the same request, so the same SYN-ACK. */
static void say_repeated_syn_ack(const struct asked *asked)
{
	const struct end *end = asked->end;
	struct fields *fields = asked->fields;

	say_flags(fields, FLAG_SYN | FLAG_ACK | (end->ecn ? FLAG_ECE : 0),
		  "tcp_make_synack(): syn = ack = 1; ECE if the first SYN was an ECN-setup SYN");
	say_seq(fields, end->snd_nxt - 1, "tcp_make_synack(): snt_isn");
	say_ack(fields, end->rcv_nxt, "tcp_make_synack(): rcv_nxt of the request");
	say_as_before(asked, "tcp_make_synack(): the request's own");
	if (asked->host->settings)
		say_syn_options(fields, end->timestamps, end->sack, end->own_syn.scales,
				"tcp_synack_options(), tcp_options_write(): as the first SYN-ACK");
	if (!end->timestamps)
		return;
	say_tsecr(fields, end->ts_recent, "tcp_synack_options(): ts_recent of the request");
	say_tsval(asked, "tcp_synack_options(): the clock now, and ts_off");
}

/* tcp_parse_fastopen_option(): the kind by which a SYN asks for a cookie of Fast Open, or shows one; 0: what it has behind the
 * usual options is something else. The cookie itself is never right: the key is not known. */
static uint8_t asks_for_cookie(const struct segment *segment)
{
	static const uint8_t experiment[] = { 0xf9, 0x89 };
	enum { COOKIE_LEAST = 4, COOKIE_MOST = 16 };
	const uint8_t *option = segment->raw + segment->raw_size;
	size_t base = 2, cookie;

	if (segment->tail_size < base || option[1] != segment->tail_size)
		return 0;
	if (option[0] == OPTION_EXPERIMENT && segment->tail_size >= 4 && memcmp(option + 2, experiment, 2) == 0)
		base = 4;
	else if (option[0] != OPTION_FAST_OPEN)
		return 0;
	cookie = segment->tail_size - base;
	return cookie == 0 || (cookie >= COOKIE_LEAST && cookie <= COOKIE_MOST && cookie % 2 == 0) ? option[0] : 0;
}

/* tcp_options_write(): a cookie of 8 bytes, and NOPs up to four. */
static void say_cookie(struct fields *fields, uint8_t kind)
{
	add_option(fields, kind);
	if (kind != OPTION_FAST_OPEN)
		return;
	add_option(fields, OPTION_NOP);
	add_option(fields, OPTION_NOP);
}

/* tcp_conn_request(): a listener's to a SYN that begins a connection. Of the listener itself nothing was seen, unless the
 * connection before on the same addresses was one of its own. */
static void say_new_syn_ack(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;
	const struct segment *segment = asked->segment;
	struct fields *fields = asked->fields;
	bool timestamps = arrival->has_timestamp && arrival->timestamps;
	bool plain = asked->rule->after != STATE_SYN_RECV && !timestamps; /* a cookie: tcp_clear_options() */
	bool ecn = arrival->ecn_setup && arrival->ecn == ECN_NOT_ECT && !plain;
	bool made = asked->rule->after == STATE_SYN_RECV; /* a SYN cookie leaves Fast Open out (want_cookie) */
	uint8_t kind = asks_for_cookie(segment);

	if (asked->host->settings)
		say_flags(fields, FLAG_SYN | FLAG_ACK | (ecn ? FLAG_ECE : 0),
			  "tcp_ecn_create_request(), tcp_ecn_make_synack(): tcp_ecn is 2, ECE and CWR in the SYN, no ECT");
	if (asked->rule->isn == ISN_CONTINUED)
		say_seq(fields, verdict_continued_isn(asked->end->snd_nxt),
			"tcp_timewait_state_process(): tw_isn = tw_snd_nxt + 65535 + 2");
	say_ack(fields, segment->seq + 1, "tcp_conn_request(), tcp_openreq_init(): rcv_nxt = seq + 1");
	if ((segment->tail_size && !kind) || !asked->host->settings)
		return;
	say_syn_options(fields, timestamps, !plain && segment_has_option(segment, OPTION_SACK_PERMITTED),
			!plain && segment_has_option(segment, OPTION_WSCALE),
			"tcp_synack_options(), tcp_options_write(): what the SYN offers");
	if (kind && made && arrival->facts & FACT_GIVES_COOKIES)
		say_cookie(fields, kind);
	if (timestamps)
		say_tsecr(fields, arrival->tsval, "tcp_openreq_init(): ts_recent = rcv_tsval");
	if (arrival->state == STATE_TIME_WAIT && asked->end->passive && asked->end->timestamps == timestamps && !plain)
		say_as_before(asked, "tcp_openreq_init_rwin(): the same listener and the same route");
}

/* SYNs that cross: tcp_send_synack() sends the SYN once more, with an ACK. */
static void say_crossing(const struct asked *asked)
{
	const struct end *end = asked->end;
	const struct arrival *arrival = asked->arrival;
	struct fields *fields = asked->fields;
	bool saw = arrival->has_timestamp && arrival->timestamps;

	say_seq(fields, end->snd_nxt - 1, "tcp_send_synack(): the SYN of the queue");
	say_ack(fields, asked->segment->seq + 1, "tcp_rcv_synsent_state_process(): rcv_nxt = seq + 1");
	if (!asked->host->settings || !end->own_syn.seen)
		return;
	say_flags(fields, FLAG_SYN | FLAG_ACK, "tcp_send_synack(): TCPHDR_ACK; tcp_ecn is 2: no ECN, as the SYN had none");
	say_as_before(asked, "tcp_send_synack(): the SYN of the queue; __tcp_transmit_skb(): rcv_wnd, not scaled");
	say_syn_options(fields, arrival->timestamps, end->own_syn.sack, end->own_syn.scales,
			"tcp_syn_options(), tcp_options_write(): the sysctls");
	if (!arrival->timestamps || asked->segment->tail_size)
		return;
	say_tsecr(fields, saw ? arrival->tsval : 0, "tcp_syn_options(): ts_recent, after tcp_store_ts_recent()");
	say_tsval(asked, "tcp_syn_options(): the clock now, and tsoffset");
}

static void say_syn_ack(const struct asked *asked)
{
	switch (asked->arrival->state) {
	case STATE_SYN_SENT:
		say_crossing(asked);
		break;
	case STATE_SYN_RECV:
		say_repeated_syn_ack(asked);
		break;
	default:
		say_new_syn_ack(asked);
	}
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
		say_connected(asked);
		break;
	case STATE_SYN_RECV:
		if (arrival->passive && !oracle_linux_made_child(asked->rule))
			say_request_ack(asked);
		else
			say_full_ack(asked);
		break;
	case STATE_CLOSED:
	case STATE_LISTEN:
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
		say_syn_ack(&asked);
	else if (answer == ANSWER_ACK)
		say_ack_of_state(&asked);
}
