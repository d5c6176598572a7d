/* oracle_freebsd.c - the freebsd book: FreeBSD's TCP from 13 on, the base stack (not RACK or BBR), by its source.
 *
 * Here: what meets no connection, a listener, an entry of the SYN cache, TIME_WAIT, and ICMP errors. tcp_do_segment() is in
 * oracle_freebsd_segment.c. docs/freebsd-book.md says which sources were read, and where the releases differ. */
#include "cases/books/oracle_freebsd_internal.h"

static const struct rule bad_checksum = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_input_with_port(): th_sum, tcps_rcvbadsum",
	"The checksum is wrong, so nothing looks at the segment.",
};

static const struct rule signature = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_dooptions(): TOF_SIGNATURE",
	"What FreeBSD makes of a signature depends on options of its kernel, which nothing shows.",
};

static const struct rule setting_of_linux = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"no rule",
	"The cell's condition is one of Linux's: full queues and deferred accepting are not in this book.",
};

static const struct rule not_a_state = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"no rule",
	"This book does not know what the subject's process did to its connection.",
};

static const struct rule closed_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_dropwithreset(): TH_RST",
	"There is no connection, and an RST never gets an RST.",
};

static const struct rule closed = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_input_with_port(): no inp, dropwithreset",
	"There is no connection, so the segment gets an RST.",
};

static const struct rule black_hole = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_input_with_port(): no inp, V_blackhole is 1 for a SYN, or more",
	"There is no connection, and net.inet.tcp.blackhole says that nobody is told.",
};

static const struct rule *no_connection(const struct arrival *arrival, const struct freebsd_kernel *kernel)
{
	if (arrival->rst)
		return &closed_rst;
	if (kernel->set->blackhole > 1 || (kernel->set->blackhole == 1 && arrival->syn))
		return &black_hole;
	return &closed;
}

static const struct rule listen_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"syncache_chkrst(): no entry of the SYN cache",
	"An RST that is about no half-open connection is ignored.",
};

static const struct rule listen_ack = {
	ANSWER_RST, ISN_NONE, STATE_LISTEN,
	"tcp_input_with_port(), LISTEN: syncache_expand() finds no entry, and no connection was made meanwhile",
	"No half-open connection awaits this acknowledgment: it gets an RST.",
};

static const struct rule listen_nothing = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_input_with_port(), LISTEN: no TH_SYN",
	"A listener ignores what has neither SYN nor ACK.",
};

static const struct rule listen_syn_ack = {
	ANSWER_RST, ISN_NONE, STATE_LISTEN,
	"tcp_input_with_port(), LISTEN: TH_SYN|TH_ACK, dropwithreset",
	"A SYN-ACK makes no sense to a listener: it gets an RST.",
};

static const struct rule listen_syn_ack_ignored = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_input_with_port(), LISTEN: TH_SYN|TH_ACK, dropunlock",
	"A SYN-ACK makes no sense to a listener, which ignores it.",
};

static const struct rule listen_syn_fin = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_input_with_port(), LISTEN: TH_FIN && V_drop_synfin",
	"net.inet.tcp.drop_synfin is on: a SYN with a FIN is ignored.",
};

static const struct rule listen_syn = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"syncache_add(): a new entry, syncache_respond()",
	"The SYN begins a half-open connection; a FIN with it is forgotten.",
};

static const struct rule listen_hole = {
	ANSWER_SILENCE, ISN_NONE, STATE_LISTEN,
	"tcp_input_with_port(): dropwithreset, V_blackhole is 3",
	"net.inet.tcp.blackhole is 3: an open port sends no RST either.",
};

static bool hides_resets(const struct freebsd_kernel *kernel)
{
	return kernel->step >= FREEBSD_14_2 && kernel->set->blackhole == 3;
}

static const struct rule *listening(const struct arrival *arrival, const struct freebsd_kernel *kernel)
{
	if (arrival->rst)
		return &listen_rst;
	if (arrival->ack && !arrival->syn)
		return hides_resets(kernel) ? &listen_hole : &listen_ack;
	if (!arrival->syn)
		return &listen_nothing;
	if (arrival->ack && kernel->step >= FREEBSD_16)
		return &listen_syn_ack_ignored;
	if (arrival->ack)
		return hides_resets(kernel) ? &listen_hole : &listen_syn_ack;
	return arrival->fin && kernel->set->drop_synfin ? &listen_syn_fin : &listen_syn;
}

static const struct rule entry_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"syncache_chkrst(): th_seq == sc_irs + 1",
	"The RST has exactly the next number: the half-open connection is dropped.",
};

static const struct rule entry_rst_insecure = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"syncache_chkrst(): th_seq in sc_wnd, V_tcp_insecure_rst",
	"net.inet.tcp.insecure_rst is on: an RST anywhere in the window drops the half-open connection.",
};

static const struct rule entry_rst_inside = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"syncache_chkrst(): th_seq in sc_wnd, not sc_irs + 1: a challenge ACK",
	"The RST lies in the window, but is not the next number: it gets a challenge ACK.",
};

static const struct rule entry_rst_outside = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"syncache_chkrst(): th_seq not in sc_wnd",
	"The RST lies outside of the window, and is ignored.",
};

static const struct rule entry_rst_flags = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"syncache_chkrst() of 13: TH_ACK|TH_SYN|TH_FIN",
	"An RST with any of ACK, SYN and FIN is ignored.",
};

static const struct rule *entry_reset(const struct arrival *arrival, const struct freebsd_kernel *kernel)
{
	bool inside = arrival->rcv_wnd ? !seq_before(arrival->seq, 0) && seq_before(arrival->seq, arrival->rcv_wnd) :
					 arrival->seq == 0;

	if (kernel->step < FREEBSD_14_0 && (arrival->ack || arrival->syn || arrival->fin))
		return &entry_rst_flags;
	if (!inside)
		return &entry_rst_outside;
	if (arrival->seq == 0)
		return &entry_rst;
	return kernel->set->insecure_rst ? &entry_rst_insecure : &entry_rst_inside;
}

static const struct rule entry_paws = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"syncache_expand(): SCF_TIMESTAMP, TSTMP_LT(to_tsval, sc_tsreflect)",
	"The timestamp is older than the SYN's: the segment is dropped, even one with data.",
};

static const struct rule entry_no_timestamp = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"syncache_expand(): SCF_TIMESTAMP, no TOF_TS, V_tcp_tolerate_missing_ts is 0",
	"Timestamps were agreed on, and the segment has none: it is dropped.",
};

static const struct rule entry_bad = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"syncache_expand(): th_ack is not sc_iss + 1, or th_seq not in sc_wnd: failed, syncache_free()",
	"The segment does not complete the handshake: it gets an RST, and the half-open connection is gone.",
};

static const struct rule entry_bad_seq = {
	ANSWER_ACK, ISN_NONE, STATE_SYN_RECV,
	"syncache_expand(): th_seq not in sc_wnd, syncache_send_challenge_ack()",
	"The segment lies outside of the window: it gets a challenge ACK.",
};

static const struct rule entry_bad_ack = {
	ANSWER_RST, ISN_NONE, STATE_SYN_RECV,
	"syncache_expand(): th_ack is not sc_iss + 1, send an RST, keep the entry",
	"The segment acknowledges something else than the SYN-ACK: it gets an RST, and nothing changes.",
};

static const struct rule entry_hole = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"tcp_input_with_port(): dropwithreset, V_blackhole is 3",
	"net.inet.tcp.blackhole is 3: an open port sends no RST either.",
};

static const struct rule entry_syn = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"syncache_add(): the entry exists, syncache_respond()",
	"Any SYN has the SYN-ACK sent again: its numbers are not looked at.",
};

static const struct rule entry_syn_fin = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_input_with_port(), LISTEN: TH_FIN && V_drop_synfin",
	"net.inet.tcp.drop_synfin is on: a SYN with a FIN is ignored.",
};

static const struct rule entry_syn_ack = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_input_with_port(), LISTEN: TH_SYN|TH_ACK, syncache_badack(), dropwithreset",
	"A SYN-ACK gets an RST, and the half-open connection is gone.",
};

static const struct rule entry_syn_ack_ignored = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_input_with_port(), LISTEN: TH_SYN|TH_ACK, dropunlock",
	"A SYN-ACK makes no sense to a listener, which ignores it.",
};

static const struct rule entry_nothing = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_RECV,
	"tcp_input_with_port(), LISTEN: no TH_SYN",
	"What has neither SYN nor ACK is ignored.",
};

/* syncache_expand(); what completes the handshake goes on as a segment of the new connection. */
static const struct rule *entry_expand(const struct arrival *arrival, const struct freebsd_kernel *kernel)
{
	bool inside = seq_after(arrival->seq, (uint32_t)-1) && !seq_after(arrival->seq, arrival->rcv_wnd - 1);

	if (arrival->connection_timestamps && arrival->has_timestamp && oracle_arrival_age(arrival) > 0)
		return &entry_paws;
	if (arrival->connection_timestamps && !arrival->has_timestamp)
		return &entry_no_timestamp;
	if (inside && arrival->ack_seq == 0)
		return oracle_freebsd_segment(arrival, kernel);
	if (kernel->step >= FREEBSD_16 && !inside)
		return &entry_bad_seq;
	if (hides_resets(kernel))
		return &entry_hole;
	return kernel->step >= FREEBSD_16 ? &entry_bad_ack : &entry_bad;
}

/* SYN_RECV that came from a listener: an entry of the SYN cache. */
static const struct rule *half_open(const struct arrival *arrival, const struct freebsd_kernel *kernel)
{
	if (arrival->rst)
		return entry_reset(arrival, kernel);
	if (arrival->ack && !arrival->syn)
		return entry_expand(arrival, kernel);
	if (!arrival->syn)
		return &entry_nothing;
	if (arrival->ack && kernel->step >= FREEBSD_16)
		return &entry_syn_ack_ignored;
	if (arrival->ack)
		return hides_resets(kernel) ? &entry_hole : &entry_syn_ack;
	return arrival->fin && kernel->set->drop_synfin ? &entry_syn_fin : &entry_syn;
}

static const struct rule tw_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_twcheck(): TH_RST",
	"TIME_WAIT ignores every RST, as RFC 1337 advises.",
};

static const struct rule tw_syn_fin = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_twcheck(): TH_SYN and TH_FIN, V_drop_synfin",
	"net.inet.tcp.drop_synfin is on: a SYN with a FIN is ignored.",
};

static const struct rule tw_reopened = {
	ANSWER_SYN_ACK, ISN_FRESH, STATE_SYN_RECV,
	"tcp_twcheck(): SYN, SEQ_GT(th_seq, rcv_nxt), tcp_close(); syncache_add()",
	"The SYN lies above what was received: TIME_WAIT ends, and the listener takes the SYN. Timestamps are not asked for.",
};

static const struct rule tw_reopened_fin = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_twcheck() of 13: SYN, SEQ_GT(th_seq, rcv_nxt); tcp_input_with_port(), LISTEN: TH_FIN && V_drop_synfin",
	"The SYN ends TIME_WAIT, and then net.inet.tcp.drop_synfin has it ignored.",
};

static const struct rule tw_reopened_ack = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_twcheck() of 13: SYN, SEQ_GT(th_seq, rcv_nxt); tcp_input_with_port(), LISTEN: TH_SYN|TH_ACK",
	"13 lets a SYN-ACK end TIME_WAIT as well; the listener answers it with an RST.",
};

static const struct rule tw_no_ack = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_twcheck(): no TH_ACK",
	"Without an ACK, TIME_WAIT ignores the segment; so it does a SYN that is not above rcv_nxt, the equal one included.",
};

static const struct rule tw_no_timestamp = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_twcheck(): no TOF_TS, ts_recent is not 0, V_tcp_tolerate_missing_ts is 0",
	"The connection had timestamps, and the segment has none: it is dropped.",
};

static const struct rule tw_ack = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_twcheck(): not a bare ACK with th_seq == rcv_nxt and th_ack == snd_nxt",
	"The segment is more, or other, than the acknowledgment that is expected: it gets an ACK. Timestamps are not compared.",
};

static const struct rule tw_duplicate = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_twcheck(): a bare ACK with th_seq == rcv_nxt and th_ack == snd_nxt",
	"A bare ACK with the numbers that are expected says nothing new, and is ignored.",
};

static const struct rule *time_wait(const struct arrival *arrival, const struct freebsd_kernel *kernel)
{
	bool old = kernel->step < FREEBSD_14_0;

	if (arrival->rst)
		return &tw_rst;
	if (!old && arrival->syn && arrival->fin && kernel->set->drop_synfin)
		return &tw_syn_fin;
	if (arrival->syn && (old || !arrival->ack) && seq_after(arrival->seq, 0)) {
		if (!arrival->listener)
			return no_connection(arrival, kernel);
		if (arrival->ack)
			return &tw_reopened_ack;
		return arrival->fin && kernel->set->drop_synfin ? &tw_reopened_fin : &tw_reopened;
	}
	if (!arrival->ack)
		return &tw_no_ack;
	if (!arrival->has_timestamp && arrival->connection_timestamps && arrival->ts_recent)
		return &tw_no_timestamp;
	if (arrival->flags != FLAG_ACK || arrival->end_seq != arrival->seq || arrival->seq != 0 || arrival->ack_seq != 0)
		return &tw_ack;
	return &tw_duplicate;
}

static const struct rule icmp_ignored = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_ctlinput_with_port(): no such connection, or th_seq not in what it has in flight",
	"The error quotes nothing that is in flight.",
};

static const struct rule icmp_connecting = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_ctlinput_with_port(): tcp_drop_syn_sent(), V_icmp_may_rst is 1",
	"The error ends the attempt to connect.",
};

static const struct rule icmp_soft = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_notify(), tcp_drop_syn_sent(): the error is remembered, if at all",
	"The error ends no connection.",
};

static const struct rule icmp_unsure = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"icmp_errmap(), icmp6_errmap(): not read",
	"Whether this error ends an attempt to connect is not in this book.",
};

static const struct rule *icmp(const struct arrival *arrival)
{
	if (arrival->state == STATE_CLOSED || arrival->state == STATE_LISTEN ||
	    seq_before(arrival->ack_seq, arrival->una) || !seq_before(arrival->ack_seq, 0))
		return &icmp_ignored;
	if (arrival->state != STATE_SYN_SENT)
		return &icmp_soft;
	switch (arrival->icmp) {
	case ICMP_ERROR_PROTOCOL_UNREACHABLE:
	case ICMP_ERROR_PORT_UNREACHABLE:
	case ICMP_ERROR_PROHIBITED:
	case ICMP_ERROR_TIME_EXCEEDED:
		return &icmp_connecting;
	case ICMP_ERROR_NET_UNREACHABLE:
	case ICMP_ERROR_HOST_UNREACHABLE:
		return &icmp_soft;
	default:
		return &icmp_unsure;
	}
}

static bool in_doubt(const struct arrival *arrival)
{
	unsigned facts = arrival->facts & (FACT_ACCEPT_FULL | FACT_SYN_FULL | FACT_DEFERS);
	bool listens = arrival->state == STATE_LISTEN || (arrival->state == STATE_SYN_RECV && arrival->passive);

	return facts && (listens || arrival->state == STATE_TIME_WAIT) && !arrival->rst;
}

const struct rule *oracle_freebsd_rule(const struct arrival *arrival, const struct kernel *kernel)
{
	const struct freebsd_kernel freebsd = {
		.set = &kernel->freebsd, .step = freebsd_newest(freebsd_steps(&kernel->freebsd)),
	};

	struct arrival entry = *arrival;

	if (arrival->bad_checksum)
		return &bad_checksum;
	if (arrival->icmp)
		return icmp(arrival);
	if (arrival->md5 || arrival->old_md5 || arrival->ao || arrival->bad_options)
		return &signature;
	if (in_doubt(arrival))
		return &setting_of_linux;
	if (arrival->no_fin_wait_2)
		return &not_a_state;
	switch (arrival->state) {
	case STATE_CLOSED:
		return no_connection(arrival, &freebsd);
	case STATE_LISTEN:
		/* A cookie is Linux's way; the SYN cache has an entry. */
		entry.state = STATE_SYN_RECV;
		return arrival->cookie ? half_open(&entry, &freebsd) : listening(arrival, &freebsd);
	case STATE_SYN_RECV:
		return arrival->passive ? half_open(arrival, &freebsd) : oracle_freebsd_segment(arrival, &freebsd);
	case STATE_TIME_WAIT:
		return time_wait(arrival, &freebsd);
	default:
		return oracle_freebsd_segment(arrival, &freebsd);
	}
}
