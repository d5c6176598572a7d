/* scenario_workers.c - both ends of the line between who reports scenarios and the guests that play them. */
#include "harness/commands/scenario_workers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/commands/guests.h"
#include "harness/commands/message.h"
#include "harness/run/exit_code.h"

#define ALIVE_NS (10 * NSEC_PER_SEC)
enum { WAITING_EACH = 2, WAITING_MOST = 8 };

/* On virtual time nobody waits for anything but a processor; else nearly all of a scenario is waiting. */
size_t scenario_workers_worth(const struct options *options, size_t scenarios)
{
	size_t count = workers_processors(), waiting = WAITING_EACH * count;

	if (!options->guests->request.image->virtual_time)
		count = waiting < WAITING_MOST ? waiting : WAITING_MOST;
	if (options->workers)
		count = options->workers;
	return count < scenarios ? count : scenarios;
}

struct workers *scenario_workers_open(const struct options *options, size_t count, struct scenario_workers_head *head,
				      int *code, struct error *error)
{
	const struct workers_plan plan = guests_plan(options, count, "its scenario is played by another");
	struct workers *workers = workers_open(&plan, head, sizeof(*head), code, error);

	head->kernel[sizeof(head->kernel) - 1] = '\0';
	return workers;
}

/* What is sent of a scenario: this, then the text. */
static int take(void *context, const struct lane_item *item, struct error *error)
{
	const struct scenario_workers_sink *sink = context;
	struct scenario_troupe_told told;

	if (item->size < sizeof(told))
		return fail(error, "a guest sent what is no scenario");
	memcpy(&told, item->bytes, sizeof(told));
	if ((unsigned)told.verdict >= VERDICT_COUNT)
		return fail(error, "a guest sent what is no verdict");
	return sink->take(sink->context, item->number, &told, (const char *)item->bytes + sizeof(told),
			  item->size - sizeof(told), error);
}

static void show(void *context, const struct tally *tally, size_t count)
{
	const struct scenario_workers_sink *sink = context;

	sink->progress(sink->context, tally, count);
}

int scenario_workers_run(struct workers *workers, size_t scenarios, const struct scenario_workers_sink *sink, bool *interrupted,
			 struct error *error)
{
	struct scenario_workers_sink ours = *sink;
	const struct workers_sink below = { .take = take, .progress = show, .context = &ours, .apart = true };
	struct tally tally;
	int result = workers_run(workers, 0, scenarios, &below, &tally, error);

	*interrupted = tally.interrupted;
	return result;
}

static int send_done(struct worker *worker, bool interrupted, struct error *error)
{
	const struct tally tally = { .interrupted = interrupted };

	return worker_send(worker, WORKER_DONE, &tally, sizeof(tally), error);
}

static int send_played(struct worker *worker, size_t number, const struct scenario_troupe_told *told, char *text, size_t size,
		       struct error *error)
{
	char *bytes = malloc(sizeof(*told) + size);
	int result = 0;

	if (!bytes)
		return fail(error, "out of memory");
	memcpy(bytes, told, sizeof(*told));
	memcpy(bytes + sizeof(*told), text, size);
	if (!told->interrupted)
		result = worker_result(worker, number, bytes, sizeof(*told) + size, error);
	free(bytes);
	return result < 0 ? -1 : send_done(worker, told->interrupted, error);
}

static int serve_one(struct worker *worker, size_t number, scenario_workers_player *player, void *context,
		     bool *interrupted)
{
	struct scenario_troupe_told told = { .verdict = VERDICT_COUNT };
	struct error error = { "" };
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int code;

	if (!out)
		return message_error("out of memory", EXIT_CANNOT_RUN);
	code = player(context, number, &told, out, &error);
	fclose(out);
	if (code == EXIT_AGREES && send_played(worker, number, &told, text, size, &error) < 0)
		code = message_error(error.text, EXIT_CANNOT_RUN);
	*interrupted = told.interrupted;
	free(text);
	return code;
}

int scenario_workers_serve(const struct scenario_workers_head *head, scenario_workers_player *player, void *context)
{
	struct worker *worker = guests_worker();
	struct worker_range range;
	struct error error = { "" };
	bool interrupted = false;
	int code = EXIT_AGREES;

	if (worker_send(worker, WORKER_READY, head, sizeof(*head), &error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	while (code == EXIT_AGREES && worker_next(worker, &range)) {
		if (!interrupted)
			code = serve_one(worker, (size_t)range.first, player, context, &interrupted);
		else if (send_done(worker, true, &error) < 0) /* it was told of this one before that */
			code = message_error(error.text, EXIT_CANNOT_RUN);
	}
	return code;
}

int scenario_workers_end(struct error *error)
{
	const struct tally none = { 0 };

	return worker_send(guests_worker(), WORKER_ENDED, &none, sizeof(none), error);
}

void scenario_workers_alive(void)
{
	static uint64_t last_ns;
	struct error ignored;

	if (clock_now() - last_ns < ALIVE_NS) /* of virtual time minutes pass in a moment */
		return;
	last_ns = clock_now();
	worker_send(guests_worker(), WORKER_ALIVE, NULL, 0, &ignored);
}
