/* report_conformance.h - what a run says of the RFCs: which rules were kept, by section and by what they oblige to; for
 * harness/report*.c alone.
 *
 * A rule is a citation of the rfc book. Its number in appendix B of RFC 9293 says whether it is a MUST, a SHOULD or a MAY; the
 * steps of section 3.10.7 have none. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_CONFORMANCE_H
#define TWPROBE_HARNESS_REPORT_REPORT_CONFORMANCE_H

#include "harness/report/report_internal.h"

struct conformance;

/* `every_name`: else a rule keeps the names of its first few cells alone. */
struct conformance *report_conformance_open(bool every_name, struct error *error);
int report_conformance_add(struct conformance *conformance, const struct record *record, struct error *error);
/* What was broken, not followed, chosen; how many rules were kept. */
void report_conformance_print(const struct conformance *conformance, FILE *out, bool color);
void report_conformance_close(struct conformance *conformance);

#endif
