/* image.h - a kernel to start: what the user names, and what it is. */
#ifndef TWPROBE_HARNESS_ENGINE_IMAGE_H
#define TWPROBE_HARNESS_ENGINE_IMAGE_H

#include <limits.h>
#include <stdbool.h>

#include "crafter/fail.h"

/* Which engine takes it. */
enum image_kind { IMAGE_UML, IMAGE_BZIMAGE, IMAGE_KINDS, IMAGE_ANY = IMAGE_KINDS };

struct image {
	enum image_kind kind;
	char path[PATH_MAX];
	char folder[PATH_MAX]; /* that modules may be near: where it is, or the tree that it was built in */
	char release[128];     /* of a bzImage, as uname(2) has it; "" for a user-mode Linux, which says it once it runs */
	bool virtual_time;     /* its clock can leap over the times when nothing happens */
	bool seccomp;          /* it can catch its processes' system calls by a filter: half of ptrace's time (since 6.16) */
};

/* `given`: a user-mode Linux, a bzImage, or a kernel tree with one of them in it; NULL: Debian's user-mode Linux, and for
 * IMAGE_BZIMAGE the kernel of this machine. Of a tree that has both, what `wanted` says, IMAGE_ANY: the user-mode Linux, which
 * starts faster. The error says what the file is instead. */
int image_find(const char *given, enum image_kind wanted, struct image *image, struct error *error);

#endif
