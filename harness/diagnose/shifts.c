/* shifts.c - ACKs and SACK blocks against what was sent. */
#include "harness/diagnose/shifts.h"

#include "crafter/bytes.h"
#include "crafter/seq.h"

/* Nearer than this it is text that the capture missed; and within it two blocks have the same shift: they name different
 * text. */
#define NEAR (UINT32_C(1) << 20)
/* No window is larger (RFC 7323 2.3). */
#define WINDOW_MAX (UINT32_C(1) << 30)

/* How far beyond what was sent the edge lies; 0: it was sent, or may have been. */
static uint32_t beside(const struct end *to, uint32_t edge)
{
	return to->snd_nxt - edge <= WINDOW_MAX ? 0 : edge - to->snd_nxt;
}

static bool is_far(uint32_t distance)
{
	return distance > NEAR && distance < (uint32_t)-NEAR;
}

static void note_sack(struct shifts *shifts, const struct end *to, uint32_t edge, struct shifts_mark *mark)
{
	uint32_t distance = beside(to, edge);

	if (distance == 0) {
		shifts->sound = true;
		return;
	}
	if (!is_far(distance))
		return;
	if (shifts->sacks == 0 || is_far(distance - shifts->sack))
		shifts->sacks = 1;
	else if (shifts->sack_nxt == to->snd_nxt) /* where the capture misses much text, the next of it shows that */
		return;
	else if (shifts->sacks < UINT8_MAX)
		shifts->sacks++;
	shifts->sack = distance;
	shifts->sack_nxt = to->snd_nxt;
	mark->sack = shifts->sacks == SHIFTS_SACKS && !shifts->sound;
	mark->sack_by = distance;
}

/* All that was sent is acknowledged, and something more: always as much, although more was sent meanwhile. */
static void note_ack(struct shifts *shifts, const struct end *to, uint32_t ack, struct shifts_mark *mark)
{
	uint32_t distance = beside(to, ack);

	if (!is_far(distance)) {
		shifts->acks = 0;
		return;
	}
	if (shifts->acks == 0 || shifts->ack != distance)
		shifts->acks = 1;
	else if (shifts->ack_nxt != to->snd_nxt && shifts->acks < UINT8_MAX)
		shifts->acks++;
	shifts->ack = distance;
	shifts->ack_nxt = to->snd_nxt;
	mark->ack = shifts->acks >= SHIFTS_ACKS;
	mark->ack_by = distance;
}

void shifts_note(struct shifts *shifts, const struct end *to, const struct segment *segment, struct shifts_mark *mark)
{
	const uint8_t *blocks = NULL;
	size_t size = segment_sack_blocks(segment, &blocks);

	*mark = (struct shifts_mark){ 0 };
	if (!(segment->flags & FLAG_ACK) || (segment->flags & (FLAG_SYN | FLAG_RST)) || !end_knows(to, END_SND_NXT))
		return;
	if (shifts->lives != to->lives)
		*shifts = (struct shifts){ .lives = to->lives };
	note_ack(shifts, to, segment->ack, mark);
	if (size >= SEGMENT_SACK_BLOCK_SIZE)
		note_sack(shifts, to, bytes_load32(blocks + 4), mark);
}
