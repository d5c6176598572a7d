/* peer_answer.c - from the stimulus to the end: what counts as the answer, and what became of the subject. */
#include "crafter/peer_internal.h"

#include "crafter/seq.h"

/* The subject's first SYN-ACK retransmission comes after TCP_TIMEOUT_INIT (1 s). One that comes sooner was provoked. */
#define SYN_ACK_TIMER_NS (900 * UINT64_C(1000000))
/* Several round trips of most paths. */
#define SYN_RECV_WAIT_NS (400 * UINT64_C(1000000))
#define RTO_MIN_NS (200 * UINT64_C(1000000))

/* The listener's RST has the number that our ACK acknowledged, and acknowledges nothing. */
bool peer_is_clearing_reset(const struct peer *peer, const struct segment *segment)
{
	return (segment->flags & (FLAG_RST | FLAG_ACK)) == FLAG_RST && segment->seq == peer->irs + 1;
}

/* FINs it repeats are timers (no stimulus makes it send one again: tcp_send_ack carries no FIN); a SYN-ACK may be one when
 * its timer was due. That began with the first SYN that arrived; after several nobody knows which one that was. */
bool peer_is_repeat(const struct peer *peer, const struct segment *segment, uint64_t now_ns)
{
	/* The listener's RST that ended the way to it, twice: no stimulus acknowledges that number. */
	if (peer->state == STATE_LISTEN)
		return peer->rules->proves_listen && peer_is_clearing_reset(peer, segment);
	if (segment->flags & FLAG_RST)
		return false;
	if (segment->flags & FLAG_SYN)
		return segment->seq == peer->irs && (peer->state != STATE_SYN_RECV || peer->resent ||
						     now_ns - peer->syn_ack_ns >= SYN_ACK_TIMER_NS);
	if (segment->flags & FLAG_FIN)
		return peer->fin_heard && segment->seq + segment->payload_size == peer->fin_seq;
	return segment->payload_size > 0 && seq_before(segment->seq, peer->baseline.snd_nxt);
}

/* The wait is over: what became of the subject? */
void peer_conclude(struct peer *peer, struct peer_actions *actions)
{
	if (peer->rules->witness && peer->state_after == STATE_UNKNOWN)
		actions->ask_witness = true;
	else
		peer_after_the_answer(peer, actions);
}

static void note_segment(struct peer *peer, enum notice_kind kind, const char *why, const struct segment *segment,
			 uint64_t heard_ns)
{
	struct notice notice = { .kind = kind, .why = why, .from = peer->tuple.target.address, .time_ns = heard_ns };

	notice.segment = *segment;
	if (kind == NOTICE_LATE && heard_ns > peer->seen_ns)
		notice.after_ns = heard_ns - peer->seen_ns;
	peer_note(peer, &notice);
}

static void keep(struct peer_heard *heard, const struct segment *segment, uint64_t heard_ns, bool repeat)
{
	heard->segment = *segment;
	heard->segment.payload = NULL;
	heard->time_ns = heard_ns;
	heard->repeat = repeat;
}

/* The list may be full of retransmissions; the answer has its place all the same. */
static void add_heard(struct peer *peer, const struct segment *segment, uint64_t heard_ns, bool repeat)
{
	if (peer->heard_count < PEER_HEARD_MAX) {
		keep(&peer->heard[peer->heard_count++], segment, heard_ns, repeat);
		return;
	}
	peer->heard_more++;
	if (!repeat && !peer_answer(peer))
		keep(&peer->heard[PEER_HEARD_MAX - 1], segment, heard_ns, repeat);
}

/* What is reset does not acknowledge, and what acknowledges does not begin anew: nobody says both to one segment. */
static bool contradicts(const struct peer *peer, const struct segment *segment)
{
	const struct peer_heard *answer = peer_answer(peer);

	return answer && ((answer->segment.flags ^ segment->flags) & (FLAG_SYN | FLAG_RST));
}

void peer_hear_answer(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t heard_ns)
{
	bool repeat = peer_is_repeat(peer, segment, peer->now_ns);
	const char *why;

	if (!repeat && peer_place(peer, segment, &why) == PLACE_STRAY) {
		note_segment(peer, NOTICE_STRAY, why, segment, heard_ns);
		return;
	}
	if (!repeat && contradicts(peer, segment))
		note_segment(peer, NOTICE_STRAY, "a second answer, and another one than the first", segment, heard_ns);
	add_heard(peer, segment, heard_ns, repeat);
	if (repeat || peer->phase != PEER_STIMULATED)
		return;
	peer->answered_ns = peer->now_ns;
	peer_enter(peer, PEER_AFTERWARDS);
	if (peer->rules->after_ns)
		peer_arm(peer, TIMER_AFTER, peer->now_ns + peer->rules->after_ns);
	else
		peer_conclude(peer, actions);
}

/* Everything that there is to hear was heard. What was noticed may be, or may hide, the answer. */
static void finish(struct peer *peer, struct peer_actions *actions)
{
	if (peer->noticed)
		peer_end_in_trouble(peer, actions, TROUBLE_NOTICED);
	else
		peer_end(peer, actions);
}

static bool same_on_wire(const struct segment *a, const struct segment *b)
{
	return a->flags == b->flags && a->seq == b->seq && a->ack == b->ack && a->payload_size == b->payload_size;
}

/* One answer to the follow-up came that may as well be the stimulus', late. If it is, the follow-up's own is still to come: a
 * copy of it that the network made comes sooner, and is the same in all its fields. */
static void hear_second(struct peer *peer, const struct segment *segment, uint64_t heard_ns)
{
	const struct peer_heard *first = &peer->follow_up_heard;

	if (segment_is_copy(segment, &first->segment) && heard_ns < first->time_ns + PEER_COPY_LATEST_NS + peer->round_trip_ns)
		return;
	note_segment(peer, NOTICE_LATE, NULL, &first->segment, first->time_ns);
}

void peer_hear_follow_up(struct peer *peer, const struct segment *segment, struct peer_actions *actions,
			 uint64_t heard_ns)
{
	enum peer_place place;
	const char *why;

	if (peer_is_repeat(peer, segment, peer->now_ns))
		return;
	place = peer_place(peer, segment, &why);
	if (place == PLACE_STRAY) {
		note_segment(peer, NOTICE_STRAY, why, segment, heard_ns);
	} else if (peer_answer(peer) && !peer->follow_up_seen_ns) {
		return; /* more of what was answered in time */
	} else if (!peer->follow_up_seen_ns || place == PLACE_STIMULUS) {
		/* The capture shows things in order: before the follow-up passed, nothing can answer it. */
		if (!peer_answer(peer))
			note_segment(peer, NOTICE_LATE, NULL, segment, heard_ns);
	} else if (peer->follow_up_answered) {
		hear_second(peer, segment, heard_ns);
	} else {
		peer->follow_up_answered = true;
		keep(&peer->follow_up_heard, segment, heard_ns, false);
		/* Who was answered in time, or can ask the kernel itself, knows what this is. */
		if (place == PLACE_FOLLOW_UP || peer_answer(peer) || peer->rules->witness)
			finish(peer, actions);
	}
}

void peer_follow_up_is_over(struct peer *peer, struct peer_actions *actions)
{
	finish(peer, actions);
}

/* How long to wait for an answer: no target is further away than it takes. */
static uint64_t answer_wait(const struct peer *peer)
{
	uint64_t wait_ns = 2 * peer->round_trip_ns;

	if (wait_ns < peer->rules->answer_ns)
		wait_ns = peer->rules->answer_ns;
	return wait_ns < peer->rules->answer_least_ns ? peer->rules->answer_least_ns : wait_ns;
}

/* In SYN_RECV the wait ends before the subject sends its SYN-ACK again by itself, as long as that leaves time enough. */
static uint64_t answer_deadline(const struct peer *peer)
{
	uint64_t deadline_ns = peer->now_ns + answer_wait(peer);
	uint64_t timer_ns = peer->syn_ack_ns + SYN_ACK_TIMER_NS;
	uint64_t least_ns = peer->now_ns + SYN_RECV_WAIT_NS + peer->round_trip_ns;

	if (peer->state == STATE_SYN_RECV && timer_ns < deadline_ns && timer_ns > least_ns)
		return timer_ns;
	return deadline_ns;
}

void peer_stimulate(struct peer *peer, struct peer_actions *actions)
{
	peer_enter(peer, PEER_STIMULATED);
	peer_send_stimulus(peer, actions);
	peer_arm(peer, TIMER_ANSWER, peer->now_ns + answer_wait(peer));
}

/* Our own segment passed the capture. The wait for an answer begins here. */
void peer_see(struct peer *peer, const struct segment *segment)
{
	if (peer->phase == PEER_STIMULATED && !peer->seen_ns && same_on_wire(segment, &peer->sent)) {
		peer->seen_ns = peer->now_ns;
		peer_arm(peer, TIMER_ANSWER, answer_deadline(peer));
	} else if (peer->phase == PEER_FOLLOWED && !peer->follow_up_seen_ns &&
		   same_on_wire(segment, &peer->follow_up)) {
		peer->follow_up_seen_ns = peer->now_ns;
		peer_arm(peer, TIMER_FOLLOW_UP, peer->now_ns + answer_wait(peer));
	}
}

/* An answer that is an ACK or a SYN-ACK shows the socket at work; after silence or a reset one must ask. */
static bool needs_follow_up(const struct peer *peer)
{
	const struct peer_heard *answer = peer_answer(peer);

	if (peer->state == STATE_LISTEN || peer->followed)
		return false;
	if (answer && (answer->segment.flags & FLAG_SYN))
		return false;
	return !answer || (answer->segment.flags & FLAG_RST) || (kind_flags(peer->stimulus.kind) & FLAG_RST);
}

void peer_follow_up(struct peer *peer, struct peer_actions *actions)
{
	const struct peer_heard *answer = peer_answer(peer);

	/* The ACK it sent may have used up its rate limit; the follow-up's would be held back. */
	if (peer->phase != PEER_LIMITED && answer && !(answer->segment.flags & FLAG_RST) &&
	    peer->rules->rate_limit_ns) {
		peer_enter(peer, PEER_LIMITED);
		peer_arm(peer, TIMER_LIMIT, peer->answered_ns + peer->rules->rate_limit_ns);
		return;
	}
	peer_enter(peer, PEER_FOLLOWED);
	peer_send_follow_up(peer, actions);
	peer_arm(peer, TIMER_FOLLOW_UP, peer->now_ns + answer_wait(peer));
}

void peer_after_the_answer(struct peer *peer, struct peer_actions *actions)
{
	if (!peer->noticed && needs_follow_up(peer))
		peer_follow_up(peer, actions);
	else
		finish(peer, actions);
}

static bool syn_ack_repeated(const struct peer *peer)
{
	for (uint8_t i = 0; i < peer->heard_count; i++)
		if (peer->heard[i].repeat && (peer->heard[i].segment.flags & FLAG_SYN))
			return true;
	return false;
}

/* A FIN's timer starts with TCP_RTO_MIN, 200 ms, and doubles; each may come twice. More than that is no timer. */
static bool repeats_too_often(const struct peer *peer)
{
	uint64_t waited_ns = peer->now_ns - peer->seen_ns;
	uint32_t likely = 4;

	for (uint64_t timer_ns = RTO_MIN_NS; timer_ns < waited_ns; timer_ns *= 2)
		likely += 2;
	return peer->heard_count + peer->heard_more > likely;
}

void peer_no_answer_in_time(struct peer *peer, struct peer_actions *actions)
{
	if (peer->seen_ns && peer->heard_count && repeats_too_often(peer))
		note_segment(peer, NOTICE_STRAY, "it repeats what it sent before more often than timers do",
			     &peer->heard[0].segment, peer->heard[0].time_ns);
	if (!peer->seen_ns) {
		peer_end_in_trouble(peer, actions, TROUBLE_NOT_SEEN);
	} else if (syn_ack_repeated(peer)) {
		/* In SYN_RECV the answer may be that very SYN-ACK; elsewhere the handshake was not over. */
		peer_end_in_trouble(peer, actions, TROUBLE_AMBIGUOUS);
	} else {
		peer_enter(peer, PEER_AFTERWARDS);
		peer_conclude(peer, actions);
	}
}

const struct peer_heard *peer_answer(const struct peer *peer)
{
	for (uint8_t i = 0; i < peer->heard_count; i++)
		if (!peer->heard[i].repeat)
			return &peer->heard[i];
	return NULL;
}
