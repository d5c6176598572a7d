/* report_rung.h - one segment of a ladder; for harness/report*.c alone. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_RUNG_H
#define TWPROBE_HARNESS_REPORT_REPORT_RUNG_H

#include "crafter/segment_text.h"
#include "harness/report/report_internal.h"

enum { RUNG_SEQ, RUNG_ACK, RUNG_TSVAL, RUNG_TSECR, RUNG_FIELDS };
enum { RUNG_TEXT_SIZE = 64, RUNG_NOTE_SIZE = 160 };

struct rung {
	double time_us;
	bool ours, strong;
	uint16_t flags;
	uint16_t window;
	/* As the numbers lie to the connection's ("rcv_nxt-1000"), and, where they are not in `near`, on the wire. */
	char near[RUNG_FIELDS][RUNG_TEXT_SIZE], far[RUNG_FIELDS][RUNG_TEXT_SIZE];
	char note[RUNG_NOTE_SIZE];
};

/* Fills in `near` and `far`: what has no base, or would be too long for its column, is in `near` as on the wire. */
void report_rung_numbers(struct rung *rung, const struct segment *segment, const struct segment_bases *bases);
void report_rung_head(FILE *out, bool color);
void report_rung_print(FILE *out, bool color, const struct rung *rung);

#endif
