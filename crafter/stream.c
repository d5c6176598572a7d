/* stream.c - a stream says that it failed, but not why, nor where. */
#include "crafter/stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whoever printed may not have looked, and errno is something else's by now. A stream drops what it could not write: what it is
 * given next fails for the same reason. */
static int cause_of(FILE *out)
{
	errno = 0;
	if (putc('\n', out) == EOF || fflush(out) == EOF)
		return errno;
	return 0;
}

int stream_finish(FILE *out, const char *what, struct error *error)
{
	bool failed = ferror(out);
	int cause;

	errno = 0;
	if (fflush(out) == 0 && !failed)
		return 0;
	cause = errno ? errno : cause_of(out);
	return fail(error, "cannot write%s%s%s: %s", what ? " " : "", what ? what : "",
		    fileno(out) == STDOUT_FILENO ? " to standard output" : "",
		    cause ? strerror(cause) : "an error that is gone by now");
}

int stream_lines(const char *path, stream_line *take, void *context, struct error *error)
{
	FILE *file = fopen(path, "re");
	struct error inner = { "" };
	size_t number = 0, room = 0;
	char *line = NULL;
	ssize_t length;
	int result = 0;

	if (!file)
		return fail(error, "%.200s: %s", path, strerror(errno));
	while (result == 0 && (length = getline(&line, &room, file)) >= 0) {
		number++;
		result = take(context, line, (size_t)length, &inner);
	}
	if (result < 0)
		fail(error, "%.200s:%zu: %s", path, number, inner.text);
	else if (ferror(file))
		result = fail(error, "%.200s: cannot be read: %s", path, strerror(errno));
	free(line);
	fclose(file);
	return result;
}
