/* workers.c - forks them, hands out cells, and puts what they send in order. */
#include "harness/commands/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/commands/message.h"
#include "harness/run/exit_code.h"
#include "harness/run/lane.h"
#include "harness/wire/loop.h"

enum {
	AHEAD = 8 << 20,       /* bytes of a worker's records that may wait for their turn: about 8,000 */
	SPARES = 1,
};
#define PAUSE_NS (200 * NSEC_PER_MSEC) /* between two looks of the progress line */

struct process {
	pid_t pid;
	int socket;             /* -1: it is gone */
	bool told, ready, ended;
	struct lane *lane;      /* NULL: none */
	struct tally tally;     /* so far */
	size_t used;
	unsigned char buffer[2 * WORKER_BUFFER];
};

struct workers {
	struct process *processes; /* those that ask, and spare ones that have not begun */
	size_t count, process_count;
	struct loop *loop;
	struct lane *lanes; /* this, and what follows: of workers_run() */
	size_t lane_count, given, all; /* records reported, and how many there will be */
	const struct run_listener *listener;
	struct tally *tally;
	bool stopped, finishing;
	struct error *error;
};

static _Noreturn void child(const struct workers *workers, size_t number, int socket, workers_main *main, void *context)
{
	static struct worker worker;
	struct worker_range go;

	for (size_t i = 0; i < number; i++)
		close(workers->processes[i].socket);
	worker.socket = socket;
	signal(SIGPIPE, SIG_IGN);
	_exit(worker_next(&worker, &go) ? main(context, &worker, number) : EXIT_CANNOT_RUN);
}

static int start(struct workers *workers, size_t number, workers_main *main, void *context, struct error *error)
{
	struct process *process = &workers->processes[number];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return fail(error, "cannot start a worker: %s", strerror(errno));
	fflush(NULL);
	process->pid = fork();
	if (process->pid == 0) {
		close(pair[0]);
		child(workers, number, pair[1], main, context);
	}
	close(pair[1]);
	process->socket = pair[0];
	return process->pid < 0 ? fail(error, "cannot start a worker: %s", strerror(errno)) : 0;
}

static bool tell(struct process *process, const struct worker_range *range)
{
	process->told = true;
	return process->socket >= 0 && send(process->socket, range, sizeof(*range), MSG_NOSIGNAL) == (ssize_t)sizeof(*range);
}

/* Lets it open its lab. */
static bool begin(struct process *process)
{
	return tell(process, &(struct worker_range){ .count = 1 });
}

/* Its exit code. */
static int reap(struct process *process)
{
	int status = 0;

	if (process->socket >= 0)
		close(process->socket);
	process->socket = -1;
	if (process->pid > 0)
		while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
			;
	process->pid = 0;
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGHUP))
		return EXIT_INTERRUPTED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT_RUN;
}

/* Waits for one message that is not bigger than `size`. */
static bool hear_ready(struct process *process, void *facts, size_t size)
{
	struct worker_head head;

	if (recv(process->socket, &head, sizeof(head), MSG_WAITALL) != (ssize_t)sizeof(head) || head.message != WORKER_READY ||
	    head.size != size)
		return false;
	process->ready = recv(process->socket, facts, size, MSG_WAITALL) == (ssize_t)size;
	return process->ready;
}

struct workers *workers_open(size_t count, workers_main *main, void *context, void *facts, size_t size, int *code,
			     struct error *error)
{
	struct workers *workers = calloc(1, sizeof(*workers));
	int result = 0;

	error->text[0] = '\0';
	if (workers)
		workers->processes = calloc(count + SPARES, sizeof(*workers->processes));
	if (!workers || !workers->processes) {
		fail(error, "out of memory");
		free(workers);
		return NULL;
	}
	workers->count = count;
	for (size_t i = 0; i < count + SPARES; i++)
		workers->processes[i].socket = -1;
	for (; workers->process_count < count + SPARES && result == 0; workers->process_count++)
		result = start(workers, workers->process_count, main, context, error);
	if (result == 0 && (!begin(workers->processes) || !hear_ready(workers->processes, facts, size))) {
		*code = reap(workers->processes);
		result = -1;
	}
	if (result == 0)
		workers->loop = loop_open(error);
	if (!workers->loop) {
		workers_close(workers);
		return NULL;
	}
	for (size_t i = 1; i < count; i++)
		begin(&workers->processes[i]);
	return workers;
}

static bool is_asked(const struct workers *workers, const struct lane *lane)
{
	for (size_t i = 0; i < workers->process_count; i++)
		if (workers->processes[i].lane == lane)
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

static void hand_out(struct workers *workers)
{
	for (size_t i = 0; i < workers->process_count && !workers->stopped; i++) {
		struct process *process = &workers->processes[i];
		bool idle = process->ready && !process->lane && process->socket >= 0;
		struct lane *lane = idle ? next_lane(workers) : NULL;
		struct worker_range rest;

		if (!lane)
			continue;
		rest = (struct worker_range){
			.first = lane->first + lane->got * lane->stride, .count = lane->count - lane->got,
			.stride = lane->stride,
		};
		if (tell(process, &rest))
			process->lane = lane;
	}
}

static int report(struct workers *workers, const struct record *record)
{
	workers->given++;
	if (workers->listener->sink(workers->listener->context, record, workers->error) < 0)
		return -1;
	tally_add(workers->tally, record);
	return 0;
}

/* Where only one of us was told to stop, all do. */
static void stop(struct workers *workers)
{
	workers->stopped = workers->tally->interrupted = true;
	for (size_t i = 0; i < workers->process_count; i++)
		loop_pass_on(workers->processes[i].pid);
}

/* All that can be reported now: the lanes in turn. A worker that was interrupted leaves cells out, and may tell only later. */
static int advance(struct workers *workers)
{
	static struct record record;

	while (!workers->stopped && workers->given < workers->all) {
		struct lane *lane = &workers->lanes[workers->given % workers->lane_count], before = *lane;

		if (!lane_take(lane, &record, workers->error))
			break;
		if (record.number != before.first + before.given * before.stride) {
			*lane = before;
			stop(workers);
		} else if (report(workers, &record) < 0) {
			return -1;
		}
	}
	return workers->error->text[0] ? -1 : 0;
}

/* What there is when it was interrupted, in order; some cells between are not there. */
static int advance_rest(struct workers *workers)
{
	struct record *heads = calloc(workers->lane_count, sizeof(*heads)), *next;
	bool has[WORKERS_MAX] = { false };
	int result = 0;

	if (!heads)
		return fail(workers->error, "out of memory");
	do {
		next = NULL;
		for (size_t i = 0; i < workers->lane_count; i++) {
			has[i] = has[i] || lane_take(&workers->lanes[i], &heads[i], workers->error);
			if (has[i] && (!next || heads[i].number < next->number))
				next = &heads[i];
		}
		if (next) {
			has[next - heads] = false;
			result = report(workers, next);
		}
	} while (next && result == 0);
	free(heads);
	return workers->error->text[0] ? -1 : result;
}

static int take_message(struct workers *workers, struct process *process, const struct worker_head *head,
			const unsigned char *bytes)
{
	struct lane *lane = process->lane;

	switch (head->message) {
	case WORKER_READY:
		process->ready = true;
		return 0;
	case WORKER_RECORD:
		if (!lane || lane->got == lane->count)
			return fail(workers->error, "a worker sent more than it was asked");
		workers->tally->decided++;
		return lane_keep(lane, bytes, head->size, workers->error);
	case WORKER_DONE:
	case WORKER_ENDED:
		if (head->size != sizeof(process->tally))
			return fail(workers->error, "a worker sent what is no tally");
		memcpy(&process->tally, bytes, sizeof(process->tally));
		process->ended = head->message == WORKER_ENDED;
		/* An interrupted one leaves cells behind; nobody asks them any more. */
		process->lane = NULL;
		if (process->tally.interrupted && !workers->stopped)
			stop(workers);
		return 0;
	default:
		return fail(workers->error, "a worker sent what is no message");
	}
}

/* The whole messages in its buffer. */
static int take_messages(struct workers *workers, struct process *process)
{
	size_t at = 0;
	struct worker_head head;

	while (process->used - at >= sizeof(head)) {
		memcpy(&head, process->buffer + at, sizeof(head));
		if (head.size > WORKER_BUFFER)
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

/* One that has not begun yet takes its place. */
static size_t replace(struct workers *workers)
{
	size_t left = 0;
	bool begun = false;

	for (size_t i = 0; i < workers->process_count; i++) {
		struct process *process = &workers->processes[i];

		if (!begun && process->socket >= 0 && !process->told)
			begun = begin(process);
		left += process->socket >= 0 && process->told;
	}
	return left;
}

/* Its cells are asked by another. */
static int lose(struct workers *workers, struct process *process)
{
	size_t number = (size_t)(process - workers->processes) + 1, left;
	int code = reap(process);

	process->lane = NULL;
	if (process->ended ? code : workers->finishing && process->ready)
		return fail(workers->error, "worker %zu has ended (exit code %d)", number, code);
	/* Ctrl-C reaches all of us, and perhaps one that did not hold it back yet first. */
	if (code == EXIT_INTERRUPTED && !workers->stopped && !workers->finishing)
		stop(workers);
	if (process->ended || workers->stopped || workers->finishing)
		return 0;
	left = replace(workers);
	if (!left)
		return fail(workers->error, "all workers have ended (exit code %d)", code);
	message_note("worker %zu has ended (exit code %d): its cells are asked by another", number, code);
	return 0;
}

/* Whether it is so far ahead of the others that it has to wait. Not where nobody asks what it waits for. */
static bool is_ahead(const struct workers *workers, const struct process *process)
{
	const struct lane *lane = process->lane, *next = &workers->lanes[workers->given % workers->lane_count];

	return lane && lane != next && lane_waiting(lane) > AHEAD && is_asked(workers, next);
}

/* What has come from this worker. */
static int hear(struct workers *workers, struct process *process)
{
	ssize_t got = 1;

	while (got > 0 && !is_ahead(workers, process)) {
		got = recv(process->socket, process->buffer + process->used, sizeof(process->buffer) - process->used,
			   MSG_DONTWAIT);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0) {
			process->used += (size_t)got;
			if (take_messages(workers, process) < 0)
				return -1;
		}
	}
	return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK) ? lose(workers, process) : 0;
}

/* Until somebody sends something, for a fifth of a second at most. Where that would be one who is ahead, for a moment; and once
 * we were told to stop, loop_wait() waits no more. */
static int wait_for_any(struct workers *workers)
{
	const struct timespec moment = { .tv_nsec = NSEC_PER_MSEC };
	bool ahead = workers->stopped;

	for (size_t i = 0; i < workers->process_count; i++)
		ahead |= is_ahead(workers, &workers->processes[i]);
	if (ahead)
		nanosleep(&moment, NULL);
	return loop_wait(workers->loop, ahead ? 1 : clock_now() + PAUSE_NS, workers->error);
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
			stop(workers);
		for (size_t i = 0; i < workers->process_count; i++)
			if (workers->processes[i].socket >= 0 && hear(workers, &workers->processes[i]) < 0)
				return -1;
		now_ns = workers->tally->ended_ns = clock_now();
		if (workers->listener->progress && now_ns - shown_ns >= PAUSE_NS) {
			workers->listener->progress(workers->listener->context, workers->tally, workers->all);
			shown_ns = now_ns;
		}
	}
	return 0;
}

/* Lets them end, and adds what each counted of its own wire. */
static int finish(struct workers *workers)
{
	const struct worker_range none = { 0 };

	workers->finishing = true;
	for (size_t i = 0; i < workers->process_count; i++)
		tell(&workers->processes[i], &none);
	for (size_t i = 0; i < workers->process_count; i++) {
		struct process *process = &workers->processes[i];

		while (process->socket >= 0)
			if (wait_for_any(workers) < 0 || hear(workers, process) < 0)
				return -1;
		tally_join_wire(workers->tally, &process->tally);
	}
	return 0;
}

int workers_run(struct workers *workers, size_t first, size_t count, const struct run_listener *listener, struct tally *tally,
		struct error *error)
{
	int result = 0;

	memset(tally, 0, sizeof(*tally));
	tally->begun_ns = tally->ended_ns = clock_now();
	workers->listener = listener;
	workers->tally = tally;
	workers->error = error;
	workers->all = count;
	workers->given = 0;
	workers->lane_count = workers->count < count ? workers->count : count;
	workers->lanes = calloc(workers->lane_count + 1, sizeof(*workers->lanes));
	if (!workers->lanes)
		return fail(error, "out of memory");
	lane_divide(workers->lanes, workers->lane_count, first, count);
	for (size_t i = 0; i < workers->process_count && result == 0; i++)
		result = loop_watch(workers->loop, workers->processes[i].socket, error);
	if (result == 0)
		result = work(workers);
	if (result == 0 && workers->stopped)
		result = advance_rest(workers);
	tally->ended_ns = clock_now();
	return result < 0 ? -1 : finish(workers);
}

void workers_close(struct workers *workers)
{
	if (!workers)
		return;
	for (size_t i = 0; i < workers->process_count; i++) {
		loop_pass_on(workers->processes[i].pid);
		reap(&workers->processes[i]);
	}
	for (size_t i = 0; i < workers->lane_count; i++)
		lane_clear(&workers->lanes[i]);
	free(workers->lanes);
	free(workers->processes);
	loop_close(workers->loop);
	free(workers);
}
