/* shipped.c - looks up the version of a kernel among the results that ship. */
#include "harness/results/shipped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cases/books/kernel.h"
#include "crafter/textbuf.h"

/* A version in the order in which kernels appear: 7.3-rc7, 7.3, 7.3.1. */
struct version {
	struct kernel kernel;
	unsigned candidate; /* UINT_MAX: a release */
};

/* False: it is none. */
static bool parse(const char *text, struct version *version)
{
	const char *mark = strstr(text, "-rc");
	struct error error;

	memset(version, 0, sizeof(*version));
	version->candidate = UINT_MAX;
	if (kernel_choose(text, &version->kernel, &error) < 0 || !kernel_known(&version->kernel))
		return false;
	return !mark || sscanf(mark, "-rc%4u", &version->candidate) == 1;
}

/* Of a file: "7.3" is the release 7.3, not the series. */
static bool parse_shipped(const char *name, struct version *version)
{
	if (!parse(name, version))
		return false;
	if (version->kernel.patch == KERNEL_ANY_PATCH)
		version->kernel.patch = 0;
	return true;
}

static int compare_numbers(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

static int compare_series(const struct version *a, const struct version *b)
{
	int major = compare_numbers(a->kernel.major, b->kernel.major);

	return major ? major : compare_numbers(a->kernel.minor, b->kernel.minor);
}

static int compare_versions(const struct version *a, const struct version *b)
{
	int series = compare_series(a, b);
	int patch = series ? series : compare_numbers(a->kernel.patch, b->kernel.patch);

	return patch ? patch : compare_numbers(a->candidate, b->candidate);
}

static int by_version(const void *left, const void *right)
{
	struct version a, b;

	parse_shipped(left, &a);
	parse_shipped(right, &b);
	return compare_versions(&a, &b);
}

size_t shipped_list(char (*versions)[CASE_FILE_NAME_SIZE], size_t most)
{
	size_t found = case_file_list(CASE_FILE_BASELINE, versions, most), count = 0;
	struct version version;

	for (size_t i = 0; i < found; i++)
		if (parse_shipped(versions[i], &version))
			memmove(versions[count++], versions[i], sizeof(versions[i]));
	qsort(versions, count, sizeof(versions[0]), by_version);
	return count;
}

static int fail_unknown(const char *text, char (*versions)[CASE_FILE_NAME_SIZE], size_t count, struct error *error)
{
	char names[512];
	struct textbuf out;

	if (!count)
		return fail(error, "no file '%.60s', and no results of kernels were found: they are in the folder 'baselines', "
			    "next to 'cases'", text);
	textbuf_init(&out, names, sizeof(names));
	for (size_t i = 0; i < count; i++)
		textbuf_item(&out, ", ", "%s", versions[i]);
	return fail(error, "no file '%.60s', and no results of such a kernel: there are those of %s", text, names);
}

static bool is_file(const char *text)
{
	static const char end[] = ".ndjson";
	struct stat status;

	if (strchr(text, '/') || strstr(text, end))
		return true;
	return stat(text, &status) == 0 && !S_ISDIR(status.st_mode);
}

/* The same version, else the newest of its series. NULL: none. */
static const char *choose(const char *text, char (*versions)[CASE_FILE_NAME_SIZE], size_t count, bool *instead)
{
	struct version wanted, version;
	const char *newest = NULL;

	if (!parse(text, &wanted))
		return NULL;
	*instead = wanted.kernel.patch != KERNEL_ANY_PATCH;
	for (size_t i = 0; i < count; i++) {
		parse_shipped(versions[i], &version);
		if (compare_series(&version, &wanted) != 0)
			continue;
		newest = versions[i];
		if (compare_versions(&version, &wanted) == 0) {
			*instead = false;
			break;
		}
	}
	return newest;
}

int shipped_find(const char *text, struct shipped *shipped, struct error *error)
{
	char versions[SHIPPED_MAX][CASE_FILE_NAME_SIZE], found[PATH_MAX];
	const char *version;
	size_t count;

	memset(shipped, 0, sizeof(*shipped));
	if (is_file(text)) {
		if (strlen(text) >= sizeof(shipped->path))
			return fail(error, "the path of the baseline is too long: '%.60s...'", text);
		strcpy(shipped->path, text);
		return 0;
	}
	count = shipped_list(versions, SHIPPED_MAX);
	version = choose(text, versions, count, &shipped->instead);
	if (!version)
		return fail_unknown(text, versions, count, error);
	strcpy(shipped->version, version);
	if (case_file_find(CASE_FILE_BASELINE, version, found, sizeof(found), error) < 0)
		return -1;
	/* Without the "cases/.." in it. */
	return realpath(found, shipped->path) ? 0 : fail(error, "cannot read %.300s", found);
}

static int replace(char **text, const char *with, struct error *error)
{
	char *copy = strdup(with);

	if (!copy)
		return fail(error, "out of memory for the results");
	free(*text);
	*text = copy;
	return 0;
}

struct results *shipped_read(const struct shipped *shipped, struct pool *pool, struct progress *progress,
			     struct error *error)
{
	struct results *results = results_read(shipped->path, pool, false, progress, error);

	/* They belong to the program with which they ship. A distribution's own name of a kernel, such as
	 * 5.10.0-46-cloud-amd64, does not tell its version. */
	if (results && (replace(&results->tool_version, TWPROBE_VERSION, error) < 0 ||
			replace(&results->kernel, shipped->version, error) < 0)) {
		results_free(results);
		return NULL;
	}
	return results;
}
