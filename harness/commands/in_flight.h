/* in_flight.h - how many connections can be in flight: each takes a descriptor. */
#ifndef TWPROBE_HARNESS_COMMANDS_IN_FLIGHT_H
#define TWPROBE_HARNESS_COMMANDS_IN_FLIGHT_H

#include <stddef.h>

#include "crafter/fail.h"
#include "harness/commands/options.h"
#include "harness/lab/lab.h"

/* Lowers the number to what fits, in this lab or (NULL) towards a target; says so on standard error where the user asked for
 * more. Called before the wire is opened. */
int in_flight_fit(const struct lab *lab, const struct options *options, size_t *in_flight, struct error *error);

#endif
