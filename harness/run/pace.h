/* pace.h - when the next connection may begin: at a rate that the user gave, or one that goes up as long as nothing is lost
 * that would not have been lost anyway, and down where something is. Pure.
 *
 * A rate that adapts is found in rounds. Of each, so many connections are looked at as a share of loss needs, and as soon as
 * what they sent should be answered, they show whether this rate may be doubled, is kept, or was too high:
 * - Too many SYNs without an answer, for what was usual before: half of it. If that changes nothing, it was the network's loss
 *   and not ours, which is usual from then on, and the rate is what it was before.
 * - Half of the answers took much longer than they do at a low rate: they waited for each other. 7/10 of it.
 * - The subject said that it has reached a limit (a full queue, challenge ACKs that stayed out): half of it.
 * Above a rate that was too high nothing is tried in a hurry again. Only connections that the rate held back show anything:
 * where there are too few cells or slots, it stays. */
#ifndef TWPROBE_HARNESS_RUN_PACE_H
#define TWPROBE_HARNESS_RUN_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* Connections a second: what a rate that adapts begins with, and never goes below. */
enum { PACE_FIRST = 100, PACE_LEAST = 10 };

struct pace {
	double rate;            /* connections a second; 0: as fast as it goes */
	bool adapts;
	double at_ease;         /* not more than this for now; 0: no matter */
	uint64_t next_ns;       /* the next may begin */

	/* The round. */
	uint32_t round;         /* its number, from 1 */
	uint64_t since_ns, judge_ns; /* judge_ns 0: not all of it has begun */
	unsigned wanted, begun, answered;
	unsigned slow, late;    /* of those answered; of rounds before, answered now */
	uint64_t took_ns;       /* all its answers, one after the other */
	bool limited, eased, held_back; /* it was the rate that held connections back */

	/* What is usual. */
	double usual_loss;      /* share of SYNs; below 0: nothing is known */
	uint64_t usual_ns, spread_ns; /* until the answer lately, and how much it varies; 0: nothing is known */
	uint64_t base_ns;       /* until the answer at a low rate; 0: nothing is known */

	/* The last rate that was too high, and what was lost of it; 0: none was. */
	double too_high, too_high_loss;
	bool doubted;           /* half of it is tried now: does that change the loss? */
	bool backed_off, waited; /* in the round before; and this one was left to empty the queue */
};

/* `rate` 0 with `adapts`: PACE_FIRST. */
void pace_open(struct pace *pace, double rate, bool adapts, uint64_t now_ns);
/* As it is now; 0: as fast as it goes. */
double pace_rate(const struct pace *pace);
/* Whether the next may begin now. What was slept through is not made up for by a burst of more than 20 ms' worth. */
bool pace_due(struct pace *pace, uint64_t now_ns);
/* One begins, and `asks` for an answer at once. The number of the round that looks at it; 0: none does. */
uint32_t pace_begun(struct pace *pace, bool asks);
/* One of that round was answered, this long after it had begun, with nothing sent twice. */
void pace_answered(struct pace *pace, uint32_t round, uint64_t took_ns);
/* The subject, or something before it, has reached a limit. */
void pace_limited(struct pace *pace);
/* Something is asked at ease: not more than `most` a second until it is over (0). */
void pace_ease(struct pace *pace, double most);
/* How long so many connections take to begin, with an answer after `round_trip_ns` and no limit met; in ns. */
uint64_t pace_predict(double rate, bool adapts, uint64_t connections, uint64_t round_trip_ns);

#endif
