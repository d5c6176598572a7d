/* offset.h - where a number lies from a base that is known only later: as a user writes it, and as in a cell's name. */
#ifndef TWPROBE_CRAFTER_OFFSET_H
#define TWPROBE_CRAFTER_OFFSET_H

#include <stdint.h>

#include "crafter/fail.h"

/* What an offset is counted from, and for below and above, that it was given by name. */
enum offset_form {
	OFFSET_NUMBER,      /* from the base: rcv_nxt, ts_recent or snd_nxt */
	OFFSET_BELOW,       /* the same, value -1000, given as "below" */
	OFFSET_ABOVE,       /* the same, value +1000, given as "above" */
	OFFSET_WINDOW,      /* from the right edge: rcv_nxt + rcv_wnd + value (sequence numbers only) */
	OFFSET_ABSENT,      /* no timestamps option (timestamps only) */
	OFFSET_ZERO,        /* the TSval or TSecr 0 itself */
};

enum {
	OFFSET_DEFAULT = 1000,
	OFFSET_TEXT_SIZE = 48,
	OFFSET_POWER_LEAST = 16, /* numbers from 2^16 on are written as powers of two where they are near one */
};

struct offset {
	enum offset_form form;
	int64_t value; /* -2^31 .. 2^31-1 */
};

/* Reads what follows --seq=, --ts=, --ack= or --tsecr=, or a case file's axis value: "below", "equal", "above",
 * "absent" (timestamps), "zero" (timestamps, tsecr), [+-]N, [+-]2^K, [+-]2^K[+-]N, "wnd", "wnd-1", "wnd+N" (sequence numbers).
 * `what` is "seq", "ts", "ack" or "tsecr" and says which of these are right. */
int offset_parse(const char *what, const char *text, struct offset *offset, struct error *error);
/* As in a cell's name, without the "seq" or "ts" before it: "-below", "-equal", "+1", "+2^30", "+wnd-1", "-absent". */
const char *offset_format(const struct offset *offset, char buffer[static OFFSET_TEXT_SIZE]);
/* As for qsort: an order of offsets, 0 where they make the same segment. "below" and -1000 do. */
int offset_compare(const struct offset *a, const struct offset *b);

#endif
