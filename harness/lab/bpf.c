/* bpf.c - bpf(2) as it is; the ring is described in Documentation/bpf/ringbuf.rst. */
#include "harness/lab/bpf.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NEEDS_ROOT "needs root (CAP_BPF and CAP_PERFMON, outside of user namespaces)"
#define KPROBE "/sys/bus/event_source/devices/kprobe"

struct bpf_ring {
	int map;
	size_t page, size, mapped; /* mapped: of what the kernel writes */
	uint64_t *consumed;        /* the first page, ours to write */
	const uint8_t *produced;   /* a page with its position, and the records, twice, so that none is in two pieces */
	uint64_t taken;
};

static int call_bpf(enum bpf_cmd command, union bpf_attr *attributes)
{
	return (int)syscall(SYS_bpf, command, attributes, sizeof(*attributes));
}

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

/* Kernels before 5.11 count what BPF uses as locked memory. */
static void lift_memory_limit(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_MEMLOCK, &limit);
}

static int make_map(enum bpf_map_type type, uint32_t key_size, uint32_t value_size, uint32_t entries, struct error *error)
{
	union bpf_attr attributes;
	int map;

	memset(&attributes, 0, sizeof(attributes));
	attributes.map_type = type;
	attributes.key_size = key_size;
	attributes.value_size = value_size;
	attributes.max_entries = entries;
	map = call_bpf(BPF_MAP_CREATE, &attributes);
	if (map >= 0)
		return map;
	switch (errno) {
	case EPERM:
		return fail(error, NEEDS_ROOT);
	case ENOSYS:
		return fail(error, "this kernel runs no BPF programs (it is built without CONFIG_BPF_SYSCALL)");
	case EINVAL:
		return fail(error, "this kernel's BPF has no ring buffer, which came with Linux 5.8");
	default:
		return fail(error, "no BPF map: %s", strerror(errno));
	}
}

int bpf_cpu_number(struct error *error)
{
	return make_map(BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(uint32_t), sizeof(uint64_t), 1, error);
}

struct bpf_ring *bpf_ring_open(size_t size, struct error *error)
{
	struct bpf_ring *ring = calloc(1, sizeof(*ring));
	void *consumed, *produced;

	if (!ring) {
		fail(error, "out of memory");
		return NULL;
	}
	lift_memory_limit();
	ring->page = (size_t)sysconf(_SC_PAGESIZE);
	ring->size = size;
	ring->mapped = ring->page + 2 * size;
	ring->map = make_map(BPF_MAP_TYPE_RINGBUF, 0, 0, (uint32_t)size, error);
	if (ring->map < 0) {
		free(ring);
		return NULL;
	}
	consumed = mmap(NULL, ring->page, PROT_READ | PROT_WRITE, MAP_SHARED, ring->map, 0);
	produced = mmap(NULL, ring->mapped, PROT_READ, MAP_SHARED, ring->map, (off_t)ring->page);
	ring->consumed = consumed == MAP_FAILED ? NULL : consumed;
	ring->produced = produced == MAP_FAILED ? NULL : produced;
	if (ring->consumed && ring->produced)
		return ring;
	fail(error, "no ring: %s", strerror(errno));
	bpf_ring_close(ring);
	return NULL;
}

int bpf_ring_map(const struct bpf_ring *ring)
{
	return ring->map;
}

const uint8_t *bpf_ring_next(struct bpf_ring *ring, size_t *size)
{
	__atomic_store_n(ring->consumed, ring->taken, __ATOMIC_RELEASE);
	for (;;) {
		const uint8_t *record = ring->produced + ring->page + (ring->taken & (ring->size - 1));
		uint32_t head;

		if (ring->taken >= __atomic_load_n((const uint64_t *)ring->produced, __ATOMIC_ACQUIRE))
			return NULL;
		head = __atomic_load_n((const uint32_t *)record, __ATOMIC_ACQUIRE);
		if (head & BPF_RINGBUF_BUSY_BIT) /* it is being written */
			return NULL;
		*size = head & ~(uint32_t)BPF_RINGBUF_DISCARD_BIT;
		ring->taken += (*size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
		if (!(head & BPF_RINGBUF_DISCARD_BIT))
			return record + BPF_RINGBUF_HDR_SZ;
	}
}

void bpf_ring_close(struct bpf_ring *ring)
{
	if (!ring)
		return;
	if (ring->consumed)
		munmap(ring->consumed, ring->page);
	if (ring->produced)
		munmap((void *)(uintptr_t)ring->produced, ring->mapped);
	close(ring->map);
	free(ring);
}

static bool is_user_mode(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[128];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, "User Mode Linux");
	if (file)
		fclose(file);
	return found;
}

/* arch/um/Kconfig selects neither HAVE_KPROBES nor HAVE_FUNCTION_TRACER nor HAVE_PERF_EVENTS. */
static int no_probes(struct error *error)
{
	if (is_user_mode())
		return fail(error, "user-mode Linux cannot do that: it has neither kprobes nor a function tracer");
	return fail(error, "this kernel runs no BPF programs at its functions (it is built without CONFIG_BPF_EVENTS)");
}

int bpf_load(const struct bpf_insn *instructions, size_t count, struct error *error)
{
	union bpf_attr attributes;
	int program;

	memset(&attributes, 0, sizeof(attributes));
	attributes.prog_type = BPF_PROG_TYPE_KPROBE;
	attributes.expected_attach_type = BPF_TRACE_KPROBE_MULTI;
	attributes.insns = address(instructions);
	attributes.insn_cnt = (uint32_t)count;
	attributes.license = address("GPL"); /* which reading the kernel's memory asks for */
	program = call_bpf(BPF_PROG_LOAD, &attributes);
	if (program >= 0)
		return program;
	if (errno == EPERM)
		return fail(error, NEEDS_ROOT);
	return fail(error, "this kernel refuses the BPF program: %s", strerror(errno));
}

int bpf_check(struct error *error)
{
	const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K }, /* r0 = 0 */
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int program = bpf_load(nothing, 2, error);

	if (program < 0)
		return errno == EINVAL ? no_probes(error) : -1;
	close(program);
	return 0;
}

int bpf_attach_all(int program, enum bpf_place place, const char *const functions[], const uint64_t cookies[], size_t count,
		   struct error *error)
{
	union bpf_attr attributes;
	int link;

	memset(&attributes, 0, sizeof(attributes));
	attributes.link_create.prog_fd = (uint32_t)program;
	attributes.link_create.attach_type = BPF_TRACE_KPROBE_MULTI;
	attributes.link_create.kprobe_multi.flags = place == BPF_RETURN ? BPF_F_KPROBE_MULTI_RETURN : 0;
	attributes.link_create.kprobe_multi.cnt = (uint32_t)count;
	attributes.link_create.kprobe_multi.syms = address(functions);
	attributes.link_create.kprobe_multi.cookies = address(cookies);
	link = call_bpf(BPF_LINK_CREATE, &attributes);
	return link >= 0 ? link : fail(error, "this kernel cannot probe its functions: %s", strerror(errno));
}

/* A number that a file of sysfs holds after `prefix`; -1: it has none. */
static int sysfs_number(const char *path, const char *prefix)
{
	FILE *file = fopen(path, "re");
	char format[32];
	int number = -1;

	snprintf(format, sizeof(format), "%s%%d", prefix);
	if (file && fscanf(file, format, &number) != 1)
		number = -1;
	if (file)
		fclose(file);
	return number;
}

static int open_probe(enum bpf_place place, const char *function, struct error *error)
{
	int type = sysfs_number(KPROBE "/type", ""), bit = sysfs_number(KPROBE "/format/retprobe", "config:"), probe;
	struct perf_event_attr attributes = {
		.type = (uint32_t)type, .size = sizeof(attributes), .config1 = address(function),
		.config = place == BPF_RETURN ? UINT64_C(1) << (bit & 63) : 0, .sample_period = 1,
	};

	if (type < 0 || bit < 0)
		return fail(error, "this kernel cannot probe its functions (it is built without CONFIG_KPROBE_EVENTS and "
			    "CONFIG_FPROBE)");
	/* The program runs on each processor, whichever one the event is for. */
	probe = (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (probe >= 0)
		return probe;
	if (errno == EPERM || errno == EACCES)
		return fail(error, "this kernel lets nobody probe its functions, not even root (it may be locked down)");
	return fail(error, "this kernel does not let %s() be probed: %s", function, strerror(errno));
}

int bpf_attach_one(int program, enum bpf_place place, const char *function, struct error *error)
{
	int probe = open_probe(place, function, error);

	if (probe < 0)
		return -1;
	if (ioctl(probe, PERF_EVENT_IOC_SET_BPF, program) == 0 && ioctl(probe, PERF_EVENT_IOC_ENABLE, 0) == 0)
		return probe;
	fail(error, "this kernel runs no BPF program at %s(): %s", function, strerror(errno));
	close(probe);
	return -1;
}
