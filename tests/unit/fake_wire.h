/* fake_wire.h - a transport without a kernel: a model of a server that closes first, a network that loses, repeats
 * and reorders, and a clock that only moves when the run waits. */
#ifndef TWPROBE_TESTS_FAKE_WIRE_H
#define TWPROBE_TESTS_FAKE_WIRE_H

#include <stdint.h>

#include "cases/books/oracle.h"
#include "harness/wire/transport.h"

struct fake_wire;

struct fake_options {
	double loss, repeat;     /* share of segments lost, and delivered twice, in each direction */
	uint64_t away_ns;        /* how long each segment is on its way at least */
	double syn_limit;        /* so many SYNs a second make a connection; what is more is dropped. 0: all */
	uint64_t jitter_ns;      /* a segment is late by up to this much, so that later ones overtake it */
	double strangers;        /* share of the SYNs into TIME_WAIT that another kernel gets, which resets */
	uint64_t seed;
	bool proves;             /* counters are at hand: the balance is known */
	bool deaf;               /* the server answers nothing at all */
	uint64_t swallow_every;  /* each n-th SYN into TIME_WAIT is counted in, and ignored; 0: none */
	uint64_t belated_ns;     /* the first answer of TIME_WAIT comes so late, and no other ever; 0: all come in time */
	uint64_t drop_every;     /* the capture loses each n-th frame, and says so; 0: none */
	uint64_t down_after;     /* the interface goes down after so many segments; 0: never */
	uint64_t oversleep_ns;   /* a wait that times out ends so much late, */
	uint64_t oversleep_sent; /* until so many segments were sent */
	uint64_t lose_after;     /* what is sent to the server after so many segments is lost on the way; 0: none */
	uint64_t reject_after;   /* a router on the way rejects it, and says so (ICMP); 0: none */
	uint64_t time_wait_ns;   /* how long TIME_WAIT lasts; a SYN that PAWS rejects restarts it. 0: for ever */
	uint64_t isn_tick_ns;    /* the ISNs of fresh connections count so; 0: they are random */
	bool paws;               /* TIME_WAIT takes no SYN with a TSval below ts_recent */
	double stalls;           /* chance that we stand still after a wait, and before what is queued goes out */
	uint64_t stall_ns;       /* for up to so long; the others go on */
	double steps;            /* chance at each frame that the wall clock, which stamps them, is set */
	uint64_t step_ns;        /* by up to so much, forward or back */
	uint64_t refuse_every;   /* the kernel refuses each n-th segment that we send (EPERM); 0: none */
	uint64_t stop_after;     /* the user interrupts after so many segments; 0: never */
	uint16_t foreign_port;   /* what goes to this port is not the server's */
};

/* As towards a target: nobody can be asked for the server's state. */
extern const struct peer_rules fake_gentle_rules;

struct fake_wire *fake_open(const struct fake_options *options);
void fake_transport(struct fake_wire *fake, struct transport *transport);
/* What the model answers to this stimulus in TIME_WAIT: the truth that a run must find. */
enum answer fake_truth(const struct cell *cell);
/* And to the follow-up. */
enum answer fake_truth_after(const struct cell *cell);
/* The server's socket for this client port, as a witness sees it; how long it has been in that state. */
enum state fake_state(const struct fake_wire *fake, uint16_t port, uint64_t *age_ns);
uint64_t fake_lost(const struct fake_wire *fake);
/* By syn_limit. */
uint64_t fake_dropped_syns(const struct fake_wire *fake);
void fake_close(struct fake_wire *fake);

#endif
