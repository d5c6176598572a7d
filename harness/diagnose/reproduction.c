/* reproduction.c - what a cell can say of an encounter, and what it cannot. */
#include "harness/diagnose/reproduction.h"

#include <string.h>

#include "crafter/textbuf.h"
#include "harness/diagnose/judgement.h"

static const char *why_not(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	if (encounter_is_open(encounter))
		return "it is about what did not come before; a cell asks for the answer to one segment";
	if (subject->state == STATE_UNKNOWN)
		return "the state is not known";
	if (subject->state == STATE_CLOSED)
		return "a cell needs a connection, and this one is gone";
	return "the capture does not show the numbers that a cell counts from";
}

/* A set of option kinds. Padding and timestamps, which a cell names, are left out; so are values. */
static uint64_t kinds_of(const struct segment *segment)
{
	uint64_t kinds = 0;

	for (uint8_t i = 0; i < segment->option_count; i++)
		kinds |= UINT64_C(1) << (segment->options[i] < 63 ? segment->options[i] : 63);
	return kinds & ~(UINT64_C(1) << OPTION_END | UINT64_C(1) << OPTION_NOP | UINT64_C(1) << OPTION_TIMESTAMPS);
}

static uint64_t usual_kinds(const struct segment *segment)
{
	return segment->flags & FLAG_SYN ? UINT64_C(1) << OPTION_MSS | UINT64_C(1) << OPTION_WSCALE |
	       UINT64_C(1) << OPTION_SACK_PERMITTED : 0;
}

/* A cell's segment returns the subject's last TSval where it acknowledges something, else 0 (stimulus_segment). */
static bool usual_tsecr(const struct end *subject, const struct segment *segment)
{
	if (subject->state == STATE_SYN_SENT && segment->flags & FLAG_ACK)
		return !segment_has_option(segment, OPTION_TIMESTAMPS) || segment->tsecr == subject->own_syn.tsval;
	if (!segment_has_option(segment, OPTION_TIMESTAMPS) || !subject->timestamps)
		return true;
	if (!(segment->flags & FLAG_ACK))
		return segment->tsecr == 0;
	return !end_knows(subject, END_LAST_TSVAL) || segment->tsecr == subject->last_tsval;
}

/* A cell's subject has listened unless its name says otherwise; the command asks what any server can be asked, and the reader
 * adds this for the lab. In SYN_RECV only both can have connected. */
static void add_opening(const struct cell *cell, struct textbuf *out)
{
	struct cell other = *cell;

	other.opening = OPENING_ACTIVE;
	textbuf_item(out, ", ", "a subject that connected (the cell's listened; add /%s)",
		     cell_plan(&other) ? "opening-active" : "opening-simultaneous");
}

static void add_lacks(const struct encounter *encounter, const struct cell *cell, struct textbuf *out)
{
	const struct segment *segment = &encounter->segment;
	uint32_t payload = stimulus_payload(&cell->stimulus);
	uint8_t flags = segment->flags & (FLAG_URG | FLAG_ECE | FLAG_CWR);
	char letters[FLAGS_TEXT_SIZE];

	if (segment->payload_size != payload)
		textbuf_item(out, ", ", "%u bytes of payload (the cell has %u)", segment->payload_size, payload);
	if (flags)
		textbuf_item(out, ", ", "the flags %s", segment_flags_format(flags, letters));
	if (kinds_of(segment) != usual_kinds(segment))
		textbuf_item(out, ", ", "its TCP options");
	if (!usual_tsecr(&encounter->subject, segment))
		textbuf_item(out, ", ", "its TSecr");
	if (end_knows(&encounter->subject, END_ISS) && !encounter->subject.passive &&
	    encounter->subject.state != STATE_SYN_SENT)
		add_opening(cell, out);
}

void reproduction_make(const struct encounter *encounter, struct reproduction *reproduction)
{
	struct textbuf out;

	reproduction->why_not = NULL;
	reproduction->same = false;
	textbuf_init(&out, reproduction->lacks, sizeof(reproduction->lacks));
	if (!encounter_cell(encounter, &reproduction->cell)) {
		reproduction->why_not = why_not(encounter);
		return;
	}
	add_lacks(encounter, &reproduction->cell, &out);
	reproduction->same = judgement_asks_same(encounter, &reproduction->cell);
}
