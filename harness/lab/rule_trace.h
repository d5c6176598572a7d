/* rule_trace.h - which rule of a path's rule set dropped a segment: nftables' own trace (nft monitor trace).
 *
 * A table of ours has every segment traced that matters (the crafted end's SYNs and those that are marked with an IP ID,
 * and all of the subject's); the kernel tells each verdict to whoever listens. What it tells and we have no room for is
 * lost, and then there is no rule to name. */
#ifndef TWPROBE_HARNESS_LAB_RULE_TRACE_H
#define TWPROBE_HARNESS_LAB_RULE_TRACE_H

#include "cases/path/path.h"
#include "crafter/fail.h"
#include "crafter/segment.h"
#include "harness/lab/ruleset_rules.h"

struct rule_trace;

/* Called in the router's namespace, where the path's rules are loaded. Its rules are taken over. NULL with an error. */
struct rule_trace *rule_trace_open(struct ruleset_rules *rules, struct error *error);
/* Reads what there is to read. */
void rule_trace_receive(struct rule_trace *trace);
/* The rule that dropped the last segment with these flags and this seq from, or to, this end of its connection; `segment` NULL:
 * its last SYN. NULL: none is known. */
const struct ruleset_rule *rule_trace_find(const struct rule_trace *trace, const struct endpoint *crafted, bool from_subject,
					   const struct segment *segment);
void rule_trace_close(struct rule_trace *trace); /* NULL is fine */

/* The table that has them traced, as text for libnftables. `ingress`: from where they come in on, because the path has rules
 * there, which not every kernel can have (NF_TABLES_NETDEV). */
enum { RULE_TRACE_TABLE_SIZE = 1024 };
const char *rule_trace_table(const struct path *path, bool ingress, char text[static RULE_TRACE_TABLE_SIZE]);

#endif
