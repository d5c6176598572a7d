/* guests.c - the process of this machine's that starts a kernel and attends to it, for one worker. */
#include "harness/commands/guests.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/engine/guest.h"
#include "harness/run/exit_code.h"

enum { ADDED = 3, WORD_SIZE = 48 };

/* The command line that the guests get, of a plan. */
struct planned {
	struct engine_request request;
	char words[ADDED][WORD_SIZE];
	char *argv[GUEST_WORDS_MAX];
};

bool guests_can(const struct options *options, const struct image *image)
{
	bool cells = options->command == COMMAND_MATRIX || options->command == COMMAND_MAP;
	bool here = options->map.output && strcmp(options->map.output, "-") == 0; /* its size is that of the terminal */

	if (fcntl(STDOUT_FILENO, F_GETFL) & O_NONBLOCK) /* who attends to a single one waits for such a reader */
		return false;
	if (image->kind != IMAGE_UML || options->workers == 1 || options->pcap || options->write || options->dry_run)
		return false;
	if (options->command == COMMAND_SCENARIO)
		return options->all && !options->path_count;
	return cells && !here && !format_has_ladders(options->format) && !options->map.refine && options->path_count < 2;
}

/* The last line of what it said, without our name, which comes before it again. */
static const char *last_line(int errors, char *text, size_t size)
{
	static const char name[] = "twprobe: ";
	ssize_t got = pread(errors, text, size - 1, 0);
	char *line = text;

	text[got > 0 ? got : 0] = '\0';
	for (char *end = strchr(text, '\n'); end && end[1]; end = strchr(end + 1, '\n'))
		line = end + 1;
	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, name, sizeof(name) - 1) == 0 ? line + sizeof(name) - 1 : line;
}

/* Only the first speaks for itself: what is wrong with it is wrong with all. */
static int attend(void *context, struct worker *worker, size_t number)
{
	struct engine_request request = ((const struct planned *)context)->request;
	const int errors = number ? memfd_create("errors", MFD_CLOEXEC) : STDERR_FILENO;
	const struct engine_work work = { worker->in, worker->out, (unsigned)number, errors };
	struct error error = { "" }, ignored;
	char said[sizeof(error.text)];
	const char *why = error.text;
	int code;

	request.work = &work;
	request.processor += (unsigned)number;
	code = engine_run(&request, &error);
	if (code > 0 && number)
		why = last_line(errors, said, sizeof(said));
	if (*why && code)
		worker_send(worker, WORKER_FAILED, why, strlen(why) + 1, &ignored);
	return code < 0 ? EXIT_CANNOT_RUN : code;
}

struct workers_plan guests_plan(const struct options *options, size_t count, const char *rest)
{
	static struct planned planned;
	const struct engine_request *whole = &options->guests->request;
	int argc = 0;

	planned.request = *whole;
	snprintf(planned.words[0], WORD_SIZE, "--seed=%" PRIu64, options->seed);
	snprintf(planned.words[1], WORD_SIZE, "--workers=%zu", count);
	snprintf(planned.words[2], WORD_SIZE, "--color=%s", options_color(options) ? "always" : "never");
	for (int i = 0; i < whole->argc && argc < GUEST_WORDS_MAX - ADDED; i++) {
		planned.argv[argc++] = whole->argv[i];
		for (int j = 0; i == 1 && j < ADDED; j++) /* behind the command's name; what follows counts more */
			planned.argv[argc++] = planned.words[j];
	}
	planned.request.argc = argc;
	planned.request.argv = planned.argv;
	return (struct workers_plan){ .count = count, .main = attend, .context = &planned, .rest = rest, .guests = true };
}

struct worker *guests_worker(void)
{
	static struct worker worker;

	worker.in = STDIN_FILENO;
	worker.out = STDOUT_FILENO;
	return &worker;
}
