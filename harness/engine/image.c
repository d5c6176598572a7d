/* image.c - tells a user-mode Linux from all that is none, without running it. */
#include "harness/engine/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEBIANS "linux.uml"
/* Documentation/x86/boot.rst: the magic number of the setup header. */
#define BZIMAGE_MAGIC "HdrS"
enum { BZIMAGE_AT = 0x202 };

static int find_debians(char path[PATH_MAX], struct error *error)
{
	const char *folders = getenv("PATH");

	for (const char *at = folders ? folders : "/usr/bin"; *at; at += strspn(at, ":")) {
		size_t size = strcspn(at, ":");

		snprintf(path, PATH_MAX, "%.*s/" DEBIANS, (int)size, at);
		if (access(path, X_OK) == 0)
			return 0;
		at += size;
	}
	return fail(error, "there is no user-mode Linux here: apt-get install user-mode-linux, or name a kernel with "
		    "--kernel-image=FILE");
}

/* A tree has what was built in it. */
static int find_in_tree(const char *tree, char path[PATH_MAX], struct error *error)
{
	snprintf(path, PATH_MAX, "%s/linux", tree);
	if (access(path, X_OK) == 0)
		return 0;
	snprintf(path, PATH_MAX, "%s/Kconfig", tree);
	if (access(path, R_OK) == 0)
		return fail(error, "%s: no user-mode Linux was built in this tree: make ARCH=um linux", tree);
	return fail(error, "%s: is a folder, but no kernel tree", tree);
}

static bool holds(const char *bytes, size_t size, const char *text)
{
	return memmem(bytes, size, text, strlen(text)) != NULL;
}

/* A user-mode Linux has the help for its own parameters in it. */
static int classify(const char *bytes, size_t size, struct image *image, struct error *error)
{
	if (size >= BZIMAGE_AT + 4 && memcmp(bytes + BZIMAGE_AT, BZIMAGE_MAGIC, 4) == 0)
		return fail(error, "%s: is a kernel for a machine, not a user-mode Linux; scripts/kernels run boots those "
			    "in QEMU", image->path);
	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0 || !holds(bytes, size, "uml_dir=<directory>"))
		return fail(error, "%s: is not a user-mode Linux", image->path);
	image->virtual_time = holds(bytes, size, "time-travel=inf-cpu");
	return 0;
}

static int look_into(struct image *image, struct error *error)
{
	int descriptor = open(image->path, O_RDONLY | O_CLOEXEC), result = -1;
	struct stat status;
	char *bytes;

	if (descriptor < 0)
		return fail(error, "%s: %s", image->path, strerror(errno));
	if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
		close(descriptor);
		return fail(error, "%s: is not a user-mode Linux", image->path);
	}
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	close(descriptor);
	if (bytes == MAP_FAILED)
		return fail(error, "%s: %s", image->path, strerror(errno));
	result = classify(bytes, (size_t)status.st_size, image, error);
	munmap(bytes, (size_t)status.st_size);
	if (result == 0 && access(image->path, X_OK) < 0)
		return fail(error, "%s: %s", image->path, strerror(errno));
	return result;
}

int image_find(const char *given, struct image *image, struct error *error)
{
	char path[PATH_MAX];
	struct stat status;

	if (!given && find_debians(path, error) < 0)
		return -1;
	if (given && stat(given, &status) < 0)
		return fail(error, "--kernel-image=%s: %s", given, strerror(errno));
	if (given && S_ISDIR(status.st_mode) && find_in_tree(given, path, error) < 0)
		return -1;
	if (given && !S_ISDIR(status.st_mode))
		snprintf(path, sizeof(path), "%s", given);
	*image = (struct image){ 0 };
	if (!realpath(path, image->path))
		return fail(error, "%s: %s", path, strerror(errno));
	snprintf(image->modules, sizeof(image->modules), "%.*s/modules", (int)(strrchr(image->path, '/') - image->path),
		 image->path);
	return look_into(image, error);
}
