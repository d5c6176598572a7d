/* tap.h - an Ethernet device whose other side is a process: made in the namespace that we are in, and gone with it. */
#ifndef TWPROBE_HARNESS_LAB_TAP_H
#define TWPROBE_HARNESS_LAB_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/fail.h"

/* It stays without a process that has it open; any process in the namespace may open it by this name. */
int tap_make(const char *name, struct error *error);
/* Whether a process has it open. */
bool tap_is_open(const char *name);

/* What the kernel could not hand to that process: its queue was full, or nobody has the device open. Opened while there are
 * privileges, read at any time. */
struct tap_losses;
struct tap_losses *tap_losses_open(const char *name, struct error *error);
int tap_losses_read(struct tap_losses *losses, uint64_t *lost, struct error *error);
void tap_losses_close(struct tap_losses *losses); /* NULL is fine */

#endif
