/* capture_text_numbers.c - from numbers as they are printed to those of the segments.
 *
 * Without -S tcpdump prints the numbers of a connection's first segment with an ACK, and of every SYN-ACK, as they are, and
 * subtracts them from those of later segments with an ACK; others keep theirs. It leaves out the sequence number of a segment
 * that takes no sequence space (with -vv it does not). */
#include "listener/capture_text_internal.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/seq.h"
#include "listener/flows.h"

enum { CONNECTIONS_FIRST = 256, CONNECTIONS_MOST = 1 << 20 };

/* No connection that people paste gets further than this; a first number is smaller once in 256 connections, two of them once
 * in 65536. */
#define RELATIVE_MOST (UINT32_C(1) << 24)
/* A new incarnation of which tshark says nothing but that it is one. */
#define NEW_BASE_STEP (UINT32_C(1) << 28)

struct numbered {
	struct pair pair;
	bool based;          /* its numbers count from `base`, with that of the subject second */
	uint32_t base[2];
	bool began[2], knows[2];
	uint32_t first[2];   /* of its SYN, where it `began` */
	uint32_t next[2];    /* what it sends next, where that is known */
	bool scales[2], scaled; /* its SYN had a window scale; both had */
	uint8_t shift[2];
	bool again;          /* tshark begins to count again, by a number that it does not tell */
	bool orphan;         /* what was known of it before may have been forgotten */
};

struct text_numbers {
	struct flows *flows;
	struct numbered *list;
	size_t room, used, oldest;
	bool relative;     /* tcpdump's numbers */
	bool without_base; /* tshark's */
};

static int grow(struct text_numbers *numbers)
{
	size_t room = numbers->room ? 2 * numbers->room : CONNECTIONS_FIRST;
	struct numbered *list = realloc(numbers->list, room * sizeof(*list));
	struct flows *flows = list ? flows_open(room) : NULL;

	if (list)
		numbers->list = list;
	if (!flows)
		return -1;
	for (size_t i = 0; i < numbers->used; i++)
		flows_add(flows, &list[i].pair, (uint32_t)i);
	flows_close(numbers->flows);
	numbers->flows = flows;
	numbers->room = room;
	return 0;
}

struct text_numbers *capture_text_numbers_open(void)
{
	struct text_numbers *numbers = calloc(1, sizeof(*numbers));

	if (!numbers)
		return NULL;
	if (grow(numbers) == 0)
		return numbers;
	capture_text_numbers_close(numbers);
	return NULL;
}

/* The oldest connection makes room. */
static struct numbered *find(struct text_numbers *numbers, const struct tuple *tuple, int *from)
{
	bool from_subject;
	uint32_t slot = flows_find(numbers->flows, tuple, &from_subject);
	struct numbered *numbered;

	*from = slot != FLOWS_NONE && from_subject;
	if (slot != FLOWS_NONE)
		return &numbers->list[slot];
	if (numbers->used == numbers->room && numbers->room < CONNECTIONS_MOST)
		grow(numbers); /* or, without memory, an old one makes room already now */
	if (numbers->used < numbers->room) {
		slot = (uint32_t)numbers->used++;
	} else {
		slot = (uint32_t)(numbers->oldest++ % numbers->room);
		flows_remove(numbers->flows, &numbers->list[slot].pair);
	}
	numbered = &numbers->list[slot];
	memset(numbered, 0, sizeof(*numbered));
	numbered->pair = pair_of_target(tuple);
	numbered->orphan = numbers->oldest > 0;
	flows_add(numbers->flows, &numbered->pair, slot);
	return numbered;
}

/* The first segment that tells. A paste may begin after the first one that tcpdump printed: then this one is relative, too, to
 * numbers that nobody knows, but for those of SYNs. False: it is not. */
static bool set_base(struct numbered *numbered, int from, const struct segment *segment)
{
	bool answers = numbered->began[!from] && segment->ack == numbered->first[!from] + 1;
	bool small = segment->ack < RELATIVE_MOST && segment->seq < RELATIVE_MOST && !(segment->flags & FLAG_SYN) && !answers;

	numbered->based = true;
	numbered->base[from] = small ? numbered->first[from] : segment->seq;
	numbered->base[!from] = small ? numbered->first[!from] : segment->ack - 1;
	return small;
}

static void shift_sack(struct segment *segment, uint32_t base)
{
	size_t at = 0;

	for (uint8_t i = 0; i < segment->option_count; i++) {
		if (segment_option_size(segment->options[i]))
			continue;
		for (size_t j = 0; segment->options[i] == OPTION_SACK && j + 4 <= segment->raw[at]; j += 4) {
			uint8_t *edge = segment->raw + at + 1 + j;

			bytes_store32(edge, bytes_load32(edge) + base);
		}
		at += 1u + segment->raw[at];
	}
}

static void make_absolute(struct numbered *numbered, int from, struct text_packet *packet)
{
	struct segment *segment = &packet->segment;
	bool relative = true;

	if (!(segment->flags & FLAG_ACK))
		return;
	if (!numbered->based || (segment->flags & FLAG_SYN))
		relative = set_base(numbered, from, segment);
	if (relative) {
		segment->seq += numbered->base[from];
		segment->ack += numbered->base[!from];
	}
	shift_sack(segment, numbered->base[!from]);
}

/* tshark counts from the first number of each direction. Where one four-tuple begins again, nothing tells how the new numbers
 * lie to the old ones. */
static void make_distinct(struct numbered *numbered, int from, struct text_packet *packet)
{
	struct segment *segment = &packet->segment;

	if (packet->new_base) {
		numbered->again = true;
		numbered->base[0] += NEW_BASE_STEP;
		numbered->base[1] += NEW_BASE_STEP;
		numbered->knows[0] = numbered->knows[1] = false;
	}
	segment->seq += numbered->base[from];
	if (segment->flags & FLAG_ACK)
		segment->ack += numbered->base[!from];
	shift_sack(segment, numbered->base[!from]);
	if (numbered->again)
		packet->lacks |= SEGMENT_LACKS_BASE;
}

/* tshark shows the window that it makes of the one in the header, where it knows how. */
static void unscale(struct numbered *numbered, int from, struct text_packet *packet)
{
	struct segment *segment = &packet->segment;

	if (packet->new_base && !(segment->flags & FLAG_ACK))
		numbered->scales[0] = numbered->scales[1] = numbered->scaled = false;
	if ((segment->flags & FLAG_SYN) && !numbered->scaled) {
		numbered->scales[from] = segment_has_option(segment, OPTION_WSCALE);
		numbered->shift[from] = segment->wscale;
		numbered->scaled = numbered->scales[0] && numbered->scales[1];
	} else if (numbered->scaled && !(segment->flags & FLAG_SYN)) {
		packet->window >>= numbered->shift[from] < 14 ? numbered->shift[from] : 14;
	}
	segment->window = packet->window < UINT16_MAX ? (uint16_t)packet->window : UINT16_MAX;
}

/* What a sender sends next is what a segment without a number of its own most likely has. */
static bool guess_seq(struct numbered *numbered, int from, struct text_packet *packet)
{
	packet->lacks |= SEGMENT_LACKS_SEQ;
	packet->segment.seq = numbered->next[from];
	return numbered->knows[from] || (numbered->based && packet->segment.flags & FLAG_ACK);
}

/* What is next: a segment far ahead of it was perhaps never meant to arrive, and a reset has the number that somebody else
 * wants to see. */
static void follow(struct numbered *numbered, int from, const struct segment *segment)
{
	uint32_t end = segment->seq + segment_length(segment), ahead = segment->seq - numbered->next[from];
	bool opens = segment->flags & FLAG_SYN, near = ahead <= UINT16_MAX || seq_after(numbered->next[from], segment->seq);

	if (opens && !(segment->flags & FLAG_ACK)) {
		numbered->began[from] = true;
		numbered->first[from] = segment->seq;
	}
	if (!(segment->flags & FLAG_RST) &&
	    (opens || !numbered->knows[from] || (near && seq_after(end, numbered->next[from])))) {
		numbered->next[from] = end;
		numbered->knows[from] = true;
	}
	if ((segment->flags & FLAG_ACK) && !numbered->knows[!from]) {
		numbered->next[!from] = segment->ack;
		numbered->knows[!from] = true;
	}
}

bool capture_text_number(struct text_numbers *numbers, struct text_packet *packet)
{
	struct segment *segment = &packet->segment;
	int from;
	struct numbered *numbered = find(numbers, &segment->tuple, &from);

	if (packet->tshark)
		unscale(numbered, from, packet);
	if (packet->tshark && numbers->without_base)
		make_distinct(numbered, from, packet);
	else if (!packet->tshark && numbers->relative)
		make_absolute(numbered, from, packet);
	if (!packet->has_seq && !guess_seq(numbered, from, packet))
		return false;
	if ((segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN)
		numbered->orphan = false;
	if (numbered->orphan)
		packet->lacks |= SEGMENT_LACKS_BASE;
	follow(numbered, from, segment);
	return true;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
	return a - b < b - a ? a - b : b - a;
}

/* Those behind the first of a connection lie near the first ones, or near zero. */
void capture_text_numbers_decide(struct text_numbers *numbers, const struct text_packet *packets, size_t count)
{
	struct text_numbers *trial = capture_text_numbers_open();
	size_t absolute = 0, relative = 0;

	numbers->relative = numbers->without_base = true;
	for (size_t i = 0; trial && i < count; i++) {
		const struct segment *segment = &packets[i].segment;
		struct numbered *numbered;
		int from;

		if (packets[i].tshark && (segment->flags & (FLAG_SYN | FLAG_ACK)) == FLAG_SYN && segment->seq)
			numbers->without_base = false;
		if (packets[i].kind != CAPTURE_TEXT_SEGMENT || packets[i].tshark || !(segment->flags & FLAG_ACK))
			continue;
		numbered = find(trial, &segment->tuple, &from);
		if (!numbered->based || (segment->flags & FLAG_SYN)) {
			set_base(numbered, from, segment);
		} else if (distance(numbered->base[!from], 0) >= RELATIVE_MOST) {
			bool near = distance(segment->ack, numbered->base[!from]) < distance(segment->ack, 0);

			absolute += near;
			relative += !near;
		}
	}
	capture_text_numbers_close(trial);
	numbers->relative = relative >= absolute;
}

void capture_text_numbers_close(struct text_numbers *numbers)
{
	if (!numbers)
		return;
	flows_close(numbers->flows);
	free(numbers->list);
	free(numbers);
}
