/* case_file.c - looks for the files that ship with the program in the folders where they may be. */
#include "cases/case_file.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crafter/nearest.h"
#include "crafter/textbuf.h"

enum { FOLDERS_MAX = 4 };

/* Files of one sort: in the folder itself, or in one below or beside it. */
struct sort {
	const char *what, *folder, *suffix;
};

static const struct sort sorts[] = {
	[CASE_FILE_MATRIX] = { "matrix", "", ".yaml" },
	[CASE_FILE_SCENARIO] = { "scenario", "/scenarios", ".yaml" },
	[CASE_FILE_BASELINE] = { "baseline", "/../baselines", ".ndjson.gz" },
	[CASE_FILE_PATH] = { "path", "/paths", ".yaml" },
	[CASE_FILE_STACK_RESULTS] = { "stack", "/../baselines/stacks", ".ndjson.gz" },
	[CASE_FILE_PATH_RESULTS] = { "path", "/../baselines/paths", ".ndjson.gz" },
};

struct folders {
	size_t count;
	char paths[FOLDERS_MAX][PATH_MAX];
};

/* `cases` next to the program, ../share/twprobe/cases relative to it (as `make install` puts them). */
static void add_beside_program(const struct sort *sort, struct folders *folders)
{
	char program[PATH_MAX - 32];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	char *slash;

	if (length <= 0)
		return;
	program[length] = '\0';
	slash = strrchr(program, '/');
	if (!slash)
		return;
	*slash = '\0';
	snprintf(folders->paths[folders->count++], PATH_MAX, "%s/cases%s", program, sort->folder);
	snprintf(folders->paths[folders->count++], PATH_MAX, "%s/../share/twprobe/cases%s", program,
		 sort->folder);
}

/* $TWPROBE_CASES, those near the program, and where `make DATADIR=...` puts them if that is not near it. */
static void find_folders(const struct sort *sort, struct folders *folders)
{
	const char *wanted = getenv("TWPROBE_CASES");

	folders->count = 0;
	if (wanted && *wanted)
		snprintf(folders->paths[folders->count++], PATH_MAX, "%s%s", wanted, sort->folder);
	add_beside_program(sort, folders);
#ifdef TWPROBE_DATADIR
	snprintf(folders->paths[folders->count++], PATH_MAX, "%s/twprobe/cases%s", TWPROBE_DATADIR, sort->folder);
#endif
}

bool case_file_ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(left, right);
}

static size_t add_name(const struct sort *sort, char (*names)[CASE_FILE_NAME_SIZE], size_t count, const char *file)
{
	size_t length = strlen(file) - strlen(sort->suffix);

	if (!case_file_ends_with(file, sort->suffix) || length >= CASE_FILE_NAME_SIZE)
		return count;
	memcpy(names[count], file, length);
	names[count][length] = '\0';
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], names[count]) == 0)
			return count;
	return count + 1;
}

static size_t list(const struct sort *sort, char (*names)[CASE_FILE_NAME_SIZE], size_t most)
{
	struct folders folders;
	size_t count = 0;

	find_folders(sort, &folders);
	for (size_t i = 0; i < folders.count; i++) {
		struct dirent **entries;
		int found = scandir(folders.paths[i], &entries, is_visible, alphasort);

		for (int j = 0; j < found; j++) {
			if (count < most)
				count = add_name(sort, names, count, entries[j]->d_name);
			free(entries[j]);
		}
		if (found >= 0)
			free(entries);
	}
	qsort(names, count, sizeof(names[0]), compare_names);
	return count;
}

static int fail_unknown(const struct sort *sort, const char *name, struct error *error)
{
	char text[352], names[64][CASE_FILE_NAME_SIZE];
	size_t count = list(sort, names, sizeof(names) / sizeof(names[0]));
	char hint[NEAREST_HINT_SIZE];
	struct nearest nearest;
	struct textbuf out;

	nearest_begin(&nearest, name);
	for (size_t i = 0; i < count; i++)
		nearest_offer(&nearest, names[i]);
	if (count == 0)
		return fail(error, "no %s '%.60s', and no case files were found: set TWPROBE_CASES to their folder",
			    sort->what, name);
	textbuf_init(&out, text, sizeof(text));
	if (sort == &sorts[CASE_FILE_PATH])
		textbuf_item(&out, ", ", "direct");
	for (size_t i = 0; i < count; i++) {
		bool fits = out.length + strlen(names[i]) + sizeof(", and others") < sizeof(text);

		textbuf_item(&out, ", ", "%s", fits ? names[i] : "and others");
		if (!fits)
			break;
	}
	return fail(error, "no %s '%.60s': there are %s; your own file is given by its path, such as ./%.60s%s%s",
		    sort->what, name, text, name, sort->suffix, nearest_hint(&nearest, "", hint));
}

int case_file_find(enum case_file_sort sort, const char *name_or_path, char *path, size_t size, struct error *error)
{
	struct folders folders = { .count = 0 };
	int length;

	if (strchr(name_or_path, '/') || case_file_ends_with(name_or_path, sorts[sort].suffix) ||
	    case_file_ends_with(name_or_path, ".yml")) {
		if (strlen(name_or_path) >= size)
			return fail(error, "the path of the case file is too long: '%.60s...'", name_or_path);
		memcpy(path, name_or_path, strlen(name_or_path) + 1);
		return 0;
	}
	find_folders(&sorts[sort], &folders);
	for (size_t i = 0; i < folders.count; i++) {
		length = snprintf(path, size, "%s/%s%s", folders.paths[i], name_or_path, sorts[sort].suffix);
		if (length > 0 && (size_t)length < size && access(path, F_OK) == 0)
			return 0;
	}
	return fail_unknown(&sorts[sort], name_or_path, error);
}

size_t case_file_list(enum case_file_sort sort, char (*names)[CASE_FILE_NAME_SIZE], size_t most)
{
	return list(&sorts[sort], names, most);
}
