/* yaml_tree.h - a YAML file as a tree whose errors all begin with FILE:LINE:COLUMN. The libyaml part of case files and
 * scenarios.
 *
 * libyaml's document API and not libcyaml on top of it: libcyaml hands out values without their places, and most of what can
 * be wrong in these files (a bad offset, a duplicate cell) is found only once the values are known. Nothing is typed:
 * `on` and -1 are text until they are read. */
#ifndef TWPROBE_CASES_YAML_TREE_H
#define TWPROBE_CASES_YAML_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "crafter/fail.h"

struct yaml_tree {
	const char *file;         /* borrowed */
	yaml_document_t document;
	struct error *error;      /* where errors go */
	struct error nowhere;     /* who asks may not want to know */
	const char *key;          /* while yaml_mapping reads the value of one: which */
};

/* One document, of at most 256 KiB; `expected` is what an empty file is told. `error` may be NULL. -1: nothing needs to be
 * closed. */
int yaml_tree_open(struct yaml_tree *tree, const char *file, const char *text, size_t size, const char *expected,
		   struct error *error);
/* The bytes of a case file. */
enum { YAML_FILE_MAX = 1 << 18 };

/* The text of a file, of which only so much is read that one too large is told from the others: `most` bytes and one more; to
 * be freed. NULL with an error. */
char *yaml_read(const char *path, size_t most, size_t *size, struct error *error);
void yaml_tree_close(struct yaml_tree *tree);
yaml_node_t *yaml_tree_root(struct yaml_tree *tree);

/* Writes "FILE:LINE:COLUMN: TEXT"; returns -1. */
int yaml_complain(struct yaml_tree *tree, const yaml_node_t *node, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same for what has only a line left. */
int yaml_complain_line(struct yaml_tree *tree, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Puts the place before an error text that is there already; returns -1. */
int yaml_complain_in(struct yaml_tree *tree, const yaml_node_t *node);
int yaml_line(const yaml_node_t *node); /* from 1 */

/* NULL with an error if the node is not a single value; yaml_text: or an empty one. */
const char *yaml_value(struct yaml_tree *tree, const yaml_node_t *node, const char *what);
const char *yaml_text(struct yaml_tree *tree, const yaml_node_t *node, const char *what);
int yaml_number(struct yaml_tree *tree, const yaml_node_t *node, const char *what, unsigned low, unsigned high,
		unsigned *value);
/* "yes", "no", "on", "off", "true" or "false". */
int yaml_flag(struct yaml_tree *tree, const yaml_node_t *node, const char *what, bool *value);

/* "150ms" (cases/quantity.h). */
int yaml_duration(struct yaml_tree *tree, const yaml_node_t *node, const char *what, uint64_t *ns);

/* How a mapping's key is read. */
struct yaml_key {
	const char *name;
	unsigned kinds; /* bits: where the key belongs */
	int (*read)(struct yaml_tree *tree, const yaml_node_t *value, void *into);
};

/* Reads every pair by its key, in the order of the file. A key that is unknown, given twice, or does not belong to `kind`
 * is an error; `what` names the mapping. */
int yaml_mapping(struct yaml_tree *tree, const yaml_node_t *node, const char *what, const struct yaml_key *keys,
		 size_t count, unsigned kind, void *into);
/* The value of that key, or NULL. */
yaml_node_t *yaml_find(struct yaml_tree *tree, const yaml_node_t *mapping, const char *key);
/* The number of items; a single value counts as a list of one. -1 with an error for an empty list or a mapping. */
int yaml_items(struct yaml_tree *tree, const yaml_node_t *node, const char *what, size_t *count);
yaml_node_t *yaml_item(struct yaml_tree *tree, const yaml_node_t *node, size_t index);

#endif
