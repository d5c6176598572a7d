/* lab_namespace.h - the network namespace of a run: this process moves into a new one. */
#ifndef TWPROBE_HARNESS_LAB_LAB_NAMESPACE_H
#define TWPROBE_HARNESS_LAB_LAB_NAMESPACE_H

#include "crafter/fail.h"

/* As root; else through a user namespace, whose root this process becomes. Its sysctls can be written then, in a container
 * as well. Errors say what would help. */
int lab_namespace_enter(struct error *error);

#endif
