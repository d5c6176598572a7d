/* workers_run.c - hands out the units of a run, and puts what comes of them in order. */
#include "harness/commands/workers_internal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/run/exit_code.h"

enum { AHEAD = 8 << 20 /* bytes of a worker's records that may wait for their turn: about 8,000 */ };
#define PAUSE_NS (200 * NSEC_PER_MSEC) /* between two looks of the progress line */

static bool is_asked(const struct workers *workers, const struct lane *lane)
{
	for (size_t i = 0; i < workers->process_count; i++)
		if (workers->processes[i].lane == lane || workers->processes[i].next == lane)
			return true;
	return false;
}

static struct lane *next_lane(struct workers *workers)
{
	for (size_t i = 0; i < workers->lane_count; i++)
		if (workers->lanes[i].got < workers->lanes[i].count && !is_asked(workers, &workers->lanes[i]))
			return &workers->lanes[i];
	return NULL;
}

static bool give(struct workers_process *process, struct lane *lane)
{
	const struct worker_range rest = {
		.first = lane->first + lane->got * lane->stride, .count = lane->count - lane->got, .stride = lane->stride,
	};

	return workers_tell(process, &rest);
}

static void end_idle(struct workers *workers, struct workers_process *process)
{
	const struct worker_range none = { 0 };

	process->retired = workers->plan.guests;
	if (process->retired)
		workers_tell(process, &none);
}

/* Toward the end nobody is told of more than one: another may be done sooner. */
static bool are_many_left(const struct workers *workers)
{
	return workers->sink->apart && workers->all - workers->tally->decided > 4 * workers->plan.count;
}

static void hand_out(struct workers *workers)
{
	for (size_t i = 0; i < workers->process_count && !workers->stopped; i++) {
		struct workers_process *process = &workers->processes[i];
		struct lane *lane;

		if (!process->ready || process->from < 0 || process->retired || process->next)
			continue;
		lane = process->lane && !are_many_left(workers) ? NULL : next_lane(workers);
		if (!process->lane && !lane)
			end_idle(workers, process);
		else if (lane && give(process, lane))
			*(process->lane ? &process->next : &process->lane) = lane;
	}
}

/* A reader that stands still must not keep us from a second Ctrl-C, which ends the guests. */
static void wait_for_room(struct workers *workers)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (poll(&out, 1, 20) == 0) {
		if (loop_wait(workers->loop, 1, workers->error) > 0 && !workers->stopped)
			workers_stop(workers);
		if (loop_stops(workers->loop) > 1) {
			workers_kill(workers);
			_exit(EXIT_INTERRUPTED);
		}
	}
}

static int report(struct workers *workers, const struct lane_item *item)
{
	if (workers->plan.guests)
		wait_for_room(workers);
	workers->given++;
	return workers->sink->take(workers->sink->context, item, workers->error);
}

/* All that can be reported now: the lanes in turn. A worker that was interrupted leaves units out, and may tell only later. */
static int advance(struct workers *workers)
{
	while (!workers->stopped && workers->given < workers->all) {
		struct lane *lane = &workers->lanes[workers->given % workers->lane_count];
		struct lane_item item;

		if (!lane_peek(lane, &item))
			break;
		if (item.number != lane->first + lane->given * lane->stride)
			workers_stop(workers);
		else if (lane_take(lane, &item) && report(workers, &item) < 0)
			return -1;
	}
	return 0;
}

/* What there is when it was interrupted, in order; some units between are not there. */
static int advance_rest(struct workers *workers)
{
	struct lane_item item, least;
	struct lane *next;
	int result = 0;

	do {
		next = NULL;
		for (size_t i = 0; i < workers->lane_count; i++) {
			if (!lane_peek(&workers->lanes[i], &item) || (next && item.number > least.number))
				continue;
			next = &workers->lanes[i];
			least = item;
		}
		if (next && lane_take(next, &item))
			result = report(workers, &item);
	} while (next && result == 0);
	return result;
}

static int take_result(struct workers *workers, struct lane *lane, const struct worker_head *head, const unsigned char *bytes)
{
	const struct lane_item item = { (size_t)head->number, head->size, bytes };

	if (!lane || lane->got == lane->count)
		return fail(workers->error, "a worker sent more than it was asked");
	workers->tally->decided++;
	return lane_keep(lane, &item, workers->error);
}

static int take_message(struct workers *workers, struct workers_process *process, const struct worker_head *head,
			const unsigned char *bytes)
{
	switch (head->message) {
	case WORKER_READY:
		process->ready = workers_is_ours(process, head);
		return process->ready ? 0 : fail(workers->error, "%s", process->why);
	case WORKER_ALIVE:
		return 0;
	case WORKER_FAILED:
		snprintf(process->why, sizeof(process->why), "%.*s", (int)head->size, (const char *)bytes);
		return 0;
	case WORKER_RESULT:
		return take_result(workers, process->lane, head, bytes);
	case WORKER_DONE:
	case WORKER_ENDED:
		if (head->size != sizeof(process->tally))
			return fail(workers->error, "a worker sent what is no tally");
		memcpy(&process->tally, bytes, sizeof(process->tally));
		process->ended = head->message == WORKER_ENDED;
		/* An interrupted one leaves units behind; nobody does them any more. */
		process->lane = process->next;
		process->next = NULL;
		if (process->tally.interrupted && !workers->stopped)
			workers_stop(workers);
		return 0;
	default:
		return fail(workers->error, "a worker sent what is no message");
	}
}

/* The whole messages in its buffer. */
static int take_messages(struct workers *workers, struct workers_process *process)
{
	size_t at = 0;
	struct worker_head head;

	while (process->used - at >= sizeof(head)) {
		memcpy(&head, process->buffer + at, sizeof(head));
		if (head.size > WORKER_MESSAGE_MAX)
			return fail(workers->error, "a worker sent what is no message");
		if (process->used - at - sizeof(head) < head.size)
			break;
		if (take_message(workers, process, &head, process->buffer + at + sizeof(head)) < 0)
			return -1;
		at += sizeof(head) + head.size;
	}
	memmove(process->buffer, process->buffer + at, process->used - at);
	process->used -= at;
	return advance(workers);
}

/* Whether it is so far ahead of the others that it has to wait. Not where nobody asks what it waits for. */
static bool is_ahead(const struct workers *workers, const struct workers_process *process)
{
	const struct lane *lane = process->lane, *next = &workers->lanes[workers->given % workers->lane_count];

	return lane && lane != next && lane_waiting(lane) > AHEAD && is_asked(workers, next);
}

/* What has come from this worker. */
static int hear(struct workers *workers, struct workers_process *process)
{
	ssize_t got = 1;

	while (got > 0 && !is_ahead(workers, process)) {
		if (workers_make_room(process, WORKER_BUFFER, workers->error) < 0)
			return -1;
		got = read(process->from, process->buffer + process->used, process->room - process->used);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0) {
			process->used += (size_t)got;
			process->heard_ns = clock_now();
			if (take_messages(workers, process) < 0)
				return -1;
		}
	}
	return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) ? workers_lose(workers, process) : 0;
}

static int hear_all(struct workers *workers)
{
	for (size_t i = 0; i < workers->process_count; i++)
		if (workers->processes[i].from >= 0 && hear(workers, &workers->processes[i]) < 0)
			return -1;
	return 0;
}

static bool has_spoken(const struct workers_process *process)
{
	return poll(&(struct pollfd){ .fd = process->from, .events = POLLIN }, 1, 0) > 0;
}

/* A kernel that stands still tells nobody. Where it was us who did not listen, what it has said waits. */
static void end_hung(struct workers *workers)
{
	uint64_t now_ns = clock_now();

	for (size_t i = 0; i < workers->process_count && workers->plan.guests; i++) {
		struct workers_process *process = &workers->processes[i];
		bool busy = process->lane || process->retired || workers->finishing || (process->told && !process->ready);

		if (!busy || process->pid <= 0 || is_ahead(workers, process) ||
		    now_ns - process->heard_ns < workers->plan.patience_ns || has_spoken(process))
			continue;
		workers_end_silent(workers, process);
	}
}

/* Until somebody sends something, for a fifth of a second at most. Where that would be one who is ahead, for a moment; and once
 * we were told to stop, loop_wait() waits no more. */
static int wait_for_any(struct workers *workers)
{
	const struct timespec moment = { .tv_nsec = NSEC_PER_MSEC };
	bool ahead = workers->stopped;
	int signalled;

	for (size_t i = 0; i < workers->process_count; i++)
		ahead |= is_ahead(workers, &workers->processes[i]);
	if (ahead)
		nanosleep(&moment, NULL);
	signalled = loop_wait(workers->loop, ahead ? 1 : clock_now() + PAUSE_NS, workers->error);
	if (signalled > 0 && loop_stops(workers->loop) > 1)
		workers_kill(workers);
	end_hung(workers);
	return signalled;
}

static bool is_busy(const struct workers *workers)
{
	if (!workers->stopped)
		return workers->given < workers->all;
	for (size_t i = 0; i < workers->process_count; i++)
		if (workers->processes[i].lane)
			return true;
	return false;
}

static int work(struct workers *workers)
{
	uint64_t shown_ns = clock_now();

	while (is_busy(workers)) {
		uint64_t now_ns;
		int signalled;

		hand_out(workers);
		signalled = wait_for_any(workers);
		if (signalled < 0)
			return -1;
		if (signalled && !workers->stopped)
			workers_stop(workers);
		if (hear_all(workers) < 0)
			return -1;
		now_ns = workers->tally->ended_ns = clock_now();
		if (workers->sink->progress && now_ns - shown_ns >= PAUSE_NS) {
			workers->sink->progress(workers->sink->context, workers->tally, workers->all);
			shown_ns = now_ns;
		}
	}
	return 0;
}

static bool is_any_open(const struct workers *workers)
{
	for (size_t i = 0; i < workers->process_count; i++)
		if (workers->processes[i].from >= 0)
			return true;
	return false;
}

/* Lets them end, and adds what each counted of its own wire. One that has ended is heard at once, whoever else has not: its
 * pipe would keep us from waiting. */
static int finish(struct workers *workers)
{
	const struct worker_range none = { 0 };

	workers->finishing = true;
	for (size_t i = 0; i < workers->process_count; i++)
		if (!workers->processes[i].retired)
			workers_tell(&workers->processes[i], &none);
	while (is_any_open(workers))
		if (wait_for_any(workers) < 0 || hear_all(workers) < 0)
			return -1;
	for (size_t i = 0; i < workers->process_count; i++)
		tally_join_wire(workers->tally, &workers->processes[i].tally);
	return 0;
}

int workers_run(struct workers *workers, size_t first, size_t count, const struct workers_sink *sink, struct tally *tally,
		struct error *error)
{
	size_t most = sink->apart ? count : workers->plan.count;
	int result = 0;

	memset(tally, 0, sizeof(*tally));
	error->text[0] = '\0';
	tally->begun_ns = tally->ended_ns = clock_now();
	workers->sink = sink;
	workers->tally = tally;
	workers->error = error;
	workers->all = count;
	workers->given = 0;
	workers->lane_count = most < count ? most : count;
	workers->lanes = calloc(workers->lane_count + 1, sizeof(*workers->lanes));
	if (!workers->lanes)
		return fail(error, "out of memory");
	lane_divide(workers->lanes, workers->lane_count, first, count);
	for (size_t i = 0; i < workers->process_count && result == 0; i++)
		if (workers->processes[i].from >= 0)
			result = loop_watch(workers->loop, workers->processes[i].from, error);
	if (result == 0)
		result = work(workers);
	if (result == 0 && workers->stopped)
		result = advance_rest(workers);
	tally->ended_ns = clock_now();
	return result < 0 ? -1 : finish(workers);
}
