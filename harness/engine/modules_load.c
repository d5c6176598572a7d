/* modules_load.c - init_module(2) for what the lab may need and what a request names. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/engine/modules.h"

static int load(void *context, const char *name, const void *bytes, size_t size, struct error *error)
{
	(void)context;
	if (syscall(SYS_init_module, bytes, size, "") == 0 || errno == EEXIST)
		return 0;
	return fail(error, "the guest's kernel did not load the module %s: %s", name, strerror(errno));
}

/* /proc/modules is there where a kernel can load any: where it cannot and nothing tells what is built in, who needs it finds
 * out. */
static int load_needed(struct modules *modules, const char *name, const char *release, struct error *error)
{
	int result = modules_walk(modules, name, load, NULL, error), built_in;
	char path[32 + MODULES_NAME_SIZE];

	if (result <= 0)
		return result;
	built_in = modules_built_in(modules, name);
	snprintf(path, sizeof(path), "/sys/module/%s", name); /* also of one that is built in and has parameters */
	if (built_in > 0 || access(path, F_OK) == 0 || (built_in < 0 && access("/proc/modules", F_OK) < 0))
		return 0;
	if (built_in == 0)
		return fail(error, "the guest's kernel has no module %s", name);
	return fail(error, "no module %s was found for the guest's kernel, %s", name, release);
}

/* Missed by who needs it. */
static void load_some(struct modules *modules, const char *const names[])
{
	for (size_t i = 0; names[i]; i++)
		modules_walk(modules, names[i], load, NULL, NULL);
}

int modules_load(const char *folder, bool paths, const char *const needed[], size_t count, struct error *error)
{
	struct modules *modules;
	struct utsname uts;
	int result = 0;

	if (uname(&uts) < 0)
		return fail(error, "uname: %s", strerror(errno));
	modules = modules_open(folder, uts.release);
	if (!modules)
		return fail(error, "out of memory");
	load_some(modules, modules_usual);
	if (paths)
		load_some(modules, modules_of_paths);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = load_needed(modules, needed[i], uts.release, error);
	modules_close(modules);
	return result;
}
