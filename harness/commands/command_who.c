/* command_who.c - twprobe who [OPTIONS] [HOST:PORT]: which kernels answer like this one. */
#include <stdio.h>
#include <string.h>

#include "cases/case_file.h"
#include "harness/commands/commands.h"
#include "harness/commands/matrices.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells.h"
#include "harness/report/report_who.h"
#include "harness/results/stacks.h"

/* The cells are chosen from all matrices that ship. A cell is asked on so many connections at most, and the target gets so many
 * in all. */
enum { TRIES_MOST = 10, CONNECTIONS_MOST = 60, RATE = 20 };

struct interview {
	const struct options *options;
	struct suspects suspects;
	struct matrix *round;  /* that is asked now */
	char target[ENDPOINT_TEXT_SIZE];
	bool heard;
};

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct interview *asking = context;

	(void)error;
	suspects_take(&asking->suspects, record);
	return 0;
}

/* NULL without an error: nothing more is to be asked. */
static struct matrix *next_round(void *context, struct error *error)
{
	struct interview *asking = context;
	unsigned left = asking->suspects.connections < CONNECTIONS_MOST ? CONNECTIONS_MOST - asking->suspects.connections : 0;
	struct cell cells[SUSPECTS_ROUND];
	size_t count = suspects_next(&asking->suspects, left / TRIES_MOST, cells);

	matrix_free(asking->round);
	asking->round = NULL;
	for (size_t i = 0; i < count && matrix_collect(&asking->round, &cells[i], error) == 0; i++)
		;
	return asking->round;
}

static int done(void *context, const struct run_facts *facts, const struct tally *tally, struct error *error)
{
	struct interview *asking = context;

	(void)error;
	asking->heard = !tally->interrupted || asking->suspects.conclusive + asking->suspects.mixed > 0;
	asking->suspects.interrupted = tally->interrupted;
	snprintf(asking->target, sizeof(asking->target), "%s", facts->target);
	return 0;
}

static int print(const struct interview *asking)
{
	static const int codes[WHO_COUNT] = {
		[WHO_NAMED] = EXIT_AGREES, [WHO_TWO] = EXIT_INCONCLUSIVE, [WHO_NOBODY] = EXIT_DIFFERS,
		[WHO_UNCLEAR] = EXIT_INCONCLUSIVE,
	};
	struct error error = { "" };
	int result = asking->options->format == FORMAT_JSON ?
		     report_who_json(stdout, TWPROBE_VERSION, asking->target, &asking->suspects, &error) :
		     report_who(stdout, asking->target, &asking->suspects, &error);

	if (result < 0)
		return message_failed(&error, EXIT_CANNOT_RUN);
	return asking->suspects.interrupted ? EXIT_INTERRUPTED : codes[report_who_of(&asking->suspects)];
}

static int ask(const struct options *options, struct interview *asking, struct error *error)
{
	const struct session_extras extras = {
		.sink = take_record, .silent = true, .next = next_round, .done = done, .tries_most = TRIES_MOST,
		.cells = CONNECTIONS_MOST, .context = asking,
	};
	struct options of_run = *options;
	struct matrix *first = next_round(asking, error);
	int code;

	if (!first)
		return message_failed(error, EXIT_CANNOT_RUN);
	/* Whatever is no answer of a Linux is asked until it is certain. */
	of_run.kernel_given = true;
	of_run.kernel = (struct kernel){ 0 };
	of_run.expect = BOOK_LINUX;
	of_run.rate = options->rate > 0 || !options->target ? options->rate : RATE;
	of_run.in_flight = SUSPECTS_ROUND;
	of_run.workers = 1;
	asking->suspects.direct = options_ask_lab(options) && options->path_count == 0;
	code = session_cells(&of_run, first, "who", false, &extras);
	matrix_free(asking->round);
	return asking->heard ? print(asking) : code;
}

static int ask_from(struct options *options, struct interview *asking, struct matrix *pool, const struct stacks *stacks,
		    struct error *error)
{
	bool ipv6 = options->ipv6 || (options->target && options->target[0] == '[');
	size_t count;
	const struct suspects_stack *suspects = stacks_suspects(stacks, &count);
	int code;

	if (stacks_add_cells(stacks, pool, error) < 0 ||
	    suspects_open(&asking->suspects, pool, ipv6 ? 6 : 4, suspects, count, error) < 0)
		return message_failed(error, EXIT_CANNOT_RUN);
	code = ask(options, asking, error);
	suspects_close(&asking->suspects);
	return code;
}

int command_who(struct options *options)
{
	struct interview asking = { .options = options };
	struct error error = { "" };
	char name[MATRICES_NAME_SIZE];
	struct options of_pool = { .matrices = { CASE_FILE_FULL }, .matrix_count = 1 };
	struct matrix *pool = matrices_load(&of_pool, name, &error);
	struct stacks *stacks;
	int code;

	if (!pool)
		return message_failed(&error, EXIT_USAGE);
	stacks = stacks_read(&error);
	code = stacks ? ask_from(options, &asking, pool, stacks, &error) : message_failed(&error, EXIT_CANNOT_RUN);
	stacks_free(stacks);
	matrix_free(pool);
	return code;
}
