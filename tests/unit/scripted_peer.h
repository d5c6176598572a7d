/* scripted_peer.h - one peer, one clock, events by hand: for the tests of the peer. */
#ifndef TWPROBE_TESTS_SCRIPTED_PEER_H
#define TWPROBE_TESTS_SCRIPTED_PEER_H

#include "crafter/peer.h"

#define MS UINT64_C(1000000)
#define T0 UINT64_C(1700000000000000000)

enum { ISS = 0x7ffffff0, IRS = (int)0xfffffff0, CLOCK = 0x20000000 };
enum { SA = FLAG_SYN | FLAG_ACK, FA = FLAG_FIN | FLAG_ACK };

extern struct peer_rules rules;
extern struct peer peer;
extern struct peer_actions actions; /* of the last event */
extern uint64_t now;

/* The fixture: rules for a subject that can be trusted to lose nothing. */
void setup(void);
void begin(enum state state, enum segment_kind kind);
void begin_on(enum state state, const struct state_plan *plan, enum segment_kind kind); /* by another way than its own */
void reach_time_wait(enum segment_kind kind);

void step(enum peer_event_kind kind, const struct segment *segment, enum state state);
/* A segment of the subject; its numbers are relative to IRS and ISS. */
struct segment from_subject(uint8_t flags, uint32_t seq, uint32_t ack);
void hear(uint8_t flags, uint32_t seq, uint32_t ack);
void saw(const struct segment *segment);
/* The time passes, and the deadline with it. */
void pass(uint64_t ns);
/* The stimulus goes, and is seen. */
void release(void);

void assert_sent(uint8_t index, uint8_t flags, uint32_t seq, uint32_t ack);
void assert_baseline(uint32_t rcv_nxt, uint32_t snd_nxt);

#endif
