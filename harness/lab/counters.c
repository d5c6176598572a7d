/* counters.c - the two files of counters: pairs of lines, names first, then values. */
#include "harness/lab/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/lab/proc_file.h"

enum { FILES = 2, TEXT_SIZE = 1 << 15, NAME_SIZE = 48, COUNTERS_MAX = 640 };

static const char *const paths[FILES] = { "/proc/net/netstat", "/proc/net/snmp" };

struct counters {
	int files[FILES];
	size_t count;
	char names[COUNTERS_MAX][NAME_SIZE];
	int64_t values[COUNTERS_MAX];
	char text[TEXT_SIZE];
};

struct counters *counters_open(struct error *error)
{
	struct counters *counters = calloc(1, sizeof(*counters));

	if (!counters) {
		fail(error, "out of memory");
		return NULL;
	}
	counters->files[0] = counters->files[1] = -1;
	for (int i = 0; i < FILES; i++) {
		counters->files[i] = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (counters->files[i] >= 0)
			continue;
		fail(error, "cannot read %s: %s", paths[i], strerror(errno));
		counters_close(counters);
		return NULL;
	}
	return counters;
}

/* "TcpExt" and "SyncookiesSent" make "TcpExt.SyncookiesSent". */
static void put_name(char name[static NAME_SIZE], const char *group, size_t group_size, const char *word,
		     size_t word_size)
{
	if (group_size + word_size + 2 > NAME_SIZE) /* none is that long: known by its first part at least */
		word_size = group_size + 2 < NAME_SIZE ? NAME_SIZE - 2 - group_size : 0;
	memcpy(name, group, group_size);
	name[group_size] = '.';
	memcpy(name + group_size + 1, word, word_size);
	name[group_size + 1 + word_size] = '\0';
}

/* The only group whose counters come and go: one for each type of message that was ever seen (icmpmsg_put()). */
static bool is_fixed(const char *names)
{
	return strncmp(names, "IcmpMsg:", strlen("IcmpMsg:")) != 0;
}

/* Is this the group that was there at the first reading? */
static bool is_known(const struct counters *counters, size_t index, const char *names, size_t group)
{
	return index >= counters->count ||
	       (strncmp(counters->names[index], names, group) == 0 && counters->names[index][group] == '.');
}

/* "Tcp: A B C\n" over "Tcp: 1 2 3\n". Names are put down at the first reading; the kernel does not change them. */
static int read_pair(struct counters *counters, const char *names, const char *values, size_t *index)
{
	size_t group = strcspn(names, ":");
	const char *name = names + group + 1, *value = values + group + 1;

	if (strncmp(names, values, group + 1) || !is_known(counters, *index, names, group))
		return -1;
	for (; *index < COUNTERS_MAX; ++*index) {
		size_t size = strcspn(name += strspn(name, " "), " \n");
		char *end;

		if (!size)
			return 0;
		counters->values[*index] = (int64_t)strtoll(value, &end, 10);
		if (end == value)
			return -1;
		if (*index >= counters->count)
			put_name(counters->names[*index], names, group, name, size);
		name += size;
		value = end;
	}
	return -1;
}

int counters_read(struct counters *counters, struct error *error)
{
	size_t index = 0;

	for (int i = 0; i < FILES; i++) {
		const char *names = counters->text, *values;

		if (proc_file_read(counters->files[i], paths[i], counters->text, TEXT_SIZE, error))
			return -1;
		for (; *names; names = values + strcspn(values, "\n"), names += *names == '\n') {
			values = strchr(names, '\n');
			if (!values || (is_fixed(names) ? read_pair(counters, names, ++values, &index) : !*++values))
				return fail(error, "%s has a line that is not understood: %.60s", paths[i],
					    names);
		}
	}
	counters->count = index;
	return 0;
}

size_t counters_count(const struct counters *counters)
{
	return counters->count;
}

const char *counters_name(const struct counters *counters, size_t index)
{
	return counters->names[index];
}

int64_t counters_value(const struct counters *counters, size_t index)
{
	return counters->values[index];
}

bool counters_has(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++)
		if (!strcmp(counters->names[i], name))
			return true;
	return false;
}

int64_t counters_get(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++)
		if (!strcmp(counters->names[i], name))
			return counters->values[i];
	return 0;
}

void counters_close(struct counters *counters)
{
	if (!counters)
		return;
	for (int i = 0; i < FILES; i++)
		if (counters->files[i] >= 0)
			close(counters->files[i]);
	free(counters);
}
