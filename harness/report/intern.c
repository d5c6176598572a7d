/* intern.c - the set of strings as a hash table with open addressing. */
#include "harness/report/intern.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_LEAST = 1024 };

struct intern {
	char **texts;
	uint32_t *table; /* numbers, INTERN_NONE where free; at most half full */
	size_t count, room, table_size;
};

/* FNV-1a */
static uint32_t hash(const char *text)
{
	uint32_t value = 2166136261u;

	for (; *text; text++)
		value = (value ^ (unsigned char)*text) * 16777619u;
	return value;
}

/* The place of the string, or the free one where it would go. */
static uint32_t *place(const struct intern *names, const char *text)
{
	size_t at = hash(text) & (names->table_size - 1);

	while (names->table[at] != INTERN_NONE && strcmp(names->texts[names->table[at]], text))
		at = (at + 1) & (names->table_size - 1);
	return &names->table[at];
}

static int grow(struct intern *names, size_t table_size)
{
	uint32_t *table = malloc(table_size * sizeof(*table));
	char **texts = realloc(names->texts, table_size / 2 * sizeof(*texts));
	size_t i;

	if (texts)
		names->texts = texts;
	if (!table || !texts) {
		free(table);
		return -1;
	}
	free(names->table);
	memset(table, 0xff, table_size * sizeof(*table));
	names->table = table;
	names->table_size = table_size;
	names->room = table_size / 2;
	for (i = 0; i < names->count; i++)
		*place(names, names->texts[i]) = (uint32_t)i;
	return 0;
}

struct intern *intern_open(void)
{
	struct intern *names = calloc(1, sizeof(*names));

	if (names && grow(names, TABLE_LEAST)) {
		intern_close(names);
		return NULL;
	}
	return names;
}

uint32_t intern_add(struct intern *names, const char *text)
{
	uint32_t *at = place(names, text);

	if (*at != INTERN_NONE)
		return *at;
	if (names->count == names->room) {
		if (grow(names, names->table_size * 2))
			return INTERN_NONE;
		at = place(names, text);
	}
	names->texts[names->count] = strdup(text);
	if (!names->texts[names->count])
		return INTERN_NONE;
	*at = (uint32_t)names->count++;
	return *at;
}

uint32_t intern_find(const struct intern *names, const char *text)
{
	return *place(names, text);
}

const char *intern_text(const struct intern *names, uint32_t number)
{
	return names->texts[number];
}

size_t intern_count(const struct intern *names)
{
	return names->count;
}

void intern_close(struct intern *names)
{
	size_t i;

	if (!names)
		return;
	for (i = 0; i < names->count; i++)
		free(names->texts[i]);
	free(names->texts);
	free(names->table);
	free(names);
}
