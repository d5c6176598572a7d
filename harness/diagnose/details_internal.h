/* details_internal.h - what the files of the details share. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_DETAILS_INTERNAL_H
#define TWPROBE_HARNESS_DIAGNOSE_DETAILS_INTERNAL_H

#include "crafter/textbuf.h"
#include "harness/diagnose/details.h"

enum { DETAILS_SPAN_SIZE = 32 };

/* "40 us", "12.5 ms", "1.03 s". Returns `buffer`. */
const char *details_span(uint64_t from_ns, uint64_t to_ns, char buffer[static DETAILS_SPAN_SIZE]);
/* Of a SYN that nobody answered, or late. */
void details_syn(const struct encounter *encounter, struct textbuf *text);
/* Of a SYN into TIME_WAIT that nobody answered. */
void details_syn_dropped(const struct encounter *encounter, struct textbuf *text);
/* An ICMP error about what nobody acknowledges, if one came. */
void details_unreachable(const struct encounter *encounter, struct textbuf *text);
/* What is known of who sent the segment, and its answer. */
void details_sender(const struct encounter *encounter, struct textbuf *text);

#endif
