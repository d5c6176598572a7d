/* oracle_rfc_icmp.c - the rfc book on ICMP errors about a connection: RFC 9293 3.9.2.2, which says of IPv4 what RFC 1122
 * 4.2.3.9 said. */
#include "cases/books/oracle_internal.h"

static const struct rule no_connection = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.9.2.2: MUST-54, the error is for the connection that created it",
	"There is no connection that the error could be about.",
};

static const struct rule quench = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.9.2.2: MUST-55, source quench; RFC 6633",
	"A source quench is discarded in silence.",
};

static const struct rule redirect = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 1122 3.2.2.2: a redirect updates routes; RFC 9293 3.9.2.2 names none of it",
	"A redirect is about a route, not about a connection.",
};

static const struct rule large_mtu = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 1191 6.3, RFC 8201 4: an estimate of the path MTU is only ever lowered by such an error",
	"The next link is said to take more than any segment of the connection, which changes nothing.",
};

static const struct rule soft = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.9.2.2: MUST-56, soft errors",
	"The error may pass, so the connection must not be aborted because of it.",
};

static const struct rule hard = {
	ANSWER_SILENCE, ISN_NONE, STATE_CLOSED,
	"RFC 9293 3.9.2.2: SHLD-26, hard errors; RFC 5927 5.2 notes that many stacks do so only while they connect",
	"The error will not pass, so the connection should be aborted.",
};

static const struct rule other_number = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"RFC 5927 4.1: SND.UNA =< SEG.SEQ < SND.NXT; RFC 9293 3.9.2.2",
	"An error is not answered. Whether the number that it quotes is checked is left to the implementation.",
};

static const struct rule from_afar = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"RFC 5082 3: GTSM; RFC 9293 3.9.2.2",
	"An error is not answered. Whether one counts that quotes a TTL below what the process asks for is left open.",
};

static const struct rule not_said = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.9.2.2, RFC 1812 5.2.7.1",
	"An error is not answered. Whether this one is a hard one is not said.",
};

static const struct rule *by_kind(const struct arrival *arrival)
{
	switch (arrival->icmp) {
	case ICMP_ERROR_SOURCE_QUENCH:
		return &quench;
	case ICMP_ERROR_REDIRECT:
		return &redirect;
	case ICMP_ERROR_FRAGMENTATION_NEEDED:
		return &large_mtu;
	case ICMP_ERROR_NET_UNREACHABLE:
	case ICMP_ERROR_HOST_UNREACHABLE:
	case ICMP_ERROR_TIME_EXCEEDED:
	case ICMP_ERROR_PARAMETER_PROBLEM:
		return &soft;
	case ICMP_ERROR_PROTOCOL_UNREACHABLE:
	case ICMP_ERROR_PORT_UNREACHABLE:
		return arrival->family == 4 ? &hard : &not_said;
	default:
		return &not_said;
	}
}

/* What ends no connection does so no more if it is not believed. */
const struct rule *oracle_rfc_icmp(const struct arrival *arrival)
{
	const struct rule *rule = by_kind(arrival);

	if (arrival->state == STATE_CLOSED || arrival->state == STATE_LISTEN)
		return &no_connection;
	if (rule->after == SAME)
		return rule;
	if (arrival->low_ttl)
		return &from_afar;
	return seq_before(arrival->ack_seq, arrival->una) || !seq_before(arrival->ack_seq, 0) ? &other_number : rule;
}
