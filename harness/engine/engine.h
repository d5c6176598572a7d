/* engine.h - runs a command of ours inside another kernel: a user-mode Linux, or one that QEMU boots.
 *
 * Both are processes of this user's, and both run this program as their first process (harness/engine/guest.h). A user-mode
 * Linux has this machine's files. A guest in QEMU has a copy of what the command needs: the program with its libraries, case
 * files, the files that the command line names, modules; what it writes comes back at the end. */
#ifndef TWPROBE_HARNESS_ENGINE_ENGINE_H
#define TWPROBE_HARNESS_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "crafter/fail.h"
#include "harness/engine/image.h"

/* A file that the command writes. */
struct engine_file {
	const char *path; /* as the command line has it */
	int descriptor;   /* ours, to write to */
	bool written;     /* by engine_run: something came */
};

/* Where the command is one of several workers (harness/commands/worker.h). In a user-mode Linux alone. */
struct engine_work {
	int input;       /* its standard input: a pipe or socket, and another file than */
	int output;      /* the other end of its standard output, instead of ours */
	unsigned number; /* of the worker */
	int errors;      /* takes its standard error, instead of ours */
};

struct engine_request {
	const struct image *image;
	int argc;                   /* the whole command line, the program's name included; it runs as it is */
	char *const *argv;
	const char *const *modules; /* that the command cannot do without, besides the usual ones (modules.h) */
	size_t module_count;
	bool paths;                 /* the command may make a router: with the modules for it, and libnftables */
	struct engine_file *files;  /* for engines that do not share this machine's */
	size_t file_count;
	unsigned processor; /* that a user-mode Linux keeps to: of those that we may use, modulo how many there are */
	const struct engine_work *work; /* NULL: it is no worker */
	unsigned boot_ms;           /* how long a kernel that boots may say nothing; 0: a default */
};

/* Whether what is written in such a guest is written here. */
bool engine_shares_files(enum image_kind kind);
/* Its standard output and error go to ours, signals to it. Returns its exit code, or -1 with an error: the kernel did not come
 * so far, or ended before the command had. Nothing of it is left, even if this process is killed. */
int engine_run(const struct engine_request *request, struct error *error);

#endif
