/* report_reasons.h - the cells of a run that were skipped, differ or remain open, by reason; for harness/report*.c alone. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_REASONS_H
#define TWPROBE_HARNESS_REPORT_REPORT_REASONS_H

#include "harness/report/report_internal.h"

struct reasons;

/* `every_name`: else a reason keeps the names of its first few cells alone. */
struct reasons *report_reasons_open(bool every_name, struct error *error);
int report_reasons_add(struct reasons *reasons, enum verdict verdict, const char *reason, const char *cell,
		       struct error *error);
/* Each reason of this verdict once, in the order of its first cell: how many cells, and which. */
void report_reasons_print(const struct reasons *reasons, FILE *out, bool color, enum verdict verdict);
void report_reasons_close(struct reasons *reasons);

#endif
