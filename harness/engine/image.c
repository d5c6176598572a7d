/* image.c - tells kernels that an engine can start from all that are none, without running them. */
#include "harness/engine/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DEBIANS "linux.uml"
#define BZIMAGE_IN_TREE "arch/x86/boot/bzImage"

/* Documentation/arch/x86/boot.rst, the setup header: places in the file, little-endian, and values. */
#define BZIMAGE_MAGIC "HdrS"
enum {
	SETUP_SECTORS_AT = 0x1f1, SYSTEM_PARAGRAPHS_AT = 0x1f4, MAGIC_AT = 0x202, VERSION_TEXT_AT = 0x20e, FLAGS_AT = 0x236,
	SECTOR = 512, PARAGRAPH = 16, SETUP_SECTORS_OLD = 4, VERSION_TEXT_BASE = 0x200, FLAG_64_BIT = 1, HEADER_SIZE = 0x268,
};

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

static int find_running(char path[PATH_MAX], struct error *error)
{
	struct utsname uts;

	if (uname(&uts) < 0)
		return fail(error, "uname: %s", strerror(errno));
	snprintf(path, PATH_MAX, "/boot/vmlinuz-%s", uts.release);
	if (access(path, R_OK) == 0)
		return 0;
	return fail(error, "%s: %s; name a kernel with --kernel-image=FILE", path, strerror(errno));
}

/* A tree has what was built in it. */
static int find_in_tree(const char *tree, enum image_kind wanted, char path[PATH_MAX], struct error *error)
{
	snprintf(path, PATH_MAX, "%s/linux", tree);
	if (wanted != IMAGE_BZIMAGE && access(path, X_OK) == 0)
		return 0;
	snprintf(path, PATH_MAX, "%s/" BZIMAGE_IN_TREE, tree);
	if (wanted != IMAGE_UML && access(path, R_OK) == 0)
		return 0;
	snprintf(path, PATH_MAX, "%s/Kconfig", tree);
	if (access(path, R_OK) < 0)
		return fail(error, "%s: is a folder, but not a kernel tree", tree);
	return fail(error, "%s: %s was built in this tree: %s%s%s", tree,
		    wanted == IMAGE_UML ? "no user-mode Linux" : wanted == IMAGE_BZIMAGE ? "no bzImage" : "no kernel",
		    wanted != IMAGE_BZIMAGE ? "make ARCH=um linux" : "", wanted == IMAGE_ANY ? ", or " : "",
		    wanted != IMAGE_UML ? "make bzImage" : "");
}

static bool holds(const char *bytes, size_t size, const char *text)
{
	return memmem(bytes, size, text, strlen(text)) != NULL;
}

static uint32_t load_little(const char *bytes, size_t size)
{
	uint32_t value = 0;

	while (size-- > 0)
		value = value << 8 | (uint8_t)bytes[size];
	return value;
}

/* The first word of the version text is the release. */
static void take_release(const char *bytes, size_t size, struct image *image)
{
	size_t at = load_little(bytes + VERSION_TEXT_AT, 2), used = 0;

	if (!at || at + VERSION_TEXT_BASE >= size)
		return;
	for (at += VERSION_TEXT_BASE; at < size && bytes[at] > ' ' && bytes[at] < 0x7f && bytes[at] != '/' &&
	     used < sizeof(image->release) - 1; at++)
		image->release[used++] = bytes[at];
	image->release[used] = '\0';
}

static int take_bzimage(const char *bytes, size_t size, struct image *image, struct error *error)
{
	size_t sectors = (uint8_t)bytes[SETUP_SECTORS_AT] ? (uint8_t)bytes[SETUP_SECTORS_AT] : SETUP_SECTORS_OLD;
	uint64_t whole = (sectors + 1) * SECTOR + (uint64_t)load_little(bytes + SYSTEM_PARAGRAPHS_AT, 4) * PARAGRAPH;

	if (size < whole)
		return fail(error, "%s: is cut short: a kernel of %llu bytes, of which %zu are there", image->path,
			    (unsigned long long)whole, size);
	if (!(load_little(bytes + FLAGS_AT, 2) & FLAG_64_BIT))
		return fail(error, "%s: is a kernel for 32 bits, which cannot run this program", image->path);
	image->kind = IMAGE_BZIMAGE;
	take_release(bytes, size, image);
	return 0;
}

static int classify(const char *bytes, size_t size, struct image *image, struct error *error)
{
	if (size >= HEADER_SIZE && memcmp(bytes + MAGIC_AT, BZIMAGE_MAGIC, 4) == 0)
		return take_bzimage(bytes, size, image, error);
	if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
		return fail(error, "%s: is neither a user-mode Linux nor a bzImage", image->path);
	/* A user-mode Linux has the help for its own parameters in it. */
	if (holds(bytes, size, "uml_dir=<directory>")) {
		image->kind = IMAGE_UML;
		image->virtual_time = holds(bytes, size, "time-travel=inf-cpu");
		image->seccomp = holds(bytes, size, "seccomp=<on/auto/off>");
		return 0;
	}
	if (holds(bytes, size, "Linux version "))
		return fail(error, "%s: is a vmlinux; name the bzImage that was built of it (" BZIMAGE_IN_TREE ")",
			    image->path);
	return fail(error, "%s: is neither a user-mode Linux nor a bzImage", image->path);
}

static int look_into(struct image *image, struct error *error)
{
	int descriptor = open(image->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = -1;
	struct stat status;
	char *bytes;

	if (descriptor < 0)
		return fail(error, "%s: %s", image->path, strerror(errno));
	if (fstat(descriptor, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
		close(descriptor);
		return fail(error, "%s: is neither a user-mode Linux nor a bzImage", image->path);
	}
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	close(descriptor);
	if (bytes == MAP_FAILED)
		return fail(error, "%s: %s", image->path, strerror(errno));
	result = classify(bytes, (size_t)status.st_size, image, error);
	munmap(bytes, (size_t)status.st_size);
	if (result == 0 && image->kind == IMAGE_UML && access(image->path, X_OK) < 0)
		return fail(error, "%s: %s", image->path, strerror(errno));
	return result;
}

/* TREE/arch/x86/boot/bzImage belongs to TREE, whether the tree was named or the file. */
static void find_folder(struct image *image)
{
	static const char place[] = "/" BZIMAGE_IN_TREE;
	size_t size = strlen(image->path);
	bool in_tree = size > sizeof(place) - 1 && strcmp(image->path + size - (sizeof(place) - 1), place) == 0;

	snprintf(image->folder, sizeof(image->folder), "%s", image->path);
	if (in_tree)
		image->folder[size - (sizeof(place) - 1)] = '\0';
	else
		*strrchr(image->folder, '/') = '\0';
}

static int check_kind(const struct image *image, enum image_kind wanted, struct error *error)
{
	if (wanted == IMAGE_UML && image->kind != IMAGE_UML)
		return fail(error, "%s: is a bzImage, which --engine=qemu starts, not a user-mode Linux", image->path);
	if (wanted == IMAGE_BZIMAGE && image->kind != IMAGE_BZIMAGE)
		return fail(error, "%s: is a user-mode Linux, which --engine=uml starts, not a bzImage", image->path);
	return 0;
}

int image_find(const char *given, enum image_kind wanted, struct image *image, struct error *error)
{
	char path[PATH_MAX];
	struct stat status;

	if (!given && (wanted == IMAGE_BZIMAGE ? find_running : find_debians)(path, error) < 0)
		return -1;
	if (given && stat(given, &status) < 0)
		return fail(error, "--kernel-image=%s: %s", given, strerror(errno));
	if (given && S_ISDIR(status.st_mode) && find_in_tree(given, wanted, path, error) < 0)
		return -1;
	if (given && !S_ISDIR(status.st_mode))
		snprintf(path, sizeof(path), "%s", given);
	*image = (struct image){ 0 };
	if (!realpath(path, image->path))
		return fail(error, "%s: %s", path, strerror(errno));
	find_folder(image);
	return look_into(image, error) < 0 ? -1 : check_kind(image, wanted, error);
}
