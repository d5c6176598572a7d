/* ipvs.h - services of IPVS, made in the network namespace that this process is in. */
#ifndef TWPROBE_HARNESS_LAB_IPVS_H
#define TWPROBE_HARNESS_LAB_IPVS_H

#include "cases/path/path.h"
#include "crafter/fail.h"

/* All services of the path, with their servers; those of IPv6 only where the lab has it. The error says the file and the line
 * of a service that the kernel refuses, or that it has no IPVS. */
int ipvs_add(const struct path *path, bool ipv6, struct error *error);

#endif
