/* export_folder.c - one file after the other. */
#include "harness/commands/export_folder.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crafter/stream.h"

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

/* It is written beside, and takes its place as a whole. */
struct script {
	char path[PATH_MAX], beside[PATH_MAX + 16];
	FILE *file;
};

static int create(const char *folder, const char *name, struct script *script, struct error *error)
{
	const char *slash = strchr(name, '/');

	if (!is_inside(name))
		return fail(error, "'%.200s' is no name of a script's file", name);
	if (slash) {
		snprintf(script->path, sizeof(script->path), "%s/%.*s", folder, (int)(slash - name), name);
		if (export_folder_make(script->path, error) < 0)
			return -1;
	}
	snprintf(script->path, sizeof(script->path), "%s/%s", folder, name);
	snprintf(script->beside, sizeof(script->beside), "%s.partial", script->path);
	script->file = fopen(script->beside, "w");
	return script->file ? 0 : fail(error, "cannot write %.300s: %s", script->path, strerror(errno));
}

/* A part of a script is none. */
static int finish(struct script *script, struct error *error)
{
	int result;

	if (!script->file)
		return 0;
	result = stream_finish(script->file, script->path, error);
	fclose(script->file);
	script->file = NULL;
	if (result == 0 && rename(script->beside, script->path) < 0)
		result = fail(error, "cannot write %.300s: %s", script->path, strerror(errno));
	if (result < 0)
		unlink(script->beside);
	return result;
}

int export_folder_fill(const char *folder, FILE *scripts, struct error *error)
{
	struct script script = { .file = NULL };
	char *line = NULL;
	size_t room = 0;
	ssize_t size;
	int result = 0;

	while (result == 0 && (size = getline(&line, &room, scripts)) > 0) {
		if (line[0] == EXPORT_FOLDER_BEGINS[0]) {
			line[size - 1] = '\0';
			result = finish(&script, error);
			if (result == 0)
				result = create(folder, line + 1, &script, error);
		} else if (script.file) {
			fwrite(line, 1, (size_t)size, script.file);
		}
	}
	if (result == 0)
		result = finish(&script, error);
	free(line);
	return result;
}
