/* fuzz_results.c - libFuzzer: any bytes as a result file. It gives an error of one line that names the file, or results
 * whose words can be read and which equal themselves. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/results/compare.h"
#include "harness/results/results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_error(const struct error *error, const char *path)
{
	check(strstr(error->text, path) != NULL);
	for (const char *c = error->text; *c; c++)
		check((unsigned char)*c >= ' ');
}

/* Compared with itself, nothing differs. */
static void check_results(struct results *results, struct pool *pool)
{
	struct results *twice[] = { results, results };
	struct error error = { "" };
	struct comparison *comparison;

	for (size_t i = 0; i < results->count; i++) {
		check(results->results[i].verdict < VERDICT_COUNT);
		check(intern_text(pool->cells, results->results[i].name) != NULL);
		for (size_t aspect = 0; aspect < ASPECT_COUNT; aspect++)
			check(intern_text(pool->words, results->results[i].values[aspect]) != NULL);
	}
	comparison = compare(twice, 2, pool, true, false, &error);
	check(comparison && comparison->counts[LIKENESS_DIFFERENT] == 0 && comparison->counts[LIKENESS_PARTLY] == 0);
	compare_free(comparison);
}

/* The first byte says whether a part of a run will do. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error = { "" };
	struct results *results;
	struct pool pool;
	char path[32];
	int file;

	if (size == 0)
		return 0;
	file = memfd_create("results", MFD_CLOEXEC);
	check(file >= 0 && write(file, data + 1, size - 1) == (ssize_t)(size - 1));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	check(results_pool_open(&pool, &error) == 0);
	results = results_read(path, &pool, data[0] & 1, NULL, &error);
	if (results)
		check_results(results, &pool);
	else
		check_error(&error, path);
	results_free(results);
	results_pool_close(&pool);
	close(file);
	return 0;
}
