/* engine_attend.c - passes on what the command in the guest says, and what is meant for it, until the kernel has ended. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crafter/bytes.h"
#include "harness/engine/engine_internal.h"

/* How long a kernel may say nothing: longer than any machine takes to start one; by a way that may hang, as long as it takes by
 * far. After a panic, and when the command has ended, it has nothing left to do. */
enum { BOOT_MS = 60000, FAST_BOOT_MS = 10000, PANIC_MS = 300, COPY_SIZE = 65536, AT_ONCE = 4096 };

static void send_signal(struct engine_attended *attended, int number)
{
	uint8_t byte = (uint8_t)number;

	if (send(attended->start.control[0], &byte, 1, MSG_NOSIGNAL) < 0)
		engine_end(&attended->start);
}

/* The first one is for the command, which ends in its own way; the second one ends the kernel. */
static void take_signal(struct engine_attended *attended)
{
	struct signalfd_siginfo info;

	if (read(attended->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (attended->interrupted || !attended->running)
		engine_end(&attended->start);
	else
		send_signal(attended, (int)info.ssi_signo);
	attended->interrupted = true;
}

/* Until it takes something, or a second signal ends the kernel: a reader that stands still must not hold that up. */
static bool wait_for_room(struct engine_attended *attended, int to)
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

/* What is not taken ends the command. A pipe that has room at all takes AT_ONCE bytes without waiting (pipe(7): PIPE_BUF). */
static void write_all(struct engine_attended *attended, int to, const char *bytes, size_t size)
{
	size_t done = 0;

	while (done < size && !attended->write_errno && wait_for_room(attended, to)) {
		ssize_t written = write(to, bytes + done, size - done < AT_ONCE ? size - done : AT_ONCE);

		if (written > 0)
			done += (size_t)written;
		else if (errno != EINTR && errno != EAGAIN)
			attended->write_errno = errno;
	}
}

struct destination {
	struct engine_attended *attended;
	int to;
};

static void put(void *context, const void *bytes, size_t size)
{
	const struct destination *destination = context;

	write_all(destination->attended, destination->to, bytes, size);
}

static void pass_on(struct engine_attended *attended, struct packed_line *packed, int to, const char *bytes, size_t size)
{
	struct destination destination = { attended, to };

	if (!packed)
		write_all(attended, to, bytes, size);
	else if (!attended->damaged && packed_line_pass(packed, bytes, size, put, &destination) < 0)
		attended->damaged = true;
}

/* A terminal or a file of ours. */
static void copy(struct engine_attended *attended, enum guest_line line, int from, int to, bool *open)
{
	char bytes[COPY_SIZE];
	ssize_t got = read(from, bytes, sizeof(bytes));

	if (got <= 0) {
		*open = got < 0 && (errno == EINTR || errno == EAGAIN);
		return;
	}
	attended->got[line] += (uint32_t)got;
	pass_on(attended, attended->packed[line], to, bytes, (size_t)got);
}

/* False: the guest is gone. */
static bool get(const struct engine_attended *attended, void *bytes, size_t size)
{
	return recv(attended->start.control[0], bytes, size, MSG_WAITALL) == (ssize_t)size;
}

static void take_file(struct engine_attended *attended, const struct engine_request *request)
{
	uint8_t number, size_bytes[2];
	static char part[UINT16_MAX];
	struct packed_line *packed;
	size_t size;

	if (!get(attended, &number, 1) || number >= request->file_count || !(packed = packed_line_new_receiver()))
		return;
	request->files[number].written = true;
	while (get(attended, size_bytes, sizeof(size_bytes)) && (size = bytes_load16(size_bytes)) && get(attended, part, size))
		pass_on(attended, packed, request->files[number].descriptor, part, size);
	packed_line_free(packed);
}

static void hear_end(struct engine_attended *attended)
{
	uint8_t end[GUEST_END_SIZE];

	attended->ended = get(attended, end, sizeof(end));
	if (!attended->ended)
		return;
	attended->code = end[0];
	attended->sent[GUEST_OUTPUT] = bytes_load32(end + 1);
	attended->sent[GUEST_ERRORS] = bytes_load32(end + 5);
}

/* A guest that waits for it is ended when nothing is on its way any more. Of a terminal's line nobody knows; it is quick. */
static bool has_all(const struct engine_attended *attended)
{
	return attended->ended && attended->got[GUEST_OUTPUT] == attended->sent[GUEST_OUTPUT] &&
	       attended->got[GUEST_ERRORS] == attended->sent[GUEST_ERRORS];
}

/* False: there will be no more. */
static bool hear(struct engine_attended *attended, const struct engine_request *request, const uint8_t *bytes, size_t size)
{
	char byte;

	if (recv(attended->start.control[0], &byte, 1, 0) != 1)
		return false;
	if (attended->failed) { /* the rest of its line */
		if (byte != '\n' && attended->said_size < sizeof(attended->said) - 1)
			attended->said[attended->said_size++] = byte;
	} else if (byte == GUEST_READY) {
		attended->ready = true;
		if (send(attended->start.control[0], bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
			engine_end(&attended->start);
	} else if (byte == GUEST_RUNS) {
		attended->running = true;
	} else if (byte == GUEST_FILE) {
		take_file(attended, request);
	} else if (byte == GUEST_ENDED) {
		hear_end(attended);
	} else if (byte == GUEST_FAILED) {
		attended->failed = true;
	}
	return true;
}

/* All the rest can be closed before the last that it said is read. */
static void hear_rest(struct engine_attended *attended, const struct engine_request *request, const uint8_t *bytes, size_t size)
{
	struct pollfd polled = { .fd = attended->start.control[0], .events = POLLIN };

	while (poll(&polled, 1, 0) == 1 && (polled.revents & POLLIN) && hear(attended, request, bytes, size))
		;
}

/* Nothing came for that long: a kernel that does not start, or stands still after a panic. */
static int patience_ms(const struct engine_attended *attended, const struct engine_request *request)
{
	if (attended->console.panicked || attended->ended)
		return PANIC_MS;
	if (attended->running)
		return -1;
	return request->boot_ms ? (int)request->boot_ms : attended->start.fast ? FAST_BOOT_MS : BOOT_MS;
}

static void lose_patience(struct engine_attended *attended)
{
	attended->silent = !attended->ended && !attended->console.panicked;
	engine_end(&attended->start);
}

/* Nobody holds the other ends then. */
void engine_attend(struct engine_attended *attended, const struct engine_request *request, const uint8_t *bytes, size_t size)
{
	const struct engine_start *start = &attended->start;
	bool output = start->output[0] >= 0, errors = true, console = true, waits = !engine_shares_files(request->image->kind);

	while (output || errors || console) {
		struct pollfd polled[] = {
			{ .fd = start->control[0], .events = POLLIN },
			{ .fd = attended->signals, .events = POLLIN },
			{ .fd = output ? start->output[0] : -1, .events = POLLIN },
			{ .fd = errors ? start->errors[0] : -1, .events = POLLIN },
			{ .fd = console ? start->console[0] : -1, .events = POLLIN },
		};
		if (poll(polled, sizeof(polled) / sizeof(polled[0]), patience_ms(attended, request)) == 0)
			lose_patience(attended);
		if (polled[0].revents & POLLIN)
			hear(attended, request, bytes, size);
		if (polled[1].revents)
			take_signal(attended);
		if (polled[2].revents)
			copy(attended, GUEST_OUTPUT, start->output[0], STDOUT_FILENO, &output);
		if (polled[3].revents)
			copy(attended, GUEST_ERRORS, start->errors[0], engine_errors(request), &errors);
		if (polled[4].revents)
			console = engine_console_take(&attended->console, start->console[0]);
		if (waits && has_all(attended))
			engine_end(&attended->start);
		if (attended->write_errno && !attended->interrupted) {
			attended->interrupted = true;
			send_signal(attended, SIGTERM);
		}
	}
	hear_rest(attended, request, bytes, size);
}
