/* engine_uml.c - how a user-mode Linux is started: a program with its kernel's parameters as arguments. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/engine/engine_internal.h"

/* What the lab and its connections take; of a page, only the touched ones are taken from the host. */
enum { MEMORY_MB = 512 };

static int prepare(const struct engine_request *request, struct engine_start *start, struct error *error)
{
	start->fast = false; /* there is one way */
	/* The kernel's command line has no other quotes. */
	if (strpbrk(start->program, " \"\t\n"))
		return fail(error, "%s: a guest cannot start a program whose path has blanks or quotes", start->program);
	snprintf(start->starter, sizeof(start->starter), "%s", request->image->path);
	return 0;
}

/* The kernel and the process that it runs take turns, several times for each system call. On two processors each turn wakes one
 * that sleeps: that takes three times as long, and as much of both. */
static void keep_to(unsigned processor)
{
	cpu_set_t usable, one;
	size_t number = 0;

	if (sched_getaffinity(0, sizeof(usable), &usable) < 0)
		return;
	processor %= (unsigned)CPU_COUNT(&usable);
	while (!CPU_ISSET(number, &usable) || processor-- > 0)
		number++;
	CPU_ZERO(&one);
	CPU_SET(number, &one);
	sched_setaffinity(0, sizeof(one), &one); /* best effort */
}

static void execute(const struct engine_request *request, const struct engine_start *start, const char *scratch)
{
	char *arguments[ENGINE_ARGUMENTS_MAX + 1] = { NULL }, *environment[2] = { NULL };

	keep_to(request->processor);
	engine_add(arguments, "linux");
	engine_add(arguments, "mem=%dM", MEMORY_MB);
	engine_add(arguments, "uml_dir=%s", scratch);
	engine_add(arguments, "umid=guest");
	engine_add(arguments, "root=/dev/root");
	engine_add(arguments, "rootfstype=hostfs");
	engine_add(arguments, "rootflags=/");
	engine_add(arguments, "rw");
	engine_add(arguments, "con=null");
	engine_add(arguments, "con0=null,fd:%d", start->console[1]);
	engine_add(arguments, "ssl=null");
	engine_add(arguments, "ssl%d=fd:%d,fd:%d", GUEST_CONTROL, start->control[1], start->control[1]);
	/* Two files: what is read never waits then, and on virtual time what is written has to (its drivers/chan_kern.c). */
	if (request->work)
		engine_add(arguments, "ssl%d=fd:%d,fd:%d", GUEST_OUTPUT, dup(request->work->input), start->output[1]);
	else
		engine_add(arguments, "ssl%d=null,fd:%d", GUEST_OUTPUT, start->output[1]);
	engine_add(arguments, "ssl%d=null,fd:%d", GUEST_ERRORS, start->errors[1]);
	engine_add(arguments, "panic=-1");
	if (request->image->virtual_time)
		engine_add(arguments, "time-travel=inf-cpu");
	if (request->image->seccomp)
		engine_add(arguments, "seccomp=auto");
	engine_add(arguments, "init=%s", start->program);
	engine_add(arguments, "--");
	engine_add(arguments, "twprobe-guest");
	if (asprintf(&environment[0], "TMPDIR=%s", scratch) > 0)
		execve(start->starter, arguments, environment);
}

const struct engine_way engine_uml = {
	.name = "uml", .shares_files = true, .needs_scratch = true, .prepare = prepare, .execute = execute,
};
