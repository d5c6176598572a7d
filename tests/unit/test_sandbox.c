/* test_sandbox.c - what a process in the sandbox may still do, and what not: seen from inside, in a child. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/lab/sandbox.h"

#include "tests/unit/suite.h"

/* Each returns -1 and sets errno when the kernel does not let it, as a system call does. */
static int executes(void)
{
	char *const nothing[] = { NULL };

	return execve("/nonexistent", nothing, nothing) < 0 && errno == ENOENT ? 0 : -1;
}

static int traces(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? -1 : 0;
}

static int starts(void)
{
	return syscall(SYS_unshare, 0) < 0 ? -1 : 0;
}

static int creates_a_file(void)
{
	int file = open("/dev/null", O_WRONLY | O_CREAT, 0600);

	return file < 0 ? -1 : close(file);
}

static int writes_to_a_file(void)
{
	int file = open("/dev/null", O_WRONLY);

	return file < 0 ? -1 : close(file);
}

static int reads_a_file(void)
{
	char byte;
	int file = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	return file >= 0 && read(file, &byte, 1) == 1 ? close(file) : -1;
}

static int makes(int family, int type)
{
	int made = socket(family, type, 0);

	return made < 0 ? -1 : close(made);
}

static int makes_a_socket(void)
{
	return makes(AF_INET, SOCK_STREAM);
}

static int makes_a_packet_socket(void)
{
	return makes(AF_PACKET, SOCK_RAW) < 0 && errno != EPERM ? -1 : 0;
}

static int binds(void)
{
	return bind(-1, NULL, 0) < 0 && errno == EBADF ? 0 : -1;
}

static int connects(void)
{
	return connect(-1, NULL, 0) < 0 && errno == EBADF ? 0 : -1;
}

static int accepts(void)
{
	return accept4(-1, NULL, NULL, 0) < 0 && errno == EBADF ? 0 : -1;
}

static int kills(void)
{
	return kill(getpid(), 0);
}

/* TIOCSTI puts words into the mouth of whoever sits at the terminal. */
static int types(void)
{
	return ioctl(-1, TIOCSTI, "x") < 0 && errno == EBADF ? 0 : -1;
}

static int asks_for_a_terminal(void)
{
	return !isatty(-1) && errno == EBADF ? 0 : -1;
}

static int waits(void)
{
	struct epoll_event event;

	return epoll_wait(-1, &event, 1, 0) < 0 && errno == EBADF ? 0 : -1;
}

enum {
	P = 1 << SANDBOX_PROBER, T = 1 << SANDBOX_TARGET, Y = 1 << SANDBOX_PLAYER, S = 1 << SANDBOX_SPAWNER,
	M = 1 << SANDBOX_MACHINE, C = 1 << SANDBOX_CALLER, V = 1 << SANDBOX_SERVE | C, L = 1 << SANDBOX_LISTENER,
	ALL = P | T | Y | S | M | V | L,
};

/* Sanitizers start a program that puts names into their reports, and open files for it. */
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { STARTERS = ALL, KILLERS = ALL };
#else
enum { STARTERS = S, KILLERS = P | T | Y | S };
#endif

static const struct {
	const char *name;
	int (*act)(void);
	unsigned who; /* may do it */
} acts[] = {
	{ "execve", executes, STARTERS },
	{ "ptrace", traces, 0 },
	{ "unshare", starts, 0 },
	{ "open to create", creates_a_file, S },
	{ "open to write", writes_to_a_file, S | M },
	{ "open to read", reads_a_file, ALL },
	{ "socket", makes_a_socket, T | Y | S | M | C },
	{ "packet socket", makes_a_packet_socket, S },
	{ "bind", binds, T | Y | S | M | C },
	{ "connect", connects, Y | S | M | C },
	{ "accept", accepts, Y | S | M | V },
	{ "kill", kills, KILLERS },
	{ "TIOCSTI", types, S },
	{ "TCGETS", asks_for_a_terminal, ALL },
	{ "epoll_wait", waits, ALL },
};

static bool has_filters(void)
{
	return prctl(PR_SET_SECCOMP, 2 /* SECCOMP_MODE_FILTER */, NULL, 0, 0) == -1 && errno == EFAULT;
}

/* Bit N: it could do acts[N]. -1: it did not get that far. */
static long in_child(enum sandbox kind)
{
	long could = 0;
	int status, ends[2];
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		if (sandbox_enter(kind, NULL) < 0)
			_exit(2);
		for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
			could |= (long)(acts[i].act() == 0) << i;
		_exit(write(ends[1], &could, sizeof(could)) == sizeof(could) ? 0 : 3);
	}
	close(ends[1]);
	if (read(ends[0], &could, sizeof(could)) != sizeof(could))
		could = -1;
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return could;
}

START_TEST(each_kind_may_do_what_it_needs)
{
	long could = in_child((enum sandbox)_i);

	ck_assert_int_ne(could, -1);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		ck_assert_msg((could >> i & 1) == (acts[i].who >> _i & 1), "kind %d: %s %s", _i, acts[i].name,
			      could >> i & 1 ? "is possible" : "is not possible");
}
END_TEST

START_TEST(there_is_nothing_to_test)
{
	/* This kernel has no filters; entering is no error then. */
	ck_assert_int_eq(sandbox_enter(SANDBOX_PROBER, NULL), 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("kinds");

	if (has_filters())
		tcase_add_loop_test(tcase, each_kind_may_do_what_it_needs, 0, SANDBOX_COUNT);
	else
		tcase_add_test(tcase, there_is_nothing_to_test);
	return run_suite("sandbox", tcase, NULL);
}
