/* guest.h - what passes between twprobe and its first process in a kernel that it started, and that process.
 *
 * A user-mode Linux has this machine's files (hostfs); the kernel under test starts this very program as its first process.
 * There are three serial lines: one carries the messages below, the others the command's standard output and error. */
#ifndef TWPROBE_HARNESS_ENGINE_GUEST_H
#define TWPROBE_HARNESS_ENGINE_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

/* The lines, as numbers of serial devices (/dev/ttyS...). */
enum guest_line { GUEST_CONTROL, GUEST_OUTPUT, GUEST_ERRORS, GUEST_LINES };

enum { GUEST_WORDS_MAX = 512, GUEST_REQUEST_MAX = 65536 };

/* What is to be run. The strings are borrowed. */
struct guest_request {
	uint16_t rows, columns;             /* of the terminal; 0: there is none */
	bool output_terminal, error_terminal;
	const char *folder;                 /* to run in */
	const char *modules;                /* a place for the kernel's modules, before the usual ones */
	const char *words[GUEST_WORDS_MAX]; /* the command line, then the environment */
	size_t arguments, variables;
};

/* As bytes: the size of the rest, then the fields. 0 with an error: it is too long. */
size_t guest_pack(const struct guest_request *request, uint8_t buffer[static GUEST_REQUEST_MAX], struct error *error);
/* `bytes` is what follows the size; the request points into it. -1: no request. */
int guest_unpack(char *bytes, size_t size, struct guest_request *request);

/* What the guest says, each a byte, in this order. After the request the host sends numbers of signals, a byte each. */
enum guest_word {
	GUEST_READY = 'g',  /* it takes the request now: a serial line keeps nothing for whom it is not open */
	GUEST_RUNS = 'r',   /* the command was started */
	GUEST_ENDED = 'e',  /* followed by a byte, its exit code */
	GUEST_FAILED = 'f', /* followed by a line of text, with its newline */
};

/* Whether this process is the first one of such a kernel; if so, guest_run does the rest and never returns. */
bool guest_is_here(int argc, char **argv);
_Noreturn void guest_run(void);
/* What the engine is called in which this process runs; NULL: it is this machine. */
const char *guest_engine(void);

#endif
