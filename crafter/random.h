/* random.h - reproducible numbers: the same seed, cell and try give the same sequence numbers on every run. */
#ifndef TWPROBE_CRAFTER_RANDOM_H
#define TWPROBE_CRAFTER_RANDOM_H

#include <stdint.h>

/* splitmix64 (Steele, Lea, Flood 2014): every state gives a good number, so it needs no warming up. */
static inline uint64_t random_mix(uint64_t state)
{
	state += UINT64_C(0x9e3779b97f4a7c15);
	state = (state ^ (state >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	state = (state ^ (state >> 27)) * UINT64_C(0x94d049bb133111eb);
	return state ^ (state >> 31);
}

#endif
