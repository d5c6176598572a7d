/* guest.c - the first process of a kernel that was started to be asked: sets it up, runs one command, and ends it. */
#include "harness/engine/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "crafter/bytes.h"
#include "harness/engine/modules.h"
#include "harness/engine/packed_line.h"

#define ENGINE_VARIABLE "TWPROBE_ENGINE"
#define WORKER_VARIABLE "TWPROBE_WORKER"
enum { TTY_MAJOR = 4, TTY_SERIAL = 64, COPY_SIZE = 16384, DESCRIPTORS = 1 << 16 };
/* More than a command says (62,000 cells as JSON): one that waits until its output is read has nothing to do, and on virtual
 * time hours pass then, in which the connections that it has in flight end. */
enum { PIPE_SIZE = 128 << 20 };

/* The command, and the ends of its standard output and error that it does not have; -1: it has the line. */
struct child {
	pid_t pid;
	int from[GUEST_LINES];
	struct packed_line *packed[GUEST_LINES]; /* NULL: the bytes go as they are */
	uint32_t passed[GUEST_LINES];            /* on the line */
};

/* Where something goes: for packed_line_put. */
struct way_out {
	int line;
	uint32_t *passed;
};

bool guest_is_here(int argc, char **argv)
{
	/* The kernel may add words of its own behind it. */
	return getpid() == 1 && argc >= 2 && strcmp(argv[1], "twprobe-guest") == 0;
}

const char *guest_engine(void)
{
	return getenv(ENGINE_VARIABLE);
}

int guest_worker(void)
{
	const char *number = guest_engine() ? getenv(WORKER_VARIABLE) : NULL;

	return number ? atoi(number) : -1;
}

bool guest_time_is_virtual(void)
{
	char line[4096] = "";
	FILE *file = guest_engine() ? fopen("/proc/cmdline", "re") : NULL;
	bool is_virtual = file && fgets(line, sizeof(line), file) && strstr(line, "time-travel=inf-cpu");

	if (file)
		fclose(file);
	return is_virtual;
}

static _Noreturn void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void put(int line, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t written = write(line, at, size);

		if (written < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (written > 0) {
			at += written;
			size -= (size_t)written;
		}
	}
}

__attribute__((format(printf, 2, 3)))
static _Noreturn void give_up(int control, const char *format, ...)
{
	char text[256] = { GUEST_FAILED };
	va_list arguments;
	size_t size;

	va_start(arguments, format);
	vsnprintf(text + 1, sizeof(text) - 2, format, arguments);
	va_end(arguments);
	size = strlen(text);
	text[size++] = '\n';
	put(control, text, size);
	tcdrain(control);
	power_off();
}

/* A line passes bytes as they are. */
static int open_line(enum guest_line line)
{
	struct termios raw;
	char path[32];
	int descriptor;

	snprintf(path, sizeof(path), "/dev/ttyS%d", (int)line);
	descriptor = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (descriptor < 0 || tcgetattr(descriptor, &raw) < 0)
		return -1;
	cfmakeraw(&raw);
	tcsetattr(descriptor, TCSANOW, &raw);
	return descriptor;
}

/* Of the machine's folders only these are the guest's own: what describes a kernel, and what belongs to one boot. */
static const char *mount_all(void)
{
	static const struct {
		const char *type, *folder;
		bool needed;
	} mounts[] = {
		{ "proc", "/proc", true }, { "sysfs", "/sys", true }, { "tmpfs", "/dev", true }, { "tmpfs", "/run", false },
		{ "tracefs", "/sys/kernel/tracing", false },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (mount(mounts[i].type, mounts[i].folder, mounts[i].type, 0, NULL) < 0 && mounts[i].needed)
			return mounts[i].folder;
	return NULL;
}

static void make_devices(void)
{
	static const struct {
		const char *path;
		unsigned major, minor;
	} devices[] = {
		{ "/dev/null", 1, 3 }, { "/dev/zero", 1, 5 }, { "/dev/full", 1, 7 }, { "/dev/random", 1, 8 },
		{ "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 }, { "/dev/net/tun", 10, 200 },
	};

	umask(0);
	mkdir("/dev/net", 0755);
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor));
	for (unsigned line = 0; line < GUEST_LINES; line++) {
		char path[32];

		snprintf(path, sizeof(path), "/dev/ttyS%u", line);
		mknod(path, S_IFCHR | 0600, makedev(TTY_MAJOR, TTY_SERIAL + line));
	}
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	umask(022);
}

static bool get(int line, void *bytes, size_t size)
{
	char *at = bytes;

	while (size > 0) {
		ssize_t got = read(line, at, size);

		if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
			return false;
		if (got > 0) {
			at += got;
			size -= (size_t)got;
		}
	}
	return true;
}

static void take_request(int control, struct guest_request *request)
{
	static char bytes[GUEST_REQUEST_MAX];
	const char ready = GUEST_READY;
	uint8_t size_bytes[4];
	uint32_t size;

	put(control, &ready, 1);
	if (!get(control, size_bytes, sizeof(size_bytes)))
		power_off();
	size = bytes_load32(size_bytes);
	if (size > sizeof(bytes) || !get(control, bytes, size) || guest_unpack(bytes, size, request) < 0)
		give_up(control, "the request was damaged on its way into the guest");
}

/* In the command's process. A terminal's line is handed over as it is; what is none is a pipe there, too. */
static _Noreturn void start_command(const struct guest_request *request, const int pipes[GUEST_LINES][2],
				    const int lines[GUEST_LINES])
{
	const struct winsize size = { .ws_row = request->rows, .ws_col = request->columns };
	char *arguments[GUEST_WORDS_MAX + 1] = { 0 }, number[16];

	setsid();
	for (enum guest_line line = GUEST_OUTPUT; line < GUEST_LINES; line++) {
		int descriptor = pipes[line][1] >= 0 ? pipes[line][1] : lines[line];

		if (pipes[line][1] < 0)
			ioctl(descriptor, TIOCSWINSZ, &size);
		dup2(descriptor, line == GUEST_OUTPUT ? STDOUT_FILENO : STDERR_FILENO);
	}
	clearenv();
	for (size_t i = 0; i < request->counts[GUEST_ARGUMENTS]; i++)
		memcpy(&arguments[i], &request->words[i], sizeof(arguments[i]));
	for (size_t i = 0; i < request->counts[GUEST_VARIABLES]; i++) {
		char *variable;

		memcpy(&variable, &request->words[guest_first(request, GUEST_VARIABLES) + i], sizeof(variable));
		putenv(variable);
	}
	setenv(ENGINE_VARIABLE, request->engine, 1);
	if (request->worker) {
		snprintf(number, sizeof(number), "%d", request->worker - 1);
		setenv(WORKER_VARIABLE, number, 1);
		dup2(lines[GUEST_OUTPUT], STDIN_FILENO);
	}
	if (chdir(request->folder) < 0)
		fprintf(stderr, "twprobe: the guest cannot enter %s: %s\n", request->folder, strerror(errno));
	else
		execv("/proc/self/exe", arguments);
	_exit(4);
}

static struct child run_command(const struct guest_request *request, const int lines[GUEST_LINES])
{
	struct child child = { .from = { -1, -1, -1 } };
	int pipes[GUEST_LINES][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } };

	if ((!request->output_terminal && pipe2(pipes[GUEST_OUTPUT], O_CLOEXEC) < 0) ||
	    (!request->error_terminal && pipe2(pipes[GUEST_ERRORS], O_CLOEXEC) < 0))
		give_up(lines[GUEST_CONTROL], "the guest has no pipes: %s", strerror(errno));
	child.pid = fork();
	if (child.pid < 0)
		give_up(lines[GUEST_CONTROL], "the guest has no memory for a process: %s", strerror(errno));
	if (child.pid == 0)
		start_command(request, pipes, lines);
	for (enum guest_line line = GUEST_OUTPUT; line < GUEST_LINES; line++) {
		child.from[line] = pipes[line][0];
		/* Best effort: the usual size will do for shorter output. */
		if (pipes[line][0] >= 0)
			fcntl(pipes[line][0], F_SETPIPE_SZ, PIPE_SIZE);
		if (request->slow && pipes[line][0] >= 0 && !(child.packed[line] = packed_line_new_sender()))
			give_up(lines[GUEST_CONTROL], "the guest has no memory for its lines");
		if (pipes[line][1] >= 0)
			close(pipes[line][1]);
	}
	return child;
}

static void put_counted(void *context, const void *bytes, size_t size)
{
	const struct way_out *out = context;

	put(out->line, bytes, size);
	*out->passed += (uint32_t)size;
}

/* False: that was all. */
static bool copy(struct child *child, enum guest_line line, int to)
{
	struct way_out out = { to, &child->passed[line] };
	char bytes[COPY_SIZE];
	ssize_t got = read(child->from[line], bytes, sizeof(bytes));

	if (got > 0 && child->packed[line])
		packed_line_pass(child->packed[line], bytes, (size_t)got, put_counted, &out);
	else if (got > 0)
		put_counted(&out, bytes, (size_t)got);
	return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

/* What the host sends is meant for the command, and those that it has started. */
static void pass_signal(int control, pid_t pid)
{
	uint8_t number;

	if (read(control, &number, 1) == 1 && number < NSIG)
		kill(-pid, number);
}

static void put_part(void *context, const void *bytes, size_t size)
{
	uint8_t size_bytes[2];

	bytes_store16(size_bytes, (uint16_t)size);
	put(*(const int *)context, size_bytes, sizeof(size_bytes));
	put(*(const int *)context, bytes, size);
}

/* A file that the command wrote, if it did. */
static void send_file(int control, uint8_t number, const char *path)
{
	const uint8_t head[] = { GUEST_FILE, number };
	int file = open(path, O_RDONLY | O_CLOEXEC);
	struct packed_line *packed = file < 0 ? NULL : packed_line_new_sender();
	char bytes[COPY_SIZE];
	ssize_t got;

	if (packed) {
		put(control, head, sizeof(head));
		while ((got = read(file, bytes, sizeof(bytes))) > 0)
			packed_line_pass(packed, bytes, (size_t)got, put_part, &control);
		put_part(&control, NULL, 0);
	}
	packed_line_free(packed);
	if (file >= 0)
		close(file);
}

static void send_files(int control, const struct guest_request *request)
{
	size_t first = guest_first(request, GUEST_FILES);

	for (uint8_t i = 0; i < request->counts[GUEST_FILES] && chdir(request->folder) == 0; i++)
		send_file(control, i, request->words[first + i]);
}

/* Until its process has ended, and all that it said has been passed on. */
static uint8_t attend(struct child *child, const int lines[GUEST_LINES])
{
	int status = 0, exit_fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	bool ended = false;

	while (!ended || child->from[GUEST_OUTPUT] >= 0 || child->from[GUEST_ERRORS] >= 0) {
		struct pollfd polled[GUEST_LINES + 1] = {
			[GUEST_CONTROL] = { .fd = lines[GUEST_CONTROL], .events = POLLIN },
			[GUEST_LINES] = { .fd = ended ? -1 : exit_fd, .events = POLLIN },
		};

		for (enum guest_line line = GUEST_OUTPUT; line < GUEST_LINES; line++)
			polled[line] = (struct pollfd){ .fd = child->from[line], .events = POLLIN };
		/* On virtual time nothing must wake up in vain: that takes longer than the minutes that pass. */
		poll(polled, GUEST_LINES + 1, exit_fd < 0 ? 20 : -1);
		if (polled[GUEST_CONTROL].revents & POLLIN)
			pass_signal(lines[GUEST_CONTROL], child->pid);
		for (enum guest_line line = GUEST_OUTPUT; line < GUEST_LINES; line++) {
			if (polled[line].revents && !copy(child, line, lines[line])) {
				close(child->from[line]);
				child->from[line] = -1;
			}
		}
		if (!ended && waitpid(child->pid, &status, WNOHANG) == child->pid)
			ended = true;
	}
	return (uint8_t)(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void set(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	ssize_t ignored = fd >= 0 ? write(fd, value, strlen(value)) : 0; /* it stays as it is */

	(void)ignored;
	if (fd >= 0)
		close(fd);
}

/* The connection tracking of a machine with 512 MiB remembers 4,096 connections (nf_conntrack_init_start()), for two minutes
 * each: a run has more, and what has no room is dropped. A namespace cannot change it. */
static void widen_conntrack(void)
{
	set("/proc/sys/net/netfilter/nf_conntrack_buckets", "65536");
	set("/proc/sys/net/netfilter/nf_conntrack_max", "262144");
}

/* The lines, what the machine has to be, and what is asked of it. */
static void prepare(int lines[GUEST_LINES], struct guest_request *request)
{
	const struct rlimit descriptors = { DESCRIPTORS, DESCRIPTORS };
	const char *missing = mount_all();
	struct error error;

	make_devices();
	for (enum guest_line line = 0; line < GUEST_LINES; line++)
		lines[line] = open_line(line);
	if (lines[GUEST_CONTROL] < 0)
		power_off();
	if (missing)
		give_up(lines[GUEST_CONTROL], "the guest cannot mount %s", missing);
	if (lines[GUEST_OUTPUT] < 0 || lines[GUEST_ERRORS] < 0)
		give_up(lines[GUEST_CONTROL], "the guest has not enough serial lines");
	setrlimit(RLIMIT_NOFILE, &descriptors);
	take_request(lines[GUEST_CONTROL], request);
	if (modules_load(request->image_folder, request->paths, request->words + guest_first(request, GUEST_MODULES),
			 request->counts[GUEST_MODULES], &error) < 0)
		give_up(lines[GUEST_CONTROL], "%s", error.text);
	widen_conntrack();
	open("/dev/null", O_RDONLY); /* 0, where the kernel found no console */
}

_Noreturn void guest_run(void)
{
	static struct guest_request request;
	struct child child;
	int lines[GUEST_LINES];
	uint8_t end[1 + GUEST_END_SIZE] = { GUEST_ENDED };
	const char runs = GUEST_RUNS;

	prepare(lines, &request);
	child = run_command(&request, lines);
	put(lines[GUEST_CONTROL], &runs, 1);
	end[1] = attend(&child, lines);
	bytes_store32(end + 2, child.passed[GUEST_OUTPUT]);
	bytes_store32(end + 6, child.passed[GUEST_ERRORS]);
	send_files(lines[GUEST_CONTROL], &request);
	tcdrain(lines[GUEST_OUTPUT]);
	tcdrain(lines[GUEST_ERRORS]);
	put(lines[GUEST_CONTROL], end, sizeof(end));
	tcdrain(lines[GUEST_CONTROL]);
	while (request.slow)
		pause();
	power_off();
}
