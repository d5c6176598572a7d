/* descriptors.h - how many file descriptors this process may have: each guarded port and each held connection takes one. */
#ifndef TWPROBE_CRAFTER_DESCRIPTORS_H
#define TWPROBE_CRAFTER_DESCRIPTORS_H

#include <stddef.h>

/* Raises the soft limit (RLIMIT_NOFILE) to the hard one, as far as the kernel lets us. */
void descriptors_raise(void);
/* The current limit. */
size_t descriptors_limit(void);
/* How many more can be opened. */
size_t descriptors_free(void);

#endif
