/* image.h - a kernel to start: what the user names, and what it is. */
#ifndef TWPROBE_HARNESS_ENGINE_IMAGE_H
#define TWPROBE_HARNESS_ENGINE_IMAGE_H

#include <limits.h>
#include <stdbool.h>

#include "crafter/fail.h"

struct image {
	char path[PATH_MAX];    /* of a user-mode Linux */
	char modules[PATH_MAX]; /* the folder of its releases' modules, if they are next to it */
	bool virtual_time;      /* its clock can leap over the times when nothing happens */
};

/* `given`: a user-mode Linux, or a kernel tree with one in it; NULL: Debian's. The error says what the file is instead. */
int image_find(const char *given, struct image *image, struct error *error);

#endif
