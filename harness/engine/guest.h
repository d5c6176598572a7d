/* guest.h - what passes between twprobe and its first process in a kernel that it started, and that process.
 *
 * The kernel under test starts this very program as its first process. A user-mode Linux has this machine's files (hostfs), one
 * in QEMU a copy of those that it needs. There are three serial lines: one carries the messages below, the others the command's
 * standard output and error. */
#ifndef TWPROBE_HARNESS_ENGINE_GUEST_H
#define TWPROBE_HARNESS_ENGINE_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

/* The lines, as numbers of serial devices (/dev/ttyS...). */
enum guest_line { GUEST_CONTROL, GUEST_OUTPUT, GUEST_ERRORS, GUEST_LINES };

enum { GUEST_WORDS_MAX = 512, GUEST_REQUEST_MAX = 65536 };

/* What the words of a request are, in this order. */
enum guest_list {
	GUEST_ARGUMENTS, /* the command line */
	GUEST_VARIABLES, /* its environment */
	GUEST_MODULES,   /* that it cannot do without */
	GUEST_FILES,     /* that it writes, and the host wants to have; from the folder that it runs in */
	GUEST_LISTS,
};

/* What is to be run. The strings are borrowed. */
struct guest_request {
	uint16_t rows, columns;             /* of the terminal; 0: there is none */
	bool output_terminal, error_terminal;
	bool paths;                         /* it may make a router: load what that needs */
	bool slow;                          /* lines: packed but for a terminal's; the host ends the guest, when it has all */
	uint16_t worker;                    /* number of it, + 1: the output line is its standard input, too; 0: it is none */
	const char *engine;                 /* guest_engine() of the command */
	const char *folder;                 /* to run in */
	const char *image_folder;           /* near which the kernel's modules may be; before the usual places */
	const char *words[GUEST_WORDS_MAX]; /* all lists, one after the other */
	uint16_t counts[GUEST_LISTS];
};

/* The first word of a list. */
static inline size_t guest_first(const struct guest_request *request, enum guest_list list)
{
	size_t first = 0;

	for (unsigned before = 0; before < (unsigned)list; before++)
		first += request->counts[before];
	return first;
}

/* Appends to a list; those after it must be empty. Too many are counted, and refused by guest_pack. */
void guest_add(struct guest_request *request, enum guest_list list, const char *word);

/* As bytes: the size of the rest, then the fields. 0 with an error: it is too long. */
size_t guest_pack(const struct guest_request *request, uint8_t buffer[static GUEST_REQUEST_MAX], struct error *error);
/* `bytes` is what follows the size; the request points into it. -1: no request. */
int guest_unpack(char *bytes, size_t size, struct guest_request *request);

/* What the guest says, each a byte, in this order. After the request the host sends numbers of signals, a byte each. */
enum guest_word {
	GUEST_READY = 'g',  /* it takes the request now: a serial line keeps nothing for whom it is not open */
	GUEST_RUNS = 'r',   /* the command was started */
	GUEST_FILE = 'w',   /* a byte, which; its content, packed, in parts with their sizes (16 bits) before; a size of 0 */
	/* GUEST_END_SIZE bytes: the exit code; the bytes on the lines of output and errors, modulo 2^32, 32 bits each */
	GUEST_ENDED = 'e',
	GUEST_FAILED = 'f', /* followed by a line of text, with its newline */
};

enum { GUEST_END_SIZE = 9 };

/* Whether this process is the first one of such a kernel; if so, guest_run does the rest and never returns. */
bool guest_is_here(int argc, char **argv);
_Noreturn void guest_run(void);
/* What the engine is called in which this process runs; NULL: it is this machine. */
const char *guest_engine(void);
/* Which of several workers this process is, that do the units of one run each in a kernel of its own; standard input and output
 * are its line to who reports (harness/commands/worker.h). -1: none. */
int guest_worker(void);
/* Whether its clock stands still while any process has something to do. */
bool guest_time_is_virtual(void);

#endif
