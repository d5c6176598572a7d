/* oracle_rfc_timewait.c - the rfc book on TIME-WAIT.
 *
 * Which document counts where they differ: whether a SYN may reopen the connection is decided by RFC 6191, which
 * RFC 9293 (SHLD-4) recommends. What a SYN gets that may not is decided by RFC 9293 3.10.7.4, which is younger
 * and says MUST: a challenge ACK; RFC 6191 would drop it in silence. */
#include "cases/books/oracle_internal.h"

static const struct rule newer_timestamp = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 6191 section 2 (previous incarnation used timestamps, SYN's is greater); RFC 9293 3.6.1 SHLD-4",
	"The SYN's timestamp is newer than the last one seen, so the connection request is honoured.",
};

static const struct rule same_timestamp_above = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 6191 section 2 (timestamp equal, sequence number greater); RFC 9293 3.6.1 SHLD-4",
	"The timestamp is the last one seen and the sequence number is beyond the last one seen: the request "
	"is honoured.",
};

static const struct rule half_the_circle = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 6191 section 2; RFC 7323 5.2: s < t means 0 < t - s < 2^31",
	"The timestamp is half the circle away from the last one seen: neither greater, nor less, nor equal.",
};

static const struct rule no_timestamp_above = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 6191 section 2 (no timestamps for the new incarnation, sequence number greater); RFC 9293 3.6.1 "
	"MAY-2",
	"The new connection would have no timestamps, and the sequence number is beyond the last one seen: "
	"the request is honoured.",
};

static const struct rule first_timestamp = {
	ANSWER_SYN_ACK, ISN_NONE, STATE_SYN_RECV,
	"RFC 6191 section 2 (previous incarnation without timestamps, new one with); RFC 9293 3.6.1 SHLD-4",
	"The old connection had no timestamps and the new one has, so the request is honoured whatever its "
	"sequence number.",
};

static const struct rule rejected = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"RFC 9293 3.10.7.4, fourth: TIME-WAIT, \"for all other cases\" a challenge ACK (RFC 5961 4.2)",
	"The SYN may be an old duplicate, so it gets a challenge ACK; RFC 6191 alone would drop it in "
	"silence.",
};

static const struct rule nobody_listens = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"RFC 9293 3.10.7.4, fourth: TIME-WAIT, a new connection needs a passive OPEN; \"for all other cases\" a challenge ACK",
	"The SYN would open a new connection, but nobody listens: it gets a challenge ACK.",
};

static const struct rule syn_fin = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 6191 section 2; RFC 9293 3.10.7.2",
	"No RFC specifies what happens to a connection request that carries a FIN.",
};

static const struct rule rst_exact = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, second: TIME-WAIT -> CLOSED; RFC 1337 section 3, fix F1: ignore RST",
	"An RST exactly in sequence gets no answer; whether it ends TIME-WAIT is where RFC 9293 and RFC 1337 "
	"differ.",
};

static const struct rule fin_again = {
	ANSWER_ACK, ISN_NONE, STATE_TIME_WAIT,
	"RFC 9293 3.10.7.4, fifth and eighth: TIME-WAIT, FIN",
	"A FIN is acknowledged, and the 2 MSL start again.",
};

static const struct rule only_fin_expected = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.10.7.4, fifth: TIME-WAIT, \"the only thing that can arrive is a retransmission of the "
	"remote FIN\"",
	"RFC 9293 covers only a repeated FIN here and leaves other acceptable segments open.",
};

static const struct rule *connection_request(const struct arrival *arrival)
{
	bool new_timestamps = arrival->has_timestamp && arrival->timestamps;
	/* The last sequence number seen is that of the FIN, rcv_nxt - 1; so rcv_nxt itself is greater. */
	bool greater = seq_after(arrival->seq, (uint32_t)-1);

	if (arrival->connection_timestamps && new_timestamps) {
		if (oracle_arrival_age(arrival) == INT32_MIN)
			return &half_the_circle;
		if (oracle_arrival_age(arrival) < 0)
			return &newer_timestamp;
		if (oracle_arrival_age(arrival) == 0 && greater)
			return &same_timestamp_above;
		return &rejected;
	}
	if (new_timestamps)
		return &first_timestamp;
	return greater ? &no_timestamp_above : &rejected;
}

const struct rule *oracle_rfc_time_wait(const struct arrival *arrival)
{
	const struct rule *rule;

	if (arrival->rst && arrival->seq == 0)
		return &rst_exact;
	if (arrival->syn && !arrival->ack && !arrival->rst) {
		rule = connection_request(arrival);
		if (rule->answer == ANSWER_SYN_ACK && !arrival->listener)
			return &nobody_listens;
		return arrival->fin && rule->answer == ANSWER_SYN_ACK ? &syn_fin : rule;
	}
	rule = oracle_rfc_entry(arrival);
	if (rule)
		return rule;
	return arrival->fin && !oracle_rfc_fin_lies_ahead(arrival) ? &fin_again : &only_fin_expected;
}
