/* witness.h - asks this kernel for the state of the subject's socket, by exact tuple (NETLINK_SOCK_DIAG with
 * inet_diag_req_v2, tcp_diag_dump_one); /proc/net/tcp and tcp6 where the kernel lacks the module. */
#ifndef TWPROBE_HARNESS_LAB_WITNESS_H
#define TWPROBE_HARNESS_LAB_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/pair.h"
#include "crafter/sighting.h"

struct witness;

/* Looks into the network namespace the caller is in now, and stays with it. Needs no privilege. */
struct witness *witness_open(struct error *error);
/* True when it reads /proc/net/tcp because the kernel lacks the module; for tests. */
bool witness_is_slow(const struct witness *witness);
/* The times are the caller's to fill in. */
int witness_ask(struct witness *witness, const struct pair *pair, struct sighting *sighting, struct error *error);
/* The listener's accept queue: recv_queue is its length, send_queue its limit. */
int witness_ask_listener(struct witness *witness, const struct endpoint *listener, struct sighting *sighting,
			 struct error *error);
void witness_close(struct witness *witness); /* NULL is fine */

#endif
