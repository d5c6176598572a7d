/* engine_qemu.c - how a kernel for a machine is started: QEMU, without a disk and without a network card. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/engine/engine_internal.h"

#define QEMU "qemu-system-x86_64"
#define KVM "/dev/kvm"
/* Of the serial lines of a PC the last one is the console; its port is 0x2e8 on every PC. */
#define COMMAND_LINE "console=ttyS3 earlyprintk=serial,0x2e8,115200 loglevel=5 panic=-1 oops=panic random.trust_cpu=on " \
	"8250.nr_uarts=4 rdinit=/init%s -- twprobe-guest"
/* Under emulation: without the local APIC no kernel measures its speed, for which it would count through a tenth of a second;
 * two seconds of ours. */
#define FOR_EMULATION " nolapic"
/* The lab, its connections, the files and once more the files, while they are unpacked. */
enum { MEMORY_MB = 512 };

extern char **environ;

static int find_qemu(char path[PATH_MAX], struct error *error)
{
	const char *folders = getenv("PATH");

	for (const char *at = folders ? folders : "/usr/bin"; *at; at += strspn(at, ":")) {
		size_t size = strcspn(at, ":");

		snprintf(path, PATH_MAX, "%.*s/" QEMU, (int)size, at);
		if (access(path, X_OK) == 0)
			return 0;
		at += size;
	}
	return fail(error, "a bzImage needs " QEMU ", which is not installed: apt-get install qemu-system-x86");
}

static int prepare(const struct engine_request *request, struct engine_start *start, struct error *error)
{
#ifndef __x86_64__
	return fail(error, "%s: is a kernel for x86-64, which cannot run this program", request->image->path);
#endif
	if (find_qemu(start->starter, error) < 0)
		return -1;
	start->fast = start->fast && access(KVM, R_OK | W_OK) == 0;
	start->files = engine_files(request, start->program, error);
	return start->files < 0 ? -1 : 0;
}

/* Under emulation the guest's clock counts its instructions, one a nanosecond, and leaps over idle time: however slow or busy
 * this machine is, no timer of the kernel and no time-out of the command is late. (5-level page tables are slower there, and no
 * kernel needs them for this little memory.) */
static void add_processor(char *arguments[ENGINE_ARGUMENTS_MAX + 1], bool fast)
{
	engine_add(arguments, "-accel");
	engine_add(arguments, fast ? "kvm" : "tcg,tb-size=128");
	engine_add(arguments, "-cpu");
	engine_add(arguments, fast ? "host" : "max,la57=off");
	if (fast)
		return;
	engine_add(arguments, "-icount");
	engine_add(arguments, "shift=0,sleep=off");
}

static void add_line(char *arguments[ENGINE_ARGUMENTS_MAX + 1], const char *name, int descriptor, bool both_ways)
{
	engine_add(arguments, "-chardev");
	if (both_ways)
		engine_add(arguments, "socket,id=%s,fd=%d", name, descriptor);
	else
		engine_add(arguments, "file,id=%s,path=/proc/self/fd/%d", name, descriptor);
	engine_add(arguments, "-serial");
	engine_add(arguments, "chardev:%s", name);
}

static void execute(const struct engine_request *request, const struct engine_start *start, const char *scratch)
{
	static const char *const fixed[] = {
		QEMU, "-no-user-config", "-nodefaults", "-no-reboot", "-display", "none", "-machine", "pc", "-smp", "1",
	};
	char *arguments[ENGINE_ARGUMENTS_MAX + 1] = { NULL };

	(void)scratch;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		engine_add(arguments, "%s", fixed[i]);
	add_processor(arguments, start->fast);
	engine_add(arguments, "-m");
	engine_add(arguments, "%d", MEMORY_MB);
	engine_add(arguments, "-kernel");
	engine_add(arguments, "%s", request->image->path);
	engine_add(arguments, "-initrd");
	engine_add(arguments, "/proc/self/fd/%d", start->files);
	engine_add(arguments, "-append");
	engine_add(arguments, COMMAND_LINE, start->fast ? "" : FOR_EMULATION);
	add_line(arguments, "control", start->control[1], true); /* in the order of enum guest_line */
	add_line(arguments, "output", start->output[1], false);
	add_line(arguments, "errors", start->errors[1], false);
	add_line(arguments, "console", start->console[1], false);
	execve(start->starter, arguments, environ);
}

const struct engine_way engine_qemu = { .name = "qemu", .prepare = prepare, .execute = execute };
