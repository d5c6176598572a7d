/* counters.h - the namespace's own counters: /proc/net/netstat and /proc/net/snmp. */
#ifndef TWPROBE_HARNESS_LAB_COUNTERS_H
#define TWPROBE_HARNESS_LAB_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

struct counters; /* owns the two descriptors, opened in the namespace the caller was in */

struct counters *counters_open(struct error *error);
/* Reads both files now. */
int counters_read(struct counters *counters, struct error *error);
size_t counters_count(const struct counters *counters);
/* "Tcp.OutRsts", "TcpExt.ListenOverflows"... */
const char *counters_name(const struct counters *counters, size_t index);
int64_t counters_value(const struct counters *counters, size_t index);
/* Known after the first reading. */
bool counters_has(const struct counters *counters, const char *name);
/* 0 when the kernel has no such counter. */
int64_t counters_get(const struct counters *counters, const char *name);
void counters_close(struct counters *counters);

#endif
