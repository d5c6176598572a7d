/* session_cells_workers.c - a session in several processes: each opens what one alone would open, and asks what it is told. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "harness/commands/guests.h"
#include "harness/commands/message.h"
#include "harness/commands/session_cells_internal.h"
#include "harness/engine/guest.h"
#include "harness/lab/privileges.h"
#include "harness/run/record_pack.h"

const char *session_workers_one(const struct cells *cells)
{
	const struct options *options = cells->options;

	if (options->target)
		return "a target is asked by one process";
	if (options->engine == ENGINE_EXEC)
		return "a process that is the subject is asked by one process";
	if (options->pcap)
		return "--pcap writes what one lab's wire has";
	if (options->write)
		return "-w writes what one lab's wire has";
	if (format_has_ladders(options->format) && !cells->extras->silent)
		return "a page shows each cell's segments, which only one process keeps";
	if (options->map.refine)
		return "--refine asks what the last answers leave open";
	return cells->ladder || cells->extras->open || cells->extras->watch ? "one cell is asked by one process" : NULL;
}

int session_workers_count(const struct cells *cells, struct error *error)
{
	const struct options *options = cells->options;
	const char *why = session_workers_one(cells);
	size_t first, all = shard_of_matrix(options, cells->matrix, &first);

	if (options->workers > 1 && why)
		return fail(error, "--workers=%zu: %s", options->workers, why);
	if (options->guests && all < 2)
		return 1;
	if (why || all < 2 || (!options->workers && options->rate > 0 && !isinf(options->rate)))
		return 1;
	if (options->workers)
		return (int)(options->workers < all ? options->workers : all);
	return (int)workers_worth(all, options->guests);
}

struct working {
	struct cells *cells;
	struct worker *worker;
};

static int send_record(void *context, const struct record *record, struct error *error)
{
	const struct working *working = context;

	session_cells_met(working->cells, record);
	return worker_record(working->worker, record, error);
}

/* What is there goes out while the run waits. */
static void send_all(void *context, const struct tally *tally, size_t count)
{
	const struct working *working = context;
	struct error ignored; /* comes back with the next record */

	(void)tally;
	(void)count;
	worker_send(working->worker, WORKER_ALIVE, NULL, 0, &ignored);
}

static int send_tally(const struct working *working, enum worker_message message, struct tally *tally, struct error *error)
{
	tally->segments_sent = wire_segments_sent(working->cells->session.wire);
	return worker_send(working->worker, message, tally, sizeof(*tally), error);
}

/* Range after range, until there is none. */
static int ask_all(struct working *working, struct error *error)
{
	struct cells *cells = working->cells;
	struct run_listener listener = { .sink = send_record, .progress = send_all, .context = working };
	const size_t in_flight = cells->run.in_flight;
	struct worker_range range;
	struct tally all = { 0 }, tally;

	while (worker_next(working->worker, &range)) {
		cells->run.first = (size_t)range.first;
		cells->run.count = (size_t)range.count;
		cells->run.stride = (size_t)range.stride;
		cells->run.in_flight = in_flight < cells->run.count ? in_flight : cells->run.count;
		if (run(&cells->run, cells->matrix, &cells->session.transport, &listener, &tally, error) < 0)
			return -1;
		tally_join(&all, &tally);
		if (send_tally(working, WORKER_DONE, &all, error) < 0)
			return -1;
	}
	if (session_cells_leftovers(cells, &all, error) < 0)
		return -1;
	return send_tally(working, WORKER_ENDED, &all, error);
}

/* Only the first says what all would say. */
int session_worker_main(void *context, struct worker *worker, size_t number)
{
	struct cells *cells = context;
	struct options options = *cells->options;
	struct session_told told = { 0 };
	struct working working = { .cells = cells, .worker = worker };
	struct error error = { "" };
	int code;

	options.quiet |= number > 0;
	cells->options = &options;
	code = session_cells_open(cells, &error);
	if (code == EXIT_AGREES) {
		const struct session *session = &cells->session;

		told.kernel = session->kernel;
		memcpy(told.local_release, session->local_release, sizeof(told.local_release));
		memcpy(told.rules_text, session->rules_text, sizeof(told.rules_text));
		memcpy(told.sysctls, session->sysctls, sizeof(told.sysctls));
		told.sysctl_count = session->sysctl_count;
		if (worker_send(worker, WORKER_READY, &told, sizeof(told), &error) < 0 || ask_all(&working, &error) < 0 ||
		    session_finish(&cells->session, &error) < 0)
			code = message_error(error.text, EXIT_CANNOT_RUN);
	}
	session_cells_close(cells);
	return code;
}

int session_workers_told(struct cells *cells, const struct session_told *told, struct error *error)
{
	const struct options *options = cells->options;
	struct session *session = &cells->session;

	/* Whoever starts kernels has to end them, as their user. */
	if (geteuid() == 0 && !options->guests && privileges_drop(error) < 0)
		return message_error(error->text, EXIT_CANNOT_RUN);
	session->own = true;
	session->kernel = told->kernel;
	memcpy(session->local_release, told->local_release, sizeof(told->local_release));
	memcpy(session->rules_text, told->rules_text, sizeof(told->rules_text));
	memcpy(session->sysctls, told->sysctls, sizeof(told->sysctls));
	session->sysctl_count = told->sysctl_count;
	session->release = session->local_release;
	session->engine = guest_engine() ? guest_engine() : options->guests ? "uml" : "lab";
	session->name = "lab";
	cells->run.kernel = session->kernel;
	cells->run.count = shard_of_matrix(options, cells->matrix, &cells->run.first);
	return EXIT_AGREES;
}

int session_workers_open(struct cells *cells, size_t count, struct error *error)
{
	struct session_told told;
	struct workers_plan plan = {
		.count = count, .main = session_worker_main, .context = cells, .rest = SESSION_WORKERS_REST,
	};
	int code = EXIT_CANNOT_RUN;

	if (cells->options->guests)
		plan = guests_plan(cells->options, count, SESSION_WORKERS_REST);
	cells->session = (struct session){ .options = cells->options };
	cells->shared_by = count;
	cells->workers = workers_open(&plan, &told, sizeof(told), &code, error);
	if (!cells->workers)
		return error->text[0] ? message_error(error->text, EXIT_CANNOT_RUN) : code;
	return session_workers_told(cells, &told, error);
}

int session_workers_guest(struct cells *cells)
{
	cells->shared_by = cells->options->workers;
	return session_worker_main(cells, guests_worker(), (size_t)guest_worker());
}

/* What the sink needs of a run by workers. */
struct collecting {
	const struct matrix *matrix; /* that guests read, too; NULL: they had it from us */
	const struct run_listener *listener;
	struct tally *tally;
};

/* A guest that starts later reads the case files later. */
static bool is_ours(const struct matrix *matrix, const struct record *record)
{
	char ours[CELL_NAME_SIZE], theirs[CELL_NAME_SIZE];
	struct cell cell;

	matrix_cell(matrix, record->number % matrix_count(matrix), &cell);
	memcpy(cell.path, record->cell.path, sizeof(cell.path)); /* the session's */
	return strcmp(cell_name(&cell, ours, sizeof(ours)), cell_name(&record->cell, theirs, sizeof(theirs))) == 0;
}

static int take_packed(void *context, const struct lane_item *item, struct error *error)
{
	const struct collecting *collecting = context;
	static struct record record;

	if (record_unpack(item->bytes, item->size, &record) < 0 || record.number != item->number)
		return fail(error, "a worker sent what is no record");
	if (collecting->matrix && !is_ours(collecting->matrix, &record))
		return fail(error, GUESTS_OTHER_FILES);
	if (collecting->listener->sink(collecting->listener->context, &record, error) < 0)
		return -1;
	tally_add(collecting->tally, &record);
	return 0;
}

static void pass_progress(void *context, const struct tally *tally, size_t count)
{
	const struct collecting *collecting = context;

	if (collecting->listener->progress)
		collecting->listener->progress(collecting->listener->context, tally, count);
}

int session_workers_run(const struct cells *cells, struct workers *workers, size_t first, size_t count,
			const struct run_listener *listener, struct tally *tally, struct error *error)
{
	struct collecting collecting = { cells->options->guests ? cells->matrix : NULL, listener, tally };
	const struct workers_sink sink = { .take = take_packed, .progress = pass_progress, .context = &collecting };

	return workers_run(workers, first, count, &sink, tally, error);
}
