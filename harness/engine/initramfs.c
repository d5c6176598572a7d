/* initramfs.c - writes a newc archive into memory. */
#include "harness/engine/initramfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALIGNMENT = 4, TREE_DEPTH = 8 };

struct initramfs {
	FILE *file;
	char **paths; /* that are in it */
	size_t count;
	struct error error;
	bool failed;
};

struct initramfs *initramfs_new(struct error *error)
{
	struct initramfs *archive = calloc(1, sizeof(*archive));
	int descriptor = archive ? memfd_create("twprobe-initramfs", MFD_CLOEXEC) : -1;

	if (archive && descriptor >= 0 && (archive->file = fdopen(descriptor, "w")))
		return archive;
	fail(error, "no memory for a guest's files: %s", strerror(errno));
	if (descriptor >= 0)
		close(descriptor);
	free(archive);
	return NULL;
}

void initramfs_free(struct initramfs *archive)
{
	if (!archive)
		return;
	for (size_t i = 0; i < archive->count; i++)
		free(archive->paths[i]);
	free(archive->paths);
	fclose(archive->file);
	free(archive);
}

__attribute__((format(printf, 2, 3)))
static void fail_here(struct initramfs *archive, const char *format, ...)
{
	char text[sizeof(archive->error.text)];
	va_list arguments;

	if (archive->failed)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fail(&archive->error, "%s", text);
	archive->failed = true;
}

static void pad(struct initramfs *archive)
{
	while (ftell(archive->file) % ALIGNMENT)
		fputc(0, archive->file);
}

/* Inode, mode, owner, group, links, time, size, device and its own (major, minor each), the name's size, checksum: 0. */
static void put_entry(struct initramfs *archive, const char *name, unsigned mode, const void *bytes, size_t size)
{
	fprintf(archive->file, "070701%08zX%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", archive->count, mode, 0, 0,
		1, 0, size, 0, 0, 0, 0, strlen(name) + 1, 0);
	fwrite(name, 1, strlen(name) + 1, archive->file);
	pad(archive);
	if (size)
		fwrite(bytes, 1, size, archive->file);
	pad(archive);
}

/* False: it is there already, or there is an error. */
static bool remember(struct initramfs *archive, const char *path)
{
	char **paths;

	if (archive->failed)
		return false;
	for (size_t i = 0; i < archive->count; i++)
		if (strcmp(archive->paths[i], path) == 0)
			return false;
	paths = realloc(archive->paths, (archive->count + 1) * sizeof(*paths));
	if (paths) {
		archive->paths = paths;
		paths[archive->count] = strdup(path);
	}
	if (!paths || !paths[archive->count]) {
		fail_here(archive, "out of memory");
		return false;
	}
	archive->count++;
	return true;
}

static void add_parents(struct initramfs *archive, const char *there)
{
	char path[PATH_MAX];

	for (const char *at = strchr(there + 1, '/'); at; at = strchr(at + 1, '/')) {
		snprintf(path, sizeof(path), "%.*s", (int)(at - there), there);
		if (remember(archive, path))
			put_entry(archive, path + 1, S_IFDIR | 0755, NULL, 0);
	}
}

static void add(struct initramfs *archive, const char *there, unsigned mode, const void *bytes, size_t size)
{
	if (!there[1] || archive->failed)
		return;
	add_parents(archive, there);
	if (remember(archive, there))
		put_entry(archive, there + 1, mode, bytes, size);
}

void initramfs_add_folder(struct initramfs *archive, const char *there)
{
	add(archive, there, S_IFDIR | 0755, NULL, 0);
}

void initramfs_add_bytes(struct initramfs *archive, const char *there, unsigned mode, const void *bytes, size_t size)
{
	add(archive, there, S_IFREG | mode, bytes, size);
}

void initramfs_add_link(struct initramfs *archive, const char *there, const char *target)
{
	add(archive, there, S_IFLNK | 0777, target, strlen(target));
}

void initramfs_add_file(struct initramfs *archive, const char *there, const char *here)
{
	int descriptor = open(here, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	void *bytes;

	if (descriptor < 0 || fstat(descriptor, &status) < 0) {
		fail_here(archive, "%s: %s", here, strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		fail_here(archive, "%s: is not a regular file", here);
	} else if (status.st_size == 0) {
		initramfs_add_bytes(archive, there, status.st_mode & 0777, NULL, 0);
	} else {
		bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
		if (bytes == MAP_FAILED) {
			fail_here(archive, "%s: %s", here, strerror(errno));
		} else {
			initramfs_add_bytes(archive, there, status.st_mode & 0777, bytes, (size_t)status.st_size);
			munmap(bytes, (size_t)status.st_size);
		}
	}
	if (descriptor >= 0)
		close(descriptor);
}

static void add_below(struct initramfs *archive, const char *path, unsigned depth)
{
	struct dirent **entries;
	int count = depth < TREE_DEPTH ? scandir(path, &entries, NULL, alphasort) : -1;

	for (int i = 0; i < count; i++) {
		char below[PATH_MAX];
		struct stat status;

		snprintf(below, sizeof(below), "%.*s/%s", PATH_MAX - NAME_MAX - 2, path, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.' && stat(below, &status) == 0) {
			if (S_ISDIR(status.st_mode))
				add_below(archive, below, depth + 1);
			else if (S_ISREG(status.st_mode))
				initramfs_add_file(archive, below, below);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void initramfs_add_tree(struct initramfs *archive, const char *folder)
{
	add_below(archive, folder, 0);
}

int initramfs_finish(struct initramfs *archive, struct error *error)
{
	int descriptor;

	if (!archive->failed) {
		put_entry(archive, "TRAILER!!!", 0, NULL, 0);
		if (fflush(archive->file) || ferror(archive->file))
			fail_here(archive, "no memory for a guest's files: %s", strerror(errno));
	}
	if (archive->failed)
		return fail(error, "%s", archive->error.text);
	descriptor = fcntl(fileno(archive->file), F_DUPFD_CLOEXEC, 3);
	return descriptor < 0 ? fail(error, "a guest's files: %s", strerror(errno)) : descriptor;
}
