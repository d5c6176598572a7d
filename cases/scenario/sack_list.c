/* sack_list.c - see sack_list.h. On the wire a block is two sequence numbers (RFC 2018 3). */
#include "cases/scenario/sack_list.h"

#include <string.h>

#include "crafter/bytes.h"
#include "crafter/scan.h"
#include "crafter/textbuf.h"

static bool scan_distance(const char **at, int32_t *distance)
{
	bool below = scan_word(at, "-");
	uint64_t number;

	if (!below)
		scan_word(at, "+");
	if (!scan_number(at, INT32_MAX, &number))
		return false;
	*distance = below ? -(int32_t)number : (int32_t)number;
	return true;
}

int sack_list_parse(const char *text, struct sack_list *list, struct error *error)
{
	const char *at = text;

	memset(list, 0, sizeof(*list));
	do {
		int32_t from, to;

		while (scan_word(&at, " "))
			;
		if (list->count == SACK_LIST_MAX)
			return fail(error, "'%s': at most %d blocks", text, SACK_LIST_MAX);
		if (!scan_distance(&at, &from) || !scan_word(&at, "..") || !scan_distance(&at, &to) || from >= to)
			return fail(error, "'%s': expected blocks such as +10..+20, each with the lower number first", text);
		list->blocks[list->count].from = from;
		list->blocks[list->count++].to = to;
	} while (*at == ' ');
	return *at ? fail(error, "'%s': expected blocks such as +10..+20, with blanks between", text) : 0;
}

const char *sack_list_format(const struct sack_list *list, char buffer[static SACK_LIST_TEXT_SIZE])
{
	struct textbuf out;

	textbuf_init(&out, buffer, SACK_LIST_TEXT_SIZE);
	for (uint8_t i = 0; i < list->count; i++)
		textbuf_add(&out, "%s%+d..%+d", i ? " " : "", list->blocks[i].from, list->blocks[i].to);
	if (!list->count)
		textbuf_add(&out, "absent");
	return buffer;
}

void sack_list_read(const struct segment *segment, uint32_t base, struct sack_list *list)
{
	const uint8_t *blocks = NULL;
	size_t size = segment_sack_blocks(segment, &blocks);

	memset(list, 0, sizeof(*list));
	for (; size >= SEGMENT_SACK_BLOCK_SIZE && list->count < SACK_LIST_MAX; size -= SEGMENT_SACK_BLOCK_SIZE) {
		list->blocks[list->count].from = (int32_t)(bytes_load32(blocks) - base);
		list->blocks[list->count++].to = (int32_t)(bytes_load32(blocks + 4) - base);
		blocks += SEGMENT_SACK_BLOCK_SIZE;
	}
}

void sack_list_add(const struct sack_list *list, uint32_t base, struct segment *segment)
{
	uint8_t bytes[SACK_LIST_MAX * SEGMENT_SACK_BLOCK_SIZE], *at = bytes;

	if (!list->count || segment->tail_size)
		return;
	for (uint8_t i = 0; i < list->count; i++, at += SEGMENT_SACK_BLOCK_SIZE) {
		bytes_store32(at, base + (uint32_t)list->blocks[i].from);
		bytes_store32(at + 4, base + (uint32_t)list->blocks[i].to);
	}
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_NOP);
	segment_add_raw_option(segment, OPTION_SACK, bytes, (size_t)(at - bytes));
}
