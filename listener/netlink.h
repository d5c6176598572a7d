/* netlink.h - one question to the kernel by netlink, one answer, in bounded time; and what it tells unasked. */
#ifndef TWPROBE_LISTENER_NETLINK_H
#define TWPROBE_LISTENER_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A socket of this bus (NETLINK_ROUTE...), bound. NULL with errno. */
struct mnl_socket *netlink_open(int bus);
/* Sends the question and waits for the answer with its sequence number; older ones are passed over. What makes nothing new
 * is asked again where the answer was lost. The answer's size, or -1 with errno; ETIMEDOUT when none came. */
ssize_t netlink_ask(struct mnl_socket *netlink, const struct nlmsghdr *question, void *answer, size_t size);
/* The same for a short answer, whose messages `read` gets. What mnl_cb_run(3) returns: -1 with the kernel's errno where it
 * refuses. */
int netlink_run(struct mnl_socket *netlink, const struct nlmsghdr *question, mnl_cb_t read, void *context);

/* A socket that gets what the kernel tells these groups, with room for 16 MiB that nobody has read yet. NULL with errno. */
struct mnl_socket *netlink_listen(int bus, const int *groups, size_t count);
/* Reads what has come, and does not wait; `read` gets each message. true: some were lost here, for want of room, and those
 * that follow are still to be read. */
bool netlink_hear(struct mnl_socket *netlink, mnl_cb_t read, void *context);

enum { NETLINK_TYPES = 32 }; /* of attributes: more than any message has that is read by them */

/* An mnl_attr_cb_t: `list`, a const struct nlattr *[NETLINK_TYPES], has each attribute at its type. */
int netlink_keep(const struct nlattr *attribute, void *list);

#endif
