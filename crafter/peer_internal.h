/* peer_internal.h - what the files of the peer share and nobody else includes. */
#ifndef TWPROBE_CRAFTER_PEER_INTERNAL_H
#define TWPROBE_CRAFTER_PEER_INTERNAL_H

#include "crafter/peer.h"

/* peer.c */
void arm(struct peer_actions *actions, uint64_t deadline_ns);
void end(struct peer *peer, struct peer_actions *actions);
void end_in_trouble(struct peer *peer, struct peer_actions *actions, enum peer_trouble trouble);

/* The way to the state (peer_reach.c). */
void peer_start(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);
void hear_opening(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns);
void hear_reaching(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns);
void hear_settled(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns);
void take_testimony_before(struct peer *peer, enum state state, struct peer_actions *actions, uint64_t now_ns);
void hear_clearing(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns);
void quiet_is_over(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);
void resend(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);

/* The stimulus and after (peer_answer.c). */
bool is_clearing_reset(const struct peer *peer, const struct segment *segment);
uint64_t answer_wait(const struct peer *peer);
void see(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns);
void hear_answer(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns);
void hear_follow_up(struct peer *peer, const struct segment *segment, struct peer_actions *actions, uint64_t now_ns);
void conclude(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);
void follow_up(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);
void after_the_answer(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);
void no_answer_in_time(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);

/* What the peer sends (peer_send.c); each appends to actions->send. */
void send_syn(struct peer *peer, struct peer_actions *actions);
void send_ack(struct peer *peer, struct peer_actions *actions);
void send_fin(struct peer *peer, struct peer_actions *actions);
void send_trigger(struct peer *peer, struct peer_actions *actions);
void send_reset(struct peer *peer, struct peer_actions *actions, uint32_t seq);
void send_clearing(struct peer *peer, struct peer_actions *actions);
void send_stimulus(struct peer *peer, struct peer_actions *actions, uint64_t now_ns);
void send_follow_up(struct peer *peer, struct peer_actions *actions);
/* Whatever of the set-up the subject seems not to have got. */
void send_last_again(struct peer *peer, struct peer_actions *actions);
/* Exact RSTs for every socket that may be left at the subject. */
void send_tear_down(struct peer *peer, struct peer_actions *actions);

#endif
