/* report_export_c_internal.h - what the files of the C programs share. */
#ifndef TWPROBE_HARNESS_REPORT_REPORT_EXPORT_C_INTERNAL_H
#define TWPROBE_HARNESS_REPORT_REPORT_EXPORT_C_INTERNAL_H

#include <stddef.h>

extern const char *const report_export_c_text[]; /* lines; NULL ends them */

#endif
