/* oracle_linux_full.c - the linux book on full sockets: SYN_RECV after SYNs that crossed, ESTABLISHED, CLOSE_WAIT, FIN_WAIT_1,
 * FIN_WAIT_2 with its descriptor still held, CLOSING and LAST_ACK.
 *
 * tcp_rcv_established() and tcp_rcv_state_process() in net/ipv4/tcp_input.c, in the order of their checks: flags,
 * tcp_validate_incoming(), tcp_ack(), the state, tcp_data_queue(). An ACK that the kernel may delay (40 ms to 200 ms)
 * counts as an ACK. */
#include "cases/books/oracle_internal.h"

#include <stddef.h>

static const struct rule no_flags = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_rcv_state_process(), tcp_rcv_established(): !th->ack && !th->rst && !th->syn -> discard",
	"A segment without ACK, RST and SYN is dropped in silence.",
};

static const struct rule bad_ack = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_ack(): ack_seq below snd_una or above snd_nxt -> tcp_send_challenge_ack()",
	"The segment acknowledges something that was never sent, or a byte that is far too old: it is dropped and gets a "
	"challenge ACK.",
};

static const struct rule unsent_ack = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_ack(): after(ack, snd_nxt) -> discard (before 7.1 and 6.18.33)",
	"The segment acknowledges something that was never sent and is dropped in silence.",
};

static const struct rule bare_ack = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_data_queue(): seq == end_seq",
	"A bare ACK inside the window needs no answer.",
};

static const struct rule data_taken = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_data_queue(): seq <= rcv_nxt < end_seq -> queue_and_out; tcp_ack_snd_check()",
	"The data is next in sequence, so it is accepted and acknowledged.",
};

static const struct rule data_old = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_data_queue(): !after(end_seq, rcv_nxt) -> tcp_enter_quickack_mode()",
	"Everything in the segment was received before: it is acknowledged again.",
};

static const struct rule data_beyond = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_data_queue(): !before(seq, rcv_nxt + tcp_receive_window()) -> out_of_window",
	"The segment begins where the window ends: it is dropped and answered with an ACK.",
};

static const struct rule data_zero = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_data_queue(): seq <= rcv_nxt < end_seq, tcp_receive_window() == 0 -> out_of_window",
	"The receive window is closed: the segment is dropped and answered with an ACK.",
};

static const struct rule fin_zero = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_data_queue(): tcp_receive_window() == 0 -> out_of_window, a bare FIN, too (before 6.12)",
	"The receive window is closed: the FIN is dropped and answered with an ACK.",
};

static const struct rule data_ahead = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_data_queue() -> tcp_data_queue_ofo()",
	"The segment is ahead of the sequence: it is held until the gap is filled, and the subject repeats its ACK.",
};

static const struct rule fin_established = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"tcp_data_queue() -> tcp_fin(): TCP_ESTABLISHED -> TCP_CLOSE_WAIT",
	"The FIN is next in sequence: it is acknowledged, and the process may read the end of file.",
};

static const struct rule fin_crossing = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSING,
	"tcp_data_queue() -> tcp_fin(): TCP_FIN_WAIT1 -> TCP_CLOSING",
	"Both sides close at once: our FIN is acknowledged while the subject's is not.",
};

static const struct rule fin_last = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"tcp_data_queue() -> tcp_fin(): TCP_FIN_WAIT2 -> tcp_time_wait(TCP_TIME_WAIT)",
	"The FIN that was missing arrives: it is acknowledged, and TIME_WAIT begins.",
};

static const struct rule fin_again = {
	ANSWER_ACK, ISN_NONE, SAME,
	"tcp_data_queue() -> tcp_fin(): TCP_CLOSE_WAIT, TCP_CLOSING, TCP_LAST_ACK: stay",
	"A second FIN, next in sequence behind old data: it is acknowledged, and the state stays.",
};

static const struct rule abort_on_data = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_rcv_state_process(): RCV_SHUTDOWN or closed, after(end_seq - th->fin, rcv_nxt) -> "
	"TCPAbortOnData",
	"Nobody can read any longer: data, or a FIN behind a gap, resets the connection.",
};

static const struct rule fin_acked = {
	ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2,
	"tcp_rcv_state_process(), TCP_FIN_WAIT1: snd_una == write_seq -> tcp_time_wait(TCP_FIN_WAIT2)",
	"The subject's FIN is acknowledged; it waits for ours in FIN_WAIT_2, with a small socket.",
};

static const struct rule fin_acked_gone = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_rcv_state_process(), TCP_FIN_WAIT1: snd_una == write_seq, SOCK_DEAD, linger2 < 0 -> TCPAbortOnData",
	"The subject's FIN is acknowledged, its process has closed and wants no FIN_WAIT_2 (TCP_LINGER2 is -1): an RST.",
};

static const struct rule fin_acked_half = {
	ANSWER_SILENCE, ISN_NONE, STATE_FIN_WAIT_2_HALF,
	"tcp_rcv_state_process(), TCP_FIN_WAIT1: snd_una == write_seq, !SOCK_DEAD -> TCP_FIN_WAIT2",
	"The subject's FIN is acknowledged; it waits for ours in FIN_WAIT_2, its process still reading.",
};

static const struct rule fin_acked_half_data = {
	ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2_HALF,
	"tcp_rcv_state_process(), TCP_FIN_WAIT1: snd_una == write_seq, !SOCK_DEAD; then tcp_data_queue()",
	"The subject's FIN is acknowledged, and the rest of the segment gets an ACK: its process may still read.",
};

static const struct rule fin_acked_by_old_fin = {
	ANSWER_ACK, ISN_NONE, STATE_FIN_WAIT_2,
	"tcp_rcv_state_process(), TCP_FIN_WAIT1: snd_una == write_seq, th->fin; then tcp_data_queue(): old",
	"The subject's FIN is acknowledged; the accompanying FIN is before the window and gets an ACK.",
};

static const struct rule closing_done = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"tcp_rcv_state_process(), TCP_CLOSING: snd_una == write_seq -> tcp_time_wait(TCP_TIME_WAIT)",
	"The subject's FIN is acknowledged, TIME_WAIT begins, and whatever else is in the segment is "
	"ignored.",
};

static const struct rule last_ack_done = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_rcv_state_process(), TCP_LAST_ACK: snd_una == write_seq -> tcp_done()",
	"The subject's FIN is acknowledged, and the connection is over.",
};

static const struct rule after_our_fin = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"tcp_rcv_state_process(), step 7: our FIN was received, !before(seq, rcv_nxt) -> discard",
	"Nothing can follow our own FIN: what the segment carries is ignored in silence.",
};

static const struct rule crossed_bad_ack = {
	ANSWER_RST, ISN_NONE, STATE_SYN_RECV,
	"tcp_rcv_state_process(): tcp_ack() <= 0, TCP_SYN_RECV -> send one RST",
	"Both ends opened at once, and the segment does not acknowledge the subject's SYN: it gets an RST, and the half-open "
	"connection stays.",
};

static const struct rule crossed_ack = {
	ANSWER_SILENCE, ISN_NONE, STATE_ESTABLISHED,
	"tcp_rcv_state_process(), TCP_SYN_RECV -> TCP_ESTABLISHED; nothing to acknowledge",
	"Both ends opened at once, and the ACK completes the handshake.",
};

static const struct rule crossed_data = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"tcp_rcv_state_process(), TCP_SYN_RECV -> TCP_ESTABLISHED; then tcp_data_queue()",
	"Both ends opened at once; the ACK completes the handshake, and what came with it is acknowledged or held until the "
	"gap is filled.",
};

bool oracle_linux_takes(const struct rule *rule)
{
	return rule == &data_taken;
}

/* Does the segment bring anything beyond rcv_nxt that is not a FIN next in sequence? */
static bool brings_data(const struct arrival *arrival)
{
	return arrival->end_seq != arrival->seq && seq_after(arrival->end_seq - arrival->fin, 0);
}

/* "Some stacks are known to send bare FIN packets in a loop even if we send RWIN 0" */
static const struct rule *queue_in_closed(const struct full *full, const struct rule *fin_in_sequence)
{
	const struct arrival *arrival = full->arrival;

	if (!arrival->fin || arrival->end_seq != 1)
		return &data_zero;
	return kernel_has(full->kernel, CHANGE_BARE_FIN) ? fin_in_sequence : &fin_zero;
}

/* tcp_data_queue(): the data before the FIN may be old in part or as a whole. */
static const struct rule *queue(const struct full *full, const struct rule *fin_in_sequence)
{
	const struct arrival *arrival = full->arrival;

	if (arrival->seq == arrival->end_seq)
		return &bare_ack;
	if (arrival->seq == 0 && arrival->rcv_wnd == 0)
		return queue_in_closed(full, fin_in_sequence);
	if (arrival->seq == 0)
		return arrival->fin ? fin_in_sequence : &data_taken;
	if (!seq_after(arrival->end_seq, 0))
		return &data_old;
	if (!seq_before(arrival->seq, arrival->rcv_wnd))
		return &data_beyond;
	if (seq_after(arrival->seq, 0))
		return &data_ahead;
	if (arrival->rcv_wnd == 0)
		return &data_zero;
	return arrival->fin ? fin_in_sequence : &data_taken;
}

/* SYN_RECV of a full socket. An acknowledgment of nothing new counts here: tcp_ack() takes one at snd_una for good. */
static const struct rule *crossed(const struct full *full)
{
	const struct arrival *arrival = full->arrival;
	const struct rule *rule;

	if (seq_before(arrival->ack_seq, arrival->una) || seq_after(arrival->ack_seq, 0))
		return &crossed_bad_ack;
	rule = queue(full, &fin_established);
	return rule == &bare_ack ? &crossed_ack : rule == &fin_established ? rule : &crossed_data;
}

/* tcp_ack(): NULL when the segment goes on to be processed; a bad one ends here. */
static const struct rule *check_ack(const struct full *full)
{
	const struct arrival *arrival = full->arrival;
	const struct kernel *kernel = full->kernel;
	bool established = arrival->state == STATE_ESTABLISHED;
	uint32_t allowance = arrival->max_window;

	if (kernel_has(kernel, CHANGE_ACK_BYTES) && arrival->bytes_acked < allowance)
		allowance = arrival->bytes_acked;
	/* The inner one alone would also be true of what lies just below half the circle above snd_una. */
	if (seq_before(arrival->ack_seq, arrival->una)) {
		if (seq_before(arrival->ack_seq, arrival->una - allowance))
			return oracle_linux_challenge(arrival, &bad_ack);
		return established || kernel_has(kernel, CHANGE_OLD_ACK) ? NULL : oracle_linux_challenge(arrival, &bad_ack);
	}
	if (seq_after(arrival->ack_seq, 0))
		return established && !kernel_has(kernel, CHANGE_UNSENT_ACK) ? &unsent_ack :
									       oracle_linux_challenge(arrival,
												      &bad_ack);
	return NULL;
}

/* The process called shutdown(SHUT_WR): it may still read, so RCV_SHUTDOWN is not set. */
static const struct rule *fin_wait_1_half(const struct full *full, bool acked)
{
	const struct rule *rule = queue(full, acked ? &fin_last : &fin_crossing);

	if (!acked || rule == &fin_last)
		return rule;
	return rule == &bare_ack ? &fin_acked_half : &fin_acked_half_data;
}

static const struct rule *fin_wait_1(const struct full *full, bool acked)
{
	const struct arrival *arrival = full->arrival;

	if (arrival->held)
		return fin_wait_1_half(full, acked);
	if (acked && arrival->no_fin_wait_2)
		return &fin_acked_gone;
	if (brings_data(arrival))
		return &abort_on_data;
	if (!acked)
		return queue(full, &fin_crossing);
	if (!arrival->fin)
		return &fin_acked;
	return queue(full, &fin_last) == &fin_last ? &fin_last : &fin_acked_by_old_fin;
}

/* CLOSE_WAIT, and CLOSING and LAST_ACK while the subject's FIN is not acknowledged. */
static const struct rule *our_fin_came(const struct full *full)
{
	const struct arrival *arrival = full->arrival;

	if (!seq_before(arrival->seq, 0))
		return &after_our_fin;
	return brings_data(arrival) ? &abort_on_data : queue(full, &fin_again);
}

static const struct rule *process(const struct full *full)
{
	const struct arrival *arrival = full->arrival;
	bool acked = arrival->ack_seq == 0;

	switch (arrival->state) {
	case STATE_ESTABLISHED:
		return queue(full, &fin_established);
	case STATE_FIN_WAIT_1:
		return fin_wait_1(full, acked);
	case STATE_FIN_WAIT_2_HALF:
		return queue(full, &fin_last);
	case STATE_CLOSING:
		return acked ? &closing_done : our_fin_came(full);
	case STATE_LAST_ACK:
		return acked ? &last_ack_done : our_fin_came(full);
	default:
		return our_fin_came(full);
	}
}

static void full_of(const struct arrival *arrival, const struct kernel *kernel, struct full *full)
{
	enum state state = arrival->state;
	bool fin_taken = state == STATE_CLOSE_WAIT || state == STATE_CLOSING || state == STATE_LAST_ACK;

	full->arrival = arrival;
	full->kernel = kernel;
	full->unread = arrival->unread || (fin_taken && !arrival->fin_read);
}

const struct rule *oracle_linux_full(const struct arrival *arrival, const struct kernel *kernel)
{
	const struct rule *rule;
	struct full full;

	full_of(arrival, kernel, &full);
	if (!arrival->ack && !arrival->rst && !arrival->syn)
		return &no_flags;
	rule = oracle_linux_validate(&full);
	if (!rule && arrival->state == STATE_SYN_RECV)
		return crossed(&full);
	if (!rule)
		rule = check_ack(&full);
	return rule ? rule : process(&full);
}

/* Of the new socket that ends a handshake, too: its state is SYN_RECV, and the request has looked at the acknowledgment. */
enum passes oracle_linux_full_passes(const struct arrival *arrival, const struct kernel *kernel)
{
	bool unsent = seq_before(arrival->ack_seq, arrival->una) || seq_after(arrival->ack_seq, 0);
	struct full full;

	full_of(arrival, kernel, &full);
	if (!arrival->ack || oracle_linux_validate(&full))
		return PASSES_NOTHING;
	if (arrival->state == STATE_SYN_RECV)
		return unsent ? PASSES_VALIDATE : PASSES_ALL;
	return check_ack(&full) ? PASSES_VALIDATE : PASSES_ALL;
}
