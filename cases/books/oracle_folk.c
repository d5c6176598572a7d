/* oracle_folk.c - the folk book: what the popular notes on TIME_WAIT and CLOSE_WAIT say, and nothing more.
 *
 * It is wrong in places. It is here so that a run can show where. Section numbers are those of the two
 * notes, "a TIME_WAIT connection receives a SYN" and "port collision with CLOSE_WAIT". */
#include "cases/books/oracle.h"

#include "cases/books/oracle_internal.h"

static const struct rule legal_syn = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"TIME_WAIT note, 4.1 and 4.2: a legal SYN, timestamps on both sides",
	"Sequence number and timestamp are both greater, so the SYN is legal and TIME_WAIT turns into "
	"SYN_RECV.",
};

static const struct rule illegal_syn = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"TIME_WAIT note, 4.1 and 4.2: an illegal SYN, timestamps on both sides",
	"Sequence number and timestamp are not both greater, so the SYN is illegal and gets the last ACK "
	"again.",
};

static const struct rule legal_syn_by_seq = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"TIME_WAIT note, 4.1: a legal SYN, timestamps on neither side",
	"Without timestamps the sequence number alone counts; it is greater, so TIME_WAIT turns into "
	"SYN_RECV.",
};

static const struct rule illegal_syn_by_seq = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"TIME_WAIT note, 4.1: an illegal SYN, timestamps on neither side",
	"Without timestamps the sequence number alone counts; it is not greater, so the SYN gets the last "
	"ACK again.",
};

static const struct rule one_side = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"TIME_WAIT note, 4.1 and 6.6.7: timestamps on one side, marked as a question",
	"The note asks what happens when only one side has timestamps, and leaves it open.",
};

static const struct rule rst_kills = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"TIME_WAIT note, 6.6.3: tcp_rfc1337 = 0",
	"With tcp_rfc1337 = 0 an RST ends TIME_WAIT early.",
};

static const struct rule rst_dropped = {
	ANSWER_SILENCE, ISN_NONE, STATE_TIME_WAIT,
	"TIME_WAIT note, 6.6.3: tcp_rfc1337 = 1",
	"With tcp_rfc1337 = 1 an RST is dropped and TIME_WAIT goes on.",
};

static const struct rule challenge_established = {
	ANSWER_ACK, ISN_NONE, STATE_ESTABLISHED,
	"TIME_WAIT note, 6.6.2: SYN into an established connection",
	"A SYN into an established connection gets a challenge ACK.",
};

static const struct rule challenge_close_wait = {
	ANSWER_ACK, ISN_NONE, STATE_CLOSE_WAIT,
	"CLOSE_WAIT note, frames 6 and 7: SYN from a port that a CLOSE_WAIT connection holds",
	"A SYN into CLOSE_WAIT gets an ACK of the old connection.",
};

static const struct rule not_covered = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"neither note",
	"The notes do not cover this.",
};

static const struct rule *time_wait_syn(const struct arrival *arrival)
{
	bool both_on = arrival->connection_timestamps && arrival->timestamps && arrival->has_timestamp;
	bool both_off = !arrival->connection_timestamps && !arrival->timestamps && !arrival->has_timestamp;
	bool seq_greater = seq_after(arrival->seq, 0);

	if (both_off)
		return seq_greater ? &legal_syn_by_seq : &illegal_syn_by_seq;
	if (!both_on)
		return &one_side;
	return seq_greater && oracle_arrival_age(arrival) < 0 ? &legal_syn : &illegal_syn;
}

const struct rule *oracle_folk_rule(const struct arrival *arrival)
{
	bool usual = !arrival->icmp && !arrival->bad_checksum && !arrival->bad_options && !arrival->md5;
	bool syn = usual && arrival->syn && !arrival->ack && !arrival->rst && !arrival->fin;

	if (syn && arrival->state == STATE_TIME_WAIT)
		return time_wait_syn(arrival);
	if (syn && arrival->state == STATE_ESTABLISHED)
		return &challenge_established;
	if (syn && arrival->state == STATE_CLOSE_WAIT)
		return &challenge_close_wait;
	if (usual && arrival->rst && !arrival->syn && arrival->state == STATE_TIME_WAIT)
		return arrival->rfc1337 ? &rst_dropped : &rst_kills;
	return &not_covered;
}
