/* case_file.h - where the files that ship with the program are, of matrices, scenarios and baselines: which path a name means,
 * and which names there are. */
#ifndef TWPROBE_CASES_CASE_FILE_H
#define TWPROBE_CASES_CASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "crafter/fail.h"

/* CASE_FILE_MANY: more files of one sort than ship. */
enum { CASE_FILE_NAME_SIZE = 64, CASE_FILE_MANY = 64 };

/* Not a file: the name for all matrices that ship, together. */
#define CASE_FILE_FULL "full"

enum case_file_sort {
	CASE_FILE_MATRIX,
	CASE_FILE_SCENARIO,
	CASE_FILE_BASELINE,
	CASE_FILE_PATH,
	CASE_FILE_STACK_RESULTS, /* of other stacks, and of paths before one kernel */
	CASE_FILE_PATH_RESULTS,
};

/* The file that `name_or_path` means. What has a '/' or ends in .yaml or .yml is a path and returned as it is; else
 * NAME.yaml is searched for in the folder $TWPROBE_CASES, in `cases` next to the program, in ../share/twprobe/cases relative
 * to it; scenarios and paths are in the folders `scenarios` and `paths` below those, results of kernels (NAME.ndjson.gz) in
 * `baselines` beside them, those of stacks and paths in `stacks` and `paths` below that. The error for an unknown name lists
 * those that there are. */
int case_file_find(enum case_file_sort sort, const char *name_or_path, char *path, size_t size, struct error *error);
/* The names that case_file_find knows, sorted, `most` at most; returns how many. */
size_t case_file_list(enum case_file_sort sort, char (*names)[CASE_FILE_NAME_SIZE], size_t most);
/* Whether `text` has something before that end: "a.nft" has, before ".nft". */
bool case_file_ends_with(const char *text, const char *end);

#endif
