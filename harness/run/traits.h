/* traits.h - what a run learns of a stranger from its first connections, so that the others are asked as they can be. Pure.
 *
 * A stack without timestamps cannot be asked the cells whose connection has them: they are asked without, once each. A state
 * that is never reached, because the subject resets where others close, is not tried for each of its cells; that a listener
 * does not say that it is one is no obstacle. Whether silences
 * come from a limit of the subject's for all its sockets together is tried for each kind of segment, then it is known. */
#ifndef TWPROBE_HARNESS_RUN_TRAITS_H
#define TWPROBE_HARNESS_RUN_TRAITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/matrix/cell.h"

enum { TRAITS_REASON_SIZE = 320 };

/* A way to a state, by how it begins. */
struct traits_way {
	unsigned reached, failed;
	char why[TRAITS_REASON_SIZE]; /* the last failure */
};

/* Cells of a kind that were silent in a hurry, asked again at ease. */
struct traits_hurry {
	unsigned silent, answered;
};

struct traits {
	bool learns;
	unsigned with_timestamps, without_timestamps; /* SYN-ACKs to SYNs that offered them */
	struct traits_way ways[STATE_COUNT][OPENING_COUNT];
	struct traits_hurry hurries[KIND_COUNT + 1]; /* by kind, those without a name together */
	bool mute_listener;
	bool bare_acks; /* an ACK came without the FIN that it did not have acknowledged yet: not a stack of BSD's sort */
	uint64_t *asked; /* cells without timestamps, as hashes; 0: a free place */
	size_t asked_room, asked_count;
	size_t adapted, same; /* cells that were asked without timestamps; that would have been the same as another */
};

enum traits_adapt {
	TRAITS_AS_IT_IS,
	TRAITS_ADAPTED, /* the cell is another one now */
	TRAITS_SAME,    /* as one that was, or will be, asked */
};

void traits_syn_ack(struct traits *traits, bool with_timestamps);
bool traits_refuse_timestamps(const struct traits *traits);
/* Before a cell is asked for the first time, in this round of the matrix, and before each try of one that has timestamps. */
enum traits_adapt traits_adapt(struct traits *traits, struct cell *cell, size_t round);

/* After a try: the state was reached, or why not. One for "listen" that came this far had a SYN-ACK. */
void traits_tried(struct traits *traits, const struct cell *cell, bool reached, const char *why);
/* Why the cell's state will not be reached; NULL where it may be. */
const char *traits_bar(const struct traits *traits, const struct cell *cell);
/* It takes connections, and its listener answers nothing but SYNs, so that no connection that was taken back is shown to be
 * forgotten: "listen" is asked with ports that were never used, and without that proof. */
bool traits_trust_listener(const struct traits *traits);
bool traits_may_be_mute(const struct traits *traits); /* no listener's proof came yet */
/* Whether that is still possible: some reached it, or too few were tried. */
bool traits_may_reach(const struct traits *traits, const struct cell *cell);

/* A cell of this kind that had been silent in a hurry is settled at ease. */
void traits_at_ease(struct traits *traits, unsigned kind, bool silent);
/* Silence to this kind is no matter of the pace. */
bool traits_never_hurried(const struct traits *traits, unsigned kind);

void traits_free(struct traits *traits);

#endif
