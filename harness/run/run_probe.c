/* run_probe.c - a probe's life in its slot: events in, actions carried out. */
#include <string.h>

#include "cases/matrix/life.h"
#include "crafter/random.h"
#include "crafter/units.h"
#include "harness/run/run_internal.h"

enum { TEAR_DOWN_COPIES = 3 };

static void trace_add(struct entry *entry, const struct segment *segment, const struct notice *notice, bool ours,
		      uint64_t time_ns)
{
	struct trace *trace = entry->trace;
	struct trace_entry *line;

	if (!trace)
		return;
	if (trace->count == TRACE_MAX) {
		trace->lost++;
		return;
	}
	line = &trace->entries[trace->count++];
	line->time_ns = time_ns;
	line->ours = ours;
	line->segment = *segment;
	line->segment.payload = NULL;
	line->note = NULL;
	line->unsound = notice != NULL;
	if (notice)
		line->notice = *notice;
}

/* Its `last` segments went out, `copies` times each. */
static void probe_end(struct run *run, struct probe *probe, const struct peer_actions *last, unsigned copies)
{
	uint32_t slot = (uint32_t)(probe - run->probes);

	heap_remove(run->heap, slot);
	flows_remove(run->flows, &probe->peer.pair);
	formers_add(run->formers, &probe->peer, probe->number, last, copies);
	run_entry_park(run, probe);
	run->wire->give_back(run->wire->self, &probe->peer.pair.crafted);
	if (probe->ready)
		run->ready_count--;
	probe->used = probe->ready = probe->asking = probe->refused = probe->greeted = false;
	run->free_slots[run->free_count++] = slot;
}

static void send_all(struct run *run, const struct peer_actions *actions)
{
	for (uint8_t i = 0; i < actions->send_count && !run->failed; i++)
		if (run->wire->send(run->wire->self, &actions->send[i], run->error) < 0)
			run->failed = true;
}

/* Counted when it happens: the probes that lose nothing end first, and know nothing of the others. What a listener's reset was
 * waited for with waits for it, because some listeners answer nothing but SYNs. */
static void count_lost(struct run *run, struct probe *probe, unsigned resent)
{
	enum peer_phase phase = probe->peer.phase;

	if (phase == PEER_CLEARING) {
		probe->unsettled = (uint16_t)(probe->unsettled + resent);
		return;
	}
	if (phase != PEER_ENDED || !traits_may_be_mute(&run->traits))
		resent += probe->unsettled;
	probe->unsettled = 0;
	run->loss.lost += resent;
}

/* Where a witness is asked, that is when; see run_probes_testify(). */
static void watch_after(const struct run *run, const struct peer *peer, enum peer_phase before)
{
	const struct run_watch *watch = run->options->watch;

	if (watch && watch->after && !run->wire->testify && before >= PEER_STIMULATED && before <= PEER_AFTERWARDS &&
	    peer->phase > PEER_AFTERWARDS)
		watch->after(watch->context, peer);
}

void run_probe_step(struct run *run, struct probe *probe, const struct peer_event *event)
{
	enum peer_phase phase = probe->peer.phase;
	struct peer_event release = { .kind = PEER_RELEASE, .now_ns = event->now_ns };
	uint32_t slot = (uint32_t)(probe - run->probes);
	uint16_t resent = probe->peer.resent;
	struct peer_actions actions;

	peer_step(&probe->peer, event, &actions);
	count_lost(run, probe, (uint16_t)(probe->peer.resent - resent));
	watch_after(run, &probe->peer, phase);
	send_all(run, &actions);
	if (actions.call && !run->failed &&
	    run->wire->call(run->wire->self, &probe->peer.pair, probe->peer.plan->behaviour, run->error) < 0)
		run->failed = true;
	if (actions.done) {
		/* A reset is not acknowledged, and one that is lost leaves the subject a connection to hold. */
		unsigned copies = run->loss.lost ? TEAR_DOWN_COPIES : 1;

		for (unsigned i = 1; i < copies; i++)
			send_all(run, &actions);
		probe_end(run, probe, &actions, copies);
		return;
	}
	if (peer_expiry(&probe->peer) == UINT64_MAX)
		heap_remove(run->heap, slot);
	else
		heap_set(run->heap, slot, peer_expiry(&probe->peer));
	/* The witness is asked after the flush: until then the subject has not got what was just queued. */
	/* Twice as many as there are probes: one may end and another begin in its place before the witness is asked. */
	if (actions.ask_witness && !probe->asking && run->asking_count < 2 * run->options->in_flight) {
		probe->asking = true;
		run->asking[run->asking_count++] = slot;
	}
	if (!actions.ready)
		return;
	if (run->wave) {
		probe->ready = true;
		run->ready_count++;
		return;
	}
	if (run->options->watch && run->options->watch->stimulus)
		run->options->watch->stimulus(run->options->watch->context, &probe->peer);
	run_probe_step(run, probe, &release);
}

static bool needs_timestamps(const struct cell *cell)
{
	const char *server = conditions_value(&cell->conditions, "tcp_timestamps", false);

	return cell->connection_timestamps && !(server && strcmp(server, "0") == 0);
}

/* The subject's end of a connection for this cell. */
static struct endpoint subject_of(const struct run_options *options, const struct cell *cell)
{
	struct endpoint subject = cell->family == 6 ? options->target_v6 : options->target_v4;

	if (cell_connects(cell))
		subject.port = cell->nobody_listens ? options->nobody_port : options->calls_port;
	else if (cell->state == STATE_CLOSED && options->nobody_port)
		subject.port = options->nobody_port;
	return subject;
}

/* The source is taken here and given back in probe_end. */
static bool fill_task(struct run *run, const struct entry *entry, struct state_plan *way, struct peer_task *task)
{
	const struct cell *cell = &entry->record.cell;
	uint64_t number = random_mix(run->options->seed ^ random_mix(entry->record.number * 64 + entry->record.tries));
	struct endpoint source;

	if (run->wire->take(run->wire->self, cell->family, &source, run->error) < 0)
		return false;
	memset(task, 0, sizeof(*task));
	task->pair.crafted = source;
	task->pair.subject = subject_of(run->options, cell);
	task->state = cell->state;
	task->plan = cell_way(cell, way);
	task->unread = (uint16_t)cell->unread.number;
	task->receive_window = cell->receive_window;
	if (cell->receive_window == RECEIVE_WINDOW_SHRUNK)
		task->unread = SEGMENT_PAYLOAD_MAX;
	task->delay_ns = cell->delay_ms.number * NSEC_PER_MSEC;
	task->life_ns = life_ns(cell);
	task->life_after_ns = life_after_ns(cell);
	task->twice = cell->twice_ms.given;
	task->again_after_ns = cell->twice_ms.number * NSEC_PER_MSEC;
	task->nobody_listens = cell->nobody_listens;
	task->stimulus = cell->stimulus;
	task->asks_ecn = cell->connection_ecn;
	task->offers_timestamps = cell->connection_timestamps;
	task->needs_timestamps = needs_timestamps(cell);
	task->leaves_nothing = limits_leave_nothing(cell->state, &cell->conditions, &run->options->kernel) ||
			       limits_only_cookie(cell, &run->options->kernel);
	task->trusts_listener = traits_trust_listener(&run->traits);
	task->bare_acks = run->traits.bare_acks;
	task->iss = (uint32_t)number;
	/* Where the cell leaves it open, far from both ends, so that "zero" lies below and no small offset from it wraps. */
	task->ts_clock = (UINT32_C(1) << 24) + (uint32_t)(number >> 32) % ((UINT32_C(1) << 31) - (UINT32_C(1) << 25));
	if (cell->connection_tsval.given)
		task->ts_clock = cell->connection_tsval.number;
	return true;
}

void run_probe_begin(struct run *run, size_t number)
{
	struct entry *entry = run_entry(run, number);
	struct peer_event event = { .kind = PEER_START };
	struct peer_task task;
	struct probe *probe;
	uint32_t slot;

	slot = run->free_slots[run->free_count - 1];
	probe = &run->probes[slot];
	if (!fill_task(run, entry, &probe->way, &task)) {
		run->failed = true;
		return;
	}
	run->free_count--;
	probe->used = true;
	probe->number = number;
	probe->unsettled = 0;
	peer_init(&probe->peer, &run->options->rules, &task);
	if (!flows_add(run->flows, &task.pair, slot)) {
		run->failed = true;
		fail(run->error, "the table of four-tuples is full or holds this one twice (a bug in twprobe)");
		return;
	}
	formers_forget(run->formers, &task.pair);
	event.now_ns = run->wire->now(run->wire->self);
	entry->status = ENTRY_RUNNING;
	entry->begun_ns = event.now_ns;
	entry->overloads = run->health.overloads;
	entry->given_up = run->health.given_up;
	entry->dropped = run->health.dropped;
	entry->went_down = run->health.went_down;
	entry->unplaced = run->unplaced;
	entry->late = false;
	entry->round_trip_ns = 0;
	entry->record.tries++;
	entry->record.pair = task.pair;
	if (entry->trace)
		entry->trace->count = entry->trace->lost = 0;
	run_probe_step(run, probe, &event);
	probe->round = pace_begun(&run->pace, probe->used && probe->peer.phase == PEER_OPENING);
}

/* A SYN-ACK again, and neither was the SYN sent again nor can the subject's timer (1 s, TCP_TIMEOUT_INIT) have run out. */
static bool is_copy(const struct peer *peer, const struct segment *segment, uint64_t time_ns)
{
	return peer->phase > PEER_OPENING && peer->phase < PEER_STIMULATED && segment->seq == peer->crafted.irs &&
	       !peer->resent && time_ns < peer->syn_ack_ns + 500 * NSEC_PER_MSEC;
}

/* What the subject's side shows about the subject, beyond this one probe. */
static void learn_of_target(struct run *run, struct probe *probe, const struct segment *segment, uint64_t time_ns)
{
	if (probe->peer.phase == PEER_OPENING && !probe->peer.resent)
		pace_answered(&run->pace, probe->round, time_ns - probe->peer.begun_ns);
	probe->round = 0;
	if ((segment->flags & FLAG_SYN) && probe->peer.phase == PEER_OPENING && probe->peer.offers_timestamps)
		traits_syn_ack(&run->traits, segment_has_option(segment, OPTION_TIMESTAMPS));
	if (peer_is_bare_ack(&probe->peer, segment))
		run->traits.bare_acks = true;
	/* A listener's: no process has that connection. */
	if (probe->peer.phase == PEER_CLEARING && (segment->flags & FLAG_RST) && (segment->flags & FLAG_ACK))
		run->acks_resets = true;
	if (segment->flags & FLAG_SYN) {
		/* Two senders, or two ways. */
		if (run->first_ttl && segment->ttl != run->first_ttl)
			run_contest(run);
		run->first_ttl = segment->ttl;
		run->syn_acks += probe->peer.phase == PEER_OPENING;
		run->copies += is_copy(&probe->peer, segment, time_ns);
	}
	/* Where nobody listens, a SYN's RST is what shows that somebody is there. */
	if ((segment->flags & FLAG_SYN) || ((segment->flags & FLAG_RST) && probe->peer.state == STATE_CLOSED)) {
		run->heard_subject = true;
		run->fruitless = 0;
	}
	if ((segment->flags & FLAG_FIN) && !probe->peer.crafted.fin_sent)
		run->heard_fin = true;
	if (segment->flags & (FLAG_SYN | FLAG_FIN))
		run_greeted(run, (uint32_t)(probe - run->probes), segment, time_ns);
}

/* About no probe in flight: of a connection that has ended, or, where nobody can say of which, perhaps of any. */
static void heard_elsewhere(struct run *run, const struct segment *segment, const struct notice *notice, bool from_subject,
			    uint64_t time_ns)
{
	struct notice late = { .kind = NOTICE_LATE, .from = segment->tuple.source.address, .time_ns = time_ns };
	size_t number;

	late.segment = *segment;
	late.segment.payload = NULL;
	if (formers_heard(run->formers, segment, notice, time_ns, &number, &late.after_ns))
		run_entry_heard_late(run, number, notice ? notice : &late);
	else if (notice && notice->kind != NOTICE_CHECKSUM && !from_subject && segment->tuple.source.port == 0)
		run->unplaced++;
}

void run_probe_heard(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns)
{
	struct run *run = context;
	struct peer_event event = { .now_ns = time_ns, .segment = segment, .notice = notice };
	struct probe *probe;
	bool from_subject;
	uint32_t slot = flows_find(run->flows, &segment->tuple, &from_subject);

	if (slot == FLOWS_NONE) {
		heard_elsewhere(run, segment, notice, from_subject, time_ns);
		return;
	}
	probe = &run->probes[slot];
	if (notice && !from_subject) { /* our own segment, unsound: nobody sends such, but for a stimulus made so */
		if (!peer_is_own_unsound(&probe->peer, notice))
			return;
		event.segment = &notice->segment;
		event.notice = notice = NULL;
	}
	run->tally->segments_heard += from_subject && !notice;
	event.kind = notice ? PEER_NOTICED : from_subject ? PEER_HEARD : PEER_SEEN;
	if (from_subject && !notice)
		learn_of_target(run, probe, segment, time_ns);
	if (run->options->trace)
		trace_add(run_entry(run, probe->number), event.segment, notice, !from_subject, time_ns);
	run_probe_step(run, probe, &event);
}

/* A peer that arms its timer again does so for later than `now_ns` (peer_expiry), so this ends. */
void run_probes_time_out(struct run *run, uint64_t now_ns)
{
	struct peer_event event = { .kind = PEER_DEADLINE, .now_ns = now_ns };
	size_t steps = 0, most = 4 * run->options->in_flight + 64;
	uint64_t deadline_ns;
	uint32_t slot;

	while (!run->failed && heap_first(run->heap, &slot, &deadline_ns) && deadline_ns <= now_ns) {
		if (++steps > most) {
			run->failed = true;
			fail(run->error, "the same deadlines come again and again (a bug in twprobe)");
			return;
		}
		run_probe_step(run, &run->probes[slot], &event);
	}
}

void run_probes_testify(struct run *run)
{
	struct sighting sighting;
	struct peer_event event = { .kind = PEER_TESTIMONY, .sighting = &sighting };

	for (size_t i = 0; i < run->asking_count && !run->failed; i++) {
		struct probe *probe = &run->probes[run->asking[i]];
		uint64_t asked_ns;

		if (!probe->used || !probe->asking)
			continue;
		probe->asking = false;
		asked_ns = run->wire->now(run->wire->self);
		if (run->wire->testify(run->wire->self, &probe->peer.pair, &sighting, run->error) < 0) {
			run->failed = true;
			return;
		}
		event.now_ns = run->wire->now(run->wire->self);
		event.state = sighting.listener ? STATE_LISTEN : sighting.state;
		sighting.time_ns = asked_ns;
		sighting.took_ns = event.now_ns - asked_ns;
		if (run->options->watch && run->options->watch->after && probe->peer.phase == PEER_AFTERWARDS)
			run->options->watch->after(run->options->watch->context, &probe->peer);
		run_probe_step(run, probe, &event);
	}
	run->asking_count = 0;
}

void run_probe_note_refused(void *context, const struct tuple *tuple, int error_number)
{
	struct run *run = context;
	uint32_t slot = flows_find(run->flows, tuple, NULL);

	/* One is enough for a probe, and so there is room for all of them. */
	if (slot == FLOWS_NONE || run->probes[slot].refused || run->refused_count == run->options->in_flight)
		return;
	run->probes[slot].refused = true;
	run->refused[run->refused_count] = slot;
	run->refused_number[run->refused_count++] = error_number;
}

/* Only after the flush is over: a step may queue segments. */
void run_probes_refused(struct run *run)
{
	struct peer_event event = { .kind = PEER_SEND_FAILED };

	event.now_ns = run->wire->now(run->wire->self);
	for (size_t i = 0; i < run->refused_count; i++) {
		struct probe *probe = &run->probes[run->refused[i]];

		event.number = run->refused_number[i];
		probe->refused = false;
		if (probe->used)
			run_probe_step(run, probe, &event);
	}
	run->refused_count = 0;
}

void run_probes_cancel(struct run *run)
{
	struct peer_event event = { .kind = PEER_CANCEL };

	event.now_ns = run->wire->now(run->wire->self);
	for (size_t i = 0; i < run->options->in_flight && !run->failed; i++)
		if (run->probes[i].used)
			run_probe_step(run, &run->probes[i], &event);
}
