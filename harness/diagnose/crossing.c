/* crossing.c - segments that pass each other, and a FIN that waits. */
#include "harness/diagnose/crossing.h"

#include "crafter/seq.h"
#include "crafter/units.h"

/* What a host takes to answer, beyond the time that the way took before. While a process is in close(), what arrives waits for
 * it (sk_add_backlog()), and a busy host does not run it at once. */
#define SLACK_NS (20 * NSEC_PER_MSEC)
/* A host's own kernel answers a SYN sooner than this, as seen on the host. */
#define REMOTE_NS (NSEC_PER_MSEC / 5)
/* A path of which nothing is known is not longer than this. */
#define OPEN_NS (NSEC_PER_SEC / 2)
/* TCP_RTO_MIN is 200 ms: no timer sends a probe sooner (tcp_probe0_base()), or a keepalive (TCP_KEEPIDLE: 1 s). */
#define PROBE_NS (150 * NSEC_PER_MSEC)
enum { MSS_DEFAULT = 536 }; /* TCP_MSS_DEFAULT */

void crossing_begin(struct track_side *side)
{
	side->repeats = side->order_open = side->disturbed = false;
	side->calls = 0;
	side->fin_ns = 0;
}

uint64_t crossing_ns(const struct track_side *side)
{
	return 2 * side->delay_ns + (side->delay_open ? OPEN_NS : SLACK_NS);
}

bool crossing_is_remote(const struct track_side *side)
{
	return side->delay_ns > REMOTE_NS || side->delay_open || side->farther;
}

bool crossing_is_too_early(const struct track_side *side, uint64_t after_ns)
{
	return side->delay_open ? after_ns < OPEN_NS : crossing_is_remote(side) && after_ns < side->delay_ns / 2;
}

static bool may_close(const struct end *end)
{
	return end->state == STATE_ESTABLISHED || end->state == STATE_CLOSE_WAIT;
}

/* tcp_bound_to_half_wnd(), called by tcp_sync_mss(): so much at most it sends in one segment. */
static uint32_t segment_most(const struct end *end)
{
	uint32_t most = end->max_snd_wnd > MSS_DEFAULT ? end->max_snd_wnd / 2 : end->max_snd_wnd;

	return end_knows(end, END_SND_WND) && most && most < end->snd_mss ? most : end->snd_mss;
}

/* tcp_write_xmit(): a FIN is the last in the queue. tcp_cwnd_test() lets two segments go at once, unless something was lost
 * (tcp_enter_loss(), and tcp_init_cwnd() after a SYN that was sent again); tcp_snd_wnd_test() looks at the room. */
static bool holds_back(const struct track_side *side, const struct end *end)
{
	uint32_t sent = end->snd_nxt - end->snd_una;

	if (!may_close(end) || !end_knows(end, END_SND_NXT | END_SND_UNA))
		return false;
	if (sent > segment_most(end) || (sent > 0 && side->repeats))
		return true;
	return end_knows(end, END_SND_WND) && end->snd_wnd < sent + segment_most(end);
}

/* What it sent so short a time ago is on its way for it, though acknowledgments may have passed here. */
bool crossing_held_back(const struct track_side *side, const struct end *end, uint64_t time_ns)
{
	uint64_t window_ns = crossing_ns(side);
	uint32_t sent = 0;

	if (holds_back(side, end))
		return true;
	for (int i = 0; i < TRACK_LATEST; i++)
		if (side->latest[i].time_ns && side->latest[i].time_ns + window_ns >= time_ns)
			sent += side->latest[i].size;
	return may_close(end) && sent > segment_most(end);
}

static bool has_acknowledged(const struct end *end)
{
	return !end_knows(end, END_RCV_NXT) || (end_knows(end, END_LAST_ACK) && end->last_ack_sent == end->rcv_nxt);
}

void crossing_sent(struct track_side *side, const struct end *end, const struct segment *segment, uint64_t time_ns)
{
	uint32_t edge = segment->seq + segment_length(segment);

	/* What was to be acknowledged anyway may be all that it answers. */
	if (side->calls && (segment->flags & FLAG_ACK) && has_acknowledged(end))
		side->calls--;
	if (!end_knows(end, END_SND_NXT) || (segment->flags & FLAG_RST))
		return;
	side->repeats |= segment_length(segment) > 0 && seq_before(segment->seq, end->snd_nxt);
	/* More than it could send at once: it had been sending when the other end's FIN came. */
	if (end->state == STATE_CLOSE_WAIT && time_ns - side->fin_ns <= crossing_ns(side))
		side->order_open |= seq_after(edge, side->fin_snd_nxt + end->snd_mss);
}

void crossing_got(struct track_side *side, const struct end *end, const struct segment *segment, bool odd, uint64_t time_ns)
{
	bool next = !end_knows(end, END_RCV_NXT) || segment->seq == end->rcv_nxt;
	bool probes = segment->seq == end->rcv_nxt - 1;

	if (segment->flags & FLAG_RST)
		return;
	if (odd || (!next && (segment_length(segment) > 0 || probes))) {
		side->call_ns = time_ns;
		if (side->calls < UINT8_MAX)
			side->calls++;
	}
	if ((segment->flags & FLAG_FIN) && !end->fin_taken) {
		side->fin_ns = time_ns;
		side->fin_snd_nxt = end->snd_nxt;
		side->order_open = holds_back(side, end);
	}
}

void crossing_answered(struct track_side *side, const struct encounter *encounter, const struct segment *segment)
{
	side->calls = 0;
	if (!(segment->flags & FLAG_RST) && side->over_frame == encounter->frame)
		side->over_frame = 0;
}

bool crossing_owes(const struct track_side *side, const struct end *end, uint64_t time_ns)
{
	if (side->calls && time_ns - side->call_ns <= crossing_ns(side))
		return true;
	return !has_acknowledged(end);
}

void crossing_doubt(const struct end *end, const struct segment *segment, bool others_came, struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;
	uint32_t edge = segment->seq + segment_length(segment);

	if (subject->state == STATE_CLOSED || subject->state == STATE_LISTEN)
		return;
	if (segment->flags & FLAG_RST) { /* with an ACK its process aborts; without, it may be the reply to what came since */
		encounter->crossed |= (segment->flags & FLAG_ACK) || !others_came;
		return;
	}
	if (!(segment->flags & FLAG_ACK))
		encounter->crossed |= (segment->flags & FLAG_SYN) != 0;
	else if (end_knows(end, END_SND_NXT) && (segment->flags & FLAG_FIN))
		encounter->crossed |= seq_after(edge, end->snd_nxt);
	/* A SYN has the numbers of another connection. */
	if (!(segment->flags & FLAG_SYN))
		encounter->held_back |= may_close(subject) && seq_after(edge, subject->snd_nxt + segment_most(subject));
}

/* tcp_v4_syn_recv_sock(): with its accept queue full, a listener ignores the acknowledgment of its SYN-ACK, which comes
 * again. */
void crossing_settle(const struct track_side *side, const struct end *end, struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	encounter->unaccepted = side->again && subject->passive && subject->state == STATE_ESTABLISHED &&
				subject->snd_nxt == subject->iss + 1 && subject->iss == end->iss;
}

/* What closed it may not have arrived yet when it sent this. */
static bool is_of_connection(const struct end *end, const struct segment *segment)
{
	return !(segment->flags & (FLAG_SYN | FLAG_RST)) && end_knows(end, END_SND_NXT);
}

static bool is_keepalive_or_probe(const struct end *end, const struct segment *segment, uint64_t idle_ns)
{
	return segment->seq == end->snd_una - 1 && idle_ns >= PROBE_NS;
}

/* It acknowledges once more what it did before, though more has passed: what it got was not next. One that opens the window
 * shows only that its process reads. */
static bool is_duplicate_ack(const struct end *end, const struct segment *segment)
{
	uint32_t edge = segment->ack + ((uint32_t)segment->window << end->rcv_wscale);

	return segment_length(segment) == 0 && (segment->flags & FLAG_ACK) && segment->seq == end->snd_nxt &&
	       end_knows(end, END_LAST_ACK | END_RCV_NXT | END_RCV_WND) && segment->ack == end->last_ack_sent &&
	       seq_after(end->rcv_nxt, segment->ack) && !seq_after(edge, end->rcv_nxt + end->rcv_wnd + end->rcv_mss);
}

/* One too far ahead, one that was sent before the last ones, or what had been acknowledged, as far as the capture shows. */
bool crossing_disorder_here(const struct end *end, const struct segment *segment, uint64_t idle_ns)
{
	bool acks = segment->flags & FLAG_ACK, closed = end->state == STATE_CLOSED; /* then its numbers stand still */

	if (!is_of_connection(end, segment))
		return false;
	if ((!closed && seq_after(segment->seq, end->snd_nxt)) || is_duplicate_ack(end, segment))
		return true;
	if (segment_length(segment) > 0 ? seq_before(segment->seq, end->snd_una) :
	    seq_before(segment->seq, end->snd_nxt) && !is_keepalive_or_probe(end, segment, idle_ns))
		return true;
	if (acks && end_knows(end, END_LAST_ACK) && seq_before(segment->ack, end->last_ack_sent))
		return true;
	return segment_has_option(segment, OPTION_TIMESTAMPS) && end_knows(end, END_LAST_TSVAL) &&
	       seq_before(segment->tsval, end->last_tsval);
}

bool crossing_disorder_there(const struct end *end, const struct segment *segment)
{
	return is_of_connection(end, segment) && segment_length(segment) > 0 && seq_before(segment->seq, end->snd_nxt);
}
