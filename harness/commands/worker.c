/* worker.c - the worker's end of its socket. */
#include "harness/commands/worker.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "harness/run/exit_code.h"
#include "harness/run/record_pack.h"

bool worker_next(struct worker *worker, struct worker_range *range)
{
	size_t done = 0;

	while (done < sizeof(*range)) {
		ssize_t got = read(worker->in, (char *)range + done, sizeof(*range) - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return range->count > 0;
}

static int put(struct worker *worker, const unsigned char *bytes, size_t size, struct error *error)
{
	size_t done = 0;

	while (done < size) {
		ssize_t written = write(worker->out, bytes + done, size - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0 && errno == EAGAIN) { /* a guest had the same pipe, and shares its ways */
			poll(&(struct pollfd){ .fd = worker->out, .events = POLLOUT }, 1, -1);
			continue;
		}
		/* Whoever reports was ended, and nobody is left to tell. */
		if (written < 0 && errno == EPIPE)
			_exit(EXIT_INTERRUPTED);
		if (written < 0)
			return fail(error, "cannot send to the process that reports: %s", strerror(errno));
		done += (size_t)written;
	}
	return 0;
}

static int flush_buffer(struct worker *worker, struct error *error)
{
	int result = put(worker, worker->buffer, worker->used, error);

	worker->used = 0;
	return result;
}

static int send_message(struct worker *worker, const struct worker_head *head, const void *bytes, struct error *error)
{
	if (head->size > WORKER_MESSAGE_MAX)
		return fail(error, "a message of %u bytes is too long", head->size);
	if (worker->used + sizeof(*head) + head->size > sizeof(worker->buffer) && flush_buffer(worker, error) < 0)
		return -1;
	memcpy(worker->buffer + worker->used, head, sizeof(*head));
	worker->used += sizeof(*head);
	if (head->size > sizeof(worker->buffer) - worker->used)
		return flush_buffer(worker, error) < 0 ? -1 : put(worker, bytes, head->size, error);
	if (head->size)
		memcpy(worker->buffer + worker->used, bytes, head->size);
	worker->used += head->size;
	return head->message == WORKER_RESULT ? 0 : flush_buffer(worker, error);
}

int worker_send(struct worker *worker, enum worker_message message, const void *bytes, size_t size, struct error *error)
{
	const struct worker_head head = {
		.message = (uint32_t)message,
		.size = (uint32_t)size,
		.number = message == WORKER_READY ? record_pack_image() : 0,
	};

	return send_message(worker, &head, bytes, error);
}

int worker_result(struct worker *worker, size_t number, const void *bytes, size_t size, struct error *error)
{
	const struct worker_head head = { .message = WORKER_RESULT, .size = (uint32_t)size, .number = number };

	return send_message(worker, &head, bytes, error);
}

int worker_record(struct worker *worker, const struct record *record, struct error *error)
{
	uint8_t packed[RECORD_PACK_SIZE];

	return worker_result(worker, record->number, packed, record_pack(record, packed), error);
}
