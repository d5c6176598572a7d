/* capture_text.h - a capture as text: what tcpdump prints, of any version and with any options, as people paste it.
 *
 * Read are tcpdump's lines with or without -S, -v, -vv, -e, -t to -ttttt, -n, -x, those of its versions 3 and 4, and those of
 * tshark and Wireshark. Quote marks, line numbers, broken lines, other lines between them do no harm. Relative numbers become
 * absolute ones where the text shows from where they count. Anything may come in: no input makes it assert or abort. */
#ifndef TWPROBE_LISTENER_CAPTURE_TEXT_H
#define TWPROBE_LISTENER_CAPTURE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"
#include "crafter/segment.h"

struct capture_text;

enum capture_text_kind {
	CAPTURE_TEXT_SEGMENT,
	CAPTURE_TEXT_UNPLACED, /* one that has no sequence number in the text, and nothing else tells it */
	CAPTURE_TEXT_ICMP,    /* an ICMP error about a connection */
	CAPTURE_TEXT_UNSOUND, /* what no host takes: a fragment, a wrong checksum, lengths that contradict each other */
	CAPTURE_TEXT_OTHER,   /* not TCP */
};

struct capture_text_frame {
	uint64_t number;      /* from 1: packets of the text, one that could not be read included */
	uint64_t line;        /* on which it begins, from 1 */
	uint64_t time_ns;     /* since 1970 in UTC where the text has dates, else since midnight or the first packet */
	bool has_time;
	enum capture_text_kind kind;
	bool any_interface;   /* it was captured on all interfaces; `place` is which, and the direction */
	uint32_t place;
	bool unfilled;        /* captured before a card filled in its checksum */
	unsigned lacks;       /* enum segment_lack */
	struct segment segment;
};

/* "-": standard input. NULL with an error that names the file. */
struct capture_text *capture_text_open(const char *path, struct error *error);
/* 1: the next packet. 0: that was the last one. -1 with an error: reading failed; or the text has no packet at all. */
int capture_text_next(struct capture_text *text, struct capture_text_frame *frame, struct error *error);

/* Lines that look like packets and are not understood, so far. `first`: where the first one is, and what was expected there. */
uint64_t capture_text_faults(const struct capture_text *text, const char **first);
/* Host names of the text, in the order in which they came, and the address that each got, of those for documentation
 * (RFC 5737, RFC 3849) and benchmarks (RFC 2544). NULL: no more. */
const char *capture_text_name(const struct capture_text *text, size_t number, struct address *address);
uint64_t capture_text_consumed(const struct capture_text *text);
uint64_t capture_text_size(const struct capture_text *text);
void capture_text_close(struct capture_text *text); /* NULL is fine */

#endif
