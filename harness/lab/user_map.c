/* user_map.c - the files in which a process tells the kernel who it is outside: user_namespaces(7). */
#include "harness/lab/user_map.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int write_file(const char *path, const char *text)
{
	int descriptor = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (descriptor < 0)
		return -1;
	written = write(descriptor, text, strlen(text));
	close(descriptor);
	return written == (ssize_t)strlen(text) ? 0 : -1;
}

int user_map_write(const struct user_map *map)
{
	char users[32], groups[32];

	snprintf(users, sizeof(users), "%u %u 1", (unsigned)map->inside_uid, (unsigned)map->outside_uid);
	snprintf(groups, sizeof(groups), "%u %u 1", (unsigned)map->inside_gid, (unsigned)map->outside_gid);
	/* A program with file capabilities does not own its files in /proc otherwise. */
	prctl(PR_SET_DUMPABLE, 1);
	write_file("/proc/self/setgroups", "deny"); /* not there before 3.19 */
	return write_file("/proc/self/uid_map", users) == 0 ? write_file("/proc/self/gid_map", groups) : -1;
}
