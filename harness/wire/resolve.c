/* resolve.c - target_resolve in a child. */
#include "harness/wire/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/lab/privileges.h"
#include "harness/wire/target.h"

/* What the child found, in one write. */
struct resolution {
	int result;
	struct endpoint endpoint;
	struct error error;
};

static void resolve_in_child(const char *text, uint8_t family, int out)
{
	struct resolution finding;

	memset(&finding, 0, sizeof(finding));
	finding.result = privileges_drop(&finding.error);
	if (finding.result == 0)
		finding.result = target_resolve(text, family, &finding.endpoint, &finding.error);
	_exit(write(out, &finding, sizeof(finding)) == (ssize_t)sizeof(finding) ? 0 : 1);
}

int resolve_unprivileged(const char *text, uint8_t family, struct endpoint *endpoint, struct error *error)
{
	struct resolution finding;
	ssize_t size;
	int ends[2];
	pid_t child;

	if (geteuid() != 0)
		return target_resolve(text, family, endpoint, error);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(error, "%s: cannot ask the name service: %s", text, strerror(errno));
	child = fork();
	if (child == 0) {
		close(ends[0]);
		resolve_in_child(text, family, ends[1]);
	}
	close(ends[1]);
	do
		size = child > 0 ? read(ends[0], &finding, sizeof(finding)) : 0;
	while (size < 0 && errno == EINTR);
	close(ends[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	if (size != (ssize_t)sizeof(finding))
		return fail(error, "%s: the name service could not be queried", text);
	if (finding.result < 0 && error)
		*error = finding.error;
	*endpoint = finding.endpoint;
	return finding.result;
}
