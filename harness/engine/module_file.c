/* module_file.c - reads a module, through a tool where it is compressed. */
#include "harness/engine/module_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

extern char **environ;

enum { PART = 1 << 16, MODULE_MAX = 64 << 20 };

/* Kernels before 5.17 unpack nothing by themselves, and those after it need not have been built to. */
static const struct packing {
	const char *suffix, *tool; /* tool NULL: zlib reads it */
} packings[] = { { "", NULL }, { ".gz", NULL }, { ".xz", "xz" }, { ".zst", "zstd" } };

static int read_all(gzFile from, const char *path, struct module_file *file, struct error *error)
{
	for (;;) {
		char *bytes = realloc(file->bytes, file->size + PART + 1);
		int got;

		if (!bytes)
			return fail(error, "%s: out of memory", path);
		file->bytes = bytes;
		got = gzread(from, bytes + file->size, PART);
		if (got < 0)
			return fail(error, "%s: cannot be read: %s", path, gzerror(from, &got));
		file->size += (size_t)got;
		bytes[file->size] = '\0';
		if (got == 0)
			return 0;
		if (file->size > MODULE_MAX)
			return fail(error, "%s: is too large for a module", path);
	}
}

static int spawn(const char *tool, const char *path, int output, pid_t *pid)
{
	char *arguments[] = { (char *)(uintptr_t)tool, (char *)(uintptr_t)"-dc", (char *)(uintptr_t)"--",
			      (char *)(uintptr_t)path, NULL };
	posix_spawn_file_actions_t actions;
	int result;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	result = posix_spawnp(pid, tool, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static int read_through(const char *tool, const char *path, struct module_file *file, struct error *error)
{
	int ends[2], status = 0, result;
	gzFile from;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(error, "%s: no pipe: %s", path, strerror(errno));
	result = spawn(tool, path, ends[1], &pid);
	close(ends[1]);
	if (result) {
		close(ends[0]);
		return fail(error, "%s: cannot be unpacked without %s: %s", path, tool, strerror(result));
	}
	from = gzdopen(ends[0], "r");
	result = from ? read_all(from, path, file, error) : fail(error, "%s: out of memory", path);
	if (from)
		gzclose(from);
	else
		close(ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return result < 0 || status == 0 ? result : fail(error, "%s: %s cannot unpack it", path, tool);
}

int module_file_read(const char *path, struct module_file *file, struct error *error)
{
	*file = (struct module_file){ 0 };
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++) {
		const struct packing *packing = &packings[i];
		char packed[2 * PATH_MAX + 8];
		size_t length = strlen(path), end = strlen(packing->suffix);
		bool named = end && length > end && strcmp(path + length - end, packing->suffix) == 0;
		int result;
		gzFile from;

		snprintf(packed, sizeof(packed), "%s%s", path, named ? "" : packing->suffix);
		if ((!named && end == 0 && strstr(path, ".ko.")) || access(packed, R_OK) < 0)
			continue;
		if (packing->tool) {
			result = read_through(packing->tool, packed, file, error);
		} else {
			from = gzopen(packed, "re");
			result = from ? read_all(from, packed, file, error) : fail(error, "%s: %s", packed, strerror(errno));
			if (from)
				gzclose(from);
		}
		if (result < 0)
			module_file_free(file);
		return result;
	}
	return 1;
}

void module_file_free(struct module_file *file)
{
	free(file->bytes);
	*file = (struct module_file){ 0 };
}

/* A module's section .modinfo is a row of strings "KEY=VALUE" (include/linux/moduleparam.h); modpost writes this one. */
const char *module_file_depends(const struct module_file *file)
{
	static const char key[] = "\0depends=";
	const char *at = file->size ? memmem(file->bytes, file->size, key, sizeof(key) - 1) : NULL;

	return at ? at + sizeof(key) - 1 : "";
}
