/* router.h - the path in the lab: a router in a network namespace of its own, between that of the crafted end and that of the
 * subject, with the rule set and the sysctls of a path file.
 *
 *     crafted end             router                      subject
 *     192.0.2.10 - .209       outside       inside        192.0.2.2 (LAB_SUBJECT_V4)
 *     198.51.100.2 ---------- 198.51.100.1  203.0.113.1 ---------- 203.0.113.2
 *     2001:db8:1::2           2001:db8:1::1 2001:db8:2::1          2001:db8:2::2
 *
 * With a tunnel there is one more interface at both ends of the second link, wg0, and what passes between crafted end and
 * subject passes it.
 *
 * The interfaces are pairs of Ethernet ends (veth); neighbours are known from the start, so that nothing but the connections
 * passes. A namespace lives as long as a descriptor of it, or a socket in it: none outlives this process. */
#ifndef TWPROBE_HARNESS_LAB_ROUTER_H
#define TWPROBE_HARNESS_LAB_ROUTER_H

#include <stdbool.h>
#include <stdint.h>

#include "cases/path/path.h"
#include "crafter/fail.h"
#include "harness/lab/rule_trace.h"

struct router;
struct conntrack;

enum router_side { ROUTER_SUBJECT, ROUTER_CRAFTED, ROUTER_ITSELF, ROUTER_SIDES };

/* The interface of the crafted end, and of the subject, in its namespace; where the subject's segments pass in plain, which may
 * be another of the subject's. */
#define ROUTER_LINK "eth0"

const char *router_far_interface(const struct router *router);

/* Called in the subject's namespace, where it returns. NULL with an error: of the rule set with its file and line. */
struct router *router_open(const struct path *path, bool ipv6, struct error *error);
/* This process is in that namespace from now on: what it opens belongs there. Needs privileges. */
int router_visit(const struct router *router, enum router_side side, struct error *error);
/* What the links between the three have lost since the start, for want of room (not what the rules dropped). */
int router_lost(struct router *router, uint64_t *lost, struct error *error);
/* What its rules did to single segments; NULL: it has no rules. */
struct rule_trace *router_trace(const struct router *router);
/* What its connection tracking knows; NULL: it has no rules and no services, or this kernel cannot tell. */
struct conntrack *router_conntrack(const struct router *router);
void router_close(struct router *router); /* NULL is fine */

#endif
