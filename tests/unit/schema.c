/* schema.c - the part of JSON Schema 2020-12 that docs/schema/ uses. */
#include "tests/unit/schema.h"

#include <dirent.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 16, PATTERNS_MAX = 32, NAME_SIZE = 64, PLACE_SIZE = 256 };

struct file {
	char name[NAME_SIZE];
	json_t *schema;
};

struct pattern {
	const json_t *text;
	regex_t compiled;
};

struct schemas {
	size_t file_count, pattern_count;
	struct file files[FILES_MAX], *stream; /* that of the output which is read; NULL: none has begun */
	struct pattern patterns[PATTERNS_MAX];
};

/* A value in a record, and the file whose schema it is held against. */
struct place {
	struct schemas *schemas;
	struct file *file;
	char text[PLACE_SIZE]; /* ".received[0].flags" */
};

static int check(struct place *place, const json_t *schema, const json_t *value, struct error *error);

struct schemas *schema_open(const char *folder, struct error *error)
{
	struct schemas *schemas = calloc(1, sizeof(*schemas));
	struct dirent *entry;
	DIR *listing = opendir(folder);

	if (!schemas || !listing) {
		fail(error, "%s: cannot be read", folder);
		goto failed;
	}
	while ((entry = readdir(listing))) {
		struct file *file = &schemas->files[schemas->file_count];
		size_t length = strlen(entry->d_name);
		char path[512];
		json_error_t why;

		if (length < 5 || strcmp(entry->d_name + length - 5, ".json") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		file->schema = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
		if (!file->schema || schemas->file_count == FILES_MAX - 1) {
			fail(error, "%s:%d: %s", path, why.line, why.text);
			goto failed;
		}
		snprintf(file->name, sizeof(file->name), "%.63s", entry->d_name);
		schemas->file_count++;
	}
	closedir(listing);
	return schemas;
failed:
	if (listing)
		closedir(listing);
	schema_close(schemas);
	return NULL;
}

void schema_close(struct schemas *schemas)
{
	for (size_t i = 0; schemas && i < schemas->file_count; i++)
		json_decref(schemas->files[i].schema);
	for (size_t i = 0; schemas && i < schemas->pattern_count; i++)
		regfree(&schemas->patterns[i].compiled);
	free(schemas);
}

static int wrong(const struct place *place, struct error *error, const char *why, const char *what)
{
	return fail(error, "%s: %s%s", place->text[0] ? place->text : "the record", why, what);
}

static struct file *file_named(struct schemas *schemas, const char *name, size_t length)
{
	for (size_t i = 0; i < schemas->file_count; i++)
		if (strlen(schemas->files[i].name) == length && memcmp(schemas->files[i].name, name, length) == 0)
			return &schemas->files[i];
	return NULL;
}

/* "#/$defs/NAME" or "FILE#/$defs/NAME" */
static int check_ref(struct place *place, const char *ref, const json_t *value, struct error *error)
{
	static const char definitions[] = "#/$defs/";
	const char *name = strstr(ref, definitions);
	struct file *from = place->file;
	const json_t *schema;
	int result;

	if (name && name != ref)
		place->file = file_named(place->schemas, ref, (size_t)(name - ref));
	schema = !name || !place->file ? NULL : json_object_get(json_object_get(place->file->schema, "$defs"),
								name + sizeof(definitions) - 1);
	result = schema ? check(place, schema, value, error) : wrong(place, error, "the schema refers to nothing: ", ref);
	place->file = from;
	return result;
}

static bool is_of_type(const json_t *value, const char *type)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "object", [JSON_ARRAY] = "array", [JSON_STRING] = "string", [JSON_INTEGER] = "integer",
		[JSON_REAL] = "number", [JSON_TRUE] = "boolean", [JSON_FALSE] = "boolean", [JSON_NULL] = "null",
	};

	return strcmp(type, names[json_typeof(value)]) == 0 || (strcmp(type, "number") == 0 && json_is_integer(value));
}

static int check_type(const struct place *place, const json_t *types, const json_t *value, struct error *error)
{
	const json_t *type;
	size_t i;

	if (json_is_string(types) && is_of_type(value, json_string_value(types)))
		return 0;
	json_array_foreach(types, i, type)
		if (is_of_type(value, json_string_value(type)))
			return 0;
	return wrong(place, error, "is of another type than the schema says", "");
}

static int check_enum(const struct place *place, const json_t *values, const json_t *value, struct error *error)
{
	const json_t *one;
	size_t i;

	json_array_foreach(values, i, one)
		if (json_equal(one, value))
			return 0;
	return wrong(place, error, "is no value of the schema: ", json_is_string(value) ? json_string_value(value) : "");
}

static bool is_for_null(const json_t *schema)
{
	const char *type = json_string_value(json_object_get(schema, "type"));

	return type && strcmp(type, "null") == 0;
}

static int check_any(struct place *place, const json_t *schemas, const json_t *value, struct error *error)
{
	struct error best = { .text = "" }, one;
	const json_t *schema;
	size_t i;

	json_array_foreach(schemas, i, schema) {
		if (check(place, schema, value, &one) == 0)
			return 0;
		/* What is not null was not meant to be, and a kind that it is not is said in a few words. */
		if (!is_for_null(schema) && strlen(one.text) > strlen(best.text))
			best = one;
	}
	return fail(error, "%s", best.text);
}

/* Runs `schema` for a member or an element of the value, whose name follows the place's. */
static int check_inner(struct place *place, const char *name, const json_t *schema, const json_t *value, struct error *error)
{
	size_t length = strlen(place->text);
	int result;

	snprintf(place->text + length, sizeof(place->text) - length, "%s", name);
	result = check(place, schema, value, error);
	place->text[length] = '\0';
	return result;
}

static int check_items(struct place *place, const json_t *schema, const json_t *value, struct error *error)
{
	const json_t *item;
	char name[24];
	size_t i;

	json_array_foreach(value, i, item) {
		snprintf(name, sizeof(name), "[%zu]", i);
		if (check_inner(place, name, schema, item, error))
			return -1;
	}
	return 0;
}

/* `properties`, `additionalProperties` and `required`, which say it together. */
static int check_members(struct place *place, const json_t *schema, json_t *value, struct error *error)
{
	const json_t *more = json_object_get(schema, "additionalProperties"), *properties, *name;
	const char *key;
	json_t *member;
	size_t i;

	properties = json_object_get(schema, "properties");
	json_array_foreach(json_object_get(schema, "required"), i, name)
		if (!json_object_get(value, json_string_value(name)))
			return wrong(place, error, "has no ", json_string_value(name));
	json_object_foreach(value, key, member) {
		const json_t *inner = json_object_get(properties, key);
		char text[NAME_SIZE + 1];

		snprintf(text, sizeof(text), ".%s", key);
		if (!inner && json_is_false(more))
			return wrong(place, error, "the schema does not know ", key);
		inner = inner ? inner : more;
		if (inner && json_is_object(inner) && check_inner(place, text, inner, member, error))
			return -1;
	}
	return 0;
}

static int check_pattern(const struct place *place, const json_t *text, const json_t *value, struct error *error)
{
	struct schemas *schemas = place->schemas;
	struct pattern *pattern = schemas->patterns;

	while (pattern < schemas->patterns + schemas->pattern_count && pattern->text != text)
		pattern++;
	if (pattern == schemas->patterns + schemas->pattern_count) {
		if (schemas->pattern_count == PATTERNS_MAX ||
		    regcomp(&pattern->compiled, json_string_value(text), REG_EXTENDED | REG_NOSUB))
			return wrong(place, error, "the schema's pattern cannot be used: ", json_string_value(text));
		pattern->text = text;
		schemas->pattern_count++;
	}
	if (!json_is_string(value) || regexec(&pattern->compiled, json_string_value(value), 0, NULL, 0) == 0)
		return 0;
	return wrong(place, error, "does not look as the schema says: ", json_string_value(value));
}

static int check_bound(const struct place *place, const json_t *bound, int sign, const json_t *value, struct error *error)
{
	if (!json_is_number(value) || sign * (json_number_value(value) - json_number_value(bound)) >= 0)
		return 0;
	return wrong(place, error, "is beyond what the schema allows", "");
}

static int check_keyword(struct place *place, const char *keyword, const json_t *schema, const json_t *rule,
			 const json_t *value, struct error *error)
{
	const json_t *properties = json_object_get(schema, "properties");
	static const char *const silent[] = { "$schema", "title", "description", "$defs" };

	if (strcmp(keyword, "$ref") == 0)
		return check_ref(place, json_string_value(rule), value, error);
	if (strcmp(keyword, "type") == 0)
		return check_type(place, rule, value, error);
	if (strcmp(keyword, "const") == 0)
		return json_equal(rule, value) ? 0 : wrong(place, error, "is not what the schema says", "");
	if (strcmp(keyword, "enum") == 0)
		return check_enum(place, rule, value, error);
	if (strcmp(keyword, "anyOf") == 0)
		return check_any(place, rule, value, error);
	if (strcmp(keyword, "items") == 0)
		return check_items(place, rule, value, error);
	if (strcmp(keyword, "properties") == 0 || (strcmp(keyword, "additionalProperties") == 0 && !properties))
		return json_is_object(value) ? check_members(place, schema, (json_t *)value, error) : 0;
	if (strcmp(keyword, "additionalProperties") == 0 || strcmp(keyword, "required") == 0)
		return properties ? 0 : wrong(place, error, "the schema has no properties for its ", keyword);
	if (strcmp(keyword, "pattern") == 0)
		return check_pattern(place, rule, value, error);
	if (strcmp(keyword, "minimum") == 0)
		return check_bound(place, rule, 1, value, error);
	if (strcmp(keyword, "maximum") == 0)
		return check_bound(place, rule, -1, value, error);
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++)
		if (strcmp(keyword, silent[i]) == 0)
			return 0;
	return wrong(place, error, "this reader of schemas does not know the keyword ", keyword);
}

static int check(struct place *place, const json_t *schema, const json_t *value, struct error *error)
{
	const char *keyword;
	json_t *rule;

	json_object_foreach((json_t *)schema, keyword, rule)
		if (check_keyword(place, keyword, schema, rule, value, error))
			return -1;
	return 0;
}

/* The schema whose first record this is; NULL: of none. */
static struct file *file_begun_by(struct schemas *schemas, const char *name, const json_t *record)
{
	const char *kind = json_object_get(record, "scenarios") ? "scenarios.json" : "cells.json";

	for (size_t i = 0; i < schemas->file_count; i++) {
		struct file *file = &schemas->files[i];
		const json_t *one = json_array_get(json_object_get(file->schema, "oneOf"), 0);
		const char *first = json_string_value(json_object_get(one, "$ref"));

		/* Two outputs begin with a `run`. */
		if (first && strcmp(first + strlen("#/$defs/"), name) == 0 &&
		    (strcmp(name, "run") != 0 || strcmp(file->name, kind) == 0))
			return file;
	}
	return NULL;
}

/* One record of those that the schema lists: each has its own name, so that there is one to hold it against. */
int schema_check(struct schemas *schemas, const json_t *record, struct error *error)
{
	const char *name = json_string_value(json_object_get(record, "record"));
	struct place place = { .schemas = schemas };
	char ref[NAME_SIZE + 8];
	const json_t *one;
	size_t i;

	if (!name)
		return fail(error, "no object with a \"record\"");
	if (json_object_get(record, "format_version"))
		schemas->stream = file_begun_by(schemas, name, record);
	if (!schemas->stream)
		return fail(error, "no output begins with \"%s\"%s", name,
			    json_object_get(record, "format_version") ? "" : ": it has no \"format_version\"");
	place.file = schemas->stream;
	snprintf(ref, sizeof(ref), "#/$defs/%.48s", name);
	json_array_foreach(json_object_get(place.file->schema, "oneOf"), i, one)
		if (strcmp(ref, json_string_value(json_object_get(one, "$ref"))) == 0)
			return check_ref(&place, ref, record, error);
	return fail(error, "%s does not know the record \"%s\"", place.file->name, name);
}

int schema_check_text(struct schemas *schemas, const char *text, size_t size, struct error *error)
{
	const char *end = text + size, *line_end;
	size_t line = 0;

	schemas->stream = NULL;
	for (; text < end; text = line_end + 1) {
		struct error inner;
		json_error_t why;
		json_t *record;
		int result;

		line++;
		line_end = memchr(text, '\n', (size_t)(end - text));
		if (!line_end)
			return fail(error, "line %zu: does not end", line);
		record = json_loadb(text, (size_t)(line_end - text), JSON_REJECT_DUPLICATES, &why);
		if (!record)
			return fail(error, "line %zu: %s", line, why.text);
		result = schema_check(schemas, record, &inner);
		if (result)
			fail(error, "line %zu: \"%.40s\": %.300s", line,
			     json_is_object(record) ? json_string_value(json_object_get(record, "record")) : "?", inner.text);
		json_decref(record);
		if (result)
			return -1;
	}
	return line ? 0 : fail(error, "no record");
}
