/* expected_failures.c - a file of names and reasons. */
#include "harness/report/expected_failures.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct known_failure {
	char *name, *reason; /* one allocation, at `name` */
};

struct expected_failures {
	size_t count;
	struct known_failure *list;
};

/* `line` is taken over; it ends without "\n". */
static int take_line(struct expected_failures *failures, char *line, struct error *error)
{
	struct known_failure *list = realloc(failures->list, (failures->count + 1) * sizeof(*list));
	char *reason = line + strcspn(line, " \t");

	if (!list) {
		free(line);
		return fail(error, "out of memory");
	}
	failures->list = list;
	while (*reason == ' ' || *reason == '\t')
		*reason++ = '\0';
	list[failures->count++] = (struct known_failure){ line, reason };
	if (!*reason)
		return fail(error, "'%.120s' has no reason; a line is NAME REASON", line);
	for (const char *at = reason; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return fail(error, "a character that controls a terminal");
	return 0;
}

static int read_lines(struct expected_failures *failures, FILE *file, size_t *number, struct error *error)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;
	int result = 0;

	while (result == 0 && (size = getline(&line, &room, file)) >= 0) {
		(*number)++;
		line[strcspn(line, "\r\n")] = '\0';
		if (!line[strspn(line, " \t")] || line[0] == '#')
			continue;
		result = take_line(failures, line, error);
		line = NULL;
		room = 0;
	}
	free(line);
	return result;
}

struct expected_failures *expected_failures_load(const char *path, struct error *error)
{
	struct expected_failures *failures = calloc(1, sizeof(*failures));
	FILE *file = fopen(path, "r");
	struct error inner = { "" };
	size_t number = 0;

	if (!failures || !file) {
		fail(error, "--expected-failures: %.200s: %s", path, file ? "out of memory" : strerror(errno));
	} else if (read_lines(failures, file, &number, &inner) < 0) {
		fail(error, "%.200s:%zu: %s", path, number, inner.text);
	} else if (ferror(file)) {
		fail(error, "--expected-failures: %.200s: cannot be read", path);
	} else {
		fclose(file);
		return failures;
	}
	if (file)
		fclose(file);
	expected_failures_close(failures);
	return NULL;
}

void expected_failures_close(struct expected_failures *failures)
{
	if (!failures)
		return;
	for (size_t i = 0; i < failures->count; i++)
		free(failures->list[i].name);
	free(failures->list);
	free(failures);
}

const char *expected_failures_reason(const struct expected_failures *failures, const char *name)
{
	for (size_t i = 0; failures && i < failures->count; i++)
		if (fnmatch(failures->list[i].name, name, 0) == 0)
			return failures->list[i].reason;
	return NULL;
}

bool expected_failures_count(const struct expected_failures *failures, const char *name, enum verdict verdict,
			     size_t failed[static VERDICT_COUNT], size_t *passed)
{
	if (verdict == VERDICT_SKIPPED || !expected_failures_reason(failures, name))
		return false;
	if (verdict == VERDICT_AGREES)
		(*passed)++;
	else
		failed[verdict]++;
	return verdict == VERDICT_AGREES;
}
