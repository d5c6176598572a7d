/* workers.c - forks them, learns from the first what there is to know, and loses and replaces them. */
#include "harness/commands/workers_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/commands/message.h"
#include "harness/run/exit_code.h"
#include "harness/run/record_pack.h"

enum { SPARES = 1, PIPE_SIZE = 1 << 20 };
#define PATIENCE_NS (90 * NSEC_PER_SEC) /* a kernel has a minute to start (harness/engine) */

static void forget(struct workers_process *process)
{
	if (process->to >= 0)
		close(process->to);
	if (process->from >= 0)
		close(process->from);
	process->to = process->from = -1;
}

static _Noreturn void child(struct workers *workers, size_t number, int in, int out)
{
	static struct worker worker;
	struct worker_range go;

	for (size_t i = 0; i < number; i++)
		forget(&workers->processes[i]);
	if (workers->plan.guests) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	}
	worker.in = in;
	worker.out = out;
	signal(SIGPIPE, SIG_IGN);
	_exit(worker_next(&worker, &go) ? workers->plan.main(workers->plan.context, &worker, number) : EXIT_CANNOT_RUN);
}

static int start(struct workers *workers, size_t number, struct error *error)
{
	struct workers_process *process = &workers->processes[number];
	int to[2], from[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) < 0)
		return fail(error, "cannot start a worker: %s", strerror(errno));
	process->to = to[0];
	if (pipe2(from, O_CLOEXEC) < 0) {
		close(to[1]);
		return fail(error, "cannot start a worker: %s", strerror(errno));
	}
	process->from = from[0];
	fcntl(from[0], F_SETPIPE_SZ, PIPE_SIZE); /* best effort: fewer turns */
	fcntl(from[0], F_SETFL, O_NONBLOCK);
	fflush(NULL);
	process->pid = fork();
	if (process->pid == 0) {
		forget(process);
		child(workers, number, to[1], from[1]);
	}
	close(to[1]);
	close(from[1]);
	return process->pid < 0 ? fail(error, "cannot start a worker: %s", strerror(errno)) : 0;
}

bool workers_tell(struct workers_process *process, const struct worker_range *range)
{
	process->told = true;
	process->heard_ns = clock_now();
	return process->to >= 0 && send(process->to, range, sizeof(*range), MSG_NOSIGNAL) == (ssize_t)sizeof(*range);
}

/* Lets it open its lab. */
static bool begin(struct workers_process *process)
{
	return workers_tell(process, &(struct worker_range){ .count = 1 });
}

/* Its exit code. */
static int reap(struct workers_process *process)
{
	int status = 0;

	forget(process);
	if (process->pid > 0)
		while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
			;
	process->pid = 0;
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM || WTERMSIG(status) == SIGHUP))
		return EXIT_INTERRUPTED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT_RUN;
}

void workers_end_silent(const struct workers *workers, struct workers_process *process)
{
	snprintf(process->why, sizeof(process->why), "it said nothing for %.0f s", (double)workers->plan.patience_ns / 1e9);
	kill(process->pid, SIGKILL);
}

static bool receive(const struct workers *workers, struct workers_process *process, void *bytes, size_t size)
{
	const int patience_ms = workers->plan.guests ? (int)(workers->plan.patience_ns / NSEC_PER_MSEC) : -1;
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(process->from, (char *)bytes + done, size - done);

		if (got < 0 && errno == EAGAIN) {
			if (poll(&(struct pollfd){ .fd = process->from, .events = POLLIN }, 1, patience_ms) == 0) {
				workers_end_silent(workers, process);
				return false;
			}
		} else if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		else if (got > 0)
			done += (size_t)got;
	}
	return true;
}

bool workers_is_ours(struct workers_process *process, const struct worker_head *head)
{
	if (head->number != record_pack_image())
		snprintf(process->why, sizeof(process->why), "twprobe was replaced by another one while it ran");
	return head->number == record_pack_image();
}

/* Waits for its first message: facts of `size` bytes, or why there are none. */
static bool hear_ready(const struct workers *workers, struct workers_process *process, void *facts, size_t size)
{
	struct worker_head head;

	if (!receive(workers, process, &head, sizeof(head)))
		return false;
	if (head.message == WORKER_FAILED && head.size < sizeof(process->why))
		receive(workers, process, process->why, head.size);
	if (head.message == WORKER_READY && !workers_is_ours(process, &head))
		return false;
	process->ready = head.message == WORKER_READY && head.size == size && receive(workers, process, facts, size);
	return process->ready;
}

static struct workers *make(const struct workers_plan *plan, struct error *error)
{
	struct workers *workers = calloc(1, sizeof(*workers));

	error->text[0] = '\0';
	if (workers)
		workers->processes = calloc(plan->count + SPARES, sizeof(*workers->processes));
	if (!workers || !workers->processes) {
		fail(error, "out of memory");
		free(workers);
		return NULL;
	}
	workers->plan = *plan;
	if (!plan->patience_ns)
		workers->plan.patience_ns = PATIENCE_NS;
	for (size_t i = 0; i < plan->count + SPARES; i++)
		workers->processes[i].to = workers->processes[i].from = -1;
	return workers;
}

static void begin_others(struct workers *workers)
{
	for (size_t i = 1; i < workers->plan.count; i++)
		begin(&workers->processes[i]);
}

struct workers *workers_open(const struct workers_plan *plan, void *facts, size_t size, int *code, struct error *error)
{
	struct workers *workers = make(plan, error);
	int result = 0;

	if (!workers)
		return NULL;
	for (; workers->process_count < plan->count + SPARES && result == 0; workers->process_count++)
		result = start(workers, workers->process_count, error);
	if (result == 0 && plan->guests)
		begin_others(workers);
	if (result == 0 && (!begin(workers->processes) || !hear_ready(workers, workers->processes, facts, size))) {
		*code = reap(workers->processes);
		if (workers->processes->why[0])
			fail(error, "%s", workers->processes->why);
		result = -1;
	}
	if (result == 0)
		workers->loop = loop_open(error);
	if (!workers->loop) {
		workers_kill(workers); /* none has anything to tell any more */
		workers_close(workers);
		return NULL;
	}
	if (!plan->guests)
		begin_others(workers);
	return workers;
}

void workers_stop(struct workers *workers)
{
	workers->stopped = workers->tally->interrupted = true;
	for (size_t i = 0; i < workers->process_count; i++)
		loop_pass_on(workers->processes[i].pid);
}

void workers_kill(struct workers *workers)
{
	for (size_t i = 0; i < workers->process_count && workers->plan.guests; i++)
		if (workers->processes[i].pid > 0)
			kill(workers->processes[i].pid, SIGKILL);
}

/* One that has not begun yet takes its place. */
static size_t replace(struct workers *workers)
{
	size_t left = 0;
	bool begun = false;

	for (size_t i = 0; i < workers->process_count; i++) {
		struct workers_process *process = &workers->processes[i];

		if (!begun && process->to >= 0 && !process->told)
			begun = begin(process);
		left += process->to >= 0 && process->told && !process->retired;
	}
	return left;
}

int workers_lose(struct workers *workers, struct workers_process *process)
{
	size_t number = (size_t)(process - workers->processes) + 1;
	int code = reap(process);
	char why[WORKERS_SAID];

	snprintf(why, sizeof(why), "exit code %d", code);
	if (process->why[0])
		snprintf(why, sizeof(why), "%s", process->why);
	process->lane = process->next = NULL;
	if (process->ended ? code : workers->finishing && process->ready && !workers->stopped)
		return fail(workers->error, "worker %zu has ended (%s)", number, why);
	/* Ctrl-C reaches all of us, and perhaps one that did not hold it back yet first. */
	if (code == EXIT_INTERRUPTED && !workers->stopped && !workers->finishing)
		workers_stop(workers);
	if (process->ended || workers->stopped || workers->finishing)
		return 0;
	if (!replace(workers))
		return fail(workers->error, "all workers have ended (%s)", why);
	message_note("worker %zu has ended (%s): %s", number, why, workers->plan.rest);
	return 0;
}

int workers_make_room(struct workers_process *process, size_t size, struct error *error)
{
	size_t room = process->used + size;
	unsigned char *more;

	if (room <= process->room)
		return 0;
	more = realloc(process->buffer, room);
	if (!more)
		return fail(error, "out of memory for what a worker sends");
	process->buffer = more;
	process->room = room;
	return 0;
}

void workers_close(struct workers *workers)
{
	if (!workers)
		return;
	for (size_t i = 0; i < workers->process_count; i++) {
		loop_pass_on(workers->processes[i].pid);
		reap(&workers->processes[i]);
		free(workers->processes[i].buffer);
	}
	for (size_t i = 0; i < workers->lane_count; i++)
		lane_clear(&workers->lanes[i]);
	free(workers->lanes);
	free(workers->processes);
	loop_close(workers->loop);
	free(workers);
}
