/* plays.h - plays a scenario as often as it takes to believe how it ended.
 *
 * In the lab counters prove each silence, and one play is enough, unless it differs and this process stood still meanwhile.
 * Towards a target nothing proves that a segment arrived, so plays must end in the same way; plays that do not are reported,
 * with their counts, and not outvoted. */
#ifndef TWPROBE_HARNESS_PLAY_PLAYS_H
#define TWPROBE_HARNESS_PLAY_PLAYS_H

#include "harness/play/play.h"

/* As play_scenario; `setup`'s seed moves on from play to play. The play that is kept has the counts of all (`plays`). */
int plays_scenario(const struct scenario *scenario, struct play_setup *setup, struct play *play, struct error *error);

#endif
