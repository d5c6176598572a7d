/* passage_internal.h - the programs at the kernel's functions; for harness/lab/passage*.c and tests. */
#ifndef TWPROBE_HARNESS_LAB_PASSAGE_INTERNAL_H
#define TWPROBE_HARNESS_LAB_PASSAGE_INTERNAL_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/lab/passage.h"

enum { PASSAGE_PROGRAM_MAX = 128, PASSAGE_ROOTS_MAX = 8, PASSAGE_WAYS_OUT_MAX = 16 };

struct passage_program {
	struct bpf_insn list[PASSAGE_PROGRAM_MAX];
	size_t count;
	size_t ways_out[PASSAGE_WAYS_OUT_MAX], ways_out_count; /* jumps to its end, whose distance is not known yet */
};

/* The cookie of a program that is at all functions, and asks the kernel at which one it runs (Linux 5.15). */
#define PASSAGE_ANY UINT64_MAX

/* What a program is made of. */
struct passage_setting {
	int ring, owner;              /* its maps: where it reports to, and the owner of each processor */
	uint64_t cookie;              /* of the function it is for; PASSAGE_ANY */
	uint16_t first_port, last_port; /* the subject's */
	uint32_t namespace;           /* the inode of its network namespace */
	uint16_t data, device;        /* in struct sk_buff: bytes from its start */
	uint16_t net;                 /* in struct net_device */
	uint16_t number;              /* in struct net */
};

bool passage_program_possible(void); /* false: the registers of this architecture are not known */
void passage_program_entry(struct passage_program *program, const struct passage_setting *setting);
void passage_program_return(struct passage_program *program, const struct passage_setting *setting);

#endif
