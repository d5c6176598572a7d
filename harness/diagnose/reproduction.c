/* reproduction.c - what a cell can say of an encounter, and what it cannot. */
#include "harness/diagnose/reproduction.h"

#include <stdio.h>
#include <string.h>

#include "crafter/textbuf.h"
#include "harness/diagnose/judgement.h"

static const char *why_not(const struct encounter *encounter)
{
	const struct end *subject = &encounter->subject;

	if (encounter_is_routine(encounter))
		return "to the side that got it, it was a segment like all others";
	if (encounter_is_open(encounter))
		return "it is about what did not come before; a cell asks for the answer to one segment";
	if (subject->state == STATE_UNKNOWN)
		return "the state is not known";
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

/* A cell's segment returns the subject's last TSval where it acknowledges something, else 0 (stimulus_segment); in SYN_SENT its
 * name says which. */
static bool usual_tsecr(const struct end *subject, const struct segment *segment)
{
	if (subject->state == STATE_SYN_SENT && segment->flags & FLAG_ACK)
		return true;
	if (!segment_has_option(segment, OPTION_TIMESTAMPS) || !subject->timestamps || subject->state == STATE_CLOSED)
		return true;
	if (!(segment->flags & FLAG_ACK))
		return segment->tsecr == 0;
	return !end_knows(subject, END_LAST_TSVAL) || segment->tsecr == subject->last_tsval;
}

static void add_lacks(const struct encounter *encounter, const struct cell *cell, struct textbuf *out)
{
	const struct segment *segment = &encounter->segment;
	uint32_t payload = stimulus_payload(&cell->stimulus);
	uint16_t flags = segment->flags & (FLAG_URG | FLAG_ECE | FLAG_CWR | FLAG_AE);
	char letters[FLAGS_TEXT_SIZE];

	if (segment->payload_size != payload)
		textbuf_item(out, ", ", "%u bytes of payload (the cell has %u)", segment->payload_size, payload);
	if (flags)
		textbuf_item(out, ", ", "the flags %s", segment_flags_format(flags, letters));
	if (kinds_of(segment) != usual_kinds(segment))
		textbuf_item(out, ", ", "its TCP options");
	if (!usual_tsecr(&encounter->subject, segment))
		textbuf_item(out, ", ", "its TSecr");
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

void reproduction_at_target(const struct encounter *encounter, struct reproduction *reproduction)
{
	struct cell *cell = &reproduction->cell;

	cell->family = 4;
	if (reproduction->why_not || cell->opening == OPENING_PASSIVE)
		return;
	cell->opening = OPENING_PASSIVE;
	snprintf(reproduction->lacks + strlen(reproduction->lacks), sizeof(reproduction->lacks) - strlen(reproduction->lacks),
		 "%sa subject that connected", *reproduction->lacks ? ", " : "");
	reproduction->same = judgement_asks_same(encounter, cell);
}
