/* stack_process.c - the process between us and the command, and the first process of its namespace. */
#include "harness/lab/stack_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMAND_NOT_RUN = 126 };

/* The last line that is not empty, of what comes in pieces. */
struct last_line {
	char whole[STACK_LINE_SIZE], begun[STACK_LINE_SIZE];
	size_t size; /* of the one that has begun */
};

static void take_output(struct last_line *line, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] != '\n') {
			if (line->size < sizeof(line->begun) - 1)
				line->begun[line->size++] = text[i];
			continue;
		}
		line->begun[line->size] = '\0';
		if (line->size)
			memcpy(line->whole, line->begun, sizeof(line->whole));
		line->size = 0;
	}
}

/* All that is there; false at its end. */
static bool read_output(int file, struct last_line *line)
{
	char text[4096];
	ssize_t size;

	while ((size = read(file, text, sizeof(text))) > 0)
		take_output(line, text, (size_t)size);
	return size < 0 && errno == EAGAIN;
}

static _Noreturn void become_command(const char *command, const char *const *environment, int output)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	for (size_t i = 0; environment[i]; i++)
		putenv((char *)(uintptr_t)environment[i]);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	dprintf(STDERR_FILENO, "/bin/sh: %s\n", strerror(errno));
	_exit(COMMAND_NOT_RUN);
}

/* Waits until the command ends, or our life does. Its children are ours, and end with us. */
static void attend(pid_t pid, int life, int output, int ended)
{
	int over = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd polled[] = {
		{ .fd = life, .events = POLLIN }, { .fd = output, .events = POLLIN }, { .fd = over, .events = POLLIN },
	};
	struct stack_end end = { 0 };
	struct last_line line = { .size = 0 };
	pid_t reaped;

	do {
		poll(polled, 3, over < 0 ? 20 : -1);
		if (polled[0].revents)
			return;
		if (polled[1].revents && !read_output(output, &line))
			polled[1].fd = -1;
		while ((reaped = waitpid(-1, &end.status, WNOHANG)) > 0 && reaped != pid)
			;
	} while (reaped != pid);
	read_output(output, &line);
	take_output(&line, "\n", 1);
	memcpy(end.line, line.whole, sizeof(end.line));
	if (write(ended, &end, sizeof(end)) < 0)
		_exit(1);
}

/* The first process of the namespace: when it ends, the kernel ends all others. */
static _Noreturn void be_first(const char *command, const char *const *environment, int life, int ended)
{
	int output[2];
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pipe2(output, O_CLOEXEC) < 0)
		_exit(1);
	pid = fork();
	if (pid == 0)
		become_command(command, environment, output[1]);
	close(output[1]);
	fcntl(output[0], F_SETFL, O_NONBLOCK);
	if (pid > 0)
		attend(pid, life, output[0], ended);
	_exit(0);
}

/* What could not be done is told as a command would that could not be run. */
static _Noreturn void say(int ended, const char *what)
{
	struct stack_end end = { .status = COMMAND_NOT_RUN << 8 };

	snprintf(end.line, sizeof(end.line), "%s: %s", what, strerror(errno));
	_exit(write(ended, &end, sizeof(end)) < 0);
}

/* ^C, typed at the terminal, is ours to act on: it has another session. */
static _Noreturn void keep(const char *command, const char *const *environment, int life, int ended)
{
	pid_t first;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	if (unshare(CLONE_NEWPID) < 0)
		say(ended, "a process namespace is refused");
	first = fork();
	if (first == 0)
		be_first(command, environment, life, ended);
	if (first < 0)
		say(ended, "no process for it");
	while (waitpid(first, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

int stack_process_start(struct stack_process *process, const char *command, const char *const *environment,
			struct error *error)
{
	int life[2] = { -1, -1 }, ended[2] = { -1, -1 };

	*process = (struct stack_process){ .keeper = -1, .life = -1, .ended = -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life) < 0 || pipe2(ended, O_CLOEXEC) < 0)
		return fail(error, "no pipes for the subject's process: %s", strerror(errno));
	process->life = life[1];
	process->ended = ended[0];
	fcntl(ended[0], F_SETFL, O_NONBLOCK);
	fflush(NULL);
	process->keeper = fork();
	if (process->keeper == 0) {
		close(life[1]);
		close(ended[0]);
		keep(command, environment, life[0], ended[1]);
	}
	close(life[0]);
	close(ended[1]);
	return process->keeper < 0 ? fail(error, "no process for the subject: %s", strerror(errno)) : 0;
}

bool stack_process_is_over(struct stack_process *process)
{
	struct stack_end end;
	ssize_t size = process->over ? -1 : read(process->ended, &end, sizeof(end));

	if (size < 0)
		return process->over;
	process->over = true;
	if (size == sizeof(end))
		process->end = end;
	else
		process->end = (struct stack_end){ .status = SIGKILL }; /* nobody told */
	process->end.line[sizeof(process->end.line) - 1] = '\0';
	return true;
}

void stack_process_end(struct stack_process *process)
{
	if (process->life >= 0) {
		shutdown(process->life, SHUT_RDWR); /* also if another process of ours has it still */
		close(process->life);
	}
	if (process->ended >= 0)
		close(process->ended);
	while (process->keeper > 0 && waitpid(process->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	*process = (struct stack_process){ .keeper = -1, .life = -1, .ended = -1 };
}
