/* expected_failures.c - a file of names and reasons. */
#include "harness/report/expected_failures.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/stream.h"

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

static int read_line(void *failures, char *line, size_t length, struct error *error)
{
	char *copy;

	(void)length;
	line[strcspn(line, "\r\n")] = '\0';
	if (!line[strspn(line, " \t")] || line[0] == '#')
		return 0;
	copy = strdup(line);
	return copy ? take_line(failures, copy, error) : fail(error, "out of memory");
}

struct expected_failures *expected_failures_load(const char *path, struct error *error)
{
	struct expected_failures *failures = calloc(1, sizeof(*failures));

	if (!failures)
		fail(error, "out of memory");
	else if (stream_lines(path, read_line, failures, error) == 0)
		return failures;
	fail_in(error, "--expected-failures");
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
