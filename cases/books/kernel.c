/* kernel.c - kernel versions as text, the table of changes, and the steps between which nothing changes. */
#include "cases/books/kernel.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/textbuf.h"

struct release {
	unsigned major, minor, patch;
};

/* The oldest kernel that the linux book was read and run against. */
static const struct release oldest = { 5, 10, 0 };

/* The first mainline release with a change, and the stable ones that it was backported to. */
struct history {
	struct release mainline;
	struct release backports[KERNEL_BACKPORTS_MAX]; /* ends with 0.0.0 or when full */
};

/* Next to each the subject of its commit. */
static const struct history changes[CHANGE_COUNT] = {
	[CHANGE_PAWS_SYN] = { { 6, 4, 0 }, { { 0 } } }, /* tcp: Refine SYN handling for PAWS. */
	[CHANGE_ZERO_WINDOW] = { { 6, 6, 0 }, { { 0 } } }, /* net: tcp: allow zero-window ACK update the window */
	[CHANGE_AUTH_OPTIONS] = { { 6, 7, 0 }, { { 0 } } }, /* net/tcp: Verify inbound TCP-AO signed segments */
	[CHANGE_PAWS_WRAP] = { { 6, 7, 0 }, { { 0 } } }, /* tcp: introduce TCP_PAWS_WRAP */
	[CHANGE_ACK_BYTES] = { /* tcp: do not accept ACK of bytes we never sent */
		{ 6, 7, 0 }, { { 5, 10, 204 }, { 5, 15, 143 }, { 6, 1, 68 }, { 6, 6, 7 } },
	},
	[CHANGE_REPLAY_WINDOW] = { { 6, 7, 0 }, { { 0 } } }, /* tcp_tsval_replay() */
	[CHANGE_OLD_ACK] = { { 6, 9, 0 }, { { 6, 1, 167 } } }, /* net: tcp: accept old ack during closing */
	[CHANGE_TW_ISN] = { /* tcp: replace TCP_SKB_CB(skb)->tcp_tw_isn with a per-cpu field */
		{ 6, 10, 0 }, { { 0 } },
	},
	[CHANGE_PAWS_OLD_ACK] = { { 6, 14, 0 }, { { 0 } } }, /* tcp: add TCP_RFC7323_PAWS_ACK drop reason */
	[CHANGE_TSECR] = { /* tcp: be less liberal in TSEcr received while in SYN_RECV state */
		{ 6, 15, 0 }, { { 0 } },
	},
	[CHANGE_BEYOND_WINDOW] = { { 6, 17, 0 }, { { 0 } } }, /* tcp: do not accept packets beyond window */
	[CHANGE_FIN_ZERO_WINDOW] = { /* tcp: re-enable acceptance of FIN packets when RWIN is 0 */
		{ 7, 0, 0 }, { { 6, 18, 16 }, { 6, 19, 6 } },
	},
	[CHANGE_UNSENT_ACK] = { /* tcp: send a challenge ACK on SEG.ACK > SND.NXT */
		{ 7, 1, 0 }, { { 6, 18, 33 }, { 7, 0, 10 } },
	},
	[CHANGE_CROSSED_SYN_ACK] = { /* tcp: Don't drop SYN+ACK for simultaneous connect(). */
		{ 6, 11, 0 }, { { 6, 1, 110 }, { 6, 6, 51 }, { 6, 10, 10 } },
	},
	[CHANGE_REQUEST_TS] = { /* tcp: Defer ts_recent changes until req is owned */
		{ 6, 14, 0 }, { { 5, 10, 235 }, { 5, 15, 179 }, { 6, 1, 130 }, { 6, 6, 81 }, { 6, 12, 18 }, { 6, 13, 6 } },
	},
	[CHANGE_BARE_FIN] = { { 6, 12, 0 }, { { 0 } } }, /* tcp: accept bare FIN packets under memory pressure */
	[CHANGE_MAX_WINDOW] = { { 7, 1, 0 }, { { 0 } } }, /* tcp: implement RFC 7323 window retraction receiver requirements */
	[CHANGE_RST_SYN_RECV] = { /* tcp: challenge ACK for non-exact RST in SYN-RECEIVED */
		{ 7, 2, 0 }, { { 6, 1, 191 }, { 6, 6, 153 }, { 6, 12, 105 }, { 6, 18, 42 }, { 7, 1, 6 } },
	},
};

/* No answer depends on it, only its window. tcp: increase the default TCP scaling ratio */
static const struct history half_buffers = { { 6, 10, 0 }, { { 6, 6, 33 }, { 6, 8, 12 }, { 6, 9, 3 } } };

/* "6.1.0-56-amd64": the third number is always 0, the build's own number follows. */
static bool names_a_build(const char *after, unsigned patch)
{
	return patch == 0 && after[0] == '-' && isdigit((unsigned char)after[1]);
}

/* Returns what follows the numbers; NULL: there are not two at the beginning. */
static const char *read_numbers(const char *text, struct release *release, unsigned *count)
{
	int end = 0;

	*release = (struct release){ 0 };
	*count = 0;
	if (!isdigit((unsigned char)text[0]) || strspn(text, "0123456789") > 4 ||
	    sscanf(text, "%4u.%4u%n", &release->major, &release->minor, &end) < 2 || end == 0 || release->major == 0)
		return NULL;
	text += end;
	*count = 2;
	if (text[0] == '.' && isdigit((unsigned char)text[1]) && sscanf(text, ".%6u%n", &release->patch, &end) == 1) {
		text += end;
		*count = 3;
	}
	return text;
}

void kernel_parse(const char *release, struct kernel *kernel)
{
	struct release numbers;
	unsigned count;
	const char *after = read_numbers(release, &numbers, &count);

	if (!after)
		numbers = (struct release){ 0 };
	else if (count == 3 && names_a_build(after, numbers.patch))
		numbers.patch = KERNEL_ANY_PATCH;
	kernel->major = numbers.major;
	kernel->minor = numbers.minor;
	kernel->patch = numbers.patch;
}

void kernel_refine(const char *version, struct kernel *kernel)
{
	static const char mark[] = " Debian ";
	const char *found = strstr(version, mark);
	struct kernel refined = *kernel;

	if (!found)
		return;
	kernel_parse(found + strlen(mark), &refined);
	if (refined.major == kernel->major && refined.minor == kernel->minor)
		*kernel = refined;
}

int kernel_choose(const char *text, struct kernel *kernel, struct error *error)
{
	struct release numbers = { 0 };
	unsigned count;
	const char *after;

	if (strcmp(text, "any") != 0) {
		after = read_numbers(text, &numbers, &count);
		if (!after || (*after && !strchr("-+", *after)))
			return fail(error, "'%.40s' is not a kernel's version, expected one such as 5.10, 6.12.117 or any",
				    text);
		if ((count == 2 && !*after) || (count == 3 && names_a_build(after, numbers.patch)))
			numbers.patch = KERNEL_ANY_PATCH;
	}
	kernel->major = numbers.major;
	kernel->minor = numbers.minor;
	kernel->patch = numbers.patch;
	return 0;
}

static void release_text(const struct release *release, char *buffer, size_t size)
{
	if (release->patch == 0 || release->patch == KERNEL_ANY_PATCH)
		snprintf(buffer, size, "%u.%u", release->major, release->minor);
	else
		snprintf(buffer, size, "%u.%u.%u", release->major, release->minor, release->patch);
}

const char *kernel_text(const struct kernel *kernel, char buffer[static KERNEL_TEXT_SIZE])
{
	struct release release = { kernel->major, kernel->minor, kernel->patch };

	if (kernel->freebsd.named)
		return freebsd_text(&kernel->freebsd, buffer);
	if (!kernel_known(kernel))
		return strcpy(buffer, "any");
	release_text(&release, buffer, KERNEL_TEXT_SIZE);
	return buffer;
}

bool kernel_known(const struct kernel *kernel)
{
	return kernel->major != 0;
}

bool kernel_too_old(const struct kernel *kernel)
{
	return kernel_known(kernel) && !kernel_at_least(kernel, oldest.major, oldest.minor);
}

bool kernel_at_least(const struct kernel *kernel, unsigned major, unsigned minor)
{
	if (!kernel_known(kernel))
		return true;
	return kernel->major > major || (kernel->major == major && kernel->minor >= minor);
}

static bool has(const struct kernel *kernel, const struct history *history)
{
	if (kernel_at_least(kernel, history->mainline.major, history->mainline.minor))
		return true;
	for (size_t i = 0; i < KERNEL_BACKPORTS_MAX; i++) {
		const struct release *series = &history->backports[i];

		if (kernel->major == series->major && kernel->minor == series->minor)
			return kernel->patch >= series->patch;
	}
	return false;
}

bool kernel_halves_buffers(const struct kernel *kernel)
{
	bool between = kernel_at_least(kernel, 6, 6) && !has(kernel, &half_buffers);

	return !kernel_known(kernel) || !between;
}

bool kernel_has(const struct kernel *kernel, enum kernel_change change)
{
	if (kernel->asked)
		*kernel->asked |= UINT32_C(1) << change;
	return kernel->changes ? *kernel->changes >> change & 1 : has(kernel, &changes[change]);
}

static int compare(const void *a, const void *b)
{
	const struct release *one = a, *other = b;

	if (one->major != other->major)
		return one->major < other->major ? -1 : 1;
	if (one->minor != other->minor)
		return one->minor < other->minor ? -1 : 1;
	return one->patch < other->patch ? -1 : one->patch > other->patch;
}

/* After 5.19 came 6.0, after 6.19 7.0. */
static struct release next_series(const struct release *release)
{
	enum { LAST_MINOR = 19 };

	if (release->major < 7 && release->minor >= LAST_MINOR)
		return (struct release){ release->major + 1, 0, 0 };
	return (struct release){ release->major, release->minor + 1, 0 };
}

static struct release release_before(const struct release *release)
{
	enum { LAST_MINOR = 19 };

	if (release->patch > 0)
		return (struct release){ release->major, release->minor, release->patch - 1 };
	if (release->minor > 0)
		return (struct release){ release->major, release->minor - 1, 0 };
	return (struct release){ release->major - 1, LAST_MINOR, 0 };
}

struct steps {
	size_t count;
	struct release list[KERNEL_STEPS_MAX];
	uint64_t with[CHANGE_COUNT]; /* that have the change, 1 << each */
	uint32_t changes[KERNEL_STEPS_MAX]; /* that the step has, 1 << each */
};
_Static_assert(CHANGE_COUNT <= 32, "a bit for each change in a mask");

/* In order, each once. */
static void put(struct steps *steps, struct release release)
{
	size_t at = 0;

	while (at < steps->count && compare(&steps->list[at], &release) < 0)
		at++;
	if ((at < steps->count && compare(&steps->list[at], &release) == 0) || steps->count == KERNEL_STEPS_MAX)
		return;
	memmove(&steps->list[at + 1], &steps->list[at], (steps->count - at) * sizeof(release));
	steps->list[at] = release;
	steps->count++;
}

static void note_changes(struct steps *steps)
{
	for (size_t step = 0; step < steps->count; step++) {
		const struct release *release = &steps->list[step];
		const struct kernel kernel = { .major = release->major, .minor = release->minor, .patch = release->patch };

		for (unsigned change = 0; change < CHANGE_COUNT; change++) {
			if (!has(&kernel, &changes[change]))
				continue;
			steps->with[change] |= UINT64_C(1) << step;
			steps->changes[step] |= UINT32_C(1) << change;
		}
	}
}

/* Made from the table once. */
static const struct steps *all_steps(void)
{
	static struct steps steps;

	if (steps.count)
		return &steps;
	put(&steps, oldest);
	for (size_t change = 0; change < CHANGE_COUNT; change++) {
		put(&steps, changes[change].mainline);
		for (size_t i = 0; i < KERNEL_BACKPORTS_MAX && changes[change].backports[i].major; i++) {
			const struct release *backport = &changes[change].backports[i];

			put(&steps, (struct release){ backport->major, backport->minor, 0 });
			put(&steps, *backport);
			put(&steps, next_series(backport));
		}
	}
	note_changes(&steps);
	return &steps;
}

size_t kernel_step_count(void)
{
	return all_steps()->count;
}

struct kernel kernel_at_step(const struct kernel *kernel, size_t step)
{
	const struct steps *steps = all_steps();
	const struct release *release = &steps->list[step];
	struct kernel at = *kernel;

	at.major = release->major;
	at.minor = release->minor;
	at.patch = release->patch;
	at.changes = &steps->changes[step];
	return at;
}

/* The last step that is not above it. */
static size_t step_of(const struct release *release)
{
	const struct steps *steps = all_steps();
	size_t step = 0;

	while (step + 1 < steps->count && compare(&steps->list[step + 1], release) <= 0)
		step++;
	return step;
}

static uint64_t bits(size_t first, size_t last)
{
	return (UINT64_MAX >> (63 - last)) & (UINT64_MAX << first);
}

uint64_t kernel_steps_like(size_t step, uint32_t mask)
{
	const struct steps *steps = all_steps();
	uint64_t like = bits(0, steps->count - 1);

	for (; mask; mask &= mask - 1) {
		uint64_t with = steps->with[__builtin_ctz(mask)];

		like &= with >> step & 1 ? with : ~with;
	}
	return like;
}

uint64_t kernel_steps(const struct kernel *kernel)
{
	struct release release = { kernel->major, kernel->minor, kernel->patch };
	size_t last = step_of(&release);

	if (!kernel_known(kernel))
		return bits(0, all_steps()->count - 1);
	if (kernel->patch != KERNEL_ANY_PATCH)
		return bits(last, last);
	release.patch = 0;
	return bits(step_of(&release), last);
}

/* "6.2 to 6.6.152"; "6.1.191+" where it goes on to the end of its series; "from 7.2 on" */
static void run_text(const struct steps *steps, size_t first, size_t last, char *buffer, size_t size)
{
	const struct release *from = &steps->list[first], *next = &steps->list[last + 1];
	char low[KERNEL_TEXT_SIZE], high[KERNEL_TEXT_SIZE];
	struct release to, series = next_series(from);

	release_text(from, low, sizeof(low));
	if (last + 1 == steps->count) {
		snprintf(buffer, size, "from %s on", low);
		return;
	}
	to = release_before(next);
	release_text(&to, high, sizeof(high));
	if (compare(next, &series) == 0)
		snprintf(buffer, size, "%s%s", low, from->patch ? "+" : "");
	else if (strcmp(low, high) == 0)
		snprintf(buffer, size, "%s", low);
	else
		snprintf(buffer, size, "%s to %s", low, high);
}

const char *kernel_steps_text(uint64_t set, char buffer[static KERNEL_STEPS_TEXT_SIZE])
{
	const struct steps *steps = all_steps();
	struct textbuf out;

	textbuf_init(&out, buffer, KERNEL_STEPS_TEXT_SIZE);
	for (size_t first = 0; first < steps->count; first++) {
		char run[2 * KERNEL_TEXT_SIZE + 8];
		size_t last = first;

		if (!(set >> first & 1))
			continue;
		while (last + 1 < steps->count && set >> (last + 1) & 1)
			last++;
		run_text(steps, first, last, run, sizeof(run));
		textbuf_item(&out, ", ", "%s", run);
		first = last;
	}
	if (set >> KERNEL_STEPS_MAX) {
		char freebsd[FREEBSD_TEXT_SIZE];

		textbuf_item(&out, ", ", "%s", freebsd_steps_text((unsigned)(set >> KERNEL_STEPS_MAX), freebsd));
	}
	if (!out.length)
		textbuf_add(&out, "none");
	return buffer;
}
