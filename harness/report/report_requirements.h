/* report_requirements.h - the requirements of RFC 9293 with the cells that ask for them: for people, as NDJSON, and as the
 * table of docs/rfc9293.md. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_REQUIREMENTS_H
#define TWPROBE_HARNESS_REPORT_REPORT_REQUIREMENTS_H

#include <stdio.h>

#include "crafter/fail.h"
#include "harness/report/format.h"

/* `format`: one of FORMAT_OF_REQUIREMENTS. The caller checks `out` for errors; -1: out of memory. */
int report_requirements(FILE *out, enum format format, struct error *error);

#endif
