/* elsewhere.c - there and back. */
#include "harness/wire/elsewhere.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of `ip netns`. */
#define NAMESPACES "/run/netns"

int elsewhere_enter(const char *namespace, struct error *error)
{
	char path[PATH_MAX];
	int ours = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), there;

	snprintf(path, sizeof(path), NAMESPACES "/%s", namespace);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (ours < 0 || there < 0 || setns(there, CLONE_NEWNET)) {
		fail(error, "cannot enter the network namespace %.60s: %s", namespace, strerror(errno));
		if (ours >= 0)
			close(ours);
		ours = -1;
	}
	if (there >= 0)
		close(there);
	return ours;
}

int elsewhere_leave(int ours, const char *namespace, struct error *error)
{
	int result = setns(ours, CLONE_NEWNET);

	if (result)
		fail(error, "cannot come back from the network namespace %.60s: %s", namespace, strerror(errno));
	close(ours);
	return result;
}
