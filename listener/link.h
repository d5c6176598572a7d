/* link.h - did the interface stay up all the time? libpcap does not say, and sends "succeed" on a dead link. */
#ifndef TWPROBE_LISTENER_LINK_H
#define TWPROBE_LISTENER_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "crafter/fail.h"

struct link; /* owns a netlink socket that hears of every change of the interface's state */

/* NULL with an error when there is no such interface here. Needs no privilege. */
struct link *link_open(const char *interface, struct error *error);

/* How often the interface lost UP or RUNNING, or went away, since link_open; one that was down then counts as once. Asks
 * the kernel, and reads what it has reported since the last call; when some of that was lost, a fall is assumed. */
int link_falls(struct link *link, uint64_t *falls, struct error *error);

/* The same without a question, which takes the lock of all network settings (rtnl_lock): a lost carrier is known up to a second
 * late, everything else at once. */
int link_falls_so_far(struct link *link, uint64_t *falls, struct error *error);
/* As of the last of these calls: the interface does not exist any more, or is in another network namespace. */
bool link_gone(const struct link *link);

void link_close(struct link *link); /* NULL is fine */

#endif
