/* oracle_rfc_syn_sent.c - the rfc book on CLOSED and SYN-SENT, RFC 9293 3.10.7.1 and 3.10.7.3. */
#include "cases/books/oracle_internal.h"

static const struct rule closed_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"RFC 9293 3.10.7.1: an incoming segment containing a RST is discarded",
	"There is no connection, and an RST never gets an RST.",
};

static const struct rule closed = {
	ANSWER_RST, ISN_NONE, STATE_CLOSED,
	"RFC 9293 3.10.7.1: an incoming segment not containing a RST causes a RST",
	"There is no connection, so the segment gets an RST.",
};

const struct rule *oracle_rfc_closed(const struct arrival *arrival)
{
	return arrival->rst ? &closed_rst : &closed;
}

static const struct rule bad_ack = {
	ANSWER_RST, ISN_NONE, STATE_SYN_SENT,
	"RFC 9293 3.10.7.3, first: SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset",
	"The segment acknowledges something that was never sent and gets an RST.",
};

static const struct rule bad_ack_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"RFC 9293 3.10.7.3, first: SEG.ACK =< ISS or SEG.ACK > SND.NXT, the RST bit is set",
	"The RST acknowledges something that was never sent and is dropped.",
};

static const struct rule refused = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"RFC 9293 3.10.7.3, second: RST, the ACK was acceptable",
	"The RST acknowledges the SYN: the connection is refused.",
};

static const struct rule rst_alone = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"RFC 9293 3.10.7.3, second: RST, no ACK",
	"An RST that acknowledges nothing is dropped.",
};

static const struct rule connected = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"RFC 9293 3.10.7.3, fourth: SYN, SND.UNA > ISS (our SYN has been ACKed)",
	"The SYN-ACK completes the connection, and gets an ACK.",
};

static const struct rule connected_fin = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"RFC 9293 3.10.7.3, fourth: SYN, our SYN has been ACKed, continue at the sixth step; 3.10.7.4, eighth: FIN",
	"The SYN-ACK completes the connection, and its FIN counts at once: both are acknowledged.",
};

static const struct rule crossing = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 9293 3.10.7.3, fourth: SYN, otherwise enter SYN-RECEIVED",
	"Both ends open at once: the SYN is answered with the subject's own SYN again, and an ACK.",
};

static const struct rule neither = {
	ANSWER_SILENCE, ISN_NONE, STATE_SYN_SENT,
	"RFC 9293 3.10.7.3, fifth: neither of the SYN or RST bits is set",
	"A segment with neither SYN nor RST is dropped.",
};

const struct rule *oracle_rfc_syn_sent(const struct arrival *arrival)
{
	bool acks_syn = arrival->ack && seq_after(arrival->ack_seq, arrival->iss) && !seq_after(arrival->ack_seq, 0);

	if (arrival->ack && !acks_syn)
		return arrival->rst ? &bad_ack_rst : &bad_ack;
	if (arrival->rst)
		return acks_syn ? &refused : &rst_alone;
	if (arrival->syn)
		return !acks_syn ? &crossing : arrival->fin ? &connected_fin : &connected;
	return &neither;
}
