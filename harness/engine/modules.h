/* modules.h - the parts of a guest's kernel that are not in its image: where they are, and in which order they are loaded.
 *
 * No kmod: a machine without modules of its own need not have its tools. */
#ifndef TWPROBE_HARNESS_ENGINE_MODULES_H
#define TWPROBE_HARNESS_ENGINE_MODULES_H

#include <stdbool.h>
#include <stddef.h>

#include "crafter/fail.h"

enum { MODULES_NAME_SIZE = 64 };

/* What the lab may need and may be missing: where a kernel lacks one, who needs it says so. Ends with NULL. */
extern const char *const modules_usual[];
/* What a router may need besides (harness/lab/router.h), in the same manner. */
extern const char *const modules_of_paths[];

struct modules; /* of one kernel */

/* Those of the kernel `release`, near the folder of its image or where packages put them. NULL: out of memory. */
struct modules *modules_open(const char *folder, const char *release);
void modules_close(struct modules *modules); /* NULL is fine */

/* A module's file as the kernel loads it, not compressed. -1 with an error stops the walk. */
typedef int modules_take(void *context, const char *name, const void *bytes, size_t size, struct error *error);

/* Gives `take` what `name` depends on and the module, each module once for all walks. Returns 1 where there is no file of
 * `name`; -1 with an error. */
int modules_walk(struct modules *modules, const char *name, modules_take *take, void *context, struct error *error);
/* 1: the kernel has it built in; 0: it does not; -1: nothing tells. */
int modules_built_in(const struct modules *modules, const char *name);
/* The path of the list of what is built in; NULL: there is none. */
const char *modules_builtin_list(const struct modules *modules);

/* In the guest: loads the usual ones that are there, with `paths` those of a router, then `needed`, `count` of them. -1 with an
 * error that names what this kernel does not have, or does not take. */
int modules_load(const char *folder, bool paths, const char *const needed[], size_t count, struct error *error);

#endif
