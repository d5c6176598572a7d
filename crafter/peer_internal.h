/* peer_internal.h - what the files of the peer share and nobody else includes. The time is peer->now_ns. */
#ifndef TWPROBE_CRAFTER_PEER_INTERNAL_H
#define TWPROBE_CRAFTER_PEER_INTERNAL_H

#include "crafter/peer.h"
#include "crafter/units.h"

/* peer.c */
/* Changes the phase; the timer of the one before is dropped with it. */
void peer_enter(struct peer *peer, enum peer_phase phase);
void peer_arm(struct peer *peer, enum peer_timer timer, uint64_t expires_ns);
void peer_end(struct peer *peer, struct peer_actions *actions);
void peer_end_in_trouble(struct peer *peer, struct peer_actions *actions, enum peer_trouble trouble);

/* peer_open.c */
void peer_start(struct peer *peer, struct peer_actions *actions);
void peer_hear_opening(struct peer *peer, const struct segment *segment, struct peer_actions *actions);
void peer_hear_clearing(struct peer *peer, const struct segment *segment, struct peer_actions *actions);

/* peer_reach.c */
uint64_t peer_later_wait(const struct peer *peer);
void peer_reach(struct peer *peer, struct peer_actions *actions, bool owes_ack);
void peer_hear_reaching(struct peer *peer, const struct segment *segment, struct peer_actions *actions);
void peer_resend(struct peer *peer, struct peer_actions *actions);

/* peer_settle.c */
bool peer_ends_with_bare_ack(const struct state_plan *plan);
void peer_settle(struct peer *peer, struct peer_actions *actions);
void peer_hear_settled(struct peer *peer, const struct segment *segment, struct peer_actions *actions);
void peer_take_testimony_before(struct peer *peer, enum state state, struct peer_actions *actions);
void peer_quiet_is_over(struct peer *peer, struct peer_actions *actions);

/* The stimulus and its answer (peer_stimulate.c). `heard_ns` is the capture's time of the segment. */
bool peer_same_on_wire(const struct segment *a, const struct segment *b);
uint64_t peer_answer_wait(const struct peer *peer);
void peer_stimulate(struct peer *peer, struct peer_actions *actions);
void peer_see(struct peer *peer, const struct segment *segment);
void peer_hear_answer(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t heard_ns);
void peer_no_answer_in_time(struct peer *peer, struct peer_actions *actions);

/* peer_after.c */
void peer_conclude(struct peer *peer, struct peer_actions *actions);
void peer_finish(struct peer *peer, struct peer_actions *actions);
void peer_after_the_answer(struct peer *peer, struct peer_actions *actions);

/* peer_follow_up.c */
void peer_hear_follow_up(struct peer *peer, const struct segment *segment, struct peer_actions *actions,
			 uint64_t heard_ns);
void peer_follow_up(struct peer *peer, struct peer_actions *actions);
void peer_follow_up_is_over(struct peer *peer, struct peer_actions *actions);

/* peer_learn.c */
void peer_learn(struct peer *peer, const struct segment *segment);
bool peer_take_in_order(struct peer *peer, const struct segment *segment);

/* What was heard and noticed (peer_heard.c). */
/* Keeps the first of each sort. After the stimulus it takes the outcome's meaning away. */
void peer_note(struct peer *peer, const struct notice *notice);
void peer_note_segment(struct peer *peer, enum notice_kind kind, const char *why, const struct segment *segment,
		       uint64_t heard_ns);
bool peer_is_stray(struct peer *peer, const struct segment *segment);
void peer_keep(struct peer_heard *heard, const struct segment *segment, uint64_t heard_ns, bool repeat);
void peer_add_heard(struct peer *peer, const struct segment *segment, uint64_t heard_ns, bool repeat);
bool peer_contradicts(const struct peer *peer, const struct segment *segment);

/* The subject's first SYN-ACK retransmission comes after TCP_TIMEOUT_INIT (1 s). One that comes sooner was provoked. */
#define PEER_SYN_ACK_TIMER_NS (900 * NSEC_PER_MSEC)
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
bool peer_is_clearing_reset(const struct peer *peer, const struct segment *segment);

/* What the peer sends (peer_send.c); each appends to actions->send. */
void peer_send_syn(struct peer *peer, struct peer_actions *actions);
void peer_send_ack(struct peer *peer, struct peer_actions *actions);
void peer_send_fin(struct peer *peer, struct peer_actions *actions);
void peer_send_trigger(struct peer *peer, struct peer_actions *actions);
void peer_send_reset(struct peer *peer, struct peer_actions *actions, uint32_t seq);
void peer_send_clearing(struct peer *peer, struct peer_actions *actions);
void peer_send_stimulus(struct peer *peer, struct peer_actions *actions);
void peer_send_follow_up(struct peer *peer, struct peer_actions *actions);
/* Whatever of the set-up the subject seems not to have got. */
void peer_send_last_again(struct peer *peer, struct peer_actions *actions);
/* Exact RSTs for every socket that may be left at the subject. */
void peer_send_tear_down(struct peer *peer, struct peer_actions *actions);

#endif
