/* worker.c - the worker's end of its socket. */
#include "harness/commands/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "harness/run/exit_code.h"

bool worker_next(struct worker *worker, struct worker_range *range)
{
	size_t done = 0;

	while (done < sizeof(*range)) {
		ssize_t got = read(worker->socket, (char *)range + done, sizeof(*range) - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return range->count > 0;
}

int worker_flush(struct worker *worker, struct error *error)
{
	size_t done = 0;

	while (done < worker->used) {
		ssize_t put = write(worker->socket, worker->buffer + done, worker->used - done);

		if (put < 0 && errno == EINTR)
			continue;
		/* Whoever reports was ended, and nobody is left to tell. */
		if (put < 0 && errno == EPIPE)
			_exit(EXIT_INTERRUPTED);
		if (put < 0)
			return fail(error, "cannot send to the process that reports: %s", strerror(errno));
		done += (size_t)put;
	}
	worker->used = 0;
	return 0;
}

int worker_send(struct worker *worker, enum worker_message message, const void *bytes, size_t size, struct error *error)
{
	const struct worker_head head = { (uint32_t)message, (uint32_t)size };

	if (sizeof(head) + size > sizeof(worker->buffer))
		return fail(error, "a message of %zu bytes is too long", size);
	if (worker->used + sizeof(head) + size > sizeof(worker->buffer) && worker_flush(worker, error) < 0)
		return -1;
	memcpy(worker->buffer + worker->used, &head, sizeof(head));
	memcpy(worker->buffer + worker->used + sizeof(head), bytes, size);
	worker->used += sizeof(head) + size;
	return message == WORKER_RECORD ? 0 : worker_flush(worker, error);
}

int worker_record(struct worker *worker, const struct record *record, struct error *error)
{
	uint8_t packed[RECORD_PACK_SIZE];

	return worker_send(worker, WORKER_RECORD, packed, record_pack(record, packed), error);
}
