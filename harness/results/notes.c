/* notes.c - reads explanations, a JSON object a line, and finds the one for a group. */
#include "harness/results/notes.h"

#include <fnmatch.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/plain.h"
#include "crafter/stream.h"
#include "harness/report/ndjson.h"

static void free_list(struct note_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->texts[i]);
	free(list->texts);
}

static void free_note(struct note *note)
{
	free(note->title);
	free(note->about);
	free_list(&note->says);
	for (size_t i = 0; i < note->scope_count; i++) {
		free_list(&note->scopes[i].cells);
		free_list(&note->scopes[i].what);
	}
	free(note->scopes);
}

void notes_free(struct notes *notes)
{
	if (!notes)
		return;
	for (size_t i = 0; i < notes->count; i++)
		free_note(&notes->list[i]);
	free(notes->list);
	free(notes);
}

static int read_text(const json_t *value, const char *key, char **text, struct error *error)
{
	if (!json_is_string(value) || !plain_is(json_string_value(value)))
		return fail(error, "\"%s\": expected text without control characters", key);
	*text = strdup(json_string_value(value));
	return *text ? 0 : fail(error, "out of memory for the notes");
}

static int read_list(const json_t *record, const char *key, struct note_list *list, struct error *error)
{
	const json_t *values = json_object_get(record, key);

	if (!values)
		return 0;
	if (!json_is_array(values))
		return fail(error, "\"%s\": expected a list of texts", key);
	list->texts = calloc(json_array_size(values) + 1, sizeof(*list->texts));
	if (!list->texts)
		return fail(error, "out of memory for the notes");
	for (; list->count < json_array_size(values); list->count++)
		if (read_text(json_array_get(values, list->count), key, &list->texts[list->count], error))
			return -1;
	return 0;
}

static int read_scopes(const json_t *record, struct note *note, struct error *error)
{
	const json_t *scopes = json_object_get(record, "for");

	if (!json_is_array(scopes))
		return fail(error, "\"for\": expected a list of differences");
	note->scopes = calloc(json_array_size(scopes) + 1, sizeof(*note->scopes));
	if (!note->scopes)
		return fail(error, "out of memory for the notes");
	while (note->scope_count < json_array_size(scopes)) {
		const json_t *scope = json_array_get(scopes, note->scope_count);
		struct note_scope *next = &note->scopes[note->scope_count++];

		if (!json_is_object(scope))
			return fail(error, "\"for\": expected objects with \"cells\" and \"what\"");
		if (read_list(scope, "cells", &next->cells, error) || read_list(scope, "what", &next->what, error))
			return -1;
	}
	return 0;
}

static int read_note(struct notes *notes, const json_t *record, struct error *error)
{
	const char *kind = json_string_value(json_object_get(record, "record"));
	const json_t *about = json_object_get(record, "about");
	struct note *list = realloc(notes->list, (notes->count + 1) * sizeof(*list)), *note;

	if (!list)
		return fail(error, "out of memory for the notes");
	notes->list = list;
	note = &list[notes->count++];
	*note = (struct note){ .title = NULL };
	if (!kind || strcmp(kind, "note") != 0)
		return fail(error, "expected {\"record\":\"note\", ...}");
	if (json_integer_value(json_object_get(record, "format_version")) != NDJSON_VERSION)
		return fail(error, "\"format_version\" is not %d", NDJSON_VERSION);
	if (read_text(json_object_get(record, "title"), "title", &note->title, error) ||
	    (about && read_text(about, "about", &note->about, error)))
		return -1;
	return read_list(record, "says", &note->says, error) || read_scopes(record, note, error) ? -1 : 0;
}

static int read_line(void *notes, char *line, size_t length, struct error *error)
{
	json_error_t problem;
	json_t *record = json_loadb(line, length, 0, &problem);
	int result;

	if (!record)
		return fail(error, "%s (column %d)", problem.text, problem.column);
	result = read_note(notes, record, error);
	json_decref(record);
	return result;
}

struct notes *notes_load(const char *path, struct error *error)
{
	struct notes *notes = calloc(1, sizeof(*notes));

	if (!notes)
		fail(error, "out of memory");
	else if (stream_lines(path, read_line, notes, error) == 0)
		return notes;
	fail_in(error, "--notes");
	notes_free(notes);
	return NULL;
}

static bool fits(const struct note_list *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->texts[i], text, 0) == 0)
			return true;
	return !patterns->count;
}

static bool has(const struct note_scope *scope, const struct pool *pool, const struct group *group, const char *what)
{
	if (!fits(&scope->what, what))
		return false;
	for (size_t i = 0; i < group->count; i++)
		if (!fits(&scope->cells, intern_text(pool->cells, group->members[i])))
			return false;
	return true;
}

static bool is_for(const struct note *note, const struct pool *pool, const struct group *group, const char *what)
{
	for (size_t i = 0; i < note->scope_count; i++)
		if (has(&note->scopes[i], pool, group, what))
			return true;
	return false;
}

size_t notes_find(const struct notes *notes, const struct pool *pool, const struct group *group, const char *what)
{
	size_t i = 0;

	while (i < notes->count && !is_for(&notes->list[i], pool, group, what))
		i++;
	return i;
}
