/* stack.h - a subject that is a process with a TCP stack of its own, on a tap device in a namespace of this run's.
 *
 *     twprobe (this process)                       COMMAND
 *     kernel: tap0, 192.0.2.1/24      <- tap ->    192.0.2.2, port 8888
 *     crafted end: 198.51.100.1
 *
 * The crafted end's address belongs to no interface, and its network has no route: the subject sends to it through its
 * gateway, which is our kernel, and that drops what is not its own in silence (ip_error(), ip6_forward(): no forwarding).
 * So it needs no guard, whatever the TTL of what comes.
 *
 * COMMAND is given to /bin/sh. It has a process namespace of its own, so that whatever it starts ends with it, and it ends with
 * us. docs/stacks.md says what it finds in its environment and what is expected of it. */
#ifndef TWPROBE_HARNESS_LAB_STACK_H
#define TWPROBE_HARNESS_LAB_STACK_H

#include <stdint.h>

#include "crafter/endpoint.h"
#include "crafter/fail.h"

struct stack; /* owns the process, and the tap's counters */

#define STACK_TAP "tap0"
enum {
	STACK_PORT = 8888,
	STACK_PORT_NOBODY = 8889, /* nobody listens */
};

/* Moves this process into a new namespace, starts `command` there, and waits until it answers (takes connections) on its
 * address of this family, `patience_ns` at most. */
struct stack *stack_open(const char *command, uint8_t family, uint64_t patience_ns, struct error *error);
struct endpoint stack_endpoint(uint8_t family);
/* Of the crafted end. */
struct address stack_source(uint8_t family);
/* -1 once it has ended: the error says how. stack_descriptor() becomes readable then. */
int stack_check(struct stack *stack, struct error *error);
int stack_descriptor(const struct stack *stack);
/* How many frames it did not take so far: it was too slow for its queue. */
int stack_lost(struct stack *stack, uint64_t *lost, struct error *error);
/* It is ended, with all that it has started. */
void stack_close(struct stack *stack); /* NULL is fine */

#endif
