/* elsewhere.h - a network namespace of `ip netns` on this machine: what is opened between these two calls belongs to it. */
#ifndef TWPROBE_HARNESS_WIRE_ELSEWHERE_H
#define TWPROBE_HARNESS_WIRE_ELSEWHERE_H

#include "crafter/fail.h"

/* A descriptor of ours, to be handed to the other; -1 with an error. */
int elsewhere_enter(const char *namespace, struct error *error);
int elsewhere_leave(int ours, const char *namespace, struct error *error);

#endif
