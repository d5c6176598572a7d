/* oracle_rfc_choice.c - the rfc book on what may keep a receiver from looking at a segment's numbers: checksum, options, TTL.
 *
 * Only the first is decided. Where an RFC leaves it to the receiver whether it drops the segment or takes it as any other, the
 * answer is certain all the same if both give the same. */
#include "cases/books/oracle_internal.h"

static const struct rule bad_checksum = {
	ANSWER_SILENCE, ISN_NONE, SAME,
	"RFC 9293 3.1: MUST-3, the receiver MUST check the checksum",
	"The checksum is wrong, so the segment is dropped.",
};

static const struct rule bad_options = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.1: MUST-7, an illegal option length",
	"A receiver must be prepared for an illegal option length; what it then does is left to it.",
};

static const struct rule bad_options_rst = {
	ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN,
	"RFC 9293 3.1: MUST-7, an illegal option length; 3.10.7.1: an RST causes no RST",
	"A receiver must be prepared for an illegal option length. If it resets the connection, it does so in silence.",
};

static const struct rule two_timestamps = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"RFC 7323 3.2 and 5.3; RFC 9293 3.1",
	"The segment has the timestamps option twice, and no RFC says which of them counts.",
};

/* What two readings make of a segment, of which one drops it in silence. */
struct choice_of_two {
	struct rule open;   /* the other one answers */
	struct rule silent; /* it is silent, too, but leads to another state */
	struct rule same;   /* and nothing changes */
};

#define SIGNATURE "RFC 9293 3.1: MUST-6; RFC 2385 2.0, RFC 5925 7.3"

static const struct choice_of_two signature = {
	{ ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN, SIGNATURE,
	  "Whether a signature that was not agreed upon is ignored or refused depends on whether the receiver knows of it." },
	{ ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, SIGNATURE,
	  "The segment gets no answer, whether its signature is ignored or refused; if it is refused, the state stays." },
	{ ANSWER_SILENCE, ISN_NONE, SAME, SIGNATURE,
	  "The segment gets no answer and changes nothing, whether its signature is ignored or refused." },
};

#define GTSM "RFC 5082 3: GTSM"

static const struct choice_of_two low_ttl = {
	{ ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN, GTSM,
	  "The process asks for a higher TTL. What becomes of a packet that may come from afar is left to the "
	  "implementation." },
	{ ANSWER_SILENCE, ISN_NONE, STATE_UNKNOWN, GTSM,
	  "The process asks for a higher TTL. The segment gets no answer, whether it is taken or not." },
	{ ANSWER_SILENCE, ISN_NONE, SAME, GTSM,
	  "The process asks for a higher TTL. The segment gets no answer and changes nothing, whether it is taken or not." },
};

static const struct rule *choose(const struct choice_of_two *choice, const struct rule *taken, const struct arrival *arrival)
{
	if (taken->answer != ANSWER_SILENCE)
		return &choice->open;
	return taken->after == SAME || taken->after == arrival->state ? &choice->same : &choice->silent;
}

/* Does the TSval decide? Without a connection there is nothing to compare it with, and an RST is exempt (RFC 7323 5.2). */
static bool compares_timestamps(const struct arrival *arrival)
{
	if (arrival->rst || arrival->state == STATE_CLOSED || arrival->state == STATE_LISTEN ||
	    arrival->state == STATE_SYN_SENT)
		return false;
	return arrival->connection_timestamps;
}

/* "A suggested procedure is to reset the connection": where the segment gets an RST anyway, or is an RST that nobody waits
 * for, that is what happens without such an option, too (3.10.7.1; 3.10.7.2, first and second). */
static const struct rule *with_bad_options(const struct arrival *arrival)
{
	bool nothing = arrival->state == STATE_CLOSED;

	if (nothing || (arrival->state == STATE_LISTEN && (arrival->rst || arrival->ack)))
		return oracle_rfc_in_state(arrival);
	return arrival->rst && oracle_rfc_in_state(arrival)->answer == ANSWER_SILENCE ? &bad_options_rst : &bad_options;
}

const struct rule *oracle_rfc_before_the_state(const struct arrival *arrival)
{
	if (arrival->bad_checksum)
		return &bad_checksum;
	if (arrival->low_ttl && arrival->state != STATE_CLOSED)
		return choose(&low_ttl, oracle_rfc_in_state(arrival), arrival);
	if (arrival->bad_options || arrival->odd_options)
		return with_bad_options(arrival);
	if (arrival->two_timestamps && compares_timestamps(arrival))
		return &two_timestamps;
	if (arrival->md5 || arrival->old_md5 || arrival->ao)
		return choose(&signature, oracle_rfc_in_state(arrival), arrival);
	return NULL;
}
