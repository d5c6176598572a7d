/* sandbox.h - the system calls that a process may still make once it reads what comes from the network (seccomp).
 *
 * What is not on the list of its kind does not exist for it: the kernel answers ENOSYS, as an older one would, and the C
 * library falls back on an older call where it knows one. There is no way back, and what it starts is bound as well. */
#ifndef TWPROBE_HARNESS_LAB_SANDBOX_H
#define TWPROBE_HARNESS_LAB_SANDBOX_H

#include "crafter/fail.h"

enum sandbox {
	SANDBOX_PROBER,  /* in the lab: no new socket, no process, no file to write */
	SANDBOX_TARGET,  /* towards a target: as before, and listening sockets for the source ports */
	SANDBOX_PLAYER,  /* plays scenarios: as before, and real clients and servers */
	SANDBOX_SPAWNER, /* plays scenarios with curl, which may do all but what no program of ours has to do with */
	SANDBOX_MACHINE, /* the lab's other process: accepts, connects, sets sysctls */
	SANDBOX_SERVE,   /* accepts */
	SANDBOX_CALLER,  /* as before, and connects */
	SANDBOX_LISTENER, /* listens to an interface: nothing new at all */
	SANDBOX_COUNT,
};

/* Called after the privileges are given up (no_new_privs is set). A kernel without seccomp filters is not an error. */
int sandbox_enter(enum sandbox kind, struct error *error);

#endif
