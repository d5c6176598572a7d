/* oracle_linux_syn_sent.c - the linux book on an end without a connection: SYN_SENT and CLOSED.
 *
 * tcp_rcv_synsent_state_process() in net/ipv4/tcp_input.c, and tcp_v4_rcv() where the lookup finds no socket: the same from
 * 5.10 to 7.3. The end is one without TCP Fast Open. */
#include "cases/books/oracle_internal.h"

static const struct rule no_socket = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"tcp_v4_rcv(): no_tcp_socket -> tcp_v4_send_reset()",
	"No socket has the four-tuple and nobody listens on the port: the segment gets an RST.",
};

static const struct rule no_socket_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_v4_rcv(): no_tcp_socket -> tcp_v4_send_reset(): never in response to a reset",
	"No socket has the four-tuple, but an RST never gets an RST.",
};

const struct rule *oracle_linux_closed(const struct arrival *arrival)
{
	return arrival->rst ? &no_socket_rst : &no_socket;
}

static const struct rule wrong_ack = {
	ANSWER_RST, ISN_NONE, STATE_SYN_SENT,
	"tcp_rcv_synsent_state_process(): th->ack, !after(ack_seq, snd_una) or after(ack_seq, snd_nxt) -> reset_and_undo",
	"The segment does not acknowledge the SYN: it gets an RST, and the SYN is sent again at once.",
};

static const struct rule wrong_ack_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_rcv_synsent_state_process(): th->ack, !after(ack_seq, snd_una) or after(ack_seq, snd_nxt) -> reset_and_undo; "
	"tcp_v4_send_reset(): never in response to a reset",
	"The RST does not acknowledge the SYN, so it is dropped.",
};

static const struct rule other_echo = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"tcp_rcv_synsent_state_process(): rcv_tsecr, !between(rcv_tsecr, retrans_stamp, tcp_time_stamp_ts()) -> "
	"reset_and_undo (PAWSActiveRejected)",
	"The segment echoes a timestamp other than that of the last SYN: it is reset unless the echo is between the first "
	"SYN's timestamp and the present.",
};

static const struct rule old_echo = {
	ANSWER_RST, ISN_NONE, STATE_SYN_SENT,
	"tcp_rcv_synsent_state_process(): rcv_tsecr, !between(rcv_tsecr, retrans_stamp, tcp_time_stamp_ts()) -> "
	"reset_and_undo (PAWSActiveRejected)",
	"The segment echoes a timestamp older than the first SYN's: it answers an older connection, and gets an RST.",
};

static const struct rule old_echo_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_rcv_synsent_state_process(): rcv_tsecr, !between(rcv_tsecr, retrans_stamp, tcp_time_stamp_ts()) -> "
	"reset_and_undo; tcp_v4_send_reset(): never in response to a reset",
	"The RST echoes a timestamp older than the first SYN's, so it is dropped.",
};

static const struct rule refused = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"tcp_rcv_synsent_state_process(): th->ack, th->rst -> tcp_reset()",
	"The RST acknowledges the SYN: the connection is refused.",
};

static const struct rule no_syn = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_rcv_synsent_state_process(): th->ack, !th->syn -> discard_and_undo",
	"The segment acknowledges the SYN but has no SYN: it is dropped.",
};

static const struct rule connected = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"tcp_rcv_synsent_state_process(): th->ack, th->syn -> tcp_finish_connect(), tcp_send_ack()",
	"The SYN-ACK completes the connection, and gets the handshake's last ACK.",
};

static const struct rule connected_late = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"tcp_rcv_synsent_state_process(): rskq_defer_accept -> inet_csk_schedule_ack(), TCP_DELACK_MAX",
	"The SYN-ACK completes the connection; a client with TCP_DEFER_ACCEPT waits 200 ms for data to send.",
};

static const struct rule rst_alone = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_rcv_synsent_state_process(): !th->ack, th->rst -> discard_and_undo",
	"An RST that acknowledges nothing is dropped.",
};

static const struct rule crossing = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"tcp_rcv_synsent_state_process(): !th->ack, th->syn -> tcp_set_state(TCP_SYN_RECV), tcp_send_synack()",
	"Both ends open at once: the SYN is answered with the subject's own SYN again, and an ACK.",
};

static const struct rule nothing = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"tcp_rcv_synsent_state_process(): neither ACK, RST nor SYN -> discard_and_undo",
	"A segment without ACK, RST and SYN is dropped.",
};

/* rx_opt.saw_tstamp and rcv_tsecr: options are parsed with estab = 0, so tcp_timestamps is asked. */
static bool echoes_other(const struct arrival *arrival)
{
	return arrival->has_timestamp && arrival->timestamps && arrival->tsecr != 0 && arrival->offers_timestamps &&
	       arrival->tsecr != arrival->syn_tsval;
}

/* tcp_connect() takes retrans_stamp with the first SYN. What is before it is never between it and the present: no SYN_SENT
 * lasts 2^31 ticks. What is after it may be, if the SYN was sent long ago. */
static const struct rule *echo(const struct arrival *arrival)
{
	if (!seq_before(arrival->tsecr, arrival->syn_tsval))
		return &other_echo;
	return arrival->rst ? &old_echo_rst : &old_echo;
}

const struct rule *oracle_linux_syn_sent(const struct arrival *arrival)
{
	if (!arrival->ack)
		return arrival->rst ? &rst_alone : arrival->syn ? &crossing : &nothing;
	if (!seq_after(arrival->ack_seq, arrival->una) || seq_after(arrival->ack_seq, 0))
		return arrival->rst ? &wrong_ack_rst : &wrong_ack;
	if (echoes_other(arrival))
		return echo(arrival);
	if (arrival->rst)
		return &refused;
	if (!arrival->syn)
		return &no_syn;
	return arrival->defers ? &connected_late : &connected;
}
