/* matrices.c - loads the case files that --matrix names; cells that are named themselves. */
#include "harness/commands/matrices.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cases/case_file.h"

static struct matrix *load(const char *name, struct error *error)
{
	char path[PATH_MAX];

	if (case_file_find(CASE_FILE_MATRIX, name, path, sizeof(path), error) < 0)
		return NULL;
	return matrix_load(path, error);
}

/* Appends one more; `name`: those so far, joined with '+'. */
static int load_one(struct matrix **all, const char *file, char name[static MATRICES_NAME_SIZE], struct error *error)
{
	struct matrix *matrix = load(file, error);
	size_t used = strlen(name);

	if (!matrix)
		return -1;
	snprintf(name + used, MATRICES_NAME_SIZE - used, "%s%s", used ? "+" : "", matrix_name(matrix));
	if (*all)
		return matrix_append(*all, matrix, error);
	*all = matrix;
	return 0;
}

/* Every matrix that ships, each cell once. */
static int load_full(struct matrix **all, char name[static MATRICES_NAME_SIZE], struct error *error)
{
	char files[CASE_FILE_MANY][CASE_FILE_NAME_SIZE], parts[MATRICES_NAME_SIZE] = "";
	size_t count = case_file_list(CASE_FILE_MATRIX, files, CASE_FILE_MANY), used = strlen(name);

	for (size_t i = 0; i < count; i++)
		if (load_one(all, files[i], parts, error) < 0)
			return -1;
	snprintf(name + used, MATRICES_NAME_SIZE - used, "%s" CASE_FILE_FULL, used ? "+" : "");
	return count ? 0 : fail(error, "--matrix=" CASE_FILE_FULL ": no case files here");
}

struct matrix *matrices_named(const struct options *options, struct error *error)
{
	struct matrix *all = NULL;

	for (size_t i = 0; i < options->named_count; i++) {
		struct matrix *one = NULL;
		struct cell cell;

		if (cell_parse(options->named[i], &cell, error) < 0 || matrix_collect(&one, &cell, error) < 0 ||
		    (all && matrix_append(all, one, error) < 0)) {
			matrix_free(all);
			return NULL;
		}
		all = all ? all : one;
	}
	return all;
}

struct matrix *matrices_load(const struct options *options, char name[static MATRICES_NAME_SIZE], struct error *error)
{
	static const char *const usual[] = { "time-wait", "time-wait-rst" };
	const char *const *names = options->matrix_count ? options->matrices : usual;
	size_t count = options->matrix_count ? options->matrix_count : 2;
	struct matrix *all = NULL;

	if (options->command == COMMAND_MATRIX && options->named_count) {
		strcpy(name, "cells");
		return matrices_named(options, error);
	}
	name[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		bool full = strcmp(names[i], CASE_FILE_FULL) == 0;

		if ((full ? load_full(&all, name, error) : load_one(&all, names[i], name, error)) < 0) {
			matrix_free(all);
			return NULL;
		}
	}
	return all;
}
