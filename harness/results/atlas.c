/* atlas.c - finds the results of stacks and paths that ship, and reads them. */
#include "harness/results/atlas.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* first: what the name of the first one begins with. */
static const struct {
	enum case_file_sort sort;
	const char *first;
	const char *title, *noun, *says;
} kinds[ATLAS_FAMILIES] = {
	{ CASE_FILE_STACK_RESULTS, "linux", "Other stacks", "stacks",
	  "TCP stacks that are processes, asked over a tap, and Linux asked the same. What a stack cannot be asked is not "
	  "compared." },
	{ CASE_FILE_PATH_RESULTS, "direct", "Paths", "paths",
	  "What stands between: routers with these rules before one kernel, and direct is nothing between." },
};

static void put_first(struct atlas_family *family, const char *first)
{
	char name[CASE_FILE_NAME_SIZE];

	for (size_t i = 1; i < family->count; i++) {
		if (strncmp(family->names[i], first, strlen(first)) != 0)
			continue;
		memcpy(name, family->names[i], sizeof(name));
		memmove(family->names[1], family->names[0], i * sizeof(name));
		memcpy(family->names[0], name, sizeof(name));
		return;
	}
}

static int read_family(struct atlas_family *family, enum case_file_sort sort, struct pool *pool, struct progress *progress,
		       struct error *error)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < family->count; i++) {
		if (case_file_find(sort, family->names[i], path, sizeof(path), error) < 0)
			return -1;
		family->labels[i] = family->names[i];
		family->results[i] = results_read(path, pool, false, progress, error);
		if (!family->results[i])
			return -1;
	}
	return 0;
}

static int open_family(struct atlas_family *family, enum case_file_sort sort, struct error *error)
{
	family->names = calloc(COMPARE_FILES_MAX, sizeof(*family->names));
	family->labels = calloc(COMPARE_FILES_MAX, sizeof(*family->labels));
	family->results = calloc(COMPARE_FILES_MAX, sizeof(struct results *));
	if (!family->names || !family->labels || !family->results)
		return fail(error, "out of memory for the results");
	family->count = case_file_list(sort, family->names, COMPARE_FILES_MAX);
	return 0;
}

struct atlas *atlas_read(struct pool *pool, struct progress *progress, struct error *error)
{
	struct atlas *atlas = calloc(1, sizeof(*atlas));

	if (!atlas) {
		fail(error, "out of memory for the results");
		return NULL;
	}
	for (size_t i = 0; i < ATLAS_FAMILIES; i++) {
		struct atlas_family *family = &atlas->families[i];

		family->title = kinds[i].title;
		family->noun = kinds[i].noun;
		family->says = kinds[i].says;
		if (open_family(family, kinds[i].sort, error) == 0) {
			put_first(family, kinds[i].first);
			if (read_family(family, kinds[i].sort, pool, progress, error) == 0)
				continue;
		}
		atlas_free(atlas);
		return NULL;
	}
	return atlas;
}

int atlas_compare(struct atlas *atlas, struct pool *pool, struct error *error)
{
	for (size_t i = 0; i < ATLAS_FAMILIES; i++) {
		struct atlas_family *family = &atlas->families[i];

		if (family->count < 2)
			continue;
		family->comparison = compare(family->results, family->count, pool, false, true, error);
		if (!family->comparison)
			return -1;
	}
	return 0;
}

void atlas_free(struct atlas *atlas)
{
	if (!atlas)
		return;
	for (size_t i = 0; i < ATLAS_FAMILIES; i++) {
		struct atlas_family *family = &atlas->families[i];

		compare_free(family->comparison);
		for (size_t j = 0; family->results && j < family->count; j++)
			results_free(family->results[j]);
		free(family->results);
		free(family->labels);
		free(family->names);
	}
	free(atlas);
}
