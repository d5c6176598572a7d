/* modules.c - finit_module(2) for a few names and what they depend on. */
#include "harness/engine/modules.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* In this order; a kernel that has one built in, or not at all, has no file for it. */
static const char *const wanted[] = { "af_packet", "ipv6", "inet_diag", "tcp_diag", "veth", "tun" };

static void load_file(const char *folder, const char *file)
{
	char path[PATH_MAX];
	int descriptor;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return;
	syscall(SYS_finit_module, descriptor, "", 0); /* EEXIST where it is there */
	close(descriptor);
}

/* "kernel/drivers/net/veth.ko" is the module "veth". */
static bool is_module(const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	const char *base = slash ? slash + 1 : file;
	size_t size = strlen(name);

	return strncmp(base, name, size) == 0 && strncmp(base + size, ".ko", 3) == 0;
}

/* A line is "FILE: DEPENDENCY...", each of them complete, the last one first to be loaded. */
static void load_line(const char *folder, char *file, char *dependencies)
{
	char *blank;

	while ((blank = strrchr(dependencies, ' '))) {
		if (blank[1])
			load_file(folder, blank + 1);
		*blank = '\0';
	}
	load_file(folder, file);
}

static void load_one(const char *folder, FILE *list, const char *name)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	rewind(list);
	while ((length = getline(&line, &size, list)) > 0) {
		char *colon = strchr(line, ':');

		line[strcspn(line, "\n")] = '\0';
		if (!colon)
			continue;
		*colon = '\0';
		if (is_module(line, name)) {
			load_line(folder, line, colon + 1);
			break;
		}
	}
	free(line);
}

void modules_load(const char *folder)
{
	const char *places[] = { folder, "/usr/lib/uml/modules", "/lib/modules" };
	struct utsname uts;
	FILE *list = NULL;
	char path[PATH_MAX];

	if (uname(&uts) < 0)
		return;
	for (size_t i = 0; !list && i < sizeof(places) / sizeof(places[0]); i++) {
		char file[PATH_MAX + 16];

		snprintf(path, sizeof(path), "%s/%s", places[i], uts.release);
		snprintf(file, sizeof(file), "%s/modules.dep", path);
		list = fopen(file, "re");
	}
	if (!list)
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		load_one(path, list, wanted[i]);
	fclose(list);
}
