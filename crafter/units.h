/* units.h - nanoseconds in the larger units. Every time and every duration is a uint64_t of nanoseconds. */
#ifndef TWPROBE_CRAFTER_UNITS_H
#define TWPROBE_CRAFTER_UNITS_H

#include <stdint.h>

#define NSEC_PER_MSEC UINT64_C(1000000)
#define NSEC_PER_SEC UINT64_C(1000000000)

#endif
