/* read_files.c - the fixture of those who read several result files. */
#include "tests/unit/read_files.h"

#include "tests/unit/suite.h"

static struct sample_folder folder;
struct pool pool;
struct error error;
struct results *files[SAMPLE_FILES];
size_t count;

void set_up(void)
{
	sample_folder_open(&folder);
	ck_assert_int_eq(results_pool_open(&pool, &error), 0);
	count = 0;
}

void tear_down(void)
{
	while (count)
		results_free(files[--count]);
	results_pool_close(&pool);
	sample_folder_close(&folder);
}

void add(const char *name, const char *text, bool partial)
{
	files[count] = results_read(sample_file(&folder, name, text), &pool, partial, NULL, &error);
	ck_assert_msg(files[count], "%s", error.text);
	count++;
}

char *print_view(enum format format, struct compare_view view)
{
	const char *labels[SAMPLE_FILES];
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	compare_labels(files, count, labels);
	view.pool = &pool;
	view.files = files;
	view.labels = labels;
	ck_assert_int_eq(compare_print(format, out, &view, &error), 0);
	fclose(out);
	return text;
}
