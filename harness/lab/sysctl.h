/* sysctl.h - reads and writes the sysctls of the network namespace this process is in, below /proc/sys/net.
 *
 * Names as in struct sysctl (cases/matrix/cell.h): "tcp_timestamps" means net.ipv4.tcp_timestamps, a name with dots is
 * whole. Only net.ipv4, net.ipv6, net.core and net.netfilter are allowed: what lies elsewhere belongs to the whole machine, and
 * so do the names that a namespace cannot see or may only read (kernel: register_net_sysctl(&init_net, ...)). */
#ifndef TWPROBE_HARNESS_LAB_SYSCTL_H
#define TWPROBE_HARNESS_LAB_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>

#include "crafter/fail.h"

enum { SYSCTL_TEXT_SIZE = 128 }; /* a value as the kernel prints it; "4096 131072 33554432" */

/* The names below net.ipv4 and net.core that this namespace shows, as text to hand to the functions below; malloc'ed,
 * NULL when out of memory. Called on the host, it lets them distinguish "this kernel has no such sysctl" from
 * "it belongs to the whole machine". */
char *sysctl_names(void);

/* `host_names` comes from sysctl_names() or is NULL. A value of several numbers may be written with commas, as in a cell's
 * name; read, it has blanks. */
bool sysctl_exists(const char *name);
int sysctl_read(const char *name, char *value, size_t size, const char *host_names, struct error *error);
int sysctl_write(const char *name, const char *wanted, const char *host_names, struct error *error);

#endif
