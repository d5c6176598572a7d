/* scenario_troupe.c - processes that wait for their turn. */
#include "harness/commands/scenario_troupe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/run/exit_code.h"

static void child(size_t number, scenario_troupe_play *play, void *context, int go, int out) __attribute__((noreturn));
static void child(size_t number, scenario_troupe_play *play, void *context, int go, int out)
{
	struct scenario_troupe_told told = { .verdict = VERDICT_COUNT };
	char begin;
	int code;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (read(go, &begin, 1) != 1)
		_exit(EXIT_CANNOT_RUN);
	code = play(context, number, &told);
	fflush(stdout);
	if (code == EXIT_AGREES && write(out, &told, sizeof(told)) != (ssize_t)sizeof(told))
		code = EXIT_CANNOT_RUN;
	_exit(code);
}

int scenario_troupe_start(struct scenario_troupe_member *member, size_t number, scenario_troupe_play *play, void *context,
			  struct error *error)
{
	int go[2] = { -1, -1 }, told[2] = { -1, -1 };

	if (pipe2(go, O_CLOEXEC) == 0 && pipe2(told, O_CLOEXEC) == 0) {
		fflush(NULL);
		member->process = fork();
	} else {
		member->process = -1;
	}
	if (member->process == 0) {
		close(go[1]);
		close(told[0]);
		child(number, play, context, go[0], told[1]);
	}
	close(go[0]);
	close(told[1]);
	member->go = go[1];
	member->told = told[0];
	if (member->process > 0)
		return 0;
	fail(error, "cannot start a process for a scenario with paths: %s", strerror(errno));
	close(member->go);
	close(member->told);
	member->process = 0;
	return -1;
}

/* Its status. */
static int reap(struct scenario_troupe_member *member)
{
	int status = 0;

	while (waitpid(member->process, &status, 0) < 0 && errno == EINTR)
		;
	close(member->go);
	close(member->told);
	member->process = 0;
	return status;
}

void scenario_troupe_end(struct scenario_troupe_member *member)
{
	if (!member->process)
		return;
	kill(member->process, SIGKILL); /* it has nothing yet, and others may hold its pipe */
	reap(member);
}

/* A signal that ends the run is its to take: it says so at its end. */
int scenario_troupe_turn(struct scenario_troupe_member *member, struct scenario_troupe_told *told)
{
	ssize_t size;
	int status;

	if (write(member->go, "g", 1) != 1)
		return EXIT_CANNOT_RUN;
	do
		size = read(member->told, told, sizeof(*told));
	while (size < 0 && errno == EINTR);
	status = reap(member);
	if (size == (ssize_t)sizeof(*told))
		return EXIT_AGREES;
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_CANNOT_RUN;
}
