/* suspects.h - whose TCP is this? Which of the kernels that the rule books know give all answers that were heard, and which
 * cell tells most about those that are left. Pure.
 *
 * A kernel is a step of cases/books/kernel.h: of Linux, or of FreeBSD. Its answers are what its book says, whatever its process
 * and its settings may be (doubts). Of other stacks is only known what they answered to some cells once; to the rest they may
 * answer anything. One answer may be a mistake, such as a silence that was a loss; so kernels are asked for that several
 * answers speak against, where there are cells for it. */
#ifndef TWPROBE_HARNESS_DIAGNOSE_SUSPECTS_H
#define TWPROBE_HARNESS_DIAGNOSE_SUSPECTS_H

#include "cases/books/verdict.h"
#include "cases/case_file.h"
#include "cases/matrix/matrix.h"
#include "harness/run/record.h"

enum { SUSPECTS_ANSWERS = 64, SUSPECTS_TTLS = 4, SUSPECTS_KERNELS = 64, SUSPECTS_ROUND = 4, SUSPECTS_STACKS_MAX = 12 };

/* Sets of kernels: Linux in steps, then other stacks, then FreeBSD, which begins at KERNEL_STEPS_MAX. */
enum { SUSPECTS_STACKS = KERNEL_STEPS_MAX - SUSPECTS_STACKS_MAX };
#define SUSPECTS_LINUX ((UINT64_C(1) << SUSPECTS_STACKS) - 1)
#define SUSPECTS_FREEBSD KERNEL_FREEBSD(FREEBSD_ANY)

/* Answers as bits: each answer three times, for the ISN of a SYN-ACK (ISN_NONE: whichever). */
#define SUSPECTS_NOT_KNOWN UINT32_MAX
uint32_t suspects_bits(enum answer answer, enum isn isn);

/* Another stack. */
struct suspects_stack {
	char name[CASE_FILE_NAME_SIZE], system[16]; /* "lwIP 2.1.3", "lwIP" */
	bool timestamps; /* it takes them; else it answers nothing on a connection that has them */
	/* What it answered to a cell, by its name; else SUSPECTS_NOT_KNOWN. */
	uint32_t (*may)(const struct suspects_stack *stack, const char *cell);
	const void *context;
};

/* What the tries of one cell saw, once or in several ways. */
struct suspects_seen {
	struct observation observation;
	unsigned tries;
	uint64_t kernels;          /* those that do this, or may */
	uint64_t surely;           /* those of which it is known */
};

struct suspects_answer {
	struct cell cell;
	bool conclusive;           /* else `reason` says why not, and nothing is `seen` */
	char reason[RECORD_REASON_SIZE];
	uint8_t count;             /* more than one: its tries contradict each other */
	struct suspects_seen seen[RECORD_OUTCOMES_MAX];
	uint64_t ruled_out;        /* kernels that nothing before had ruled out */
};

struct suspects {
	const struct suspects_stack *stacks;
	size_t stack_count;
	uint64_t all, fits;        /* those that give all answers, mixed ones aside */
	uint64_t sure;             /* the same if something between may have dropped what was silent; more, never less */
	bool direct;               /* nothing is between: all silences are the kernel's own */
	uint64_t among;            /* those that are to be told apart */
	uint8_t against[SUSPECTS_KERNELS]; /* answers that the kernel does not give */
	uint8_t given[SUSPECTS_KERNELS];   /* answers of which is known that it gives them */
	size_t count;
	struct suspects_answer answers[SUSPECTS_ANSWERS];
	size_t conclusive, mixed, sorts; /* sorts: states with kinds of segments, of which a certain answer came */
	unsigned states;           /* those of certain answers, 1 << each */
	unsigned heard;            /* certain answers, 1 << each */
	bool without_timestamps;   /* it refuses them */
	unsigned connections;
	bool interrupted;          /* more would have been asked */
	uint8_t ttls[SUSPECTS_TTLS], ttl_count; /* of answers, each once */
	/* Candidates: cells, and of each kernel the answers that it may give (one bit a sort); `asked` or out of reach. */
	size_t candidate_count;
	struct cell *candidates;
	uint32_t (*may)[SUSPECTS_KERNELS];
	bool *asked;
	unsigned reached, out_of_reach; /* states, 1 << each */
};

/* The cells of a matrix that can be asked of any server, as far as they tell kernels or stacks apart. `stacks` stays the
 * caller's. -1 with an error: out of memory. */
int suspects_open(struct suspects *suspects, const struct matrix *matrix, uint8_t family, const struct suspects_stack *stacks,
		  size_t stack_count, struct error *error);
void suspects_close(struct suspects *suspects);

/* The cell can be asked only of who takes timestamps. */
bool suspects_needs_timestamps(const struct cell *cell);

void suspects_take(struct suspects *suspects, const struct record *record);
/* The cells that tell most now, at most SUSPECTS_ROUND: about which kernels are left, then about those that few answers have
 * ruled out. Returns how many; 0: nothing tells more. They count as asked. */
size_t suspects_next(struct suspects *suspects, size_t most, struct cell cells[static SUSPECTS_ROUND]);

/* Where no kernel fits: those that the fewest answers speak against, and how many these are. */
uint64_t suspects_nearest(const struct suspects *suspects, unsigned *against);
/* Where tries contradict each other: two kernels such that each try may be an answer of one of them, and for as many questions
 * as possible, one at least, is known to be. False: there are none such. */
bool suspects_pair(const struct suspects *suspects, uint64_t *one, uint64_t *other);
/* Where all that fit are of one system (Linux, FreeBSD, lwIP, ...): how many of the answers each other system does not give, at
 * least. 0 where they are of several. */
unsigned suspects_telling(const struct suspects *suspects);

/* All of the system that the kernel with this bit is of. */
uint64_t suspects_system(const struct suspects *suspects, unsigned kernel);

#endif
