/* descriptors.c - RLIMIT_NOFILE. */
#include "crafter/descriptors.h"

#include <limits.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

void descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* The limit is one above the highest number (rlimit(2)), and numbers are an int. */
size_t descriptors_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return 0;
	return limit.rlim_cur < INT_MAX ? (size_t)limit.rlim_cur : INT_MAX;
}

/* A new one gets the lowest number that is free (POSIX), so that at most so many stand below it. */
size_t descriptors_free(void)
{
	int next = eventfd(0, EFD_CLOEXEC);
	size_t limit = descriptors_limit();

	if (next < 0)
		return 0;
	close(next);
	return limit > (size_t)next ? limit - (size_t)next : 0;
}
