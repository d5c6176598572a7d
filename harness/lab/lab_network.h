/* lab_network.h - sets up the loopback interface of a network namespace that was just made (rtnetlink). */
#ifndef TWPROBE_HARNESS_LAB_LAB_NETWORK_H
#define TWPROBE_HARNESS_LAB_LAB_NETWORK_H

#include <stdbool.h>

#include "crafter/fail.h"

/* Brings lo up, gives it the subject's addresses, and routes the sources' networks to it, unless something else than lo
 * leads there (`routed`: a path). `ipv6` says whether this
 * kernel has IPv6 for us; its absence is not an error. */
int lab_network_set_up(bool routed, bool *ipv6, struct error *error);

#endif
