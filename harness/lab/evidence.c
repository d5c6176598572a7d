/* evidence.c - tracepoints through perf ring buffers, or through tracefs where the kernel has no perf events. */
#include "harness/lab/evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/lab/trace_pipe.h"
#include "harness/lab/tracepoint.h"

#define TRACEFS "/sys/kernel/tracing"

enum { RING_PAGES = 64, CPUS_MAX = 256, FORMAT_SIZE = 32768, RECORD_MAX = 512 };

/* One ring: a tracepoint on one CPU, or on whatever CPU our own task runs. */
struct ring {
	int descriptor;
	struct perf_event_mmap_page *page;
};

struct source {
	char format[FORMAT_SIZE];
	struct tracepoint tracepoint;
	char missing[160];
	bool piped; /* through the pipe, which all sources share */
	struct ring rings[CPUS_MAX];
	size_t ring_count;
};

struct evidence {
	uint16_t first_port, last_port;
	uint64_t lost;
	struct trace_pipe *trace_pipe; /* NULL: not needed, or not there */
	uint64_t task;                 /* whose drops count */
	FILE *symbols; /* /proc/kallsyms; opened as root, because others see zeros in it */
	char buffer[1 << 16]; /* its: stdio's own has 1 KB, and the file is 5 MB long */
	uint64_t named;       /* the last address that was looked up, and its name */
	char name[96];
	struct source sources[EVIDENCE_COUNT];
};

static const char *const paths[EVIDENCE_COUNT] = {
	[EVIDENCE_STATE] = "sock/inet_sock_set_state",
	[EVIDENCE_RESET] = "tcp/tcp_send_reset",
	[EVIDENCE_DROP] = "skb/kfree_skb",
};

/* Mounts tracefs where only this process sees it, if nobody has. */
static void find_tracefs(void)
{
	if (access(TRACEFS "/events", F_OK) == 0 || unshare(CLONE_NEWNS) < 0)
		return;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
		mount("tracefs", TRACEFS, "tracefs", 0, NULL);
}

static bool read_format(struct source *source, const char *path)
{
	char name[128];
	ssize_t size = 0, part;
	int file;

	snprintf(name, sizeof(name), TRACEFS "/events/%s/format", path);
	file = open(name, O_RDONLY | O_CLOEXEC);
	if (file < 0) {
		snprintf(source->missing, sizeof(source->missing), "%s: %s", path,
			 errno == ENOENT ? "this kernel has no such tracepoint, or tracefs is out of reach (that needs root)" :
			 errno == EACCES ? "needs root" : strerror(errno));
		return false;
	}
	while ((part = read(file, source->format + size, sizeof(source->format) - 1 - (size_t)size)) > 0)
		size += part;
	close(file);
	source->format[size] = '\0';
	if (tracepoint_parse(source->format, &source->tracepoint))
		return true;
	snprintf(source->missing, sizeof(source->missing), "%s: its format is not understood", path);
	return false;
}

static bool open_ring(struct source *source, const char *path, pid_t pid, int cpu)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = source->tracepoint.id,
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_TIME | PERF_SAMPLE_RAW,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC, /* perf takes no clock that may be read late, as CLOCK_REALTIME */
		.disabled = 0,
	};
	struct ring *ring = &source->rings[source->ring_count];
	size_t size = (size_t)(1 + RING_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
	void *page;

	ring->descriptor = (int)syscall(SYS_perf_event_open, &attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (ring->descriptor < 0) {
		source->piped = errno == ENOSYS;
		if (errno == ENODEV && cpu >= 0) /* it is offline */
			return true;
		snprintf(source->missing, sizeof(source->missing), "%s: %s", path,
			 errno == EACCES || errno == EPERM ? "needs root" : strerror(errno));
		return false;
	}
	page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->descriptor, 0);
	if (page == MAP_FAILED) {
		snprintf(source->missing, sizeof(source->missing), "%s: %s", path, strerror(errno));
		close(ring->descriptor);
		return false;
	}
	ring->page = page;
	source->ring_count++;
	return true;
}

static void close_rings(struct source *source)
{
	size_t size = (size_t)(1 + RING_PAGES) * (size_t)sysconf(_SC_PAGESIZE);

	while (source->ring_count > 0) {
		struct ring *ring = &source->rings[--source->ring_count];

		munmap(ring->page, size);
		close(ring->descriptor);
	}
}

/* State changes and resets happen in whichever task the kernel is in; drops are looked for in our own task alone, because
 * the record of a drop does not name the connection. */
static void open_source(struct source *source, enum evidence_kind kind)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);

	if (!read_format(source, paths[kind]))
		return;
	if (kind == EVIDENCE_DROP) {
		open_ring(source, paths[kind], 0, -1);
		return;
	}
	for (long cpu = 0; cpu < cpus && cpu < CPUS_MAX; cpu++)
		if (!open_ring(source, paths[kind], -1, (int)cpu)) {
			close_rings(source); /* half of the CPUs would look like all of them */
			return;
		}
}

/* Where open_source() found no perf events (arch/um has none): through tracefs. */
static void open_pipe(struct evidence *evidence, struct source *source, const char *path)
{
	struct error error = { "" };

	if (!evidence->trace_pipe)
		evidence->trace_pipe = trace_pipe_open(TRACEFS, &error);
	source->piped = evidence->trace_pipe && trace_pipe_enable(evidence->trace_pipe, path, &error) == 0;
	source->missing[0] = '\0';
	if (!source->piped)
		snprintf(source->missing, sizeof(source->missing), "%s: no perf events, and %.100s", path, error.text);
}

struct evidence *evidence_open(uint16_t first_port, uint16_t last_port)
{
	struct evidence *evidence = calloc(1, sizeof(*evidence));

	if (!evidence)
		return NULL;
	evidence->first_port = first_port;
	evidence->last_port = last_port;
	evidence->symbols = fopen("/proc/kallsyms", "re");
	if (evidence->symbols)
		setvbuf(evidence->symbols, evidence->buffer, _IOFBF, sizeof(evidence->buffer));
	find_tracefs();
	evidence->task = (uint64_t)gettid();
	for (enum evidence_kind kind = 0; kind < EVIDENCE_COUNT; kind++) {
		open_source(&evidence->sources[kind], kind);
		if (evidence->sources[kind].piped)
			open_pipe(evidence, &evidence->sources[kind], paths[kind]);
	}
	return evidence;
}

const char *evidence_missing(const struct evidence *evidence, enum evidence_kind kind)
{
	return evidence->sources[kind].missing[0] ? evidence->sources[kind].missing : NULL;
}

/* "tcp_v4_rcv" for an address in it; "" when nobody knows. Most segments are dropped at the place where the last one was. */
static const char *name_function(struct evidence *evidence, uint64_t address)
{
	unsigned long long at, best = 0;
	char line[256], symbol[96];

	if (!evidence->symbols || address == evidence->named)
		return evidence->name;
	evidence->named = address;
	evidence->name[0] = '\0';
	rewind(evidence->symbols);
	while (fgets(line, sizeof(line), evidence->symbols)) {
		if (sscanf(line, "%llx %*c %95s", &at, symbol) != 2 || at > address || at <= best)
			continue;
		best = at;
		snprintf(evidence->name, sizeof(evidence->name), "%s", symbol);
	}
	return evidence->name;
}

static const char *short_state(const struct tracepoint *tracepoint, const char *field, uint64_t value, char name[32])
{
	if (!tracepoint_symbol(tracepoint, field, value, name, 32))
		snprintf(name, 32, "%llu", (unsigned long long)value);
	return strncmp(name, "TCP_", 4) == 0 ? name + 4 : name;
}

static bool is_subjects(const struct evidence *evidence, uint64_t port)
{
	return port >= evidence->first_port && port <= evidence->last_port;
}

static bool tell_state(const struct evidence *evidence, const uint8_t *record, size_t size,
		       struct testimony *testimony)
{
	const struct tracepoint *tracepoint = &evidence->sources[EVIDENCE_STATE].tracepoint;
	uint64_t port, from, to, peer_port = 0;
	char names[2][32];

	if (!tracepoint_number(tracepoint, "sport", record, size, &port) || !is_subjects(evidence, port) ||
	    !tracepoint_number(tracepoint, "oldstate", record, size, &from) ||
	    !tracepoint_number(tracepoint, "newstate", record, size, &to))
		return false;
	tracepoint_number(tracepoint, "skaddr", record, size, &testimony->socket);
	tracepoint_number(tracepoint, "dport", record, size, &peer_port);
	testimony->peer_port = (uint16_t)peer_port;
	snprintf(testimony->text, EVIDENCE_TEXT_SIZE, "%s -> %s", short_state(tracepoint, "oldstate", from, names[0]),
		 short_state(tracepoint, "newstate", to, names[1]));
	return true;
}

static bool tell_reason(struct evidence *evidence, enum evidence_kind kind, const uint8_t *record, size_t size,
			char *text)
{
	const struct tracepoint *tracepoint = &evidence->sources[kind].tracepoint;
	uint64_t reason, location;
	const char *function = "";
	char name[64] = "";

	if (tracepoint_number(tracepoint, "reason", record, size, &reason))
		tracepoint_symbol(tracepoint, "reason", reason, name, sizeof(name));
	if (tracepoint_number(tracepoint, "location", record, size, &location))
		function = name_function(evidence, location);
	snprintf(text, EVIDENCE_TEXT_SIZE, "%s%s%.60s", name, function[0] ? " at " : "", function);
	return true;
}

/* The ports of a reset: numbers on older kernels, socket addresses since. Its source is the subject. */
static bool reset_ports(const struct tracepoint *tracepoint, const uint8_t *record, size_t size, uint16_t ports[2])
{
	static const char *const numbers[] = { "sport", "dport" }, *const addresses[] = { "saddr", "daddr" };

	for (int i = 0; i < 2; i++) {
		uint16_t offset;
		uint64_t number;

		if (tracepoint_number(tracepoint, numbers[i], record, size, &number)) {
			ports[i] = (uint16_t)number;
			continue;
		}
		/* sin_port and sin6_port lie two bytes behind the start, in network order. */
		if (!tracepoint_offset(tracepoint, addresses[i], &offset) || (size_t)offset + 4 > size)
			return false;
		ports[i] = (uint16_t)(record[offset + 2] << 8 | record[offset + 3]);
	}
	return true;
}

static bool tell_reset(struct evidence *evidence, const uint8_t *record, size_t size,
		       struct testimony *testimony)
{
	uint16_t ports[2];

	if (!reset_ports(&evidence->sources[EVIDENCE_RESET].tracepoint, record, size, ports))
		return false;
	/* Some kernels give the addresses of the reset, others those of the segment that it answers. */
	if (!is_subjects(evidence, ports[0]) && !is_subjects(evidence, ports[1]))
		return false;
	testimony->peer_port = is_subjects(evidence, ports[0]) ? ports[1] : ports[0];
	return tell_reason(evidence, EVIDENCE_RESET, record, size, testimony->text);
}

static bool tell(struct evidence *evidence, enum evidence_kind kind, uint64_t time_ns, const uint8_t *record, size_t size,
		 struct testimony *testimony)
{
	memset(testimony, 0, sizeof(*testimony));
	testimony->kind = kind;
	testimony->time_ns = time_ns;
	if (kind == EVIDENCE_STATE)
		return tell_state(evidence, record, size, testimony);
	if (kind == EVIDENCE_RESET)
		return tell_reset(evidence, record, size, testimony);
	return tell_reason(evidence, kind, record, size, testimony->text);
}

/* A perf record of ours: header, time, size of the raw data, raw data. */
static bool tell_sample(struct evidence *evidence, enum evidence_kind kind, const uint8_t *bytes, size_t size,
			struct testimony *testimony)
{
	const size_t head = sizeof(struct perf_event_header) + sizeof(uint64_t) + sizeof(uint32_t);
	uint64_t time_ns;

	if (size < head)
		return false;
	memcpy(&time_ns, bytes + sizeof(struct perf_event_header), sizeof(time_ns));
	return tell(evidence, kind, time_ns, bytes + head, size - head, testimony);
}

static bool is_asked_for(const struct testimony *testimony, uint16_t peer_port)
{
	return testimony->peer_port == 0 || testimony->peer_port == peer_port;
}

/* Where what comes through the pipe goes. */
struct pipe_reading {
	struct evidence *evidence;
	uint16_t peer_port;
	struct testimony *list;
	size_t count, size;
};

/* Every event has its tracepoint's number, and the task in which it happened. */
static void take_event(void *context, uint64_t time_ns, const uint8_t *record, size_t size)
{
	struct pipe_reading *reading = context;

	for (enum evidence_kind kind = 0; kind < EVIDENCE_COUNT; kind++) {
		const struct source *source = &reading->evidence->sources[kind];
		uint64_t id, task;

		if (!source->piped || !tracepoint_number(&source->tracepoint, "common_type", record, size, &id) ||
		    id != source->tracepoint.id || !tracepoint_number(&source->tracepoint, "common_pid", record, size, &task) ||
		    (kind == EVIDENCE_DROP && task != reading->evidence->task))
			continue;
		if (reading->count == reading->size)
			reading->evidence->lost++;
		else if (tell(reading->evidence, kind, time_ns, record, size, &reading->list[reading->count]))
			reading->count += is_asked_for(&reading->list[reading->count], reading->peer_port);
	}
}

static size_t drain(struct evidence *evidence, enum evidence_kind kind, struct ring *ring, uint16_t peer_port,
		    struct testimony *list, size_t size)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), length = RING_PAGES * page;
	const uint8_t *data = (const uint8_t *)ring->page + page;
	uint64_t head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE), tail = ring->page->data_tail;
	size_t count = 0;

	while (tail < head) {
		struct perf_event_header header;
		uint8_t record[RECORD_MAX];

		for (size_t i = 0; i < sizeof(header); i++)
			((uint8_t *)&header)[i] = data[(tail + i) % length];
		if (header.size == 0)
			break;
		for (size_t i = 0; i < header.size && i < sizeof(record); i++)
			record[i] = data[(tail + i) % length];
		if (header.type == PERF_RECORD_LOST || count == size)
			evidence->lost++;
		else if (header.type == PERF_RECORD_SAMPLE && header.size <= sizeof(record) &&
			 tell_sample(evidence, kind, record, header.size, &list[count]))
			count += is_asked_for(&list[count], peer_port);
		tail += header.size;
	}
	__atomic_store_n(&ring->page->data_tail, tail, __ATOMIC_RELEASE);
	return count;
}

static int by_time(const void *a, const void *b)
{
	uint64_t left = ((const struct testimony *)a)->time_ns, right = ((const struct testimony *)b)->time_ns;

	return left < right ? -1 : left > right;
}

size_t evidence_collect(struct evidence *evidence, uint16_t peer_port, struct testimony *list, size_t size)
{
	size_t count = 0;

	for (enum evidence_kind kind = 0; kind < EVIDENCE_COUNT; kind++)
		for (size_t i = 0; i < evidence->sources[kind].ring_count; i++)
			count += drain(evidence, kind, &evidence->sources[kind].rings[i], peer_port, list + count,
				       size - count);
	if (evidence->trace_pipe) {
		struct pipe_reading reading = { evidence, peer_port, list, count, size };

		evidence->lost += trace_pipe_read(evidence->trace_pipe, take_event, &reading);
		count = reading.count;
	}
	qsort(list, count, sizeof(*list), by_time);
	return count;
}

uint64_t evidence_lost(const struct evidence *evidence)
{
	return evidence->lost;
}

void evidence_close(struct evidence *evidence)
{
	if (!evidence)
		return;
	for (enum evidence_kind kind = 0; kind < EVIDENCE_COUNT; kind++)
		close_rings(&evidence->sources[kind]);
	trace_pipe_close(evidence->trace_pipe);
	if (evidence->symbols)
		fclose(evidence->symbols);
	free(evidence);
}
