/* report_export.c - the trace of a cell becomes moves: segments of both ends, and what the subject's process did. */
#include "harness/report/report_export.h"

#include <string.h>

#include "cases/matrix/axes.h"
#include "crafter/bytes.h"
#include "crafter/icmp_error.h"
#include "crafter/seq.h"
#include "crafter/textbuf.h"
#include "crafter/units.h"
#include "harness/report/report_internal.h"

/* No timer of TCP's that sends something is shorter than the delayed ACK's (TCP_DELACK_MIN, 40 ms). */
static const uint64_t LEAST_TIMER_NS = 35 * NSEC_PER_MSEC;

/* What the trace says so far. */
struct maker {
	const struct record *record;
	struct export_script *script;
	const struct state_plan *plan;
	uint32_t iss, irs;     /* of our end, of the subject's */
	bool has_iss, has_irs;
	bool accepted, closed; /* what the subject's process has done */
	bool asked;            /* the stimulus was sent */
	uint64_t last_ns;
	uint32_t acked;        /* the acknowledgment that we sent last; a reset may have its number */
	uint32_t highest;      /* number of the subject's, from its first one */
};

enum { NEAR = 1 << 20 }; /* what continues a connection: TIME_WAIT's next ISN is 65537 later */

static struct export_move *add(struct maker *maker, enum export_kind kind)
{
	struct export_script *script = maker->script;
	struct export_move *move = &script->moves[script->count < EXPORT_MOVES_MAX ? script->count++ : EXPORT_MOVES_MAX - 1];

	*move = (struct export_move){ .kind = kind };
	return move;
}

/* What a script would have to do besides, by the part of the cell's name. */
static const char *beyond(const struct cell *cell)
{
	const struct stimulus *stimulus = &cell->stimulus;

	if (stimulus_kind_icmp(stimulus->kind) != ICMP_ERROR_NONE)
		return "its stimulus is an ICMP error";
	if (cell->connection_ecn)
		return "its connection has ECN";
	if (cell->opening == OPENING_SIMULTANEOUS)
		return "both ends open its connection";
	if (cell->nobody_listens || cell->queue != QUEUE_ROOM)
		return "its listener changes before the stimulus";
	if (cell->defers_accept || cell->lingers_zero || cell->keepalive_s.given || cell->user_timeout_ms.given ||
	    cell->linger2_s.given || cell->min_ttl.given)
		return "its sockets have options of their own";
	if (cell->receive_window != RECEIVE_WINDOW_USUAL)
		return "its receive window depends on how much memory its kernel needs for a segment";
	if (cell->unread.given || cell->delay_ms.given || cell->twice_ms.given)
		return "something comes between the state and the stimulus";
	if (cell->path[0])
		return "a path is between";
	if (stimulus->seq.form == OFFSET_WINDOW)
		return "it counts from the window, which is another one in another kernel's memory";
	if (stimulus->tsecr.form != OFFSET_NUMBER || stimulus->tsecr.value)
		return "its TSecr is none that the subject sent";
	if (stimulus->options.size || stimulus->bad_checksum || stimulus->urgent.given || stimulus->ttl.given ||
	    stimulus->ecn != ECN_NOT_ECT)
		return "its stimulus has options, a checksum, an IP header or an urgent pointer of its own";
	return NULL;
}

static void add_sysctls(struct maker *maker, bool at_probe)
{
	const struct conditions *conditions = &maker->record->cell.conditions;

	for (uint8_t i = 0; i < conditions->sysctl_count; i++)
		if (conditions->sysctls[i].at_probe == at_probe)
			add(maker, EXPORT_SYSCTL)->sysctl = &conditions->sysctls[i];
}

/* Our window scale and the subject's depend on the memory of a machine, and no rule on them: the script does without. */
static void without_scale(struct segment *segment)
{
	uint8_t count = 0;

	for (uint8_t i = 0; i < segment->option_count; i++) {
		bool pads = segment->options[i] == OPTION_NOP && i + 1 < segment->option_count &&
			    segment->options[i + 1] == OPTION_WSCALE;

		if (segment->options[i] != OPTION_WSCALE && !pads)
			segment->options[count++] = segment->options[i];
	}
	segment->option_count = count;
}

static void count_from_isns(const struct maker *maker, struct segment *segment, bool ours)
{
	segment->seq -= ours ? maker->iss : maker->irs;
	if (segment->flags & FLAG_ACK)
		segment->ack -= ours ? maker->irs : maker->iss;
	for (size_t i = 1; i + 4 <= segment->raw_size && segment_has_option(segment, OPTION_SACK); i += 4)
		bytes_store32(segment->raw + i, bytes_load32(segment->raw + i) - (ours ? maker->irs : maker->iss));
}

static void learn(struct maker *maker, const struct segment *segment, bool ours)
{
	if (!(segment->flags & FLAG_SYN))
		return;
	if (ours && !maker->has_iss) {
		maker->iss = segment->seq;
		maker->has_iss = true;
	} else if (!ours && !maker->has_irs) {
		maker->irs = segment->seq;
		maker->has_irs = true;
	}
}

/* The subject's process acts once the handshake is over, or at our FIN: before the segment that shows it. */
static void add_calls(struct maker *maker, const struct segment *segment, bool ours)
{
	enum behaviour behaviour = maker->plan->behaviour;
	bool shuts = behaviour == BEHAVIOUR_HALF || behaviour == BEHAVIOUR_EOF_HALF;

	if (!ours && !maker->asked && (segment->flags & FLAG_FIN) && !maker->closed && behaviour != BEHAVIOUR_HOLD) {
		add(maker, shuts ? EXPORT_SHUTDOWN : EXPORT_CLOSE);
		maker->closed = true;
	}
}

static void add_accept(struct maker *maker, const struct segment *segment, bool ours)
{
	if (maker->script->connects || maker->accepted || maker->asked || !ours || (segment->flags & FLAG_SYN) ||
	    !(segment->flags & FLAG_ACK) || !maker->has_irs)
		return;
	add(maker, EXPORT_ACCEPT);
	maker->accepted = true;
}

/* Does its number follow from others? */
static bool is_known(const struct maker *maker, const struct export_move *move)
{
	int32_t ahead = seq_diff(move->segment.seq, maker->highest);

	return move->absolute || move->segment.seq == maker->acked || (ahead > -NEAR && ahead < NEAR);
}

static int add_segment(struct maker *maker, const struct trace_entry *entry, const char *note, struct error *error)
{
	struct export_move *move;
	bool called;

	learn(maker, &entry->segment, entry->ours);
	add_calls(maker, &entry->segment, entry->ours);
	called = maker->script->count && maker->script->moves[maker->script->count - 1].kind >= EXPORT_CLOSE &&
		 maker->script->moves[maker->script->count - 1].kind <= EXPORT_SHUTDOWN;
	move = add(maker, entry->ours ? EXPORT_SEND : EXPORT_EXPECT);
	move->segment = entry->segment;
	move->note = note;
	/* What the subject does late it does by a timer, unless its process was late. */
	if (maker->last_ns && entry->time_ns > maker->last_ns &&
	    (entry->ours || (!called && entry->time_ns - maker->last_ns >= LEAST_TIMER_NS)))
		move->delay_ns = entry->time_ns - maker->last_ns;
	maker->last_ns = entry->time_ns;
	without_scale(&move->segment);
	/* RFC 9293 3.10.7.1: a reset of what had no ACK. */
	move->absolute = !entry->ours && (entry->segment.flags & FLAG_RST) && !entry->segment.seq && maker->has_irs;
	count_from_isns(maker, &move->segment, entry->ours);
	if (move->absolute)
		move->segment.seq = 0;
	if (!entry->ours && !is_known(maker, move))
		return fail(error, "a sequence number of the subject's is new, which no script can know");
	if (entry->ours && (move->segment.flags & FLAG_ACK))
		maker->acked = move->segment.ack;
	else if (!entry->ours && !move->absolute && seq_diff(move->segment.seq, maker->highest) > 0)
		maker->highest = move->segment.seq;
	add_accept(maker, &entry->segment, entry->ours);
	return 0;
}

/* A listener answers an ACK with a reset that has its number (RFC 9293 3.10.7.2), so that this shows the socket gone where
 * the follow-up's answer has a new initial sequence number, which no script can know. */
static void add_gone(struct maker *maker)
{
	struct export_move *move = add(maker, EXPORT_SEND);

	move->note = "The follow-up got a SYN-ACK with a new ISN. An ACK shows as well that no socket is left "
		     "(RFC 9293 3.10.7.2).";
	move->delay_ns = 10 * NSEC_PER_MSEC;
	move->segment = (struct segment){ .flags = FLAG_ACK, .seq = 70000, .ack = 90000 };
	move = add(maker, EXPORT_EXPECT);
	move->segment = (struct segment){ .flags = FLAG_RST, .seq = 90000 };
}

static int follow(struct maker *maker, struct error *error)
{
	const struct record *record = maker->record;
	const struct trace *trace = record->trace;
	bool followed = false, fresh = record->isn == ISN_FRESH && maker->record->cell.state != STATE_LISTEN;

	if (fresh)
		return fail(error, "the answer is a SYN-ACK with a new ISN, which no script can know");
	for (size_t i = 0; i < trace->count; i++) {
		const struct trace_entry *entry = &trace->entries[i];
		const char *note = NULL;

		if (entry->unsound)
			return fail(error, "something came that is no segment");
		if (entry->ours && !maker->asked && entry->time_ns == record->sent_ns) {
			add_sysctls(maker, true);
			note = "The stimulus.";
		} else if (entry->ours && maker->asked && !followed) {
			if (!record->has_follow_up || !segment_alike(&entry->segment, &record->follow_up))
				break;
			if (record->follow_up_isn == ISN_FRESH) {
				add_gone(maker);
				break;
			}
			followed = true;
			note = "What it left.";
		} else if (entry->ours && followed) {
			break;
		}
		maker->asked |= note != NULL;
		if (add_segment(maker, entry, note, error) < 0)
			return -1;
	}
	return maker->asked ? 0 : fail(error, "its trace has no stimulus");
}

/* What the names of files do without. */
static const char *as_file(char *name)
{
	for (char *at = name; *at; at++)
		if (*at == '/' || *at == '=' || *at == ',' || *at == '@')
			*at = '_';
	return name;
}

int report_export_make(const struct record *record, struct export_script *script, struct error *error)
{
	struct maker maker = { .record = record, .script = script };
	const char *why = beyond(&record->cell);
	char answer[ANSWER_TEXT_SIZE];

	memset(script, 0, sizeof(*script));
	cell_name(&record->cell, script->name, sizeof(script->name));
	if (why)
		return fail(error, "%s: %s", script->name, why);
	if (!record_is_conclusive(record) || !record->trace || record->trace->lost)
		return fail(error, "%s: its answer is not certain: %s", script->name, record->reason);
	maker.plan = cell_plan(&record->cell);
	script->record = record;
	script->connects = cell_connects(&record->cell);
	snprintf(script->answer, sizeof(script->answer), "%s", report_outcome_text(record, answer));
	add_sysctls(&maker, false);
	if (record->cell.state != STATE_CLOSED)
		add(&maker, script->connects ? EXPORT_CONNECT : EXPORT_LISTEN);
	if (follow(&maker, error) < 0)
		return fail_in(error, script->name);
	return script->count < EXPORT_MOVES_MAX ? 0 : fail(error, "%s: too many segments", script->name);
}

const char *report_export_setup(const struct cell *cell, char buffer[static CELL_NAME_SIZE])
{
	struct textbuf out;

	textbuf_init(&out, buffer, CELL_NAME_SIZE);
	textbuf_add(&out, "%s", state_name(cell->state));
	for (const struct axis *axis = axes_next_in_name(NULL); axis; axis = axes_next_in_name(axis)) {
		char part[CELL_NAME_SIZE];

		if (axis->always || axis->sent || axes_is_normal(axis, cell))
			continue;
		axis->type->format(axis, axes_value(axis, cell), part, sizeof(part));
		textbuf_add(&out, "_%s", part);
	}
	return as_file(buffer);
}

const char *report_export_name(const char *cell, const char *ending, char *buffer, size_t size)
{
	snprintf(buffer, size, "tcp_%s.%s", cell, ending);
	return as_file(buffer);
}
