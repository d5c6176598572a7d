/* defaults.h - how long to wait for what: in the lab, where nothing is far and nothing is lost, and towards a target. */
#ifndef TWPROBE_HARNESS_RUN_DEFAULTS_H
#define TWPROBE_HARNESS_RUN_DEFAULTS_H

#include "crafter/peer.h"

/* Connections a second that no target minds. */
enum { GENTLE_RATE = 100 };

/* What the user wants (0: nothing said; infinity: no limit), as struct run_options has it. `gentle`: the subject is a
 * stranger. */
double defaults_rate(double wanted, bool gentle);

/* Fills in all times; no witness, no trigger. */
struct peer_rules defaults_in_lab(void);
struct peer_rules defaults_behind_router(void);
struct peer_rules defaults_with_target(void);
struct peer_rules defaults_with_stack(void); /* a process behind a tap */

#endif
