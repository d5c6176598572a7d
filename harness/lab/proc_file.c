/* proc_file.c - reads files of /proc that stay open. */
#include "harness/lab/proc_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int proc_file_read(int file, const char *name, char *text, size_t size, struct error *error)
{
	size_t length = 0;
	ssize_t got;

	while ((got = pread(file, text + length, size - 1 - length, (off_t)length))) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(error, "cannot read %s: %s", name, strerror(errno));
		length += (size_t)got;
	}
	if (length == size - 1)
		return fail(error, "%s is longer than %zu bytes", name, size - 1);
	text[length] = '\0';
	return 0;
}
