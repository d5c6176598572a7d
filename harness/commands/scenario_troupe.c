/* scenario_troupe.c - processes that wait for their turn, and reports that wait for theirs. */
#include "harness/commands/scenario_troupe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crafter/stream.h"
#include "crafter/units.h"
#include "harness/commands/message.h"
#include "harness/run/exit_code.h"

static void close_pipes(struct scenario_troupe_member *member)
{
	close(member->go);
	close(member->told);
	close(member->report);
}

static _Noreturn void child(scenario_troupe_play *play, void *context, int go, int out, int report)
{
	struct scenario_troupe_told told = { .verdict = VERDICT_COUNT };
	size_t number;
	int code;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (read(go, &number, sizeof(number)) != (ssize_t)sizeof(number) || dup2(report, STDOUT_FILENO) < 0)
		_exit(EXIT_CANNOT_RUN);
	code = play(context, number, &told);
	fflush(stdout);
	if (code == EXIT_AGREES && write(out, &told, sizeof(told)) != (ssize_t)sizeof(told))
		code = EXIT_CANNOT_RUN;
	_exit(code);
}

/* No process keeps an end of another's pipes open. */
static void forget_others(struct scenario_troupe *troupe, const struct scenario_troupe_member *own)
{
	for (size_t i = 0; i <= SCENARIO_TROUPE_MAX; i++)
		if (&troupe->members[i] != own && troupe->members[i].process)
			close_pipes(&troupe->members[i]);
}

static int start(struct scenario_troupe *troupe, struct scenario_troupe_member *member, scenario_troupe_play *play,
		 void *context, struct error *error)
{
	int go[2] = { -1, -1 }, told[2] = { -1, -1 };

	*member = (struct scenario_troupe_member){ .process = -1, .report = memfd_create("report", MFD_CLOEXEC) };
	if (member->report >= 0 && pipe2(go, O_CLOEXEC) == 0 && pipe2(told, O_CLOEXEC) == 0) {
		fflush(NULL);
		member->process = fork();
	}
	if (member->process == 0) {
		forget_others(troupe, member);
		close(go[1]);
		close(told[0]);
		child(play, context, go[0], told[1], member->report);
	}
	close(go[0]);
	close(told[1]);
	member->go = go[1];
	member->told = told[0];
	if (member->process > 0)
		return 0;
	fail(error, "cannot start a process for a scenario: %s", strerror(errno));
	close_pipes(member);
	member->process = 0;
	return -1;
}

int scenario_troupe_start(struct scenario_troupe *troupe, size_t number, scenario_troupe_play *play, void *context,
			  struct error *error)
{
	if (number >= troupe->count)
		troupe->count = number + 1;
	return start(troupe, &troupe->members[number], play, context, error);
}

int scenario_troupe_start_spare(struct scenario_troupe *troupe, scenario_troupe_play *play, void *context, struct error *error)
{
	troupe->spare = &troupe->members[SCENARIO_TROUPE_MAX];
	return start(troupe, troupe->spare, play, context, error);
}

static void begin(struct scenario_troupe *troupe, size_t number, struct loop *loop, struct error *error)
{
	struct scenario_troupe_member *member = &troupe->members[number];

	member->begun = true;
	if (write(member->go, &number, sizeof(number)) == (ssize_t)sizeof(number) && loop)
		loop_watch(loop, member->told, error);
}

static void begin_more(struct scenario_troupe *troupe, size_t wanted, struct loop *loop, struct error *error)
{
	size_t playing = 0;

	for (size_t i = wanted; i < troupe->count; i++)
		playing += troupe->members[i].begun && !troupe->members[i].ended;
	for (size_t i = wanted; i < troupe->count && playing < troupe->at_once && !troupe->stopped; i++) {
		if (!troupe->members[i].process || troupe->members[i].begun)
			continue;
		begin(troupe, i, loop, error);
		playing++;
	}
}

/* Its exit code, EXIT_AGREES where it has told how it went. A signal that ends the run is its to take: it says so at its end,
 * unless it came too early. */
static int code_of(struct scenario_troupe_member *member, bool has_told, int status)
{
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	member->result.interrupted |= signal == SIGINT || signal == SIGTERM || signal == SIGHUP;
	if (has_told || member->result.interrupted)
		return EXIT_AGREES;
	return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_CANNOT_RUN;
}

/* It has told, or died; then the spare one plays its scenario. */
static void collect(struct scenario_troupe *troupe, struct scenario_troupe_member *member, const char *name, struct loop *loop,
		    struct error *error)
{
	ssize_t size;
	int status = 0;

	do
		size = read(member->told, &member->result, sizeof(member->result));
	while (size < 0 && errno == EINTR);
	while (waitpid(member->process, &status, 0) < 0 && errno == EINTR)
		;
	close(member->go);
	close(member->told);
	member->process = 0;
	member->ended = true;
	member->code = code_of(member, size == (ssize_t)sizeof(member->result), status);
	if (!WIFSIGNALED(status) || member->code == EXIT_AGREES)
		return;
	if (!troupe->spare || troupe->stopped) {
		message_error("the process of a scenario was killed", EXIT_CANNOT_RUN);
		return;
	}
	message_note("the process of a scenario was killed while waiting for %s: it is played again", name);
	close(member->report);
	*member = *troupe->spare;
	*troupe->spare = (struct scenario_troupe_member){ 0 };
	troupe->spare = NULL;
	begin(troupe, (size_t)(member - troupe->members), loop, error);
}

static bool has_told(const struct scenario_troupe_member *member)
{
	struct pollfd told = { .fd = member->told, .events = POLLIN };

	return member->begun && !member->ended && poll(&told, 1, 0) > 0;
}

/* Where only we were told to stop, all do. One that still has the privileges that we gave up cannot be told yet. */
static void stop(struct scenario_troupe *troupe)
{
	troupe->stopped = true;
	for (size_t i = 0; i < troupe->count; i++) {
		struct scenario_troupe_member *member = &troupe->members[i];

		if (member->begun && !member->ended && !member->warned)
			member->warned = loop_pass_on(member->process);
	}
}

/* Once we were told to stop, loop_wait() waits no more. */
static int wait_for_any(struct scenario_troupe *troupe, size_t number, struct loop *loop, struct error *error)
{
	const struct timespec moment = { .tv_nsec = (long)NSEC_PER_MSEC };
	struct pollfd told = { .fd = troupe->members[number].told, .events = POLLIN };
	int stopped;

	if (!loop)
		return poll(&told, 1, troupe->at_once > 1 ? 20 : -1) < 0 && errno != EINTR ?
			       fail(error, "waiting for a scenario failed: %s", strerror(errno)) : 0;
	stopped = loop_wait(loop, 0, error);
	if (stopped > 0 && troupe->stopped)
		nanosleep(&moment, NULL);
	if (stopped > 0)
		stop(troupe);
	return stopped < 0 ? -1 : 0;
}

static int put_report(int report, FILE *out, struct error *error)
{
	char buffer[16384];
	ssize_t got;

	for (off_t at = 0; (got = pread(report, buffer, sizeof(buffer), at)) > 0; at += got)
		fwrite(buffer, 1, (size_t)got, out);
	if (got < 0)
		return fail(error, "reading a scenario's report: %s", strerror(errno));
	return stream_finish(out, "the report", error);
}

int scenario_troupe_turn(struct scenario_troupe *troupe, size_t number, const char *name, struct loop *loop,
			 struct scenario_troupe_told *told, FILE *out, struct error *error)
{
	struct scenario_troupe_member *member = &troupe->members[number];
	int result = 0;

	error->text[0] = '\0';
	while (!member->ended && result == 0) {
		begin_more(troupe, number, loop, error);
		if (!member->begun) { /* the others were told to stop before */
			told->interrupted = true;
			return EXIT_AGREES;
		}
		result = wait_for_any(troupe, number, loop, error);
		for (size_t i = number; i < troupe->count && result == 0; i++)
			if (has_told(&troupe->members[i]))
				collect(troupe, &troupe->members[i], name, loop, error);
	}
	if (result < 0 || put_report(member->report, out, error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	*told = member->result;
	return member->code;
}

/* One that has not begun finds its pipe closed. Of the others it is tried until they have no more privileges than we. */
static void end(struct scenario_troupe_member *member)
{
	const struct timespec moment = { .tv_nsec = (long)NSEC_PER_MSEC };

	close_pipes(member);
	while (waitpid(member->process, NULL, WNOHANG) == 0) {
		if (member->begun)
			kill(member->process, SIGKILL);
		nanosleep(&moment, NULL);
	}
}

void scenario_troupe_end(struct scenario_troupe *troupe)
{
	for (size_t i = 0; i <= SCENARIO_TROUPE_MAX; i++) {
		struct scenario_troupe_member *member = &troupe->members[i];

		if (member->process > 0)
			end(member);
		else if (member->ended)
			close(member->report);
		*member = (struct scenario_troupe_member){ 0 };
	}
}
