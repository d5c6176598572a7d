/* peer_internal.h - shared by the files of the peer; for them alone. The time is peer->now_ns. */
#ifndef TWPROBE_CRAFTER_PEER_INTERNAL_H
#define TWPROBE_CRAFTER_PEER_INTERNAL_H

#include "crafter/peer.h"
#include "crafter/units.h"

/* A phase of the peer: a row of the table in peer.c. Its handlers are in a file of their own and call nothing but what is
 * shared (below). What a handler returns is the phase that comes next; its own: it stays. peer.c alone changes phases, so
 * that an event goes down once and comes back as a value. A handler that is NULL: such an event changes nothing. */
struct peer_phase_row {
	const char *doing; /* in words, for troubles; NULL: that depends on the plan's next step */
	bool outlasts_stalls; /* its deadline is postponed if the process was stopped before it */
	enum peer_phase released; /* where PEER_RELEASE leads; PEER_IDLE: nowhere */
	enum peer_phase (*enter)(struct peer *peer, struct peer_actions *actions);
	enum peer_phase (*hear)(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
	void (*see)(struct peer *peer, const struct segment *segment);
	enum peer_phase (*expire)(struct peer *peer, struct peer_actions *actions);
	enum peer_phase (*testify)(struct peer *peer, enum state state, struct peer_actions *actions);
};
const struct peer_phase_row *peer_phase_row(enum peer_phase phase);

/* The subject has no connection in this state: the stimulus meets a listener, or nothing at all. */
static inline bool peer_has_none(const struct peer *peer)
{
	return peer->state == STATE_LISTEN || peer->state == STATE_CLOSED;
}

/* The subject's first number. Until the crafted end has answered its SYN, only that one says it. */
static inline uint32_t peer_subject_iss(const struct peer *peer)
{
	return end_knows(&peer->crafted, END_IRS) ? peer->crafted.irs : peer->crafted.their_syn.seq;
}

/* The next number that the crafted end expects from it. */
static inline uint32_t peer_subject_next(const struct peer *peer)
{
	return end_knows(&peer->crafted, END_IRS) ? peer->crafted.rcv_nxt : peer->crafted.their_syn.seq + 1;
}

/* PEER_IDLE and PEER_OPENING (peer_open.c) */
enum peer_phase peer_open_start(struct peer *peer);
enum peer_phase peer_open_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_open_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
enum peer_phase peer_open_expire(struct peer *peer, struct peer_actions *actions);

/* PEER_CLEARING (peer_clear.c) */
enum peer_phase peer_clear_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_clear_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
enum peer_phase peer_clear_expire(struct peer *peer, struct peer_actions *actions);

/* PEER_REACHING (peer_reach.c) */
enum peer_phase peer_reach_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_reach_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
enum peer_phase peer_reach_expire(struct peer *peer, struct peer_actions *actions);

/* PEER_SETTLING, PEER_DELAYED and PEER_READY (peer_settle.c) */
enum peer_phase peer_settle_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_settle_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
enum peer_phase peer_settle_expire(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_settle_testify(struct peer *peer, enum state state, struct peer_actions *actions);
enum peer_phase peer_delay_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_delay_expire(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_delay_testify(struct peer *peer, enum state state, struct peer_actions *actions);
enum peer_phase peer_ready_enter(struct peer *peer, struct peer_actions *actions);

/* PEER_STIMULATED and PEER_BETWEEN (peer_stimulate.c) */
enum peer_phase peer_between_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_between_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
enum peer_phase peer_between_expire(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_stimulate_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_stimulate_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
void peer_stimulate_see(struct peer *peer, const struct segment *segment);
enum peer_phase peer_stimulate_expire(struct peer *peer, struct peer_actions *actions);

/* PEER_AFTERWARDS and PEER_LIMITED (peer_after.c) */
enum peer_phase peer_after_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_after_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
enum peer_phase peer_after_expire(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_after_testify(struct peer *peer, enum state state, struct peer_actions *actions);
enum peer_phase peer_limit_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_limit_expire(struct peer *peer, struct peer_actions *actions);

/* PEER_FOLLOWED (peer_follow_up.c) */
enum peer_phase peer_follow_up_enter(struct peer *peer, struct peer_actions *actions);
enum peer_phase peer_follow_up_hear(struct peer *peer, const struct peer_event *event, struct peer_actions *actions);
void peer_follow_up_see(struct peer *peer, const struct segment *segment);
enum peer_phase peer_follow_up_expire(struct peer *peer, struct peer_actions *actions);

/* Shared by the phases; nothing below calls a phase. */

/* A phase waits for one thing at a time; its timer is dropped with it. Nothing is armed for the past, or for now: a peer that
 * did would be stepped for ever. */
static inline void peer_arm(struct peer *peer, uint64_t expires_ns)
{
	peer->expires_ns = expires_ns > peer->now_ns ? expires_ns : peer->now_ns + 1;
}

static inline enum peer_phase peer_fail(struct peer *peer, enum peer_trouble trouble)
{
	peer->trouble = trouble;
	peer->trouble_at = peer->phase;
	return PEER_ENDED;
}

/* Set-up segments that may be lost (peer_resend.c). */
/* Waits for the answer to one: first that long, then twice that, and so on. */
void peer_resend_arm(struct peer *peer, uint64_t wait_ns);
void peer_resend_arm_again(struct peer *peer);
/* How long the answer may take once the distance is known: two round trips and a delayed ACK. */
uint64_t peer_resend_wait(const struct peer *peer);
/* The set-up has had its time. */
bool peer_resend_is_over(const struct peer *peer);

/* What the segments of the set-up make of the two ends (peer_learn.c). Not those that clear, ask or tear down: what they do is
 * not known. */
/* Nothing was sent yet; the first number will be `iss`. */
void peer_learn_init(struct peer *peer, uint32_t iss);
void peer_learn_sent(struct peer *peer, const struct segment *segment);
/* The subject's SYN, where its plan has one. */
void peer_learn_syn(struct peer *peer, const struct segment *segment);
/* A SYN-ACK with another number is of a half-open connection that is not ours. */
void peer_learn_heard(struct peer *peer, const struct segment *segment);
/* There is no connection. */
void peer_learn_none(struct peer *peer);
/* The state is reached: the numbers that the stimulus counts from. */
void peer_learn_baseline(struct peer *peer);

/* What was heard and noticed (peer_heard.c). */
/* Keeps the first of each sort. After the stimulus it takes the outcome's meaning away. */
void peer_note(struct peer *peer, const struct notice *notice);
void peer_note_segment(struct peer *peer, enum notice_kind kind, const char *why, const struct segment *segment,
		       uint64_t heard_ns);
bool peer_is_stray(struct peer *peer, const struct segment *segment);
void peer_keep(struct peer_heard *heard, const struct segment *segment, uint64_t heard_ns, bool repeat);
/* Whether the subject, on its own account, sent this before, and its timer sent it now. */
bool peer_says_again(const struct peer *peer, const struct segment *segment);
/* After the stimulus, before the follow-up. True when it counts as an answer. */
bool peer_keep_answer(struct peer *peer, const struct peer_event *event);
/* peer_wait_time() of this one. */
uint64_t peer_answer_wait(const struct peer *peer);
/* Everything that there is to hear was heard. What was noticed may be, or may hide, the answer. */
enum peer_phase peer_finish(struct peer *peer);

/* The subject's first SYN-ACK retransmission comes after TCP_TIMEOUT_INIT (1 s). One that comes sooner was provoked. */
#define PEER_SYN_ACK_TIMER_NS (900 * NSEC_PER_MSEC)
/* A FIN's comes after 200 ms: TCP_RTO_MIN of Linux, MinRTO of gVisor, TCPTV_CPU_VAR of FreeBSD. Another may follow at once
 * (after a tail loss probe), and so its first FIN counts. */
#define PEER_FIN_TIMER_NS (180 * NSEC_PER_MSEC)
/* Which of its stimuli a segment belongs to, if to any (peer_place.c). */
enum peer_place {
	PLACE_STRAY,     /* its numbers are of nothing that the peer knows */
	PLACE_STIMULUS,  /* the stimulus', for certain: after the follow-up it is late */
	PLACE_FOLLOW_UP, /* the follow-up's, for certain */
	PLACE_EITHER,
};
/* NULL when the segment may be the connection's. */
const char *peer_why_stray(const struct peer *peer, const struct segment *segment);
enum peer_place peer_place(const struct peer *peer, const struct segment *segment, const char **why);
/* Its FIN came, and is not acknowledged. */
bool peer_waits_for_ack_of_fin(const struct peer *peer);
/* Of what peer_is_repeat() takes for a retransmission: an acknowledgment all the same. */
bool peer_is_ack_with_fin(const struct peer *peer, const struct segment *segment, uint64_t now_ns);
/* The listener's RST to the ACK that peer_send_clearing sends. */
bool peer_is_clearing_reset(const struct peer *peer, const struct segment *segment);

/* What the peer sends (peer_send.c); each appends to actions->send. */
void peer_send_syn(struct peer *peer, struct peer_actions *actions);
void peer_send_syn_ack(struct peer *peer, struct peer_actions *actions);
void peer_send_ack(struct peer *peer, struct peer_actions *actions);
void peer_send_fin(struct peer *peer, struct peer_actions *actions);
/* What makes the server close first, or what its process leaves unread. */
void peer_send_data(struct peer *peer, struct peer_actions *actions);
void peer_send_reset(struct peer *peer, struct peer_actions *actions, uint32_t seq);
void peer_send_clearing(struct peer *peer, struct peer_actions *actions);
void peer_send_stimulus(struct peer *peer, struct peer_actions *actions);
void peer_send_follow_up(struct peer *peer, struct peer_actions *actions);
/* Whatever of the set-up the subject seems not to have got, once it answered the SYN. */
void peer_send_last_again(struct peer *peer, struct peer_actions *actions);
/* Exact RSTs for every socket that may be left at the subject. */
void peer_send_tear_down(struct peer *peer, struct peer_actions *actions);

#endif
