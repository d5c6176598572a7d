/* passage_trace.c - puts the programs at the kernel's functions, and collects what they report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/lab/bpf.h"
#include "harness/lab/passage_internal.h"

enum { RING_SIZE = 1 << 18, PASSAGES_MAX = 64, FUNCTIONS_MAX = 256 };

struct passage_trace {
	struct bpf_ring *ring;
	struct btf *btf;
	struct passage_setting setting;
	int links[2 * FUNCTIONS_MAX]; /* what keeps the programs at the functions */
	size_t link_count;
	uint32_t types[FUNCTIONS_MAX]; /* of each function in `btf`; 0: it cannot be seen */
	struct passage list[PASSAGES_MAX];
	size_t count;
};

static int find_places(const struct btf *btf, struct passage_setting *setting, struct error *error)
{
	if (btf_offset(btf, "sk_buff", "data", &setting->data) && btf_offset(btf, "sk_buff", "dev", &setting->device) &&
	    btf_offset(btf, "net_device", "nd_net.net", &setting->net) &&
	    btf_offset(btf, "net", "ns.inum", &setting->number))
		return 0;
	return fail(error, "this kernel's struct sk_buff or struct net is not as this program knows it");
}

static int read_types(struct passage_trace *trace, struct error *error)
{
	const char *names[FUNCTIONS_MAX];

	if (access(BTF_KERNEL, F_OK) < 0)
		return fail(error, "this kernel does not describe its types (it is built without CONFIG_DEBUG_INFO_BTF, or "
			    "/sys is not mounted)");
	trace->btf = btf_open(BTF_KERNEL, error);
	if (!trace->btf)
		return fail_in(error, BTF_KERNEL);
	for (uint8_t function = 0; function < passage_functions(); function++)
		names[function] = passage_name(function);
	btf_functions(trace->btf, names, passage_functions(), trace->types);
	return find_places(trace->btf, &trace->setting, error);
}

/* Loads the program of one side for this cookie. */
static int load_program(struct passage_trace *trace, enum passage_side side, uint64_t cookie, struct error *error)
{
	struct passage_program program;

	trace->setting.cookie = cookie;
	if (side == PASSAGE_ENTER)
		passage_program_entry(&program, &trace->setting);
	else
		passage_program_return(&program, &trace->setting);
	return bpf_load(program.list, program.count, error);
}

/* Keeps the link, if it is one. */
static int keep(struct passage_trace *trace, int link)
{
	if (link >= 0)
		trace->links[trace->link_count++] = link;
	return link < 0 ? -1 : 0;
}

/* One program at all functions: a call attaches it, and a call takes it away. */
static int attach_together(struct passage_trace *trace, enum passage_side side, struct error *error)
{
	const char *names[FUNCTIONS_MAX];
	uint64_t cookies[FUNCTIONS_MAX];
	int program = load_program(trace, side, PASSAGE_ANY, error), link;
	size_t count = 0;

	if (program < 0)
		return -1;
	for (uint8_t function = 0; function < passage_functions(); function++)
		if (trace->types[function]) {
			names[count] = passage_name(function);
			cookies[count++] = passage_cookie(function, side);
		}
	link = bpf_attach_all(program, side == PASSAGE_LEAVE ? BPF_RETURN : BPF_ENTRY, names, cookies, count, error);
	close(program);
	return keep(trace, link);
}

static int attach_one(struct passage_trace *trace, uint8_t function, enum passage_side side, struct error *error)
{
	int program = load_program(trace, side, passage_cookie(function, side), error), link;

	if (program < 0)
		return -1;
	link = bpf_attach_one(program, side == PASSAGE_LEAVE ? BPF_RETURN : BPF_ENTRY, passage_name(function), error);
	close(program);
	return keep(trace, link);
}

/* One program for each function and side. A function that the kernel does not let us probe is not seen; a root must be. */
static int attach_each(struct passage_trace *trace, struct error *error)
{
	for (uint8_t function = 0; function < passage_functions(); function++) {
		if (!trace->types[function])
			continue;
		if (attach_one(trace, function, PASSAGE_LEAVE, error) == 0 &&
		    attach_one(trace, function, PASSAGE_ENTER, error) == 0)
			continue;
		if (passage_is_root(function))
			return -1;
		trace->types[function] = 0;
	}
	return 0;
}

static void detach(struct passage_trace *trace)
{
	while (trace->link_count > 0)
		close(trace->links[--trace->link_count]);
}

static int start(struct passage_trace *trace, uint16_t first_port, uint16_t last_port, struct error *error)
{
	struct passage_setting *setting = &trace->setting;
	struct stat namespace;

	if (!passage_program_possible())
		return fail(error, "this program does not know the registers of this architecture");
	if (stat("/proc/self/ns/net", &namespace) < 0)
		return fail(error, "/proc/self/ns/net: %s", strerror(errno));
	setting->first_port = first_port;
	setting->last_port = last_port;
	setting->namespace = (uint32_t)namespace.st_ino;
	trace->ring = bpf_ring_open(RING_SIZE, error);
	setting->owner = trace->ring ? bpf_cpu_number(error) : -1;
	if (setting->owner < 0)
		return -1;
	setting->ring = bpf_ring_map(trace->ring);
	if (bpf_check(error) < 0 || read_types(trace, error) < 0)
		return -1;
	if (attach_together(trace, PASSAGE_LEAVE, error) == 0 && attach_together(trace, PASSAGE_ENTER, error) == 0)
		return 0;
	detach(trace);
	return attach_each(trace, error);
}

struct passage_trace *passage_open(uint16_t first_port, uint16_t last_port, struct error *error)
{
	struct passage_trace *trace = calloc(1, sizeof(*trace));

	if (!trace) {
		fail(error, "out of memory");
		return NULL;
	}
	trace->setting.owner = -1;
	if (start(trace, first_port, last_port, error) == 0)
		return trace;
	passage_close(trace);
	return NULL;
}

static void take_events(struct passage_trace *trace)
{
	const uint8_t *event;
	size_t size;

	while ((event = bpf_ring_next(trace->ring, &size)))
		trace->count = passage_take(trace->list, trace->count, PASSAGES_MAX, event, size);
}

void passage_forget(struct passage_trace *trace)
{
	take_events(trace);
	trace->count = 0;
}

bool passage_collect(struct passage_trace *trace, uint16_t crafted_port, uint32_t seq, struct passage *passage)
{
	take_events(trace);
	for (size_t i = 0; i < trace->count; i++)
		if (trace->list[i].crafted_port == crafted_port && trace->list[i].seq == seq) {
			*passage = trace->list[i];
			return true;
		}
	return false;
}

const char *passage_returned(const struct passage_trace *trace, const struct passage_call *call,
			     char text[static BTF_VALUE_SIZE])
{
	text[0] = '\0';
	return call->left ? btf_returned(trace->btf, trace->types[call->function], call->value, text) : text;
}

void passage_close(struct passage_trace *trace)
{
	if (!trace)
		return;
	detach(trace);
	if (trace->setting.owner >= 0)
		close(trace->setting.owner);
	bpf_ring_close(trace->ring);
	btf_close(trace->btf);
	free(trace);
}
