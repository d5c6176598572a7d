/* bpf.h - small programs that the kernel runs where its functions are entered and left (bpf(2)), and the ring in which they
 * leave what they saw.
 *
 * Everything is a descriptor, and is gone from the kernel with it, whatever ends the process. Needs CAP_BPF and CAP_PERFMON
 * (root, not that of a user namespace) when it is made, not later. Errors say what is missing, and what would allow it. */
#ifndef TWPROBE_HARNESS_LAB_BPF_H
#define TWPROBE_HARNESS_LAB_BPF_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

struct bpf_ring;

/* Room for `size` bytes, a power of two and a multiple of the page. */
struct bpf_ring *bpf_ring_open(size_t size, struct error *error);
int bpf_ring_map(const struct bpf_ring *ring); /* for the programs; borrowed */
/* The next record and its size; NULL: there is none yet. It stays until the next call. */
const uint8_t *bpf_ring_next(struct bpf_ring *ring, size_t *size);
void bpf_ring_close(struct bpf_ring *ring); /* NULL is fine */

/* One 64-bit number for each CPU, at key 0: a descriptor, or -1. */
int bpf_cpu_number(struct error *error);
/* Whether this kernel, and our privileges, allow a program at a function; -1 with the reason. */
int bpf_check(struct error *error);
/* A program for functions: a descriptor, or -1. */
int bpf_load(const struct bpf_insn *instructions, size_t count, struct error *error);

enum bpf_place { BPF_ENTRY, BPF_RETURN };

/* Runs the program where each of these functions is entered, or left; it gets the function's cookie. A descriptor that keeps
 * it there, or -1. Linux 5.18 and later, built with CONFIG_FPROBE. */
int bpf_attach_all(int program, enum bpf_place place, const char *const functions[], const uint64_t cookies[], size_t count,
		   struct error *error);
/* The same for one function, through perf (CONFIG_KPROBE_EVENTS); there is no cookie. Each takes the kernel some 20 ms. */
int bpf_attach_one(int program, enum bpf_place place, const char *function, struct error *error);

#endif
