/* uml.c - passes on what the command in the guest says, and what is meant for it. */
#include "harness/engine/uml.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/engine/uml_internal.h"

#define PANIC "Kernel panic"
/* Longer than any machine takes to start such a kernel. */
enum { BOOT_MS = 60000, PANIC_MS = 300, TAIL_SIZE = 4096, COPY_SIZE = 65536, AT_ONCE = 4096 };

extern char **environ;

struct attended {
	struct uml_start start;
	int signals;
	bool running, ended, failed, interrupted, panicked;
	uint8_t code;
	char said[512];          /* what failed in the guest */
	size_t said_size;
	char tail[TAIL_SIZE];    /* of its console */
	size_t tail_size;
	int write_errno;         /* of our standard output or error; 0: none */
};

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static int pack(const struct uml_request *request, uint8_t buffer[static GUEST_REQUEST_MAX], size_t *size, struct error *error)
{
	char folder[PATH_MAX];
	struct winsize window = { 0 };
	struct guest_request what = {
		.output_terminal = isatty(STDOUT_FILENO),
		.error_terminal = isatty(STDERR_FILENO),
		.folder = getcwd(folder, sizeof(folder)),
		.modules = request->image->modules,
		.arguments = (size_t)request->argc,
	};

	if (!what.folder)
		return fail(error, "the folder that we are in: %s", strerror(errno));
	if (ioctl(what.output_terminal ? STDOUT_FILENO : STDERR_FILENO, TIOCGWINSZ, &window) == 0) {
		what.rows = window.ws_row;
		what.columns = window.ws_col;
	}
	for (size_t i = 0; i < what.arguments && i < GUEST_WORDS_MAX; i++)
		what.words[i] = request->argv[i];
	for (char **variable = environ; *variable && what.arguments + what.variables < GUEST_WORDS_MAX; variable++)
		what.words[what.arguments + what.variables++] = *variable;
	*size = guest_pack(&what, buffer, error);
	return *size ? 0 : -1;
}

static void send_signal(struct attended *attended, int number)
{
	uint8_t byte = (uint8_t)number;

	if (send(attended->start.control[0], &byte, 1, MSG_NOSIGNAL) < 0)
		uml_end(&attended->start);
}

/* The first one is for the command, which ends in its own way; the second one ends the kernel. */
static void take_signal(struct attended *attended)
{
	struct signalfd_siginfo info;

	if (read(attended->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (attended->interrupted || !attended->running)
		uml_end(&attended->start);
	else
		send_signal(attended, (int)info.ssi_signo);
	attended->interrupted = true;
}

/* Until it takes something, or a second signal ends the kernel: a reader that stands still must not hold that up. */
static bool wait_for_room(struct attended *attended, int to)
{
	while (attended->start.life[1] >= 0) {
		struct pollfd polled[] = {
			{ .fd = to, .events = POLLOUT },
			{ .fd = attended->signals, .events = POLLIN },
		};
		poll(polled, sizeof(polled) / sizeof(polled[0]), -1);
		if (polled[1].revents)
			take_signal(attended);
		if (polled[0].revents)
			return true;
	}
	return false;
}

/* A terminal or a file of ours; what it does not take ends the command. A pipe that has room at all takes AT_ONCE bytes without
 * waiting (pipe(7): PIPE_BUF). */
static void copy(struct attended *attended, int from, int to, bool *open)
{
	char bytes[COPY_SIZE];
	ssize_t got = read(from, bytes, sizeof(bytes)), done = 0;

	if (got <= 0) {
		*open = got < 0 && (errno == EINTR || errno == EAGAIN);
		return;
	}
	while (done < got && !attended->write_errno && wait_for_room(attended, to)) {
		size_t size = got - done < AT_ONCE ? (size_t)(got - done) : AT_ONCE;
		ssize_t written = write(to, bytes + done, size);

		if (written > 0)
			done += written;
		else if (errno != EINTR && errno != EAGAIN)
			attended->write_errno = errno;
	}
}

static void hear(struct attended *attended, const uint8_t *request, size_t size)
{
	char byte;

	if (recv(attended->start.control[0], &byte, 1, 0) != 1)
		return;
	if (attended->failed) { /* the rest of its line */
		if (byte != '\n' && attended->said_size < sizeof(attended->said) - 1)
			attended->said[attended->said_size++] = byte;
	} else if (byte == GUEST_READY) {
		if (send(attended->start.control[0], request, size, MSG_NOSIGNAL) != (ssize_t)size)
			uml_end(&attended->start);
	} else if (byte == GUEST_RUNS) {
		attended->running = true;
	} else if (byte == GUEST_ENDED) {
		attended->ended = recv(attended->start.control[0], &attended->code, 1, MSG_WAITALL) == 1;
	} else if (byte == GUEST_FAILED) {
		attended->failed = true;
	}
}

static void take_console(struct attended *attended, bool *open)
{
	char bytes[COPY_SIZE];
	ssize_t got = read(attended->start.console[0], bytes, sizeof(bytes));
	size_t kept;

	*open = got > 0;
	if (got <= 0)
		return;
	kept = (size_t)got < TAIL_SIZE ? TAIL_SIZE - (size_t)got : 0;
	if (attended->tail_size > kept) {
		memmove(attended->tail, attended->tail + attended->tail_size - kept, kept);
		attended->tail_size = kept;
	}
	if ((size_t)got > TAIL_SIZE)
		memcpy(attended->tail, bytes + got - TAIL_SIZE, TAIL_SIZE);
	else
		memcpy(attended->tail + attended->tail_size, bytes, (size_t)got);
	attended->tail_size += (size_t)got < TAIL_SIZE ? (size_t)got : TAIL_SIZE;
	attended->panicked |= memmem(attended->tail, attended->tail_size, PANIC, sizeof(PANIC) - 1) != NULL;
}

/* Nothing came for that long: a kernel that does not start, or stands still after a panic. */
static int patience_ms(const struct attended *attended)
{
	return attended->panicked ? PANIC_MS : attended->running ? -1 : BOOT_MS;
}

/* Until the kernel has ended: then nobody holds the other ends. */
static void attend(struct attended *attended, const uint8_t *request, size_t size)
{
	const struct uml_start *start = &attended->start;
	bool output = true, errors = true, console = true;

	while (output || errors || console) {
		struct pollfd polled[] = {
			{ .fd = start->control[0], .events = POLLIN },
			{ .fd = attended->signals, .events = POLLIN },
			{ .fd = output ? start->output[0] : -1, .events = POLLIN },
			{ .fd = errors ? start->errors[0] : -1, .events = POLLIN },
			{ .fd = console ? start->console[0] : -1, .events = POLLIN },
		};
		if (poll(polled, sizeof(polled) / sizeof(polled[0]), patience_ms(attended)) == 0)
			uml_end(&attended->start);
		if (polled[0].revents & POLLIN)
			hear(attended, request, size);
		if (polled[1].revents)
			take_signal(attended);
		if (polled[2].revents)
			copy(attended, start->output[0], STDOUT_FILENO, &output);
		if (polled[3].revents)
			copy(attended, start->errors[0], STDERR_FILENO, &errors);
		if (polled[4].revents)
			take_console(attended, &console);
		if (attended->write_errno && !attended->interrupted) {
			attended->interrupted = true;
			send_signal(attended, SIGTERM);
		}
	}
}

/* The line of its console that tells the most: why it panicked, or the last one. */
static const char *telling_line(struct attended *attended)
{
	char *line = attended->tail, *rest;

	attended->tail[attended->tail_size < TAIL_SIZE ? attended->tail_size : TAIL_SIZE - 1] = '\0';
	rest = strstr(attended->tail, PANIC);
	if (rest) {
		rest[strcspn(rest, "\r\n")] = '\0';
		return rest;
	}
	rest = attended->tail;
	while (*(rest += strspn(rest, "\r\n "))) {
		line = rest;
		rest += strcspn(rest, "\r\n");
		if (*rest)
			*rest++ = '\0';
	}
	return *line ? line : "it said nothing";
}

static int conclude(const struct uml_request *request, struct attended *attended, struct error *error)
{
	if (attended->write_errno)
		return fail(error, "cannot write what the guest says: %s", strerror(attended->write_errno));
	if (attended->ended)
		return attended->code;
	if (attended->interrupted)
		return 130;
	if (attended->failed)
		return fail(error, "%s: %.*s", request->image->path, (int)attended->said_size, attended->said);
	return fail(error, "%s: the kernel ended before it had run the command: %s", request->image->path,
		    telling_line(attended));
}

int uml_run(const struct uml_request *request, struct error *error)
{
	static uint8_t bytes[GUEST_REQUEST_MAX];
	static struct attended attended;
	sigset_t set, before;
	size_t size;
	int result;

	if (pack(request, bytes, &size, error) < 0 || uml_start(request, &attended.start, error) < 0)
		return -1;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	attended.signals = signalfd(-1, &set, SFD_CLOEXEC);
	attend(&attended, bytes, size);
	while (waitpid(attended.start.pid, &(int){ 0 }, 0) < 0 && errno == EINTR)
		;
	result = conclude(request, &attended, error);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}
