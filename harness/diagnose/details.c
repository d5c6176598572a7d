/* details.c - the sentences about one encounter. */
#include "harness/diagnose/details_internal.h"

#include <inttypes.h>

#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "harness/diagnose/judgement.h"

/* net/ipv4/tcp.c, tcp_fin_time(): tcp_fin_timeout; netfilter's nf_conntrack_tcp_timeout_close_wait: the same. */
#define FORGETS_NS (60 * NSEC_PER_SEC)

const char *details_span(uint64_t from_ns, uint64_t to_ns, char buffer[static DETAILS_SPAN_SIZE])
{
	uint64_t ns = to_ns > from_ns ? to_ns - from_ns : 0;
	struct textbuf text;

	textbuf_init(&text, buffer, DETAILS_SPAN_SIZE);
	if (ns < NSEC_PER_MSEC)
		textbuf_add(&text, "%.0f us", (double)ns / 1e3);
	else if (ns < NSEC_PER_SEC)
		textbuf_add(&text, "%.3g ms", (double)ns / 1e6);
	else
		textbuf_add(&text, ns < 100 * NSEC_PER_SEC ? "%.3g s" : "%.0f s", (double)ns / 1e9);
	return buffer;
}

static void add_challenge(const struct encounter *encounter, struct textbuf *text)
{
	const struct sequel *sequel = &encounter->sequel;
	char reset[DETAILS_SPAN_SIZE], syn[DETAILS_SPAN_SIZE], connected[DETAILS_SPAN_SIZE];

	if (sequel->reset_ns)
		textbuf_item(text, " ", "The other side reset the old connection %s after this answer",
			     details_span(encounter->answer_ns, sequel->reset_ns, reset));
	else
		textbuf_item(text, " ", "The capture shows no reset of the old connection in return");
	if (sequel->syn_ns)
		textbuf_add(text, "; its next SYN came %s after this one",
			    details_span(encounter->time_ns, sequel->syn_ns, syn));
	if (sequel->connected_ns)
		textbuf_add(text, " and was accepted: connected after %s",
			    details_span(encounter->time_ns, sequel->connected_ns, connected));
	textbuf_add(text, ".");
}

/* Whether it had any effect. */
static void add_effect(const struct encounter *encounter, struct textbuf *text)
{
	const struct sequel *sequel = &encounter->sequel;
	char after[DETAILS_SPAN_SIZE];

	if (sequel->lived_ns)
		textbuf_item(text, " ", "It had no effect: this side went on with the connection %s later.",
			     details_span(encounter->time_ns, sequel->lived_ns, after));
	else if (sequel->strange_ns)
		textbuf_item(text, " ", "It had its effect: %s later this side answers as if it had no such "
			     "connection.", details_span(encounter->time_ns, sequel->strange_ns, after));
	else if (sequel->connected_ns)
		textbuf_item(text, " ", "%s later a new connection was accepted on the same ports.",
			     details_span(encounter->time_ns, sequel->connected_ns, after));
}

static void add_reset(const struct encounter *encounter, struct textbuf *text)
{
	const struct sequel *sequel = &encounter->sequel;
	bool challenged = encounter_answer(encounter) == ANSWER_ACK && encounter->segment.seq != encounter->subject.rcv_nxt;
	char after[DETAILS_SPAN_SIZE];

	if (challenged && sequel->reset_ns)
		textbuf_item(text, " ", "A reset that is exact followed %s after the challenge.",
			     details_span(encounter->answer_ns, sequel->reset_ns, after));
	else if (challenged)
		textbuf_item(text, " ", "No exact reset followed.");
	add_effect(encounter, text);
}

/* RFC 1337; tcp_timewait_state_process(). */
static void add_assassination(const struct encounter *encounter, struct textbuf *text)
{
	switch (judgement_effect(encounter)) {
	case EFFECT_NONE:
		textbuf_item(text, " ", "Linux ignores this one.");
		break;
	case EFFECT_ENDS:
		textbuf_item(text, " ", "This one ends TIME_WAIT, unless tcp_rfc1337 is 1.");
		break;
	case EFFECT_MAYBE:
		textbuf_item(text, " ", "Whether this one ends TIME_WAIT depends on the kernel.");
		break;
	case EFFECT_OPEN:
		break;
	}
	add_effect(encounter, text);
}

static void add_ttl(const struct encounter *encounter, struct textbuf *text)
{
	uint8_t ttl = encounter->segment.ttl;

	if (ttl && ttl == encounter->origin.ttl)
		textbuf_item(text, " ", "Its TTL (%u) is that of the host's other segments.", ttl);
}

/* Data that the subject sent and nobody acknowledged. */
static uint32_t lost_of(const struct end *end)
{
	uint32_t lost = end->snd_nxt - end->snd_una;

	if (!end_knows(end, END_SND_UNA | END_SND_NXT))
		return 0;
	return lost - (end->fin_sent && !end->fin_acked && lost > 0);
}

static void add_half_closed(const struct encounter *encounter, struct textbuf *text)
{
	bool reset = encounter_is_reset(encounter->kind);
	uint32_t lost = reset ? lost_of(&encounter->subject) : encounter->segment.payload_size;
	char quiet[DETAILS_SPAN_SIZE];

	textbuf_item(text, " ", "The connection had been quiet for %s", details_span(0, encounter->quiet_ns, quiet));
	if (reset && encounter->quiet_ns < FORGETS_NS)
		textbuf_add(text, ", too short for a time-out of 60 s: the process had closed and cannot read any "
			    "more (or somebody set a shorter time-out).");
	else if (reset)
		textbuf_add(text, ": long enough for tcp_fin_timeout at the host and for conntrack on the way.");
	else if (encounter->quiet_ns < FORGETS_NS)
		textbuf_add(text, ", too short for the 60 s of conntrack: rather a shorter time-out, or the host "
			    "is gone.");
	else
		textbuf_add(text, ": long enough for conntrack. The host itself would have sent a reset.");
	if (lost)
		textbuf_item(text, " ", "%"PRIu32 " bytes are lost.", lost);
	if (reset)
		add_ttl(encounter, text);
}

static void add_keepalives(const struct encounter *encounter, struct textbuf *text)
{
	unsigned count = encounter->unanswered + (encounter->kind == ENCOUNTER_KEEPALIVE_SILENT ? 1u : 0u);
	char since[DETAILS_SPAN_SIZE], quiet[DETAILS_SPAN_SIZE];

	if (encounter->kind == ENCOUNTER_RESET_KEEPALIVE && count == 1)
		textbuf_item(text, " ", "The answer to the first keepalive");
	else
		textbuf_item(text, " ", "%u keepalives in %s without %s answer", count,
			     details_span(0, encounter->unanswered_ns, since),
			     encounter->kind == ENCOUNTER_RESET_KEEPALIVE ? "another" : "an");
	textbuf_add(text, ", after %s without a segment.", details_span(0, encounter->quiet_ns, quiet));
	if (encounter->kind == ENCOUNTER_RESET_KEEPALIVE)
		add_ttl(encounter, text);
}

static void add_crossed(const struct encounter *encounter, struct textbuf *text)
{
	const struct sequel *sequel = &encounter->sequel;

	if (!sequel->peer_ns)
		return;
	if (sequel->peer_flags & FLAG_SYN)
		textbuf_item(text, " ", "The other side answered this side's SYN with a SYN-ACK of its own: a "
			     "simultaneous open.");
	else if (sequel->peer_flags & FLAG_ACK)
		textbuf_item(text, " ", "The other side went on with an ACK alone: a split handshake, or a "
			     "simultaneous open in which this side's SYN was lost.");
}

/* TCP_DEFER_ACCEPT waits for data only (tcp_check_req()): where data came, it is out of the question. */
static void add_again(const struct encounter *encounter, struct textbuf *text)
{
	const struct sequel *sequel = &encounter->sequel;
	bool data = encounter->subject.snd_nxt != encounter->subject.iss + 1;
	char after[DETAILS_SPAN_SIZE];

	if (data)
		textbuf_item(text, " ", "The client had sent data as well, so it is not TCP_DEFER_ACCEPT: a full "
			     "accept queue, or segments lost behind the place of the capture.");
	else
		textbuf_item(text, " ", "The client had sent no data: a full accept queue, TCP_DEFER_ACCEPT, or an "
			     "acknowledgment lost behind the place of the capture.");
	if (sequel->peer_ns && (sequel->peer_flags & FLAG_ACK))
		textbuf_item(text, " ", "%s later the server had the connection.",
			     details_span(encounter->time_ns, sequel->peer_ns, after));
	else if (sequel->repeats)
		textbuf_item(text, " ", "It came %u more times: losing every acknowledgment is unlikely.",
			     sequel->repeats);
}

static void add_unacknowledged(const struct encounter *encounter, struct textbuf *text)
{
	char since[DETAILS_SPAN_SIZE];

	textbuf_item(text, " ", "%u segments in %s without an acknowledgment; this one has %s.", encounter->unanswered + 1U,
		     details_span(0, encounter->unanswered_ns, since),
		     encounter->segment.flags & FLAG_FIN ? "a FIN" : "data that was sent before");
}

static void add_after_close(const struct encounter *encounter, struct textbuf *text)
{
	if (encounter->segment.payload_size)
		textbuf_item(text, " ", "It carried %"PRIu32 " bytes, which are lost.", encounter->segment.payload_size);
}

const char *details_write(const struct encounter *encounter, char *buffer, size_t size)
{
	struct textbuf text;

	textbuf_init(&text, buffer, size);
	if (!encounter_has_times(encounter))
		return buffer;
	switch (encounter->kind) {
	case ENCOUNTER_SYN_UNANSWERED:
	case ENCOUNTER_SYN_UNREACHABLE:
	case ENCOUNTER_SYN_LATE:
		details_syn(encounter, &text);
		break;
	case ENCOUNTER_SYN_TIME_WAIT:
	case ENCOUNTER_SYN_IN_USE:
		if (encounter->kind == ENCOUNTER_SYN_TIME_WAIT && !encounter->answered)
			details_syn_dropped(encounter, &text);
		if (encounter_answer(encounter) == ANSWER_ACK && !(encounter->segment.flags & FLAG_ACK))
			add_challenge(encounter, &text);
		break;
	case ENCOUNTER_RESET:
	case ENCOUNTER_RESET_HANDSHAKE:
		add_reset(encounter, &text);
		if (encounter->kind == ENCOUNTER_RESET_HANDSHAKE)
			add_ttl(encounter, &text);
		break;
	case ENCOUNTER_RESET_TIME_WAIT:
		add_assassination(encounter, &text);
		break;
	case ENCOUNTER_RESET_HALF_CLOSED:
	case ENCOUNTER_HALF_CLOSED_SILENT:
		add_half_closed(encounter, &text);
		break;
	case ENCOUNTER_RESET_KEEPALIVE:
	case ENCOUNTER_RESET_GIVEN_UP:
	case ENCOUNTER_KEEPALIVE_SILENT:
		add_keepalives(encounter, &text);
		break;
	case ENCOUNTER_CROSSED_SYN:
		add_crossed(encounter, &text);
		break;
	case ENCOUNTER_SYN_ACK_AGAIN:
		add_again(encounter, &text);
		break;
	case ENCOUNTER_DATA_SILENT:
		add_unacknowledged(encounter, &text);
		break;
	case ENCOUNTER_CLOSED:
		add_after_close(encounter, &text);
		break;
	default:
		break;
	}
	if (encounter_is_ignored(encounter->kind))
		details_unreachable(encounter, &text);
	details_sender(encounter, &text);
	return buffer;
}
