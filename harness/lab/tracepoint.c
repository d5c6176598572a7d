/* tracepoint.c - reading tracefs format files. */
#include "harness/lab/tracepoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "	field:unsigned short sport;	offset:24;	size:2;	signed:0;" - the name is the last word before the semicolon,
 * without the brackets of an array. */
static bool parse_field(const char *line, struct tracepoint_field *field)
{
	const char *end = strchr(line, ';'), *name, *bracket;
	unsigned offset, size;

	if (!end || sscanf(end, "; offset:%u; size:%u;", &offset, &size) != 2 || offset > UINT16_MAX ||
	    size > UINT16_MAX)
		return false;
	bracket = memchr(line, '[', (size_t)(end - line));
	if (bracket)
		end = bracket;
	for (name = end; name > line && name[-1] != ' ' && name[-1] != '*'; name--)
		;
	if ((size_t)(end - name) >= sizeof(field->name))
		return false;
	memcpy(field->name, name, (size_t)(end - name));
	field->name[end - name] = '\0';
	field->offset = (uint16_t)offset;
	field->size = (uint16_t)size;
	return true;
}

bool tracepoint_parse(const char *text, struct tracepoint *tracepoint)
{
	const char *id = strstr(text, "\nID: ");
	const char *line = text;

	memset(tracepoint, 0, sizeof(*tracepoint));
	if (!id)
		return false;
	tracepoint->id = strtoull(id + 5, NULL, 10);
	while ((line = strstr(line, "\tfield:")) && tracepoint->field_count < TRACEPOINT_FIELDS_MAX) {
		line += 7;
		tracepoint->field_count += parse_field(line, &tracepoint->fields[tracepoint->field_count]);
	}
	tracepoint->print = strstr(text, "\nprint fmt: ");
	return tracepoint->field_count > 0;
}

static const struct tracepoint_field *find_field(const struct tracepoint *tracepoint, const char *name)
{
	for (uint8_t i = 0; i < tracepoint->field_count; i++)
		if (strcmp(tracepoint->fields[i].name, name) == 0)
			return &tracepoint->fields[i];
	return NULL;
}

bool tracepoint_offset(const struct tracepoint *tracepoint, const char *field, uint16_t *offset)
{
	const struct tracepoint_field *found = find_field(tracepoint, field);

	if (found)
		*offset = found->offset;
	return found != NULL;
}

bool tracepoint_number(const struct tracepoint *tracepoint, const char *field, const uint8_t *record, size_t size,
		       uint64_t *value)
{
	const struct tracepoint_field *found = find_field(tracepoint, field);
	union { uint8_t u8; uint16_t u16; uint32_t u32; uint64_t u64; } number; /* in the machine's byte order */

	if (!found || (size_t)found->offset + found->size > size || found->size > sizeof(number))
		return false;
	memcpy(&number, record + found->offset, found->size);
	switch (found->size) {
	case 1:
		*value = number.u8;
		return true;
	case 2:
		*value = number.u16;
		return true;
	case 4:
		*value = number.u32;
		return true;
	case 8:
		*value = number.u64;
		return true;
	default:
		return false;
	}
}

bool tracepoint_symbol(const struct tracepoint *tracepoint, const char *field, uint64_t value, char *name, size_t size)
{
	char head[64], entry[32];
	const char *list, *end, *at;

	snprintf(head, sizeof(head), "__print_symbolic(REC->%s,", field);
	list = tracepoint->print ? strstr(tracepoint->print, head) : NULL;
	end = list ? strchr(list + strlen(head), ')') : NULL;
	snprintf(entry, sizeof(entry), "{ %llu, \"", (unsigned long long)value);
	at = list ? strstr(list, entry) : NULL;
	if (!at || !end || at > end)
		return false;
	at += strlen(entry);
	snprintf(name, size, "%.*s", (int)strcspn(at, "\""), at);
	return true;
}
