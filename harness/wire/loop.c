/* loop.c - epoll with one timerfd and one signalfd. */
#include "harness/wire/loop.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"

struct loop {
	int epoll, timer, signals;
	uint64_t armed_ns; /* what the timer is set to; 0: nothing */
	unsigned stops; /* signals that ask for it */
};

static const int wanted[] = { SIGINT, SIGTERM, SIGHUP };
enum { WANTED_COUNT = sizeof(wanted) / sizeof(wanted[0]) };

static bool is_ignored(int number)
{
	struct sigaction before;

	return sigaction(number, NULL, &before) != 0 || before.sa_handler == SIG_IGN;
}

/* Who started us with a signal ignored (nohup, a shell's background) wants it ignored; a signalfd would take it all the
 * same. */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < WANTED_COUNT; i++)
		if (!is_ignored(wanted[i]))
			sigaddset(&set, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

struct loop *loop_open(struct error *error)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop) {
		fail(error, "out of memory");
		return NULL;
	}
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	loop->signals = open_signals();
	if (loop->epoll < 0 || loop->timer < 0 || loop->signals < 0) {
		fail(error, "cannot set up the event loop: %s", strerror(errno));
		loop_close(loop);
		return NULL;
	}
	if (loop_watch(loop, loop->timer, error) < 0 || loop_watch(loop, loop->signals, error) < 0) {
		loop_close(loop);
		return NULL;
	}
	return loop;
}

int loop_watch(struct loop *loop, int descriptor, struct error *error)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = descriptor };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, descriptor, &event) < 0)
		return fail(error, "cannot wait for descriptor %d: %s", descriptor, strerror(errno));
	return 0;
}

static int set_timer(struct loop *loop, uint64_t deadline_ns, struct error *error)
{
	struct itimerspec when = { .it_value = { .tv_sec = (time_t)(deadline_ns / NSEC_PER_SEC),
						 .tv_nsec = (long)(deadline_ns % NSEC_PER_SEC) } };

	if (deadline_ns == loop->armed_ns)
		return 0;
	if (timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		return fail(error, "cannot set a timer: %s", strerror(errno));
	loop->armed_ns = deadline_ns;
	return 0;
}

static void take_signal(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		loop->stops++;
}

int loop_wait(struct loop *loop, uint64_t deadline_ns, struct error *error)
{
	struct epoll_event events[8];
	uint64_t expirations;
	bool passed = deadline_ns && deadline_ns <= clock_now();
	int count;

	if (loop->stops) {
		take_signal(loop);
		return 1;
	}
	if (!passed && set_timer(loop, deadline_ns, error) < 0)
		return -1;
	count = epoll_wait(loop->epoll, events, 8, passed ? 0 : -1);
	if (count < 0 && errno != EINTR)
		return fail(error, "waiting failed: %s", strerror(errno));
	for (int i = 0; i < count; i++) {
		if (events[i].data.fd == loop->signals)
			take_signal(loop);
		if (events[i].data.fd == loop->timer &&
		    read(loop->timer, &expirations, sizeof(expirations)) == (ssize_t)sizeof(expirations))
			loop->armed_ns = 0;
	}
	return loop->stops ? 1 : 0;
}

unsigned loop_stops(const struct loop *loop)
{
	return loop->stops;
}

bool loop_pass_on(pid_t child)
{
	size_t i = 0;

	while (i < WANTED_COUNT && is_ignored(wanted[i]))
		i++;
	return i == WANTED_COUNT || child <= 0 || kill(child, wanted[i]) == 0;
}

void loop_close(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->timer >= 0)
		close(loop->timer);
	if (loop->signals >= 0)
		close(loop->signals);
	free(loop);
}
