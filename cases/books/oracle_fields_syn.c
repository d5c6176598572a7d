/* oracle_fields_syn.c - the linux book on the fields of SYN-ACKs, and of the ACK that one gets: what the two SYNs offer,
 * and what tcp_ecn makes of their flags.
 *
 * Read in 6.1, 6.12, 7.2 and 7.3: net/ipv4/tcp_output.c, net/ipv4/tcp_input.c, net/ipv4/tcp_minisocks.c,
 * include/net/tcp_ecn.h. */
#include "cases/books/oracle_fields_internal.h"
#include "cases/books/verdict.h"

#define ECHO_SYN_ECT "tcp_ecn_make_synack(): accecn_ok -> tcp_accecn_echo_syn_ect()"

enum { TCP_ECN_ACCURATE = 3, SYN_OPTIONS_ROOM = 40 };

struct syn_options {
	bool timestamps, sack, scales;
	uint8_t cookie_kind; /* of Fast Open; 0: none */
	bool counts;         /* Accurate ECN's */
};

/* tcp_options_fit_accecn(): three counts where 12 bytes are left, else two. */
static size_t counts_that_fit(const struct syn_options *options)
{
	size_t used = 4 + (options->timestamps ? 12u : options->sack ? 4u : 0) + (options->scales ? 4u : 0) +
		      (options->cookie_kind ? 12u : 0);

	return used + 12 <= SYN_OPTIONS_ROOM ? 3 : 2;
}

static void say_accecn(struct fields *fields, const struct syn_options *options)
{
	size_t count = counts_that_fit(options);

	oracle_say_option(fields, OPTION_ACCECN_1);
	if (count == 3)
		oracle_say_option(fields, OPTION_NOP);
	oracle_say_counts(fields, 1, 0, 1, count, "tcp_options_write(): synack_ecn_bytes, and where each begins");
}

/* tcp_options_write(): a cookie of 8 bytes, and NOPs up to four. */
static void say_cookie(struct fields *fields, uint8_t kind)
{
	oracle_say_option(fields, kind);
	if (kind != OPTION_FAST_OPEN)
		return;
	oracle_say_option(fields, OPTION_NOP);
	oracle_say_option(fields, OPTION_NOP);
}

/* The order of tcp_options_write(): with timestamps SACK permitted takes the place of their NOPs. */
static void say_syn_options(struct fields *fields, const struct syn_options *options, const char *rule)
{
	oracle_say_option(fields, OPTION_MSS);
	if (options->timestamps) {
		oracle_say_option(fields, options->sack ? OPTION_SACK_PERMITTED : OPTION_NOP);
		if (!options->sack)
			oracle_say_option(fields, OPTION_NOP);
		oracle_say_option(fields, OPTION_TIMESTAMPS);
	}
	if (options->counts)
		say_accecn(fields, options);
	if (!options->timestamps && options->sack) {
		oracle_say_option(fields, OPTION_NOP);
		oracle_say_option(fields, OPTION_NOP);
		oracle_say_option(fields, OPTION_SACK_PERMITTED);
	}
	if (options->scales) {
		oracle_say_option(fields, OPTION_NOP);
		oracle_say_option(fields, OPTION_WSCALE);
	}
	if (options->cookie_kind)
		say_cookie(fields, options->cookie_kind);
	oracle_say(fields, FIELD_OPTIONS, rule);
}

/* tcp_accecn_echo_syn_ect(), tcp_accecn_reflector_flags(): RFC 9768, table 2. */
uint16_t oracle_fields_reflected(enum ecn ecn)
{
	static const uint16_t flags[] = {
		[ECN_NOT_ECT] = FLAG_CWR, [ECN_ECT_1] = FLAG_CWR | FLAG_ECE, [ECN_ECT_0] = FLAG_AE,
		[ECN_CE] = FLAG_AE | FLAG_CWR,
	};

	return flags[ecn];
}

/* tcp_accecn_syn_requested() */
static bool asks_for_accurate(const struct arrival *arrival)
{
	return arrival->ace != ACE_NONE && arrival->ace != ACE_CLASSIC;
}

/* The subject's SYN or SYN-ACK, seen before, says what another one of it offers. */
static void say_as_before(const struct asked *asked, const char *rule)
{
	const struct end_syn *syn = &asked->end->own_syn;
	struct fields *fields = asked->fields;

	if (!asked->host->settings || !syn->seen)
		return;
	fields->mss = syn->mss;
	oracle_say(fields, FIELD_MSS, rule);
	oracle_say_window(fields, syn->window, syn->window, rule);
	if (!syn->scales)
		return;
	fields->wscale = syn->wscale;
	oracle_say(fields, FIELD_WSCALE, rule);
}

/* tcp_rtx_synack(): the same request, so the same SYN-ACK. */
static void say_repeated_syn_ack(const struct asked *asked)
{
	const struct end *end = asked->end;
	const struct syn_options options = { end->timestamps, end->sack, end->own_syn.scales, 0, false };
	struct fields *fields = asked->fields;

	if (end->accurate_ecn)
		oracle_say_flags(fields, FLAG_SYN | FLAG_ACK | oracle_fields_reflected(asked->arrival->ecn), ECHO_SYN_ECT);
	else
		oracle_say_flags(fields, FLAG_SYN | FLAG_ACK | (end->ecn ? FLAG_ECE : 0),
				 "tcp_make_synack(): syn = ack = 1; ECE if the first SYN was an ECN-setup SYN");
	oracle_say_seq(fields, end->snd_nxt - 1, "tcp_make_synack(): snt_isn");
	oracle_say_ack(fields, end->rcv_nxt, "tcp_make_synack(): rcv_nxt of the request");
	say_as_before(asked, "tcp_make_synack(): the request's own");
	if (asked->host->settings)
		say_syn_options(fields, &options, "tcp_synack_options(), tcp_options_write(): as the first SYN-ACK");
	if (!end->timestamps)
		return;
	oracle_say_tsecr(fields, end->ts_recent, "tcp_synack_options(): ts_recent of the request");
	oracle_say_tsval(asked, "tcp_synack_options(): the clock now, and ts_off");
}

/* tcp_ecn_create_request(). Whoever has ECT in a SYN is not answered with ECE, unless a bit is set that RFC 3168 reserves: AE
 * was one. */
static void say_granted(const struct asked *asked, bool plain)
{
	const struct arrival *arrival = asked->arrival;
	uint8_t ecn = asked->host->ecn;
	bool reserved = arrival->flags & FLAG_AE;
	bool classic = ecn && arrival->ecn_setup && (arrival->ecn == ECN_NOT_ECT || reserved) && !plain;

	if (ecn >= TCP_ECN_ACCURATE && asks_for_accurate(arrival))
		oracle_say_flags(asked->fields, FLAG_SYN | FLAG_ACK | oracle_fields_reflected(arrival->ecn), ECHO_SYN_ECT);
	else
		oracle_say_flags(asked->fields, FLAG_SYN | FLAG_ACK | (classic ? FLAG_ECE : 0),
				 "tcp_ecn_create_request(), tcp_ecn_make_synack(): tcp_ecn is not 0, ECE and CWR in the SYN, "
				 "no ECT or a reserved bit");
}

static unsigned log_2(uint32_t number)
{
	unsigned log = 0;

	while (number >>= 1)
		log++;
	return log;
}

/* tcp_select_initial_window(), for a request: whole segments, timestamps in each; and a scale for the largest window. */
static void say_first_window(const struct asked *asked, const struct syn_options *options)
{
	enum { SCALE_MOST = 14, UNSCALED_BITS = 15, TIMESTAMPS_ROOM = 12 };
	const struct field_host *host = asked->host;
	struct fields *fields = asked->fields;
	uint32_t mss = host->mss - (options->timestamps ? TIMESTAMPS_ROOM : 0u), space = host->space;
	unsigned bits;

	if (!host->mss || !space)
		return;
	fields->mss = host->mss;
	oracle_say(fields, FIELD_MSS, "tcp_make_synack(): tcp_dst_advmss(): the MTU of the route without headers");
	space = oracle_fields_whole_segments(space, mss);
	oracle_say_window(fields, space, space,
			  "tcp_openreq_init_rwin(), tcp_select_initial_window(): tcp_full_space() in whole segments");
	if (!options->scales)
		return;
	bits = log_2(space > host->space_most ? space : host->space_most);
	bits = bits > UNSCALED_BITS ? bits - UNSCALED_BITS : 0;
	fields->wscale = (uint8_t)(bits < SCALE_MOST ? bits : SCALE_MOST);
	oracle_say(fields, FIELD_WSCALE, "tcp_select_initial_window(): ilog2() of the larger of tcp_rmem[2], rmem_max; - 15");
}

/* tcp_conn_request(): a listener's to a SYN that begins a connection. Of the listener itself nothing was seen, unless the
 * connection before on the same addresses was one of its own. */
static void say_new_syn_ack(const struct asked *asked)
{
	const struct arrival *arrival = asked->arrival;
	const struct field_host *host = asked->host;
	const struct end *end = asked->end;
	struct fields *fields = asked->fields;
	bool timestamps = arrival->has_timestamp && arrival->timestamps;
	bool made = asked->rule->after == STATE_SYN_RECV; /* a SYN cookie leaves Fast Open out (want_cookie) */
	bool plain = !made && !timestamps;                /* tcp_clear_options() */
	bool again = arrival->state == STATE_TIME_WAIT && made && timestamps && end->timestamps;
	const struct syn_options options = {
		.timestamps = timestamps, .sack = !plain && arrival->sack_permitted, .scales = !plain && arrival->scales,
		.cookie_kind = made && arrival->facts & FACT_GIVES_COOKIES ? arrival->cookie_kind : 0,
		.counts = host->ecn >= TCP_ECN_ACCURATE && host->counts_ecn && asks_for_accurate(arrival),
	};

	if (asked->rule->isn == ISN_CONTINUED)
		oracle_say_seq(fields, verdict_continued_isn(end->snd_nxt),
			       "tcp_timewait_state_process(): tw_isn = tw_snd_nxt + 65535 + 2");
	if (made && oracle_linux_opens_fast(arrival))
		oracle_say_ack(fields, asked->segment->seq + segment_length(asked->segment),
			       "tcp_fastopen_create_child(), tcp_fastopen_add_skb(): rcv_nxt = end_seq");
	else
		oracle_say_ack(fields, asked->segment->seq + 1, "tcp_conn_request(), tcp_openreq_init(): rcv_nxt = seq + 1");
	if (!host->settings)
		return;
	say_granted(asked, plain);
	if (arrival->extends)
		return;
	say_syn_options(fields, &options, "tcp_synack_options(), tcp_options_write(): what the SYN offers");
	if (timestamps)
		oracle_say_tsecr(fields, arrival->tsval, "tcp_openreq_init(): ts_recent = rcv_tsval");
	if (again && host->clock_stays)
		oracle_say_tsval(asked, "tcp_synack_options(): the clock now, and ts_off, by the same addresses as before");
	say_first_window(asked, &options);
}

/* tcp_ecn_rcv_syn(), tcp_ecn_send_synack(). An end that asked for Accurate ECN and is asked for less leaves AE in the SYN
 * that it sends again: only CWR and ECE are taken out. */
static uint16_t crossing_flags(const struct asked *asked)
{
	const struct end_syn *own = &asked->end->own_syn;
	const struct arrival *arrival = asked->arrival;
	uint16_t flags = FLAG_SYN | FLAG_ACK;

	if (!own->ecn)
		return flags;
	if (oracle_fields_accurate(asked))
		return flags | oracle_fields_reflected(arrival->ecn);
	flags |= own->accurate_ecn ? FLAG_AE : 0;
	return arrival->ecn_setup ? flags | FLAG_ECE : flags;
}

/* SYNs that cross: tcp_send_synack() sends the SYN once more, with an ACK. */
static void say_crossing(const struct asked *asked)
{
	const struct end *end = asked->end;
	const struct arrival *arrival = asked->arrival;
	struct fields *fields = asked->fields;
	bool saw = arrival->has_timestamp && arrival->timestamps;
	const struct syn_options options = {
		.timestamps = arrival->timestamps, .sack = end->own_syn.sack, .scales = end->own_syn.scales,
		.counts = asked->host->counts_ecn && oracle_fields_accurate(asked),
	};

	oracle_say_seq(fields, end->snd_nxt - 1, "tcp_send_synack(): the SYN of the queue");
	oracle_say_ack(fields, asked->segment->seq + 1, "tcp_rcv_synsent_state_process(): rcv_nxt = seq + 1");
	if (!asked->host->settings || !end->own_syn.seen)
		return;
	oracle_say_flags(fields, crossing_flags(asked),
			 "tcp_send_synack(): TCPHDR_ACK; tcp_ecn_rcv_syn(), tcp_ecn_send_synack(): the flags of both SYNs");
	say_as_before(asked, "tcp_send_synack(): the SYN of the queue; __tcp_transmit_skb(): rcv_wnd, not scaled");
	say_syn_options(fields, &options, "tcp_syn_options(), tcp_options_write(): the sysctls");
	if (!arrival->timestamps)
		return;
	oracle_say_tsecr(fields, saw ? arrival->tsval : 0, "tcp_syn_options(): ts_recent, after tcp_store_ts_recent()");
	oracle_say_tsval(asked, "tcp_syn_options(): the clock now, and tsoffset");
}

void oracle_fields_syn_ack(const struct asked *asked)
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

/* tcp_ecn_rcv_synack(), tcp_ecn_rcv_syn(). A SYN-ACK that grants what nobody asked for is taken by its word as well, but for
 * the one that is reserved. */
bool oracle_fields_accurate(const struct asked *asked)
{
	const struct end_syn *own = &asked->end->own_syn;
	const struct arrival *arrival = asked->arrival;
	uint8_t ace = arrival->ace;

	if (!own->ecn)
		return false;
	if (!arrival->ack)
		return own->accurate_ecn && asks_for_accurate(arrival);
	if (ace == ACE_RESERVED)
		return own->accurate_ecn;
	return ace != ACE_NONE && ace != ACE_ECE && ace != ACE_ALL;
}

/* Between them the way of both parts of the rule was changed, and was not read. */
static bool is_unread(const struct kernel *kernel)
{
	return kernel_known(kernel) && kernel_at_least(kernel, 6, 13) && !kernel_at_least(kernel, 7, 2);
}

static void say_connected_flags(const struct asked *asked)
{
	bool accurate = oracle_fields_accurate(asked);

	/* The ACK that comes later counts. */
	if (accurate && (is_unread(asked->kernel) || asked->arrival->defers))
		return;
	if (accurate && kernel_at_least(asked->kernel, 7, 2))
		oracle_say_flags(asked->fields, FLAG_ACK | oracle_fields_reflected(asked->arrival->ecn),
				 "tcp_ecn_rcv_synack(): ACCECN -> tcp_send_ack_reflect_ect()");
	else
		oracle_say_flags(asked->fields, FLAG_ACK, "__tcp_send_ack(): TCPHDR_ACK");
}

/* tcp_rcv_synsent_state_process(), th->ack and th->syn. Whatever follows the SYN in the segment is dropped. */
void oracle_fields_connected(const struct asked *asked)
{
	const struct end *end = asked->end;
	const struct arrival *arrival = asked->arrival;
	struct fields *fields = asked->fields;
	uint8_t shift = arrival->scales && end->own_syn.scales ? end->own_syn.wscale : 0;
	uint32_t window = end->own_syn.window;

	say_connected_flags(asked);
	oracle_say_seq(fields, end->snd_nxt, "__tcp_send_ack(): tcp_acceptable_seq()");
	oracle_say_ack(fields, asked->segment->seq + 1, "tcp_rcv_synsent_state_process(): rcv_nxt = seq + 1");
	if (arrival->extends)
		return;
	oracle_say_new_timestamps(asked, "tcp_rcv_synsent_state_process(): saw_tstamp -> tstamp_ok",
				  "tcp_rcv_synsent_state_process(): tcp_store_ts_recent()");
	if (!asked->host->settings || !end->own_syn.seen || window == UINT16_MAX)
		return;
	window = oracle_fields_align(window, shift) >> shift;
	oracle_say_window(fields, window, window, "tcp_select_window(): the window of the SYN, scaled now if both SYNs scale");
}
