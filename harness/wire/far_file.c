/* far_file.c - the second capture, as a file. */
#include "harness/wire/far_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"

#define PATIENCE_NS (60 * NSEC_PER_SEC)

struct far_file {
	char *path;
	struct capture_file *file; /* NULL: it is not there yet */
	uint64_t news_ns;
};

/* Whether it could be made. */
static bool has_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	bool there = folder && access(folder, X_OK) == 0;

	free(folder);
	return there;
}

static bool is_absent(const char *path)
{
	return strcmp(path, "-") != 0 && access(path, F_OK) < 0 && errno == ENOENT;
}

struct far_file *far_file_open(const char *path, struct error *error)
{
	struct far_file *file = calloc(1, sizeof(*file));

	if (file)
		file->path = strdup(path);
	if (!file || !file->path) {
		fail(error, "out of memory");
		far_file_close(file);
		return NULL;
	}
	file->news_ns = clock_now();
	if (is_absent(path) && has_folder(path))
		return file;
	file->file = capture_file_open_growing(path, error);
	if (file->file)
		return file;
	far_file_close(file);
	return NULL;
}

int far_file_next(struct far_file *file, struct capture_frame *frame, struct error *error)
{
	int result;

	if (!file->file && is_absent(file->path))
		return 0;
	if (!file->file) {
		file->file = capture_file_open_growing(file->path, error);
		file->news_ns = clock_now();
	}
	result = file->file ? capture_file_next(file->file, frame, error) : -1;
	if (result > 0)
		file->news_ns = clock_now();
	return result;
}

bool far_file_grows(const struct far_file *file, uint64_t now_ns)
{
	return (!file->file || capture_file_grows(file->file)) && now_ns - file->news_ns < PATIENCE_NS;
}

void far_file_close(struct far_file *file)
{
	if (!file)
		return;
	capture_file_close(file->file);
	free(file->path);
	free(file);
}
