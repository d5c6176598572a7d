/* results_paths.c - results of the same cells over different paths. */
#include "harness/results/results.h"

#include <string.h>

#include "cases/matrix/cell.h"

#define PART "/path="

static const char *over(const struct results *file)
{
	return file->over ? file->over : "";
}

static bool differ(struct results *const *files, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(over(files[i]), over(files[0])) != 0)
			return true;
	return false;
}

/* "STATE/SEGMENT/path=NAME/ipv6" without its path. */
static int without_path(struct pool *pool, struct result *result, struct error *error)
{
	const char *name = intern_text(pool->cells, result->name), *part = strstr(name, PART);
	char buffer[CELL_NAME_SIZE];
	size_t before;

	if (!part || strlen(name) >= sizeof(buffer))
		return 0;
	before = (size_t)(part - name);
	memcpy(buffer, name, before);
	strcpy(buffer + before, part + 1 + strcspn(part + 1, "/"));
	result->name = intern_add(pool->cells, buffer);
	return result->name == INTERN_NONE ? fail(error, "out of memory for the comparison") : 0;
}

int results_join_paths(struct results *const *files, size_t count, struct pool *pool, struct error *error)
{
	if (!differ(files, count))
		return 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < files[i]->count; j++)
			if (without_path(pool, &files[i]->results[j], error) < 0)
				return -1;
	return 0;
}
