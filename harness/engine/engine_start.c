/* engine_start.c - starts a kernel with its lines, in namespaces that end with us. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/engine/engine_internal.h"
#include "harness/lab/user_map.h"

#define MEMORY_LEAST (UINT64_C(192) << 20)
/* Hidden in the guest, which has a folder of its own there. */
#define SCRATCH "/run"

/* Processes and mounts of its own, as the same user, where the machine allows that (else false): with the first process of the
 * namespace all the others end, and no mount is seen elsewhere. */
static bool unshare_all(void)
{
	const struct user_map map = { geteuid(), geteuid(), getegid(), getegid() };

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) == 0)
		return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS) < 0)
		return false;
	if (user_map_write(&map) < 0)
		dprintf(STDERR_FILENO, "the user of a namespace: %s\n", strerror(errno));
	return true;
}

/* The kernel keeps the guest's memory in a file without a name, and a socket for its console in a folder. A folder in memory
 * that only it sees vanishes with it. */
static const char *choose_scratch(bool alone, char *buffer, size_t size)
{
	const char *base = getenv("TMPDIR");

	if (alone && mount("tmpfs", SCRATCH, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0700") == 0)
		return SCRATCH;
	snprintf(buffer, size, "%s/twprobe-uml-XXXXXX", base && base[0] == '/' ? base : "/tmp");
	return mkdtemp(buffer);
}

void engine_add(char *arguments[ENGINE_ARGUMENTS_MAX + 1], const char *format, ...)
{
	va_list values;
	size_t count = 0;

	while (arguments[count])
		count++;
	va_start(values, format);
	if (count < ENGINE_ARGUMENTS_MAX && vasprintf(&arguments[count], format, values) < 0)
		arguments[count] = NULL;
	va_end(values);
}

/* Only the lines' ends stay open: all others of ours are marked. */
static void keep_ends(const struct engine_start *start)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(start->console[1], STDOUT_FILENO);
	dup2(start->console[1], STDERR_FILENO);
	fcntl(start->control[1], F_SETFD, 0);
	fcntl(start->output[1], F_SETFD, 0);
	fcntl(start->errors[1], F_SETFD, 0);
	fcntl(start->console[1], F_SETFD, 0);
	if (start->files > 0)
		fcntl(start->files, F_SETFD, 0);
}

static bool has_room(const char *scratch)
{
	struct statvfs status;

	return statvfs(scratch, &status) == 0 && (uint64_t)status.f_bavail * status.f_frsize >= MEMORY_LEAST;
}

static void remove_scratch(const char *scratch)
{
	static const char *const names[] = { "/guest/pid", "/guest/mconsole", "/guest", "" };
	char path[PATH_MAX + 32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", scratch, names[i]);
		remove(path);
	}
}

/* Until the kernel ends, or who asked for it: then it has to. The processes that it runs are of its group. */
static int wait_kernel(int life, pid_t pid)
{
	int ended = (int)syscall(SYS_pidfd_open, pid, 0), status = 0;
	struct pollfd polled[] = { { .fd = life, .events = POLLIN }, { .fd = ended, .events = POLLIN } };

	setpgid(pid, pid); /* it does so, too; who asked may be gone before it comes to that */
	while (waitpid(pid, &status, WNOHANG) == 0) {
		poll(polled, 2, ended < 0 ? 20 : -1);
		if (polled[0].revents) {
			kill(-pid, SIGKILL);
			polled[0].fd = -1;
		}
	}
	if (WIFSIGNALED(status) && polled[0].fd >= 0) /* its own console cannot tell */
		dprintf(STDERR_FILENO, "\n" ENGINE_KILLED "%d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
	kill(-pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0) /* what it leaves is ours */
		;
	return status;
}

static _Noreturn void become_kernel(const struct engine_way *way, const struct engine_request *request,
				    const struct engine_start *start, const char *scratch)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	way->execute(request, start, scratch);
	dprintf(STDERR_FILENO, "%s\n", strerror(errno));
	_exit(127);
}

/* The process between: it outlives us for as long as it takes to end the kernel with all of its processes, and to remove a
 * folder that it could not hide. */
static _Noreturn void hold_kernel(const struct engine_request *request, const struct engine_start *start)
{
	const struct engine_way *way = engine_way_of(request->image->kind);
	const char *scratch = "";
	char buffer[PATH_MAX];
	bool alone;
	pid_t pid;

	close(start->life[1]);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	setsid(); /* what is typed at the terminal is ours to pass on */
	keep_ends(start);
	alone = unshare_all();
	if (way->needs_scratch)
		scratch = choose_scratch(alone, buffer, sizeof(buffer));
	if (!scratch)
		dprintf(STDERR_FILENO, "no folder for its memory, %s: %s\n", buffer, strerror(errno));
	else if (*scratch && !has_room(scratch))
		dprintf(STDERR_FILENO, "there is not enough room for its memory in %s\n", scratch);
	else if ((pid = fork()) == 0)
		become_kernel(way, request, start, scratch);
	else if (pid < 0)
		dprintf(STDERR_FILENO, "no process for it: %s\n", strerror(errno));
	else
		wait_kernel(start->life[0], pid);
	if (scratch == buffer)
		remove_scratch(scratch);
	_exit(0);
}

static int open_output(const struct engine_request *request, int output[2])
{
	if (!request->work)
		return pipe2(output, O_CLOEXEC);
	output[0] = -1;
	output[1] = fcntl(request->work->output, F_DUPFD_CLOEXEC, 0);
	return output[1] < 0 ? -1 : 0;
}

static int open_lines(const struct engine_request *request, struct engine_start *start, struct error *error)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, start->control) < 0 || open_output(request, start->output) < 0 ||
	    pipe2(start->errors, O_CLOEXEC) < 0 || pipe2(start->console, O_CLOEXEC) < 0 || pipe2(start->life, O_CLOEXEC) < 0)
		return fail(error, "no pipes for a guest: %s", strerror(errno));
	return 0;
}

static int start_holder(const struct engine_request *request, struct engine_start *start, struct error *error)
{
	if (open_lines(request, start, error) < 0)
		return -1;
	fflush(NULL);
	start->pid = fork();
	if (start->pid < 0)
		return fail(error, "no process for a guest: %s", strerror(errno));
	if (start->pid == 0)
		hold_kernel(request, start);
	close(start->control[1]);
	close(start->output[1]);
	close(start->errors[1]);
	close(start->console[1]);
	close(start->life[0]);
	return 0;
}

int engine_start(const struct engine_request *request, struct engine_start *start, struct error *error)
{
	ssize_t size = readlink("/proc/self/exe", start->program, sizeof(start->program) - 1);
	int result;

	if (size <= 0)
		return fail(error, "/proc/self/exe: %s", strerror(errno));
	start->program[size] = '\0';
	start->files = 0;
	if (engine_way_of(request->image->kind)->prepare(request, start, error) < 0)
		return -1;
	result = start_holder(request, start, error);
	if (start->files > 0)
		close(start->files);
	return result;
}

void engine_end(struct engine_start *start)
{
	if (start->life[1] >= 0)
		close(start->life[1]);
	start->life[1] = -1;
}
