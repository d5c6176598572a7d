/* engine_files.c - what a command needs of this machine's files, as the whole file system of a guest. */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/engine/engine_internal.h"
#include "harness/engine/initramfs.h"
#include "harness/engine/modules.h"
#include "harness/report/cairo.h"

enum { PATH_ROOM = 2 * PATH_MAX };

/* A path without "." and "..", from the folder that we are in. Links stay as they are: the guest asks by the same name. */
static void make_absolute(const char *path, char absolute[PATH_ROOM])
{
	char whole[PATH_ROOM], folder[PATH_MAX], *rest, *word;
	size_t used = 0;

	snprintf(whole, sizeof(whole), "%s/%s", *path == '/' || !getcwd(folder, sizeof(folder)) ? "" : folder, path);
	absolute[0] = '\0';
	for (word = strtok_r(whole, "/", &rest); word; word = strtok_r(NULL, "/", &rest)) {
		if (strcmp(word, ".") == 0)
			continue;
		if (strcmp(word, "..") == 0) {
			const char *slash = strrchr(absolute, '/');

			used = slash ? (size_t)(slash - absolute) : 0;
			absolute[used] = '\0';
			continue;
		}
		used += (size_t)snprintf(absolute + used, PATH_ROOM - used, "/%s", word);
	}
}

/* The program's own loader has found them: each has the name by which it is looked for. */
static int add_library(struct dl_phdr_info *info, size_t size, void *archive)
{
	(void)size;
	if (info->dlpi_name && info->dlpi_name[0] == '/')
		initramfs_add_file(archive, info->dlpi_name, info->dlpi_name);
	return 0;
}

static void add_folder_of_cases(struct initramfs *archive, const char *folder)
{
	char absolute[PATH_ROOM];

	make_absolute(folder, absolute);
	initramfs_add_tree(archive, absolute);
}

/* Where cases/case_file.h looks. */
static void add_cases(struct initramfs *archive, const char *program)
{
	static const char *const beside[] = { "cases", "baselines", "../share/twprobe" };
	const char *wanted = getenv("TWPROBE_CASES");
	char folder[PATH_ROOM];

	if (wanted && *wanted)
		add_folder_of_cases(archive, wanted);
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		snprintf(folder, sizeof(folder), "%.*s/%s", (int)(strrchr(program, '/') - program), program, beside[i]);
		add_folder_of_cases(archive, folder);
	}
#ifdef TWPROBE_DATADIR
	add_folder_of_cases(archive, TWPROBE_DATADIR "/twprobe");
#endif
}

/* For the words on a picture: how fonts are chosen, and those that every distribution has. */
static void add_fonts(struct initramfs *archive)
{
	static const char *const folders[] = {
		"/etc/fonts", "/usr/share/fontconfig", "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu",
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		initramfs_add_tree(archive, folders[i]);
}

static bool is_written(const struct engine_request *request, const char *path)
{
	for (size_t i = 0; i < request->file_count; i++)
		if (strcmp(request->files[i].path, path) == 0)
			return true;
	return false;
}

/* A word, or the value of an option, that is the name of a file. The image itself may be one, and is of no use there. */
static void add_named(struct initramfs *archive, const struct engine_request *request, const char *word)
{
	char absolute[PATH_ROOM], *real;
	struct stat status;

	if (!*word || is_written(request, word) || stat(word, &status) < 0 || !S_ISREG(status.st_mode))
		return;
	real = realpath(word, NULL);
	make_absolute(word, absolute);
	if (!real || strcmp(real, request->image->path) != 0)
		initramfs_add_file(archive, absolute, word);
	free(real);
}

static void add_arguments(struct initramfs *archive, const struct engine_request *request)
{
	for (int i = 1; i < request->argc; i++) {
		const char *word = request->argv[i], *value = word[0] == '-' ? strchr(word, '=') : NULL;

		add_named(archive, request, value ? value + 1 : word);
	}
}

/* The folders that a command writes to, and where it runs. */
static void add_folders(struct initramfs *archive, const struct engine_request *request)
{
	static const char *const own[] = { "/dev", "/proc", "/run", "/sys", "/tmp" };
	char absolute[PATH_ROOM];

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		initramfs_add_folder(archive, own[i]);
	make_absolute(".", absolute);
	if (*absolute)
		initramfs_add_folder(archive, absolute);
	for (size_t i = 0; i < request->file_count; i++) {
		make_absolute(request->files[i].path, absolute);
		*strrchr(absolute, '/') = '\0';
		if (*absolute)
			initramfs_add_folder(archive, absolute);
	}
}

/* Libraries that only who needs them opens: for a picture, and for rules (harness/lab/ruleset.h), which know names from these
 * files. */
static void add_late_libraries(struct initramfs *archive)
{
	static const char *const files[] = { "/etc/protocols", "/etc/services" };
	struct error none;

	cairo_load(&none);
#ifndef TWPROBE_STATIC
	dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
#endif
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (access(files[i], R_OK) == 0)
			initramfs_add_file(archive, files[i], files[i]);
}

static int add_module(void *archive, const char *name, const void *bytes, size_t size, struct error *error)
{
	char there[PATH_MAX];

	(void)error;
	snprintf(there, sizeof(there), "/modules/%s.ko", name);
	initramfs_add_bytes(archive, there, 0644, bytes, size);
	return 0;
}

/* What a kernel does not have as a module is left to the guest, which knows whether it needs it. */
static int add_modules(struct initramfs *archive, const struct engine_request *request, struct error *error)
{
	struct modules *modules = modules_open(request->image->folder, request->image->release);
	int result = 0;

	if (!modules)
		return fail(error, "out of memory");
	initramfs_add_folder(archive, "/modules");
	for (size_t i = 0; result >= 0 && modules_usual[i]; i++)
		result = modules_walk(modules, modules_usual[i], add_module, archive, error);
	for (size_t i = 0; result >= 0 && request->paths && modules_of_paths[i]; i++)
		result = modules_walk(modules, modules_of_paths[i], add_module, archive, error);
	for (size_t i = 0; result >= 0 && i < request->module_count; i++)
		result = modules_walk(modules, request->modules[i], add_module, archive, error);
	if (modules_builtin_list(modules))
		initramfs_add_file(archive, "/modules.builtin", modules_builtin_list(modules));
	modules_close(modules);
	return result < 0 ? -1 : 0;
}

int engine_files(const struct engine_request *request, const char *program, struct error *error)
{
	struct initramfs *archive = initramfs_new(error);
	int result;

	if (!archive)
		return -1;
	add_folders(archive, request);
	initramfs_add_file(archive, program, "/proc/self/exe");
	initramfs_add_link(archive, "/init", program);
	if (request->paths)
		add_late_libraries(archive);
	dl_iterate_phdr(add_library, archive);
	add_cases(archive, program);
	if (request->argc > 1 && strcmp(request->argv[1], "map") == 0)
		add_fonts(archive);
	add_arguments(archive, request);
	result = add_modules(archive, request, error);
	result = result < 0 ? -1 : initramfs_finish(archive, error);
	initramfs_free(archive);
	return result;
}
