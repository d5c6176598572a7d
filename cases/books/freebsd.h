/* freebsd.h - FreeBSD as the kernel whose rules are asked for: its version as far as it is known, and the sysctls that change
 * its answers. Pure.
 *
 * "Steps" are as in kernel.h: between two of them nothing changes. What each changed, and which sources were read:
 * docs/freebsd-book.md. */
#ifndef TWPROBE_CASES_BOOKS_FREEBSD_H
#define TWPROBE_CASES_BOOKS_FREEBSD_H

#include <stdbool.h>
#include <stddef.h>

#include "crafter/fail.h"

enum freebsd_step {
	FREEBSD_13,
	FREEBSD_14_0,
	FREEBSD_14_2, /* up to somewhere in 15 */
	FREEBSD_16,   /* from somewhere in 15 on */
	FREEBSD_STEP_COUNT,
};

enum { FREEBSD_ANY = (1 << FREEBSD_STEP_COUNT) - 1, FREEBSD_TEXT_SIZE = 112 };

struct freebsd {
	bool named;       /* somebody said that it is FreeBSD */
	unsigned steps;   /* those that it may be, 1 << each; 0: any */
	unsigned major, minor; /* as said; minor is FREEBSD_ANY_MINOR where only the branch was */
	/* net.inet.tcp: what is not 0 is as far from the default */
	bool insecure_rst, insecure_syn, insecure_ack, drop_synfin;
	unsigned blackhole;
};

#define FREEBSD_ANY_MINOR 99u

/* The text begins as FreeBSD's do: "freebsd", "freebsd-14", "freebsd-14.1,drop_synfin=1". */
bool freebsd_is_meant(const char *text);
int freebsd_choose(const char *text, struct freebsd *freebsd, struct error *error);
/* The same again. */
const char *freebsd_text(const struct freebsd *freebsd, char buffer[static FREEBSD_TEXT_SIZE]);
/* The newest of a set that is not empty. */
enum freebsd_step freebsd_newest(unsigned steps);
unsigned freebsd_steps(const struct freebsd *freebsd);
/* "FreeBSD 13 to 14.1" */
const char *freebsd_steps_text(unsigned steps, char buffer[static FREEBSD_TEXT_SIZE]);

#endif
