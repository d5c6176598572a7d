/* conditions.c - the sysctls a cell asks for. Declared in cell.h. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cases/cell.h"

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
	if (!made_of(value, value_length, "_.:,+-"))
		return fail(error, "bad sysctl '%.80s': expected a value of lower case letters, digits and _.:,+-",
			    text);
	if (value_length >= SYSCTL_VALUE_SIZE)
		return fail(error, "bad sysctl '%.80s': its value is longer than %d characters", text,
			    SYSCTL_VALUE_SIZE - 1);
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
	if (check(text, name, name_length, value, value_length, error) < 0)
		return -1;
	memcpy(sysctl.name, name, name_length);
	memcpy(sysctl.value, value, value_length);
	/* One name for one sysctl: "net.ipv4.tcp_timestamps" is "tcp_timestamps". */
	if (strncmp(name, "net.ipv4.", 9) == 0 && !memchr(name + 9, '.', name_length - 9))
		memmove(sysctl.name, sysctl.name + 9, sizeof(sysctl.name) - 9);
	if (find(conditions, sysctl.name, at_probe))
		return fail(error, "bad sysctl '%.80s': %s is set twice", text, sysctl.name);
	if (conditions->sysctl_count == CELL_SYSCTLS_MAX)
		return fail(error, "bad sysctl '%.80s': a cell has at most %d sysctls", text, CELL_SYSCTLS_MAX);
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
