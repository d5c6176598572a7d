/* matrix_file.c - case files: YAML -> blocks. Nothing is typed: `on` and -1 are text until cell_set() reads them. */
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/matrix_internal.h"
#include "cases/yaml_tree.h"

static yaml_node_t *node_at(struct yaml_tree *tree, yaml_node_item_t item)
{
	return yaml_document_get_node(&tree->document, item);
}

static bool is_nothing(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static int set_part(struct yaml_tree *tree, const struct axis *axis, const yaml_node_t *node, struct cell *cell)
{
	const char *text = yaml_value(tree, node, axis->key);

	if (!text)
		return -1;
	if (cell_set(cell, axis->key, text, tree->error) < 0)
		return yaml_complain_in(tree, node);
	return 0;
}

/* One value of an axis: a text, or for `sysctl` a list of texts that are set together. */
static int read_value(struct yaml_tree *tree, const struct axis *axis, const yaml_node_t *node, struct column *column)
{
	struct cell cell;

	cell_default(&cell);
	if (axis->id == AXIS_SYSCTLS && node->type == YAML_SEQUENCE_NODE) {
		const yaml_node_item_t *item = node->data.sequence.items.start;

		if (item == node->data.sequence.items.top)
			return yaml_complain(tree, node, "sysctl: an empty set: expected NAME=VALUE, or none in its place");
		for (; item < node->data.sequence.items.top; item++)
			if (set_part(tree, axis, node_at(tree, *item), &cell) < 0)
				return -1;
	} else if (set_part(tree, axis, node, &cell) < 0) {
		return -1;
	}
	/* Whether it applies is a matter of the segments of the block. */
	if (block_add_field(column, axis, axes_field(axis, &cell)) < 0)
		return yaml_complain(tree, node, "out of memory");
	return 0;
}

static const char *value_text(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "[...]";
}

/* The node of the value at this position: an item of the axis's list, or the only value itself. */
static const yaml_node_t *value_node(struct yaml_tree *tree, const yaml_node_t *node, size_t position)
{
	return node->type == YAML_SEQUENCE_NODE ? node_at(tree, node->data.sequence.items.start[position]) : node;
}

static int check_repeated(struct yaml_tree *tree, const struct axis *axis, const yaml_node_t *node, struct column *column)
{
	size_t first, second;
	int result = block_sort(column, &first, &second);
	const yaml_node_t *one, *other;

	if (result <= 0)
		return result == 0 ? 0 : yaml_complain(tree, node, "out of memory");
	one = value_node(tree, node, first);
	other = value_node(tree, node, second);
	return yaml_complain(tree, other, "duplicate cell: %s '%.40s' is the same as '%.40s' in line %d, column %zu",
			     axis->key, value_text(other), value_text(one), yaml_line(one), one->start_mark.column + 1);
}

static int read_axis(struct yaml_tree *tree, const struct axis *axis, const yaml_node_t *node, struct column *column)
{
	if (is_nothing(node) || (node->type == YAML_SEQUENCE_NODE &&
				 node->data.sequence.items.start == node->data.sequence.items.top))
		return yaml_complain(tree, node, "%s: an empty axis: expected a value or a list of values", axis->key);
	if (node->type != YAML_SEQUENCE_NODE) {
		if (read_value(tree, axis, node, column) < 0)
			return -1;
		return check_repeated(tree, axis, node, column);
	}
	for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++)
		if (read_value(tree, axis, node_at(tree, *item), column) < 0)
			return -1;
	return check_repeated(tree, axis, node, column);
}

/* An axis that the file does not mention is as in the normal cell. */
static int read_normal(const struct axis *axis, struct column *column)
{
	struct cell cell;
	size_t first, second;

	cell_default(&cell);
	return block_add_field(column, axis, axes_field(axis, &cell)) < 0 ? -1 : block_sort(column, &first, &second);
}

/* The axes that others ask about in their checks. */
static const enum axis_id asked_about[] = {
	AXIS_SEGMENT, AXIS_STATE, AXIS_OPENING, AXIS_LISTENER, AXIS_DELAY, AXIS_UNREAD, AXIS_SYSCTLS,
};
enum { ASKED_ABOUT = sizeof(asked_about) / sizeof(asked_about[0]) };

/* The cell with each value of these axes in the block, from number `from` on. */
static int check_with(const struct block *block, const struct axis *axis, size_t from, struct cell *cell, struct error *error)
{
	const struct column *column;

	while (from < ASKED_ABOUT && asked_about[from] == axis->id)
		from++;
	if (from >= ASKED_ABOUT)
		return axis->check(cell, error);
	column = &block->columns[asked_about[from]];
	for (size_t i = 0; i < column->count; i++) {
		block_put(column, i, cell);
		if (check_with(block, axis, from + 1, cell, error) < 0)
			return -1;
	}
	return 0;
}

/* Each value that the file gives, with what it may not go together with. */
static int check_values(struct yaml_tree *tree, const struct block *block, const struct axis *axis,
			const yaml_node_t *node)
{
	const struct column *column = &block->columns[axis->id];
	struct cell cell;

	cell_default(&cell);
	for (size_t i = 0; axis->check && i < column->count; i++) {
		block_put(column, i, &cell);
		if (check_with(block, axis, 0, &cell, tree->error) < 0)
			return yaml_complain_in(tree, value_node(tree, node, i));
	}
	return 0;
}

/* The position of the pair's key among `names`, with its value in values[position]. */
static int take_pair(struct yaml_tree *tree, const yaml_node_pair_t *pair, const char *const *names, size_t count,
		     const char *expected, yaml_node_t **values)
{
	yaml_node_t *node = node_at(tree, pair->key);
	const char *text = yaml_value(tree, node, "key");

	if (!text)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		if (values[i])
			return yaml_complain(tree, node, "the key %s is given twice (its first value is in line %d)", text,
				       yaml_line(values[i]));
		values[i] = node_at(tree, pair->value);
		return 0;
	}
	return yaml_complain(tree, node, "unknown key '%.40s': expected %s", text, expected);
}

static int take_pairs(struct yaml_tree *tree, const yaml_node_t *node, const char *const *names, size_t count,
		      const char *expected, yaml_node_t **values)
{
	if (node->type != YAML_MAPPING_NODE)
		return yaml_complain(tree, node, "expected a mapping with the keys %s", expected);
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++)
		if (take_pair(tree, pair, names, count, expected, values) < 0)
			return -1;
	return 0;
}

static int read_axes(struct yaml_tree *tree, yaml_node_t *const *nodes, struct block *block, const yaml_node_t *node)
{
	for (int i = 0; i < AXIS_COUNT; i++) {
		struct column *column = &block->columns[axes_table[i].id];

		if (nodes[i] ? read_axis(tree, &axes_table[i], nodes[i], column) < 0 : read_normal(&axes_table[i], column) < 0)
			return nodes[i] ? -1 : yaml_complain(tree, node, "out of memory");
	}
	for (int i = 0; i < AXIS_COUNT; i++)
		if (nodes[i] && check_values(tree, block, &axes_table[i], nodes[i]) < 0)
			return -1;
	return block_join(block) < 0 ? yaml_complain(tree, node, "out of memory") : 0;
}

static int add_block(struct yaml_tree *tree, const yaml_node_t *node, struct block *block, struct matrix *matrix)
{
	char name[CELL_NAME_SIZE];
	struct cell cell;
	const struct block *other = matrix_shared(matrix, block, &cell);

	block->line = yaml_line(node);
	if (other)
		return yaml_complain(tree, node, "duplicate cell: %.200s is also in the block in line %d",
			       cell_name(&cell, name, sizeof(name)), other->line);
	if (matrix_add(matrix, block, tree->error) < 0)
		return yaml_complain_in(tree, node);
	return 0;
}

static int read_block(struct yaml_tree *tree, const yaml_node_t *node, struct matrix *matrix)
{
	yaml_node_t *nodes[AXIS_COUNT] = { NULL };
	const char *keys[AXIS_COUNT];
	char expected[400];
	struct block block = { .count = 0 };
	int result;

	for (int i = 0; i < AXIS_COUNT; i++)
		keys[i] = axes_table[i].key;
	result = take_pairs(tree, node, keys, AXIS_COUNT, axes_keys(expected, sizeof(expected)), nodes);
	if (result == 0)
		result = read_axes(tree, nodes, &block, node);
	if (result == 0)
		result = add_block(tree, node, &block, matrix);
	block_free(&block);
	return result;
}

static int read_blocks(struct yaml_tree *tree, const yaml_node_t *node, struct matrix *matrix)
{
	if (node->type != YAML_SEQUENCE_NODE || node->data.sequence.items.start == node->data.sequence.items.top)
		return yaml_complain(tree, node, "blocks: expected a list of at least one block, each a mapping such as "
			       "\"- seq: [below, above]\"");
	for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++)
		if (read_block(tree, node_at(tree, *item), matrix) < 0)
			return -1;
	return 0;
}

static const char *name_of(struct yaml_tree *tree, const yaml_node_t *node)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const char *text = yaml_value(tree, node, "name");

	if (text && *text && text[strspn(text, allowed)] == '\0')
		return text;
	if (text)
		yaml_complain(tree, node, "bad name '%.40s': expected letters, digits, '-', '_' and '.'", text);
	return NULL;
}

static const char *description_of(struct yaml_tree *tree, const yaml_node_t *node)
{
	const char *text = node ? yaml_value(tree, node, "description") : "";

	for (const char *c = text; c && *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			yaml_complain(tree, node, "description: expected one line of text");
			return NULL;
		}
	}
	return text;
}

static struct matrix *read_matrix(struct yaml_tree *tree, const yaml_node_t *root)
{
	enum { NAME, DESCRIPTION, BLOCKS, COUNT };
	static const char *const names[COUNT] = { "name", "description", "blocks" };
	yaml_node_t *nodes[COUNT] = { NULL };
	const char *name, *description;
	struct matrix *matrix;

	if (take_pairs(tree, root, names, COUNT, "name, description, blocks", nodes) < 0)
		return NULL;
	if (!nodes[NAME] || !nodes[BLOCKS]) {
		yaml_complain(tree, root, "no key %s: expected name and blocks", nodes[NAME] ? "blocks" : "name");
		return NULL;
	}
	name = name_of(tree, nodes[NAME]);
	description = name ? description_of(tree, nodes[DESCRIPTION]) : NULL;
	if (!description)
		return NULL;
	matrix = matrix_new(name, description);
	if (!matrix) {
		yaml_complain(tree, root, "out of memory");
		return NULL;
	}
	if (read_blocks(tree, nodes[BLOCKS], matrix) == 0)
		return matrix;
	matrix_free(matrix);
	return NULL;
}

struct matrix *matrix_parse(const char *name, const char *text, size_t size, struct error *error)
{
	struct matrix *matrix;
	struct yaml_tree tree;

	if (yaml_tree_open(&tree, name, text, size, "a mapping with the keys name and blocks", error) < 0)
		return NULL;
	matrix = read_matrix(&tree, yaml_tree_root(&tree));
	yaml_tree_close(&tree);
	return matrix;
}

struct matrix *matrix_load(const char *path, struct error *error)
{
	size_t size;
	char *text = yaml_read(path, YAML_FILE_MAX, &size, error);
	struct matrix *matrix = text ? matrix_parse(path, text, size, error) : NULL;

	free(text);
	return matrix;
}
