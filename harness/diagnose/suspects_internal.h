/* suspects_internal.h - what suspects.c and suspects_choose.c share. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_SUSPECTS_INTERNAL_H
#define TWPROBE_HARNESS_DIAGNOSE_SUSPECTS_INTERNAL_H

#include "harness/diagnose/suspects.h"

/* Cells of a sort that are asked to be more certain. */
enum { ALIKE_MOST = 2 };

bool suspects_same_sort(const struct cell *one, const struct cell *other);
/* Cells of the same sort that were asked, and answered if that counts. */
unsigned suspects_alike(const struct suspects *suspects, const struct cell *cell, bool answered);

#endif
