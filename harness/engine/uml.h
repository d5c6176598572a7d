/* uml.h - runs a command of ours inside a user-mode Linux: a kernel that is a process of this user's. */
#ifndef TWPROBE_HARNESS_ENGINE_UML_H
#define TWPROBE_HARNESS_ENGINE_UML_H

#include "crafter/fail.h"
#include "harness/engine/image.h"

struct uml_request {
	const struct image *image;
	int argc;                 /* the whole command line, the program's name included; it runs as it is */
	char *const *argv;
};

/* Its standard output and error go to ours, signals to it. Returns its exit code, or -1 with an error: the kernel did not come
 * so far. Nothing of it is left, also where this process is killed. */
int uml_run(const struct uml_request *request, struct error *error);

#endif
