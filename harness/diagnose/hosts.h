/* hosts.h - which kernel each host of a capture may have, from the answers that tell kernels apart. Pure. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_HOSTS_H
#define TWPROBE_HARNESS_DIAGNOSE_HOSTS_H

#include "crafter/address.h"
#include "harness/diagnose/cause.h"
#include "harness/diagnose/judgement.h"

enum { HOSTS_MAX = 16384, HOSTS_EVIDENCE = 8 };

/* Answers of a host that say the same of its kernel. */
struct host_evidence {
	uint64_t frame, count;     /* of the first encounter; how many */
	const struct cause *cause; /* of the first */
	enum state state;
	enum answer answer;
	enum isn isn;
	uint64_t kernels;          /* steps of cases/books/kernel.h that answer like this; 0: no Linux does */
	uint64_t usual;            /* those that do so while tcp_max_tw_buckets is not reached */
	uint16_t settings;         /* enum fact: settings that must not have their usual value for that */
	uint8_t expected;          /* 1 << enum answer: what a Linux may answer */
};

struct host {
	struct address address;
	uint64_t answers;          /* of which the capture shows all that a verdict needs */
	uint64_t strange;          /* those of them that no Linux gives */
	uint64_t differ, differs;  /* encounters that differ from the book that decides; the frame of the first */
	uint8_t books;             /* 1 << enum book: those that agree with all answers */
	uint64_t fits;             /* steps: the kernels that give all answers but the strange ones; 0: no one kernel does */
	uint64_t usual;            /* the same while tcp_max_tw_buckets is not reached */
	/* Where there is none: those that give the most of the answers that tell kernels apart, and how many of how many. */
	uint64_t best, best_count, telling;
	size_t evidence_count;
	const struct host_evidence *evidence; /* by their first frames; where there is no room for more, those only count */
};

struct hosts;

struct hosts *hosts_open(void); /* NULL: out of memory */
/* An encounter of the host. Where memory ends, or there are more than HOSTS_MAX, it is only counted. */
void hosts_take(struct hosts *hosts, const struct address *address, const struct encounter *encounter,
		const struct cause *cause, const struct judgement *judgement);
/* Those of which something can be told, in the order of their first encounters: the host after *number, which is 0 at first and
 * moved on. False: there are no more. */
bool hosts_next(struct hosts *hosts, size_t *number, struct host *host);
/* Encounters of hosts that there was no room for. */
uint64_t hosts_left_out(const struct hosts *hosts);
void hosts_close(struct hosts *hosts); /* NULL is fine */

#endif
