/* encounter_cell.c - the encounter as a cell: the same question by its name, so that it can be asked again. */
#include "harness/diagnose/encounter.h"

/* The flags that tell kinds apart: PSH, URG, ECE and CWR change no answer. */
#define KIND_FLAGS (FLAG_FIN | FLAG_SYN | FLAG_RST | FLAG_ACK)

static enum segment_kind kind_of(const struct segment *segment)
{
	uint8_t flags = segment->flags & KIND_FLAGS;

	return flags == FLAG_ACK && segment->payload_size > 0 ? KIND_DATA : stimulus_kind_of(flags);
}

/* Of data only that there is some matters. */
static struct choice payload_of(enum segment_kind kind, const struct segment *segment)
{
	struct choice payload = { .given = kind != KIND_DATA && segment->payload_size > 0 };

	if (payload.given)
		payload.number = segment->payload_size < SEGMENT_PAYLOAD_MAX ? segment->payload_size : SEGMENT_PAYLOAD_MAX;
	return payload;
}

static struct offset offset_of(uint32_t distance)
{
	struct offset offset = { .form = OFFSET_NUMBER, .value = (int32_t)distance };

	if (offset.value == -OFFSET_DEFAULT)
		offset.form = OFFSET_BELOW;
	else if (offset.value == OFFSET_DEFAULT)
		offset.form = OFFSET_ABOVE;
	return offset;
}

/* Near the window's right edge it is the edge that counts. */
static struct offset seq_of(const struct end *subject, const struct segment *segment)
{
	int32_t beyond = (int32_t)(segment->seq - subject->rcv_nxt - subject->rcv_wnd);

	if (end_knows(subject, END_RCV_WND) && subject->rcv_wnd > 1 && beyond >= -1 && beyond <= 1)
		return (struct offset){ .form = OFFSET_WINDOW, .value = beyond };
	return offset_of(segment->seq - subject->rcv_nxt);
}

/* An ACK that closes the window is the one window that an answer may depend on (tcp_may_update_window). */
static struct choice window_of(const struct segment *segment)
{
	return (struct choice){ .given = segment->window == 0 && !(segment->flags & (FLAG_SYN | FLAG_RST)) };
}

static struct offset ts_of(const struct end *subject, const struct segment *segment)
{
	struct offset absent = { .form = OFFSET_ABSENT };

	if (!segment_has_option(segment, OPTION_TIMESTAMPS))
		return absent;
	if (segment->tsval == 0)
		return (struct offset){ .form = OFFSET_ZERO };
	/* Without timestamps on the connection only the clock that the end would have had could tell the distance. */
	return end_knows(subject, END_TS_RECENT) ? offset_of(segment->tsval - subject->ts_recent) :
	       (struct offset){ .form = OFFSET_ABOVE, .value = OFFSET_DEFAULT };
}

static bool knows_bases(const struct end *subject)
{
	return subject->state == STATE_CLOSED ||
	       end_knows(subject, subject->state == STATE_SYN_SENT ? END_ISS : END_RCV_NXT | END_SND_NXT);
}

/* Where none is expected. */
static struct offset any_ts_of(const struct segment *segment)
{
	return segment_has_option(segment, OPTION_TIMESTAMPS) ? offset_of(0) : (struct offset){ .form = OFFSET_ABSENT };
}

/* It expects no sequence number and no timestamp yet: whatever comes stands for all. */
static void in_syn_sent(const struct end *subject, const struct segment *segment, struct stimulus *stimulus)
{
	stimulus->seq = offset_of(0);
	stimulus->ts = any_ts_of(segment);
	if (!(segment->flags & FLAG_ACK))
		return;
	stimulus->ack = offset_of(segment->ack - subject->iss);
	/* Unless it is its own, the segment is of another connection (tcp_rcv_synsent_state_process()). */
	if (segment_has_option(segment, OPTION_TIMESTAMPS) && subject->own_syn.timestamps)
		stimulus->tsecr = segment->tsecr ? offset_of(segment->tsecr - subject->own_syn.tsval) :
				  (struct offset){ .form = OFFSET_ZERO };
}

/* Without a connection no number counts. */
static void in_closed(const struct segment *segment, struct stimulus *stimulus)
{
	stimulus->seq = offset_of(0);
	stimulus->ts = any_ts_of(segment);
}

/* In SYN_RECV only both can have connected. */
static enum opening opening_of(const struct end *subject, struct cell cell)
{
	if (subject->passive || !end_knows(subject, END_ISS))
		return OPENING_PASSIVE;
	for (cell.opening = OPENING_ACTIVE; cell.opening <= OPENING_SIMULTANEOUS; cell.opening++)
		if (cell_plan(&cell))
			return cell.opening;
	return OPENING_PASSIVE;
}

bool encounter_cell(const struct encounter *encounter, struct cell *cell)
{
	const struct end *subject = &encounter->subject;
	const struct segment *segment = &encounter->segment;
	enum segment_kind kind = kind_of(segment);

	if (encounter_is_open(encounter))
		return false;
	if (subject->state >= STATE_COUNT || !knows_bases(subject))
		return false;
	cell_default(cell);
	cell->state = subject->state;
	cell->family = segment->tuple.source.address.family;
	cell->stimulus.kind = kind;
	cell->stimulus.payload = payload_of(kind, segment);
	if (subject->state == STATE_SYN_SENT) {
		in_syn_sent(subject, segment, &cell->stimulus);
		return true;
	}
	if (subject->state == STATE_CLOSED) {
		in_closed(segment, &cell->stimulus);
		return true;
	}
	cell->opening = opening_of(subject, *cell);
	cell->connection_timestamps = subject->timestamps;
	cell->stimulus.seq = seq_of(subject, segment);
	cell->stimulus.ts = ts_of(subject, segment);
	cell->stimulus.window = window_of(segment);
	if (segment->flags & FLAG_ACK)
		cell->stimulus.ack = offset_of(segment->ack - subject->snd_nxt);
	return true;
}
