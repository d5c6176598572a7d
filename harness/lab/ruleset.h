/* ruleset.h - a path's nftables rules, loaded by libnftables into the network namespace that this process is in.
 *
 * The library is looked for when it is needed (dlopen): nobody else waits for it, or must have it. */
#ifndef TWPROBE_HARNESS_LAB_RULESET_H
#define TWPROBE_HARNESS_LAB_RULESET_H

#include "cases/path/path.h"
#include "crafter/fail.h"
#include "harness/lab/ruleset_rules.h"

/* Has every segment that matters traced (harness/lab/rule_trace.h), and lists the rules as the kernel has them. -1 with
 * libnftables' own words, whose file and line are the user's: "mine.nft:7: Error: syntax error...". */
int ruleset_load(const struct path *path, struct ruleset_rules *rules, struct error *error);

/* What libnftables says, with `file` and line for the name and the number of its own; its first line alone. Pure. */
void ruleset_error(const char *said, const struct path *path, struct error *error);

#endif
