/* oracle_linux_validate.c - the linux book: what a full socket does with a segment before it looks at its contents.
 *
 * tcp_validate_incoming() in net/ipv4/tcp_input.c: PAWS, sequence number, RST, SYN. Every state with a full socket
 * goes through it. */
#include "cases/books/oracle_internal.h"

#include <stddef.h>

static const struct rule old_bare_ack = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_validate_incoming(): tcp_disordered_ack_check() -> TCP_RFC7323_PAWS_ACK (6.14)",
	"The timestamp is too old, and old bare ACKs are common enough to be dropped in silence.",
};

static const struct rule paws = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_validate_incoming(): !tcp_paws_check() -> tcp_send_dupack()",
	"The timestamp is older than the last one seen: the segment is dropped and answered with an ACK.",
};

static const struct rule paws_window = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_validate_incoming(): tcp_disordered_ack(): tcp_may_update_window() -> tcp_send_dupack()",
	"A bare ACK with so old a timestamp would pass, but this one closes the window: it is dropped and gets an ACK.",
};

static const struct rule unacceptable = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_validate_incoming(), step 1: !tcp_sequence() -> tcp_send_dupack()",
	"The segment is outside the receive window: it is dropped and answered with an ACK.",
};

static const struct rule unacceptable_rst = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_validate_incoming(), step 1: !tcp_sequence(), th->rst",
	"An RST outside the receive window is dropped.",
};

static const struct rule exact_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_validate_incoming(), step 2: th->rst, seq == rcv_nxt -> tcp_reset()",
	"An RST exactly in sequence ends the connection.",
};

static const struct rule rst_of_fin = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_validate_incoming(): th->rst, tcp_reset_check(): seq == rcv_nxt - 1 after a FIN -> tcp_reset()",
	"After a FIN, an RST with the FIN's own sequence number ends the connection too.",
};

static const struct rule inexact_rst = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_validate_incoming(), step 2: th->rst, seq != rcv_nxt -> tcp_send_challenge_ack()",
	"An RST that is not exactly in sequence gets a challenge ACK.",
};

static const struct rule syn = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_validate_incoming(), syn_challenge: tcp_send_challenge_ack(); PAWS and step 1 lead to an ACK as "
	"well",
	"A SYN into an existing connection gets a challenge ACK, whatever its sequence number and "
	"timestamp.",
};

/* The timestamp of a bare ACK in sequence that brings nothing may be this old; in milliseconds, as the clock of our
 * peer ticks, with icsk_rto at its minimum of 200 ms. A slow first round trip makes it a little more. It was
 * icsk_rto * 1024 / HZ; tcp_tsval_replay() has icsk_rto * 1200 / HZ. */
static int32_t replay_window(const struct kernel *kernel)
{
	return kernel_has(kernel, CHANGE_REPLAY_WINDOW) ? 240 : 204;
}

/* tcp_may_update_window(): ack_seq == tp->snd_wl1 && !nwin */
static bool closes_window(const struct full *full)
{
	const struct arrival *arrival = full->arrival;

	return arrival->seq == arrival->snd_wl1 && arrival->window == 0 && kernel_has(full->kernel, CHANGE_ZERO_WINDOW);
}

/* The same for any ACK at snd_una. Past our FIN every sequence number is beyond snd_wl1. */
static bool may_update_window(const struct full *full)
{
	const struct arrival *arrival = full->arrival;

	return seq_after(arrival->seq, arrival->snd_wl1) || closes_window(full) ||
	       (arrival->seq == arrival->snd_wl1 && arrival->window > arrival->snd_wnd);
}

/* tcp_disordered_ack(): a bare ACK in sequence that repeats what is known, not too long ago... */
static bool repeats(const struct full *full)
{
	const struct arrival *arrival = full->arrival;

	return arrival->ack && arrival->seq == arrival->end_seq && arrival->seq == 0 &&
	       arrival->ack_seq == arrival->una && oracle_arrival_age(arrival) <= replay_window(full->kernel);
}

/* ... and does not update the window. */
static bool disordered_ack(const struct full *full)
{
	return repeats(full) && !may_update_window(full);
}

/* tcp_paws_check(), TCP_PAWS_WINDOW; options are parsed with estab = 1, so tcp_timestamps is not asked. */
static bool too_old(const struct full *full)
{
	const struct arrival *arrival = full->arrival;

	return arrival->has_timestamp && arrival->connection_timestamps &&
	       !oracle_linux_paws_check(arrival, full->kernel, TCP_PAWS_WINDOW) && !disordered_ack(full);
}

static const struct rule *check_paws(const struct full *full)
{
	const struct arrival *arrival = full->arrival;

	if (!too_old(full) || arrival->rst)
		return NULL;
	if (arrival->syn)
		return kernel_has(full->kernel, CHANGE_PAWS_SYN) ? oracle_linux_challenge(arrival, &syn) :
								   oracle_linux_dupack(arrival, &syn);
	if (arrival->ack && arrival->seq == arrival->end_seq && seq_before(arrival->seq, 0) &&
	    kernel_has(full->kernel, CHANGE_PAWS_OLD_ACK))
		return &old_bare_ack;
	return oracle_linux_dupack(arrival, repeats(full) && closes_window(full) ? &paws_window : &paws);
}

/* tcp_sequence() */
static bool acceptable(const struct full *full)
{
	const struct arrival *arrival = full->arrival;
	uint32_t limit = arrival->rcv_wnd;

	/* tcp_max_receive_window(), which was tcp_receive_window() */
	if (kernel_has(full->kernel, CHANGE_MAX_WINDOW))
		limit += arrival->rcv_shrunk;

	if (seq_before(arrival->end_seq, arrival->rcv_wup))
		return false;
	if (!kernel_has(full->kernel, CHANGE_BEYOND_WINDOW))
		return !seq_after(arrival->seq, limit);
	if (!seq_after(arrival->end_seq, limit))
		return true;
	if (kernel_has(full->kernel, CHANGE_FIN_ZERO_WINDOW) && !seq_after(arrival->end_seq - arrival->fin, limit))
		return true;
	return !seq_after(arrival->seq, limit) && !full->unread;
}

static bool reset_check(const struct full *full)
{
	enum state state = full->arrival->state;

	return full->arrival->seq == (uint32_t)-1 &&
	       (state == STATE_CLOSE_WAIT || state == STATE_LAST_ACK || state == STATE_CLOSING);
}

/* "goto pass": the other end's own SYN again, with the ACK of ours. A process holds the socket, as always here. */
static bool is_crossed_syn_ack(const struct full *full)
{
	const struct arrival *arrival = full->arrival;

	return arrival->state == STATE_SYN_RECV && arrival->ack && arrival->seq == (uint32_t)-1 && arrival->end_seq == 0 &&
	       arrival->ack_seq == 0 && kernel_has(full->kernel, CHANGE_CROSSED_SYN_ACK);
}

const struct rule *oracle_linux_validate(const struct full *full)
{
	const struct arrival *arrival = full->arrival;
	const struct rule *rule = check_paws(full);

	if (rule)
		return rule;
	if (arrival->rst && reset_check(full))
		return &rst_of_fin;
	if (!acceptable(full)) {
		if (arrival->rst)
			return &unacceptable_rst;
		return arrival->syn ? oracle_linux_challenge(arrival, &syn) : oracle_linux_dupack(arrival, &unacceptable);
	}
	if (arrival->rst)
		return arrival->seq == 0 ? &exact_rst : oracle_linux_challenge(arrival, &inexact_rst);
	if (arrival->syn && !is_crossed_syn_ack(full))
		return oracle_linux_challenge(arrival, &syn);
	return NULL;
}
