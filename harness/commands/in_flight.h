/* in_flight.h - how many connections can be in flight: each takes a descriptor. */
#ifndef TWPROBE_HARNESS_COMMANDS_IN_FLIGHT_H
#define TWPROBE_HARNESS_COMMANDS_IN_FLIGHT_H

#include <stddef.h>

#include "crafter/fail.h"
#include "harness/commands/options.h"
#include "harness/lab/lab.h"

/* Where --in-flight says nothing. */
size_t in_flight_usual(const struct options *options, bool lab);
/* What the options say, or the default of this lab or (NULL) of a target; `useful` at most, and no more than fits: standard
 * error notes it where the user asked for more. Called before the wire is opened. */
int in_flight_choose(const struct lab *lab, const struct options *options, size_t useful, size_t *in_flight,
		     struct error *error);

#endif
