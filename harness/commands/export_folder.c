/* export_folder.c - one file after the other. */
#include "harness/commands/export_folder.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int export_folder_make(const char *folder, struct error *error)
{
	return mkdir(folder, 0777) < 0 && errno != EEXIST ? fail(error, "%.200s: %s", folder, strerror(errno)) : 0;
}

/* "FILE" or "SETUP/FILE", of letters, digits and what is in names of cells. */
static bool is_inside(const char *name)
{
	const char *slash = strchr(name, '/');

	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-+_./^") == strlen(name) &&
	       *name != '.' && (!slash || (slash[1] && slash[1] != '.' && !strchr(slash + 1, '/')));
}

static FILE *create(const char *folder, const char *name, struct error *error)
{
	char path[PATH_MAX];
	const char *slash = strchr(name, '/');
	FILE *file;

	if (!is_inside(name)) {
		fail(error, "'%.200s' is no name of a script's file", name);
		return NULL;
	}
	if (slash) {
		snprintf(path, sizeof(path), "%s/%.*s", folder, (int)(slash - name), name);
		if (export_folder_make(path, error) < 0)
			return NULL;
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (!file)
		fail(error, "cannot write %.300s: %s", path, strerror(errno));
	return file;
}

static int finish(const char *folder, FILE *file, struct error *error)
{
	return file && fclose(file) != 0 ? fail(error, "cannot write into %.200s: %s", folder, strerror(errno)) : 0;
}

int export_folder_fill(const char *folder, FILE *scripts, struct error *error)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;
	FILE *file = NULL;
	int result = 0;

	while (result == 0 && (size = getline(&line, &room, scripts)) > 0) {
		if (line[0] == EXPORT_FOLDER_BEGINS[0]) {
			line[size - 1] = '\0';
			result = finish(folder, file, error);
			file = result == 0 ? create(folder, line + 1, error) : NULL;
			result = file ? 0 : -1;
		} else if (file && fwrite(line, 1, (size_t)size, file) != (size_t)size) {
			result = fail(error, "cannot write into %.200s: %s", folder, strerror(errno));
		}
	}
	if (result == 0)
		result = finish(folder, file, error);
	else if (file)
		fclose(file);
	free(line);
	return result;
}
