/* run.c - the window of probes in flight: what begins when, and what is delivered in which order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/run/defaults.h"
#include "harness/run/run_internal.h"
#include "harness/run/run_reach.h"

#define CHECK_EVERY (4 * NSEC_PER_MSEC)
#define FAR_EVERY (50 * NSEC_PER_MSEC)
#define PROGRESS_EVERY (200 * NSEC_PER_MSEC)

enum { RING_MIN = 2048, RING_MAX = 16384, RING_LATE = 65536, FORMERS = 16384 };

static int run_open(struct run *run)
{
	size_t slots = run->options->in_flight;

	run->ring_size = 8 * slots < RING_MIN ? RING_MIN : 8 * slots > RING_MAX ? RING_MAX : 8 * slots;
	if (run->wire->grows) /* what it shows last may be about the first */
		run->ring_size = RING_LATE;
	if (run->ring_size < 2 * slots)
		run->ring_size = 2 * slots;
	if (run->ring_size > run->cells)
		run->ring_size = run->cells;
	run->probes = calloc(slots, sizeof(*run->probes));
	run->free_slots = calloc(slots, sizeof(*run->free_slots));
	run->flows = flows_open(2 * slots);
	run->formers = formers_open(FORMERS);
	run->heap = heap_open(slots);
	run->order = order_open(run->ring_size);
	run->parked = calloc(run->ring_size, sizeof(*run->parked));
	run->again = calloc(run->ring_size, sizeof(*run->again));
	run->asking = calloc(2 * slots, sizeof(*run->asking));
	run->refused = calloc(slots, sizeof(*run->refused));
	run->greeted = calloc(2 * slots, sizeof(*run->greeted));
	run->refused_number = calloc(slots, sizeof(*run->refused_number));
	if (!run_ring_open(run) || !run->probes || !run->free_slots || !run->flows || !run->formers || !run->heap ||
	    !run->order || !run->parked || !run->again || !run->asking || !run->refused || !run->greeted ||
	    !run->refused_number)
		return fail(run->error, "out of memory for %zu probes in flight; a smaller --in-flight needs less", slots);
	while (run->free_count < slots) {
		run->free_slots[run->free_count] = (uint32_t)(slots - 1 - run->free_count);
		run->free_count++;
	}
	return 0;
}

static void run_close(struct run *run)
{
	run_ring_close(run);
	free(run->probes);
	free(run->free_slots);
	flows_close(run->flows);
	formers_close(run->formers);
	heap_close(run->heap);
	order_close(run->order);
	free(run->parked);
	free(run->again);
	free(run->asking);
	free(run->refused);
	free(run->greeted);
	free(run->refused_number);
	traits_free(&run->traits);
}

/* Of all cells, repeats included. */
static size_t number_of(const struct run *run, size_t number)
{
	return run->options->first + number * (run->options->stride ? run->options->stride : 1);
}

/* Fetches the next cell and fixes what is expected of it, before anything is sent. NULL: out of memory. */
static struct entry *entry_open(struct run *run, size_t number)
{
	struct entry *entry = run_ring_take(run, number);
	struct record *record;

	if (!entry)
		return NULL;
	record = &entry->record;
	record->number = number_of(run, number);
	record->before = record->after = STATE_UNKNOWN;
	matrix_cell(run->matrix, record->number % matrix_count(run->matrix), &record->cell);
	run_expect(run, record);
	return entry;
}

/* The cells that ask for them are skipped, unless it is the wire itself that is broken. */
static void conditions_refused(struct run *run, const struct error *why)
{
	snprintf(run->conditions_error, sizeof(run->conditions_error), "%.*s", RECORD_REASON_SIZE - 1, why->text);
	if (run->wire->health(run->wire->self, &run->health, run->error) < 0)
		run->failed = true;
}

static void set_listener(struct run *run, enum listener listening)
{
	struct error error;

	if (run->attending == listening)
		return;
	if (run->wire->listener(run->wire->self, listening, &error) < 0)
		conditions_refused(run, &error);
	else
		run->attending = listening;
}

/* What fills a queue, or empties it, sends segments, after which the counters are compared from anew: whatever they have to
 * prove must be proven before. */
static bool must_prove_first(const struct run *run)
{
	return run->shared.listening > LISTENER_GONE && run->parked_count > 0;
}

/* Nothing is in flight: the subject's sysctls can change. */
static void conditions_apply(struct run *run)
{
	const struct conditions *conditions = &run->shared.conditions;
	struct error error;

	limits_of(conditions, &run->options->kernel, &run->limits);
	run->conditions_set = true;
	run->conditions_error[0] = '\0';
	run->wave = conditions_any_at_probe(conditions) || run->shared.listening != LISTENER_KEPT;
	run->probing = false;
	set_listener(run, LISTENER_KEPT);
	if (run->wire->manner && run->wire->manner(run->wire->self, &run->shared.manner, &error) < 0)
		conditions_refused(run, &error);
	if (!run->wire->apply)
		return;
	if (run->wire->apply(run->wire->self, conditions, false, &error) < 0)
		conditions_refused(run, &error);
}

/* Why this cell cannot be asked here; NULL when it can. */
static const char *why_skip(const struct run *run, const struct cell *cell)
{
	const struct transport *wire = run->wire;
	const struct run_reach reach = { .call = wire->call, .listener = wire->listener, .manner = wire->manner };
	const char *bar = run_reach_bar(&reach, run->options, cell);

	if (bar)
		return bar;
	if (wire->crossed && (cell->stimulus.ttl.given || cell->min_ttl.given))
		return "the router takes one off the TTL of each segment (ip_forward()): what the cell asks for is not what "
		       "the subject would get";
	if ((cell->family == 6 ? run->options->target_v6 : run->options->target_v4).address.family == 0)
		return cell->family == 4 ? "the target has no IPv4 address" :
		       wire->apply ? "this kernel has no IPv6" : "the target has no IPv6 address";
	return run->conditions_error[0] ? run->conditions_error : limits_bar(cell, &run->options->kernel);
}

static bool quiet(const struct run *run)
{
	return run_active(run) == 0 && run->parked_count == 0 && run->again_count == 0;
}

/* The ring has room for more records: their cells may begin, in an order that changes the sysctls as rarely as can be. Where no
 * conditions can be set, none need wait for others. */
static void admit(struct run *run)
{
	struct order_key key = { .listening = LISTENER_KEPT };
	struct cell cell;

	for (; run->next < run->cells && run->next - run->delivered < run->ring_size; run->next++) {
		if (!run->options->no_sysctls) {
			matrix_cell(run->matrix, number_of(run, run->next) % matrix_count(run->matrix), &cell);
			order_key_of(&cell, &key);
		}
		order_add(run->order, run->next, &key);
	}
}

/* Whether what the cells in flight have in common is, or now becomes, what this one asks for. */
static bool conditions_ready(struct run *run, const struct order_key *key)
{
	if (run->options->no_sysctls || (run->conditions_set && order_key_equal(&run->shared, key)))
		return true;
	if (!quiet(run))
		return false;
	run->shared = *key;
	conditions_apply(run);
	return true;
}

/* Opens the next cell when its turn has come. False when it must wait. */
static bool open_next(struct run *run)
{
	const struct order_key *key;
	struct entry *entry;
	const char *why;
	size_t number;

	admit(run);
	if (!order_first(run->order, &number, &key) || !conditions_ready(run, key))
		return false;
	entry = entry_open(run, number);
	if (!entry) {
		run->failed = true;
		fail(run->error, "out of memory for a cell");
		return false;
	}
	why = why_skip(run, &entry->record.cell);
	if (!why)
		why = run_entry_adapt(run, number, true);
	if (why) {
		run_entry_close(run, number, VERDICT_SKIPPED, why);
	} else if (run_is_hopeless(run)) {
		run_entry_close(run, number, VERDICT_INCONCLUSIVE, run->health.went_down ?
				"not tried: the interface went down, and the target answered none of the last SYNs" :
				"not tried: the target answered none of the last SYNs");
	} else {
		run_probe_begin(run, number);
	}
	order_take(run->order);
	run->begun++;
	return true;
}

static bool begin_one(struct run *run)
{
	const char *why;
	size_t number;

	if (run->again_count == 0)
		return open_next(run);
	number = run->again[--run->again_count];
	why = run_entry_adapt(run, number, false);
	if (why)
		run_entry_close(run, number, VERDICT_SKIPPED, why);
	else
		run_probe_begin(run, number);
	return true;
}

static void begin_more(struct run *run, uint64_t now_ns)
{
	pace_ease(&run->pace, run->calm_count ? GENTLE_RATE : 0);
	if (run->interrupted || run->probing)
		return;
	while (run_has_room(run) && !run->failed && pace_due(&run->pace, now_ns))
		if (!begin_one(run))
			break;
}

/* The sysctls of the connection again. What was refused at the probe would be refused again: the cells that are left need no
 * connection to be skipped. */
static void end_wave(struct run *run)
{
	char refused[sizeof(run->conditions_error)];

	memcpy(refused, run->conditions_error, sizeof(refused));
	conditions_apply(run);
	if (refused[0])
		memcpy(run->conditions_error, refused, sizeof(refused));
}

/* Conditions at the probe hold for the whole namespace: all reach the state first, then the sysctls change, then all
 * stimuli go; the next wave begins when all are answered. */
static void drive_wave(struct run *run)
{
	struct peer_event event = { .kind = PEER_RELEASE };
	struct error error;
	size_t number;

	if (!run->wave || run->failed)
		return;
	if (run->probing) {
		if (run_active(run) == 0 && !must_prove_first(run))
			end_wave(run);
		return;
	}
	if (run->ready_count == 0 || run->ready_count < run_active(run) || must_prove_first(run))
		return;
	/* What fills a queue must not get a SYN cookie. */
	set_listener(run, run->shared.listening);
	if (conditions_any_at_probe(&run->shared.conditions) &&
	    run->wire->apply(run->wire->self, &run->shared.conditions, true, &error) < 0)
		conditions_refused(run, &error);
	run->probing = true;
	event.now_ns = run->wire->now(run->wire->self);
	for (size_t i = 0; i < run->options->in_flight; i++) {
		struct probe *probe = &run->probes[i];

		if (!probe->used || !probe->ready)
			continue;
		probe->ready = false;
		run->ready_count--;
		event.kind = run->conditions_error[0] ? PEER_CANCEL : PEER_RELEASE;
		number = probe->number;
		run_probe_step(run, probe, &event);
		if (run->conditions_error[0])
			run_entry_skip(run, number, run->conditions_error);
	}
}

static void deliver(struct run *run)
{
	while (run->delivered < run->next && run_entry(run, run->delivered)->status == ENTRY_PROVEN && !run->failed &&
	       !run_holds_back(run)) {
		struct entry *entry = run_entry(run, run->delivered);

		tally_add(run->tally, &entry->record);
		run->delivered++;
		if (run->listener->sink(run->listener->context, &entry->record, run->error) < 0)
			run->failed = true;
		run_ring_give_back(run, run->delivered - 1);
	}
}

/* The user stopped it: what is proven is reported, the rest is torn down and counts as not tried. */
static void deliver_the_rest(struct run *run)
{
	run_probes_cancel(run);
	run->wire->flush(run->wire->self, NULL, NULL, run->error);
	for (; run->delivered < run->next && !run->failed; run->delivered++) {
		struct entry *entry = run_entry(run, run->delivered);

		if (entry->status != ENTRY_PROVEN)
			continue;
		tally_add(run->tally, &entry->record);
		if (run->listener->sink(run->listener->context, &entry->record, run->error) < 0)
			run->failed = true;
	}
}

static void flush(struct run *run)
{
	if (run->failed)
		return;
	if (run->wire->flush(run->wire->self, run_probe_note_refused, run, run->error) < 0)
		run->failed = true;
	else if (run->refused_count)
		run_probes_refused(run);
	run_greetings_sent(run);
}

static uint64_t next_deadline(const struct run *run)
{
	uint64_t deadline_ns = UINT64_MAX;
	uint32_t slot;

	heap_first(run->heap, &slot, &deadline_ns);
	if (run_awaits_far(run))
		return run->wire->now(run->wire->self) + FAR_EVERY;
	if (run->parked_count && run->checked_ns + CHECK_EVERY < deadline_ns)
		deadline_ns = run->checked_ns + CHECK_EVERY;
	if (pace_rate(&run->pace) > 0 && run_has_room(run) && (run->begun < run->cells || run->again_count) &&
	    !run->probing && run->pace.next_ns < deadline_ns)
		deadline_ns = run->pace.next_ns;
	return deadline_ns == UINT64_MAX ? 0 : deadline_ns;
}

/* Parked outcomes wait a little so that one look at the counters serves many; not when nothing else goes on, but for those that
 * were looked at already. */
static bool check_due(const struct run *run, uint64_t now_ns)
{
	bool idle = run_active(run) == 0 && run->health.balance != BALANCE_UNEVEN && run->parked_count > run->parked_kept;

	return run->parked_count && (idle || now_ns - run->checked_ns >= CHECK_EVERY);
}

static void report_progress(struct run *run, uint64_t now_ns)
{
	if (!run->listener->progress || now_ns - run->progress_ns < PROGRESS_EVERY)
		return;
	run_foretell(run);
	run->progress_ns = now_ns;
	run->tally->ended_ns = now_ns;
	run->listener->progress(run->listener->context, run->tally, run->cells);
}

/* One turn: receive, prove, time out, send. */
static void turn(struct run *run)
{
	const struct transport *wire = run->wire;
	uint64_t now_ns, upto_ns;

	if (wire->receive(wire->self, run_probe_heard, run, &upto_ns, run->error) < 0) {
		run->failed = true;
		return;
	}
	now_ns = wire->now(wire->self);
	/* Before anything is sent: the check may hear more, and what that queues must not wait for the next turn. */
	if (check_due(run, now_ns) && !run_entries_check(run, now_ns))
		return;
	if (run_awaits_far(run))
		run_settle_far(run);
	deliver(run);
	run_probes_time_out(run, upto_ns);
	begin_more(run, now_ns);
	flush(run);
	run_probes_testify(run);
	drive_wave(run);
	flush(run);
	report_progress(run, now_ns);
}

/* Something can be proven, delivered or begun without waiting for the wire. */
static bool has_work(struct run *run)
{
	if (run_awaits_far(run))
		return false;
	if (run->parked_count && check_due(run, run->wire->now(run->wire->self)))
		return true;
	if (run->delivered < run->next && run_entry(run, run->delivered)->status == ENTRY_PROVEN &&
	    !run_holds_back(run))
		return true;
	if (pace_rate(&run->pace) > 0) /* then the pace decides when the next one begins */
		return false;
	if (run_active(run) == 0 && run->parked_count == 0)
		return true;
	return run->again_count && run_has_room(run) && !run->probing;
}

static int run_loop(struct run *run)
{
	const struct transport *wire = run->wire;
	int waited;

	if (wire->health(wire->self, &run->health, run->error) < 0)
		return -1;
	while (run->delivered < run->cells && !run->failed && !run->interrupted) {
		turn(run);
		if (run->failed || run->delivered == run->cells)
			break;
		/* Signals are served in every turn, and that is what the wait does when there is nothing to wait for. */
		waited = wire->wait(wire->self, has_work(run) ? 1 : next_deadline(run), run->error);
		if (waited < 0)
			run->failed = true;
		/* It ends the waiting, too. */
		run->interrupted = waited > 0 && !run_awaits_far(run);
		run->far_settled |= waited > 0;
	}
	if (run->interrupted && !run->failed)
		deliver_the_rest(run);
	else
		flush(run); /* the last tear-downs */
	return run->failed ? -1 : 0;
}

int run(const struct run_options *options, const struct matrix *matrix, const struct transport *transport,
	const struct run_listener *listener, struct tally *tally, struct error *error)
{
	struct run run = {
		.options = options,
		.matrix = matrix,
		.wire = transport,
		.listener = listener,
		.tally = tally,
		.error = error,
		.cells = options->count,
		.traits.learns = options->learns,
		.acks_resets = options->obeys,
	};
	int result;

	memset(tally, 0, sizeof(*tally));
	if (run.cells == 0) /* a shard of a matrix smaller than the number of shards */
		return 0;
	result = run_open(&run);
	if (result == 0) {
		run.started_ns = run.progress_ns = transport->now(transport->self);
		pace_open(&run.pace, options->rate, options->adapts, run.started_ns);
		tally->begun_ns = run.started_ns;
		result = run_loop(&run);
		tally->ended_ns = transport->now(transport->self);
		tally->interrupted = run.interrupted;
		tally->capture_dropped = run.health.dropped;
		tally->without_timestamps = run.traits.adapted;
		tally->same = run.traits.same;
	}
	run_close(&run);
	return result;
}
