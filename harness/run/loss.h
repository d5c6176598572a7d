/* loss.h - how much the network loses, as far as this run has seen, and what a silence is worth in it. Pure. */
#ifndef TWPROBE_HARNESS_RUN_LOSS_H
#define TWPROBE_HARNESS_RUN_LOSS_H

#include <stdint.h>

/* An exchange is a segment of ours that asks for one of the subject's: it is lost when either is. */
struct loss {
	uint64_t exchanges, lost;
};

/* The probability that `tries` stimuli in a row, or the answers to them, were lost: averaged over all the rates of loss that
 * go with what was seen. 1 for no tries. */
double loss_explains(const struct loss *loss, unsigned tries);
/* The probability that at least `lost` of `tries` such exchanges were lost. */
double loss_explains_some(const struct loss *loss, unsigned lost, unsigned tries);

#endif
