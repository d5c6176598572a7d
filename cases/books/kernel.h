/* kernel.h - whose rules: a kernel's version as far as it is known, and what each version changed. Pure. */
#ifndef TWPROBE_CASES_BOOKS_KERNEL_H
#define TWPROBE_CASES_BOOKS_KERNEL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cases/books/freebsd.h"
#include "crafter/fail.h"

/* Of a series, but which stable release of it is not known: the newest, where one must be chosen. */
#define KERNEL_ANY_PATCH UINT_MAX

enum { KERNEL_TEXT_SIZE = FREEBSD_TEXT_SIZE, KERNEL_STEPS_MAX = 60, KERNEL_STEPS_TEXT_SIZE = 240, KERNEL_BACKPORTS_MAX = 6 };

/* The kernel that answers, and its own settings, which a cell may override. */
struct kernel {
	unsigned major, minor, patch; /* 0.0.0: not known; the newest rules, where one must be chosen */
	bool timestamps;              /* its tcp_timestamps is not 0 */
	bool rfc1337;                 /* its tcp_rfc1337 is not 0 */
	bool always_cookies;          /* its tcp_syncookies is 2 */
	bool no_time_waits;           /* its tcp_max_tw_buckets is 0 */
	bool md5;                     /* it can check MD5 signatures (CONFIG_TCP_MD5SIG) */
	bool ao;                      /* and those of TCP-AO (CONFIG_TCP_AO) */
	bool stranger;                /* the process that it serves is not known to be ours: what that does is in doubt */
	bool unsettled;               /* its settings above are only what kernels have by default */
	uint32_t rmem, rmem_most;     /* its tcp_rmem[1], tcp_rmem[2]; 0: not known */
	uint32_t rmem_max;            /* its net.core.rmem_max; 0: not known */
	bool witnessed;               /* a witness shows whether the process holds its descriptor in FIN_WAIT_2 */
	const uint32_t *changes;      /* those that it has, 1 << each, as kernel_at_step() knows them; NULL: by its numbers */
	struct freebsd freebsd;       /* which FreeBSD, for its book; `major` above is of Linux alone */
	uint32_t *asked;              /* where kernel_has notes the changes it is asked about, 1 << each; NULL: nowhere */
};

/* Where kernels from 5.10 on differ. docs/kernels.toml and docs/rules.md say more of each. */
enum kernel_change {
	CHANGE_PAWS_SYN,        /* a SYN that fails PAWS gets a challenge ACK, no duplicate ACK */
	CHANGE_ZERO_WINDOW,     /* a bare ACK that repeats what is known may close the window */
	CHANGE_AUTH_OPTIONS,    /* who looks for a signature drops a segment with an impossible option length */
	CHANGE_PAWS_WRAP,       /* ts_recent is too old to count after 2147 s, not after 24 days */
	CHANGE_ACK_BYTES,       /* what may lie below snd_una shrinks to what was acknowledged */
	CHANGE_REPLAY_WINDOW,   /* an old bare ACK may be 1200 ticks a second old, not 1024 */
	CHANGE_OLD_ACK,         /* an ACK a little too old is processed outside ESTABLISHED as well */
	CHANGE_TW_ISN,          /* the ISN meant for a reopened TIME_WAIT is no longer lost */
	CHANGE_PAWS_OLD_ACK,    /* an old bare ACK no longer gets a duplicate ACK */
	CHANGE_TSECR,           /* a timestamp echo that no SYN-ACK had keeps a segment out of SYN_RECV */
	CHANGE_BEYOND_WINDOW,   /* where a segment ends counts, not only where it begins */
	CHANGE_FIN_ZERO_WINDOW, /* a FIN's own number may lie beyond the window */
	CHANGE_UNSENT_ACK,      /* an ACK of what was never sent is challenged in ESTABLISHED */
	CHANGE_CROSSED_SYN_ACK, /* after SYNs that crossed, the other end's SYN-ACK counts as the ACK that it carries */
	CHANGE_REQUEST_TS,      /* in SYN_RECV only what opens the connection brings a new ts_recent */
	CHANGE_BARE_FIN,        /* a bare FIN is taken although the window is closed */
	CHANGE_MAX_WINDOW,      /* what was offered once is inside the window, though it was taken back */
	CHANGE_RST_SYN_RECV,    /* an RST into SYN_RECV must be exact */
	CHANGE_COUNT,
};

/* "6.18.44-foo" as uname -r prints it; what does not begin with two numbers leaves the version unknown. Distributions whose
 * releases name their own build ("6.1.0-56-amd64") say the series only. */
void kernel_parse(const char *release, struct kernel *kernel);
/* `version` (uname -v) may have the source's number: "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-09-30)". Without such a
 * number nothing changes. */
void kernel_refine(const char *version, struct kernel *kernel);
/* As given on a command line: "any", a series "5.10", a release "6.12.117" or what uname -r prints. Leaves the settings
 * alone. */
int kernel_choose(const char *text, struct kernel *kernel, struct error *error);
/* "any", "6.12", "6.12.117" */
const char *kernel_text(const struct kernel *kernel, char buffer[static KERNEL_TEXT_SIZE]);

bool kernel_known(const struct kernel *kernel);
/* Older than every kernel that the linux book was checked against. */
bool kernel_too_old(const struct kernel *kernel);
bool kernel_at_least(const struct kernel *kernel, unsigned major, unsigned minor);
bool kernel_has(const struct kernel *kernel, enum kernel_change change);
/* Half of a receive buffer is window at first: before 6.6, and again since the part was increased. */
bool kernel_halves_buffers(const struct kernel *kernel);

/* Between two steps nothing changes: each is the first release that has a change, or lacks one that the release before it has
 * (6.2 lacks what 6.1.191 was given). A set of versions is a set of steps, a bit each, from 5.10 up. */
/* The steps of FreeBSD are the bits from KERNEL_STEPS_MAX up. */
#define KERNEL_FREEBSD(steps) ((uint64_t)(steps) << KERNEL_STEPS_MAX)
size_t kernel_step_count(void);
struct kernel kernel_at_step(const struct kernel *kernel, size_t step);
/* The steps that have the same of the changes in `mask` (1 << each) as this one. */
uint64_t kernel_steps_like(size_t step, uint32_t mask);
/* Those that the kernel may be: one bit where its version is known well enough. */
uint64_t kernel_steps(const struct kernel *kernel);
/* "5.10 to 6.1.190, 6.2 to 6.6.152, from 7.2 on" */
const char *kernel_steps_text(uint64_t steps, char buffer[static KERNEL_STEPS_TEXT_SIZE]);

#endif
