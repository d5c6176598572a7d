/* diagnose_replay.c - the cells of a capture as a matrix in a session. */
#include "harness/commands/diagnose_replay.h"

#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"
#include "harness/run/defaults.h"

struct asking {
	struct replay *replay;
	bool done;
};

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct asking *asking = context;

	(void)error;
	replay_answer(asking->replay, record);
	return 0;
}

static void begin(void *context, const struct run_facts *facts, const struct kernel *kernel)
{
	struct asking *asking = context;

	(void)kernel;
	replay_name(asking->replay, facts->target, facts->kernel);
	if (facts->path)
		replay_over(asking->replay, facts->path);
}

static int done(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error)
{
	struct asking *asking = context;

	(void)facts;
	(void)error;
	asking->done = !tally->interrupted;
	return 0;
}

void diagnose_replay_ask(const struct options *options, struct replay *replay)
{
	struct asking asking = { .replay = replay };
	struct session_extras extras = {
		.sink = take_record, .silent = true, .begin = begin, .done = done, .context = &asking,
	};
	struct options of_run = *options;
	struct error error = { "" };
	struct matrix *matrix;
	int code;

	if (!replay_at(replay, 0))
		return;
	matrix = replay_matrix(replay, &error);
	if (!matrix) {
		replay_fail(replay, message_error(error.text, EXIT_CANNOT_RUN));
		return;
	}
	if (options->target && options->rate <= 0 && replay_at(replay, GENTLE_RATE) && !options->quiet)
		message_note("a target gets at most %d connections a second; --rate=N or --rate=max changes that", GENTLE_RATE);
	/* Those of the capture are about its own kernels. */
	of_run.kernel_given = false;
	of_run.expect = BOOK_LINUX;
	of_run.pcap = of_run.write = NULL;
	code = session_cells(&of_run, matrix, "replay", false, &extras);
	if (!asking.done)
		replay_fail(replay, code);
	matrix_free(matrix);
}
