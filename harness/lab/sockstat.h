/* sockstat.h - how many TCP sockets this kernel says there are: /proc/net/sockstat and sockstat6. */
#ifndef TWPROBE_HARNESS_LAB_SOCKSTAT_H
#define TWPROBE_HARNESS_LAB_SOCKSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

/* Of sockstat_seq_show() and sockstat6_seq_show(). Only the first two are the namespace's own: the others count all
 * namespaces of this kernel. -1: it does not say. */
struct sockstat_counts {
	int64_t inuse;  /* sockets that listen or have a connection, of both families; half-open and TIME_WAIT left out */
	int64_t tw;     /* TIME_WAIT, and FIN_WAIT_2 of a closed descriptor; of both families */
	int64_t orphan; /* connections that no process holds */
	int64_t alloc;  /* all sockets, closed ones too */
	int64_t mem;    /* pages of their queues */
};

struct sockstat; /* owns the two descriptors, opened in the namespace the caller was in */

/* `folder`: "/proc/net". */
struct sockstat *sockstat_open(const char *folder, struct error *error);
int sockstat_read(const struct sockstat *sockstat, struct sockstat_counts *counts, struct error *error);
void sockstat_close(struct sockstat *sockstat); /* NULL is fine */

/* From the text of the two files; `six` may be "". Pure. */
void sockstat_parse(const char *text, const char *six, struct sockstat_counts *counts);
/* "2 sockets, 1 in TIME_WAIT": what there is more of than before. `alone`: nobody else uses this kernel, so all of it counts;
 * else the namespace's own. "": nothing. Pure. */
enum { SOCKSTAT_TEXT_SIZE = 160 };
const char *sockstat_left(const struct sockstat_counts *before, const struct sockstat_counts *after, bool alone,
			  char text[static SOCKSTAT_TEXT_SIZE]);

#endif
