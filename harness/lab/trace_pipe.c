/* trace_pipe.c - the ring buffers of tracefs. */
#include "harness/lab/trace_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CPUS_MAX = 256, PAGE_SIZE_MAX = 65536, PAGE_HEAD = 16 };
/* enum ring_buffer_type; a smaller number, but 0, is the length in words. */
enum { DATA_TYPE_LEN_MAX = 28, TYPE_PADDING, TYPE_TIME_EXTEND, TYPE_TIME_STAMP };
/* kernel/trace/ring_buffer.c: RB_MISSED_EVENTS; what is below bit 30 is the length. A time stamp has 59 bits (TS_MSB). */
#define MISSED_EVENTS (UINT64_C(1) << 31)
#define LENGTH_MASK ((UINT64_C(1) << 30) - 1)
#define TIME_STAMP_MASK ((UINT64_C(1) << 59) - 1)

struct trace_pipe {
	char folder[128];
	int rings[CPUS_MAX];
	size_t ring_count;
	uint8_t page[PAGE_SIZE_MAX];
};

static uint32_t load32(const uint8_t *bytes)
{
	uint32_t number; /* in the machine's byte order */

	memcpy(&number, bytes, sizeof(number));
	return number;
}

static uint64_t load64(const uint8_t *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof(number));
	return number;
}

uint64_t trace_pipe_parse(const uint8_t *page, size_t size, trace_pipe_event *event, void *context)
{
	uint64_t time_ns, commit;
	size_t at = PAGE_HEAD, end;

	if (size < PAGE_HEAD)
		return 0;
	time_ns = load64(page);
	commit = load64(page + 8);
	end = PAGE_HEAD + (size_t)(commit & LENGTH_MASK);
	end = end < size ? end : size;
	while (at + 8 <= end) {
		const uint32_t type = load32(page + at) & 31, delta = load32(page + at) >> 5, word = load32(page + at + 4);
		size_t head = 4, length = type * 4;

		if (type == TYPE_TIME_STAMP) {
			time_ns = (time_ns & ~TIME_STAMP_MASK) | ((uint64_t)word << 27 | delta);
			at += 8;
			continue;
		}
		time_ns += type == TYPE_TIME_EXTEND ? (uint64_t)word << 27 | delta : type == TYPE_PADDING ? 0 : delta;
		if (type == 0) {
			head = 8;
			length = word - 4;
		} else if (type > DATA_TYPE_LEN_MAX) {
			length = type == TYPE_PADDING ? word : 4;
		}
		if ((type == TYPE_PADDING && delta == 0) || (type == 0 && word < 4) || length > end - at - head)
			break;
		if (type <= DATA_TYPE_LEN_MAX)
			event(context, time_ns, page + at + head, length);
		at += head + length;
	}
	return (commit & MISSED_EVENTS) != 0;
}

static int write_file(const struct trace_pipe *trace_pipe, const char *name, const char *text, struct error *error)
{
	char path[256];
	int file, result;

	snprintf(path, sizeof(path), "%s/%s", trace_pipe->folder, name);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0)
		return fail(error, "%s: %s", name, strerror(errno));
	result = write(file, text, strlen(text)) < 0 ? fail(error, "%s: %s", name, strerror(errno)) : 0;
	close(file);
	return result;
}

static int open_rings(struct trace_pipe *trace_pipe, struct error *error)
{
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);

	for (long cpu = 0; cpu < cpus && cpu < CPUS_MAX; cpu++) {
		char path[256];
		int ring;

		snprintf(path, sizeof(path), "%s/per_cpu/cpu%ld/trace_pipe_raw", trace_pipe->folder, cpu);
		ring = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (ring < 0)
			return fail(error, "per_cpu/cpu%ld/trace_pipe_raw: %s", cpu, strerror(errno));
		trace_pipe->rings[trace_pipe->ring_count++] = ring;
	}
	return 0;
}

struct trace_pipe *trace_pipe_open(const char *tracefs, struct error *error)
{
	struct trace_pipe *trace_pipe = calloc(1, sizeof(*trace_pipe));

	if (!trace_pipe) {
		fail(error, "out of memory");
		return NULL;
	}
	snprintf(trace_pipe->folder, sizeof(trace_pipe->folder), "%s/instances/twprobe-%d", tracefs, (int)getpid());
	if (mkdir(trace_pipe->folder, 0700) < 0) {
		fail(error, "an instance of the tracer: %s", strerror(errno));
		free(trace_pipe);
		return NULL;
	}
	if (write_file(trace_pipe, "trace_clock", "mono", error) < 0 || open_rings(trace_pipe, error) < 0) {
		trace_pipe_close(trace_pipe);
		return NULL;
	}
	return trace_pipe;
}

int trace_pipe_enable(struct trace_pipe *trace_pipe, const char *path, struct error *error)
{
	char name[160];

	snprintf(name, sizeof(name), "events/%s/enable", path);
	return write_file(trace_pipe, name, "1", error);
}

uint64_t trace_pipe_read(struct trace_pipe *trace_pipe, trace_pipe_event *event, void *context)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < trace_pipe->ring_count; i++) {
		ssize_t size;

		while ((size = read(trace_pipe->rings[i], trace_pipe->page, sizeof(trace_pipe->page))) > 0)
			lost += trace_pipe_parse(trace_pipe->page, (size_t)size, event, context);
	}
	return lost;
}

void trace_pipe_close(struct trace_pipe *trace_pipe)
{
	if (!trace_pipe)
		return;
	while (trace_pipe->ring_count > 0)
		close(trace_pipe->rings[--trace_pipe->ring_count]);
	rmdir(trace_pipe->folder);
	free(trace_pipe);
}
