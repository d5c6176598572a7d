/* judgement_internal.h - what the two files of the judgement share. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_JUDGEMENT_INTERNAL_H
#define TWPROBE_HARNESS_DIAGNOSE_JUDGEMENT_INTERNAL_H

#include "harness/diagnose/judgement.h"

/* What a state or a number of the subject's hangs on, and the capture did not show; NULL: nothing. `expects_silence`: the book
 * expects no answer. */
const char *judgement_missing(const struct encounter *encounter, bool expects_silence);
/* The same of what no book decides: whether the capture is good enough to say that something did not come. */
const char *judgement_missing_of_open(const struct encounter *encounter);

#endif
