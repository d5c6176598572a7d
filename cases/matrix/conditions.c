/* conditions.c - sysctls as text, added and looked up. */
#include "cases/matrix/conditions.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct sysctl *find(const struct conditions *conditions, const char *name, bool at_probe)
{
	for (size_t i = 0; i < conditions->sysctl_count; i++) {
		const struct sysctl *sysctl = &conditions->sysctls[i];

		if (sysctl->at_probe == at_probe && strcmp(sysctl->name, name) == 0)
			return sysctl;
	}
	return NULL;
}

/* The order does not matter: no sysctl is set twice at the same moment. */
bool conditions_equal(const struct conditions *a, const struct conditions *b)
{
	if (a->sysctl_count != b->sysctl_count)
		return false;
	for (size_t i = 0; i < a->sysctl_count; i++) {
		const struct sysctl *one = &a->sysctls[i], *other = find(b, one->name, one->at_probe);

		if (!other || strcmp(one->value, other->value) != 0)
			return false;
	}
	return true;
}

bool conditions_any_at_probe(const struct conditions *conditions)
{
	for (size_t i = 0; i < conditions->sysctl_count; i++)
		if (conditions->sysctls[i].at_probe)
			return true;
	return false;
}

const char *conditions_value(const struct conditions *conditions, const char *name, bool at_probe)
{
	const struct sysctl *sysctl = at_probe ? find(conditions, name, true) : NULL;

	if (!sysctl)
		sysctl = find(conditions, name, false);
	return sysctl ? sysctl->value : NULL;
}

long conditions_number(const struct conditions *conditions, const char *name, bool at_probe, long otherwise)
{
	const char *value = conditions_value(conditions, name, at_probe);

	return value ? strtol(value, NULL, 0) : otherwise;
}

static const char *skip_space(const char *text, size_t *length)
{
	while (*length > 0 && isspace((unsigned char)*text)) {
		text++;
		(*length)--;
	}
	while (*length > 0 && isspace((unsigned char)text[*length - 1]))
		(*length)--;
	return text;
}

static bool made_of(const char *text, size_t length, const char *more)
{
	for (size_t i = 0; i < length; i++)
		if (!(text[i] >= '0' && text[i] <= '9') && !(text[i] >= 'a' && text[i] <= 'z') &&
		    !strchr(more, text[i]))
			return false;
	return true;
}

/* A name becomes a path below /proc/sys, so it must not leave it. */
static bool is_sysctl_name(const char *name, size_t length)
{
	return length > 0 && made_of(name, length, "_.") && name[0] != '.' && name[length - 1] != '.' &&
	       !memmem(name, length, "..", 2);
}

/* Some sysctls hold several numbers, which the kernel prints with tabs between and takes with blanks. A cell's name has no
 * blanks: commas stand for them (sysctl_write turns them back). Returns the length, or the size of the buffer when the value is
 * too long. */
static size_t join_numbers(const char *value, size_t length, char joined[static SYSCTL_VALUE_SIZE])
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++) {
		bool blank = isspace((unsigned char)value[i]) != 0;
		char last = used ? joined[used - 1] : ',';

		/* A blank next to a comma has no meaning. */
		if (blank && (last == ',' || value[i + 1] == ','))
			continue;
		if (used == SYSCTL_VALUE_SIZE - 1)
			return SYSCTL_VALUE_SIZE;
		joined[used++] = blank ? ',' : value[i];
	}
	joined[used] = '\0';
	return used;
}

static int check(const char *text, const char *name, size_t name_length, const char *value,
		 size_t value_length, struct error *error)
{
	if (!is_sysctl_name(name, name_length))
		return fail(error, "bad sysctl '%.80s': '%.*s' is not a sysctl's name, expected one such as "
			    "tcp_timestamps or net.core.somaxconn", text,
			    (int)(name_length < 60 ? name_length : 60), name);
	if (name_length >= SYSCTL_NAME_SIZE)
		return fail(error, "bad sysctl '%.80s': its name is longer than %d characters", text,
			    SYSCTL_NAME_SIZE - 1);
	if (value_length == 0)
		return fail(error, "bad sysctl '%.80s': no value after '='", text);
	if (value_length >= SYSCTL_VALUE_SIZE)
		return fail(error, "bad sysctl '%.80s': its value is longer than %d characters", text,
			    SYSCTL_VALUE_SIZE - 1);
	if (!made_of(value, value_length, "_.:,+-"))
		return fail(error, "bad sysctl '%.80s': expected a value of lower case letters, digits and _.:,+-, or "
			    "several separated by blanks or commas", text);
	return 0;
}

static int add(struct conditions *conditions, const char *text, size_t length, bool at_probe, struct error *error)
{
	const char *equals = memchr(text, '=', length);
	size_t name_length, value_length;
	const char *name, *value;
	struct sysctl sysctl = { .at_probe = at_probe };

	if (!equals)
		return fail(error, "bad sysctl '%.80s': expected NAME=VALUE", text);
	name_length = (size_t)(equals - text);
	value_length = length - name_length - 1;
	name = skip_space(text, &name_length);
	value = skip_space(equals + 1, &value_length);
	value_length = join_numbers(value, value_length, sysctl.value);
	if (check(text, name, name_length, sysctl.value, value_length, error) < 0)
		return -1;
	memcpy(sysctl.name, name, name_length);
	/* One name for one sysctl: "net.ipv4.tcp_timestamps" is "tcp_timestamps". */
	if (strncmp(name, "net.ipv4.", 9) == 0 && !memchr(name + 9, '.', name_length - 9))
		memmove(sysctl.name, sysctl.name + 9, sizeof(sysctl.name) - 9);
	if (find(conditions, sysctl.name, at_probe))
		return fail(error, "bad sysctl '%.80s': %s is set twice", text, sysctl.name);
	if (conditions->sysctl_count == CONDITIONS_MAX)
		return fail(error, "bad sysctl '%.80s': a cell has at most %d sysctls", text, CONDITIONS_MAX);
	conditions->sysctls[conditions->sysctl_count++] = sysctl;
	return 0;
}

int conditions_add(struct conditions *conditions, const char *text, bool at_probe, struct error *error)
{
	return add(conditions, text, strlen(text), at_probe, error);
}

int conditions_parse(struct conditions *conditions, const char *text, struct error *error)
{
	static const char mark[] = "@probe";
	size_t length = strlen(text), mark_length = sizeof(mark) - 1;
	bool at_probe = length >= mark_length && strcmp(text + length - mark_length, mark) == 0;

	return add(conditions, text, at_probe ? length - mark_length : length, at_probe, error);
}
