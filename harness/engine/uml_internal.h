/* uml_internal.h - what starting a user-mode Linux and attending to it share. */
#ifndef TWPROBE_HARNESS_ENGINE_UML_INTERNAL_H
#define TWPROBE_HARNESS_ENGINE_UML_INTERNAL_H

#include <sys/types.h>

#include "harness/engine/guest.h"
#include "harness/engine/uml.h"

/* Our ends come first. */
struct uml_start {
	pid_t pid;
	int control[2], output[2], errors[2], console[2];
	int life[2]; /* ours is the second: its end, whatever brings that about, ends the kernel. -1: we ended it */
	char program[PATH_MAX];
};

int uml_start(const struct uml_request *request, struct uml_start *start, struct error *error);
/* Ends it at once. */
void uml_end(struct uml_start *start);

#endif
