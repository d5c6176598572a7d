/* yaml_tree.c - libyaml's document tree, with places. */
#include "cases/yaml_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/quantity.h"
#include "crafter/plain.h"
#include "crafter/textbuf.h"
#include "crafter/words.h"

enum {
	DEPTH_MAX = 1000, /* as the error says; libyaml's time grows with the square of the brackets that are open */
};

int yaml_line(const yaml_node_t *node)
{
	return (int)node->start_mark.line + 1;
}

static int place(const struct yaml_tree *tree, size_t line, size_t column, const char *text)
{
	return fail(tree->error, "%.250s:%zu:%zu: %s", tree->file, line + 1, column + 1, text);
}

int yaml_complain(struct yaml_tree *tree, const yaml_node_t *node, const char *format, ...)
{
	char text[sizeof(tree->error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return place(tree, node->start_mark.line, node->start_mark.column, text);
}

int yaml_complain_line(struct yaml_tree *tree, int line, const char *format, ...)
{
	char text[sizeof(tree->error->text)];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return place(tree, (size_t)line - 1, 0, text);
}

int yaml_complain_in(struct yaml_tree *tree, const yaml_node_t *node)
{
	char text[sizeof(tree->error->text)];

	snprintf(text, sizeof(text), "%s", tree->error->text);
	return yaml_complain(tree, node, "%s", text);
}

/* The parser's own complaint. For bytes that are not text it gives only their offset. */
static int syntax_error(const struct yaml_tree *tree, const yaml_parser_t *parser, const char *text)
{
	size_t line = parser->problem_mark.line, column = parser->problem_mark.column;
	char problem[200];

	snprintf(problem, sizeof(problem), "not YAML: %s%s%s", parser->context ? parser->context : "",
		 parser->context ? ", " : "", parser->problem ? parser->problem : "out of memory");
	if (parser->error == YAML_READER_ERROR) {
		line = column = 0;
		for (size_t i = 0; i < parser->problem_offset; i++) {
			column = text[i] == '\n' ? 0 : column + 1;
			line += text[i] == '\n';
		}
	}
	return place(tree, line, column, problem);
}

static int check_depth(const struct yaml_tree *tree, const char *text, size_t size)
{
	size_t line = 0, column = 0;
	int depth = 0;

	for (size_t i = 0; i < size; i++) {
		depth += (text[i] == '[' || text[i] == '{') - (text[i] == ']' || text[i] == '}');
		if (depth > DEPTH_MAX)
			return place(tree, line, column, "not a case file: more than 1000 open brackets");
		column = text[i] == '\n' ? 0 : column + 1;
		line += text[i] == '\n';
	}
	return 0;
}

static int load(yaml_parser_t *parser, struct yaml_tree *tree, const char *text, const char *expected)
{
	yaml_document_t second;
	const yaml_node_t *root;
	char empty[200];
	int result = 0;

	if (!yaml_parser_load(parser, &tree->document))
		return syntax_error(tree, parser, text);
	if (!yaml_tree_root(tree)) {
		snprintf(empty, sizeof(empty), "the file is empty: expected %s", expected);
		result = place(tree, 0, 0, empty);
	} else if (!yaml_parser_load(parser, &second)) {
		result = syntax_error(tree, parser, text);
	} else {
		root = yaml_document_get_root_node(&second);
		if (root)
			result = yaml_complain(tree, root, "a second document: expected one in a file");
		yaml_document_delete(&second);
	}
	if (result < 0)
		yaml_document_delete(&tree->document);
	return result;
}

int yaml_tree_open(struct yaml_tree *tree, const char *file, const char *text, size_t size, const char *expected,
		   struct error *error)
{
	yaml_parser_t parser;
	int result;

	*tree = (struct yaml_tree){ .file = file, .error = error ? error : &tree->nowhere };
	if (size > YAML_FILE_MAX)
		return fail(error, "%.250s: too large: expected a case file of at most %d bytes", file, YAML_FILE_MAX);
	if (check_depth(tree, text, size) < 0)
		return -1;
	if (!yaml_parser_initialize(&parser))
		return fail(error, "%.250s: out of memory", file);
	/* Said, so that junk is not taken for UTF-16. */
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
	result = load(&parser, tree, text, expected);
	yaml_parser_delete(&parser);
	return result;
}

/* Reads until the end or until the buffer is full: what is not a regular file does not report its size. */
static int read_all(int descriptor, char *buffer, size_t room, size_t *size)
{
	ssize_t got = 1;

	for (*size = 0; got > 0 && *size < room; *size += (size_t)got) {
		do
			got = read(descriptor, buffer + *size, room - *size);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return -1;
	}
	return 0;
}

char *yaml_read(const char *path, size_t most, size_t *size, struct error *error)
{
	char *text = malloc(most + 1);
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	int result = -1;

	if (descriptor < 0)
		fail(error, "%.250s: cannot open the case file: %s", path, strerror(errno));
	else if (!text)
		fail(error, "%.250s: out of memory", path);
	else if (read_all(descriptor, text, most + 1, size) < 0)
		fail(error, "%.250s: cannot read the case file: %s", path, strerror(errno));
	else
		result = 0;
	if (descriptor >= 0)
		close(descriptor);
	if (result == 0)
		return text;
	free(text);
	return NULL;
}

void yaml_tree_close(struct yaml_tree *tree)
{
	yaml_document_delete(&tree->document);
}

yaml_node_t *yaml_tree_root(struct yaml_tree *tree)
{
	return yaml_document_get_root_node(&tree->document);
}

/* What is shown one day must not steer a terminal then. Lines may be folded. */
static bool is_text(const char *text)
{
	size_t length = 1;

	for (; *text && length; text += length)
		length = *text == '\n' || *text == '\t' ? 1 : plain_length(text);
	return !*text;
}

const char *yaml_value(struct yaml_tree *tree, const yaml_node_t *node, const char *what)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE) {
		yaml_complain(tree, node, "%s: expected a single value, not a %s", what,
			      node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
		return NULL;
	}
	text = (const char *)node->data.scalar.value;
	if (strlen(text) != node->data.scalar.length)
		yaml_complain(tree, node, "%s: a NUL byte in the text", what);
	else if (!is_text(text))
		yaml_complain(tree, node, "%s: a control character in the text", what);
	else
		return text;
	return NULL;
}

const char *yaml_text(struct yaml_tree *tree, const yaml_node_t *node, const char *what)
{
	const char *text = yaml_value(tree, node, what);

	if (!text || *text)
		return text;
	yaml_complain(tree, node, "%s: the value is missing", what);
	return NULL;
}

int yaml_number(struct yaml_tree *tree, const yaml_node_t *node, const char *what, unsigned low, unsigned high,
		unsigned *value)
{
	const char *text = yaml_text(tree, node, what);
	unsigned long number;
	char *end;

	if (!text)
		return -1;
	number = strtoul(text, &end, 10);
	if (*end || *text < '0' || *text > '9' || number < low || number > high)
		return yaml_complain(tree, node, "%s: '%s' is not a whole number from %u to %u", what, text, low, high);
	*value = (unsigned)number;
	return 0;
}

int yaml_flag(struct yaml_tree *tree, const yaml_node_t *node, const char *what, bool *value)
{
	static const char *const words[] = { "no", "yes", "off", "on", "false", "true" };
	const char *text = yaml_text(tree, node, what);

	size_t number = text ? words_find(WORDS(words), text) : 0;

	if (!text)
		return -1;
	if (number == sizeof(words) / sizeof(words[0]))
		return yaml_complain(tree, node, "%s: '%s' is neither yes nor no", what, text);
	*value = number % 2 == 1;
	return 0;
}

int yaml_duration(struct yaml_tree *tree, const yaml_node_t *node, const char *what, uint64_t *ns)
{
	const char *text = yaml_text(tree, node, what);

	if (!text)
		return -1;
	if (quantity_duration_parse(text, ns, tree->error) < 0) {
		fail_in(tree->error, what);
		return yaml_complain_in(tree, node);
	}
	return 0;
}

static const struct yaml_key *find_key(const struct yaml_key *keys, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static int bad_key(struct yaml_tree *tree, const yaml_node_t *node, const char *what, const struct yaml_key *keys,
		   size_t count, unsigned kind)
{
	const char *name = (const char *)node->data.scalar.value;
	char list[400];
	struct textbuf out;

	textbuf_init(&out, list, sizeof(list));
	for (size_t i = 0; i < count; i++)
		if (keys[i].kinds & kind)
			textbuf_item(&out, ", ", "%s", keys[i].name);
	return yaml_complain(tree, node, "%s has no key '%s'; expected %s", what, name, list);
}

static bool said_before(struct yaml_tree *tree, const yaml_node_t *mapping, const yaml_node_pair_t *pair,
			const char *name)
{
	for (const yaml_node_pair_t *other = mapping->data.mapping.pairs.start; other < pair; other++) {
		const yaml_node_t *key = yaml_document_get_node(&tree->document, other->key);

		if (strcmp((const char *)key->data.scalar.value, name) == 0)
			return true;
	}
	return false;
}

int yaml_mapping(struct yaml_tree *tree, const yaml_node_t *node, const char *what, const struct yaml_key *keys,
		 size_t count, unsigned kind, void *into)
{
	if (node->type != YAML_MAPPING_NODE)
		return yaml_complain(tree, node, "%s: a mapping is expected (key: value)", what);
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&tree->document, pair->key);
		const yaml_node_t *value = yaml_document_get_node(&tree->document, pair->value);
		const char *name = yaml_text(tree, key, "a key");
		const struct yaml_key *found = name ? find_key(keys, count, name) : NULL;

		if (!name)
			return -1;
		if (!found || !(found->kinds & kind))
			return bad_key(tree, key, what, keys, count, kind);
		if (said_before(tree, node, pair, name))
			return yaml_complain(tree, key, "%s: '%s' is given twice", what, name);
		tree->key = found->name;
		if (found->read(tree, value, into) < 0)
			return -1;
	}
	return 0;
}

yaml_node_t *yaml_find(struct yaml_tree *tree, const yaml_node_t *mapping, const char *key)
{
	if (mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start; pair < mapping->data.mapping.pairs.top;
	     pair++) {
		const yaml_node_t *node = yaml_document_get_node(&tree->document, pair->key);

		if (node->type == YAML_SCALAR_NODE && strcmp((const char *)node->data.scalar.value, key) == 0)
			return yaml_document_get_node(&tree->document, pair->value);
	}
	return NULL;
}

int yaml_items(struct yaml_tree *tree, const yaml_node_t *node, const char *what, size_t *count)
{
	*count = 1;
	if (node->type == YAML_SCALAR_NODE)
		return 0;
	if (node->type != YAML_SEQUENCE_NODE)
		return yaml_complain(tree, node, "%s: a list is expected", what);
	*count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	return *count ? 0 : yaml_complain(tree, node, "%s: the list is empty", what);
}

yaml_node_t *yaml_item(struct yaml_tree *tree, const yaml_node_t *node, size_t index)
{
	if (node->type == YAML_SCALAR_NODE)
		return yaml_document_get_node(&tree->document, (int)(node - tree->document.nodes.start) + 1);
	return yaml_document_get_node(&tree->document, node->data.sequence.items.start[index]);
}
