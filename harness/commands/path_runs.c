/* path_runs.c - one process a path, and the comparison of what they saw. */
#include "harness/commands/path_runs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases/path/path.h"
#include "harness/commands/message.h"
#include "harness/commands/path_causes.h"
#include "harness/commands/session_cells.h"
#include "harness/lab/privileges.h"
#include "harness/run/exit_code.h"

enum { NAME_LIMIT = OPTIONS_PATHS_MAX + 1 };

/* One path's process. */
struct runner {
	const char *path;
	pid_t process;
	int go, answers; /* a byte begins it; what it saw */
	int code;
};

struct path_run {
	const struct options *options;
	struct matrix *matrix;
	const char *name;
	struct runner runners[NAME_LIMIT];
	size_t count;
	struct path_causes *causes;
};

/* In the child: one cell for the parent. */
static int tell(void *context, const struct record *record, struct error *error)
{
	struct path_told told;
	const int *out = context;

	path_causes_tell(record, &told);
	if (write(*out, &told, sizeof(told)) == (ssize_t)sizeof(told))
		return 0;
	return fail(error, "the comparison of paths has ended: %s", strerror(errno));
}

static void child(struct path_run *run, const struct runner *runner, int go, int out) __attribute__((noreturn));
static void child(struct path_run *run, const struct runner *runner, int go, int out)
{
	struct session_extras extras = { .sink = tell, .silent = true, .context = &out };
	struct options options = *run->options;
	char begin;

	if (read(go, &begin, 1) != 1)
		_exit(EXIT_CANNOT_RUN);
	options.paths[0] = runner->path;
	options.path_count = 1;
	_exit(session_cells(&options, run->matrix, run->name, false, &extras));
}

static int start(struct path_run *run, struct runner *runner, struct error *error)
{
	int go[2] = { -1, -1 }, answers[2] = { -1, -1 };

	if (pipe(go) || pipe(answers))
		return fail(error, "cannot start a process for %.60s: %s", runner->path, strerror(errno));
	fflush(NULL);
	runner->process = fork();
	if (runner->process == 0) {
		close(go[1]);
		close(answers[0]);
		for (struct runner *other = run->runners; other < runner; other++) {
			close(other->go);
			close(other->answers);
		}
		child(run, runner, go[0], answers[1]);
	}
	close(go[0]);
	close(answers[1]);
	runner->go = go[1];
	runner->answers = answers[0];
	return runner->process < 0 ? fail(error, "cannot start a process for %.60s: %s", runner->path, strerror(errno)) : 0;
}

/* A whole one; false: there are no more. */
static bool receive(int descriptor, struct path_told *told)
{
	size_t done = 0;

	while (done < sizeof(*told)) {
		ssize_t got = read(descriptor, (char *)told + done, sizeof(*told) - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		done += (size_t)got;
	}
	return true;
}

/* One after the other: they would wait for one another's processors. */
static int run_one(struct path_run *run, struct runner *runner, struct error *error)
{
	struct path_told told;
	int status, result = 0;

	const char *path = strcmp(runner->path, "-") ? runner->path : "standard input";

	if (path_causes_begin(run->causes, path, run->name, error) || write(runner->go, "g", 1) != 1)
		return -1;
	while (result == 0 && receive(runner->answers, &told))
		result = path_causes_take(run->causes, &told, error);
	close(runner->go);
	close(runner->answers);
	runner->go = runner->answers = -1;
	while (waitpid(runner->process, &status, 0) < 0 && errno == EINTR)
		;
	runner->code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_CANNOT_RUN;
	runner->process = 0;
	if (runner->code == EXIT_CANNOT_RUN)
		path_causes_drop(run->causes);
	return result;
}

static int run_all(struct path_run *run, struct error *error)
{
	for (size_t i = 0; i < run->count; i++)
		if (start(run, &run->runners[i], error))
			return -1;
	if (geteuid() == 0 && privileges_drop(error))
		return -1;
	for (size_t i = 0; i < run->count; i++) {
		struct runner *runner = &run->runners[i];

		if (run_one(run, runner, error))
			return -1;
		if (runner->code == EXIT_INTERRUPTED)
			return EXIT_INTERRUPTED;
		if (runner->code == EXIT_USAGE || runner->code == EXIT_CANNOT_RUN)
			message_note("%.60s: skipped, for the reason above", runner->path);
		if (runner->code == EXIT_USAGE)
			return EXIT_USAGE;
	}
	return 0;
}

static void end_all(struct path_run *run)
{
	for (size_t i = 0; i < run->count; i++) {
		struct runner *runner = &run->runners[i];

		if (runner->go >= 0)
			close(runner->go);
		if (runner->answers >= 0)
			close(runner->answers);
		if (runner->process > 0)
			while (waitpid(runner->process, NULL, 0) < 0 && errno == EINTR)
				;
	}
}

static void add(struct path_run *run, const char *path)
{
	for (size_t i = 0; i < run->count; i++)
		if (strcmp(run->runners[i].path, path) == 0)
			return;
	run->runners[run->count++] = (struct runner){ .path = path, .go = -1, .answers = -1 };
}

int path_runs(const struct options *options, struct matrix *matrix, const char *name)
{
	struct path_run run = { .options = options, .matrix = matrix, .name = name };
	struct error error = { "" };
	int code;

	matrix_set_path(matrix, NULL);
	add(&run, PATH_DIRECT);
	for (size_t i = 0; i < options->path_count; i++)
		add(&run, options->paths[i]);
	run.causes = path_causes_open(matrix, &error);
	code = run.causes ? run_all(&run, &error) : -1;
	end_all(&run);
	if (code == 0)
		code = path_causes_show(run.causes, options, stdout, &error);
	path_causes_close(run.causes);
	return code < 0 ? message_error(error.text[0] ? error.text : "a path's process has ended", EXIT_CANNOT_RUN) : code;
}
