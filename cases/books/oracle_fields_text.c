/* oracle_fields_text.c - the fields of an answer against what was said of them, and as text. */
#include <string.h>

#include "cases/books/oracle_fields.h"
#include "crafter/bytes.h"
#include "crafter/segment_text.h"
#include "crafter/seq.h"
#include "crafter/textbuf.h"
#include "crafter/words.h"

enum { BLOCKS_SEEN_MAX = SEGMENT_OPTIONS_MAX / SEGMENT_SACK_BLOCK_SIZE };

static const char *const names[FIELD_COUNT] = {
	[FIELD_FLAGS] = "flags", [FIELD_SEQ] = "seq", [FIELD_ACK] = "ack", [FIELD_OPTIONS] = "options",
	[FIELD_TSECR] = "tsecr", [FIELD_TSVAL] = "tsval", [FIELD_SACK] = "sack", [FIELD_ACCECN] = "accecn",
	[FIELD_WINDOW] = "window", [FIELD_MSS] = "mss", [FIELD_WSCALE] = "wscale",
};

const char *oracle_field_name(enum field field)
{
	return words_at(WORDS(names), field);
}

static size_t blocks_of(const struct segment *segment, struct sack_block blocks[static BLOCKS_SEEN_MAX])
{
	const uint8_t *bytes = NULL;
	size_t count = segment_sack_blocks(segment, &bytes) / SEGMENT_SACK_BLOCK_SIZE;

	for (size_t i = 0; i < count; i++, bytes += SEGMENT_SACK_BLOCK_SIZE)
		blocks[i] = (struct sack_block){ bytes_load32(bytes), bytes_load32(bytes + 4) };
	return count;
}

static bool blocks_hold(const struct fields *fields, const struct segment *answer)
{
	struct sack_block blocks[BLOCKS_SEEN_MAX];
	size_t count = blocks_of(answer, blocks);

	if (count != fields->block_count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (blocks[i].from != fields->blocks[i].from || blocks[i].to != fields->blocks[i].to)
			return false;
	return true;
}

/* In the order of kind 174, whatever the order on the wire; returns how many. */
static size_t counts_of(const struct segment *segment, uint32_t counts[static FIELDS_COUNTS_MAX])
{
	const uint8_t *bytes = NULL;
	size_t count = 0, size = segment_raw_option(segment, OPTION_ACCECN_1, &bytes);

	for (; count < FIELDS_COUNTS_MAX && size >= 3; count++, size -= 3, bytes += 3)
		counts[count] = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
	return count;
}

static bool counts_hold(const struct fields *fields, const struct segment *answer)
{
	uint32_t counts[FIELDS_COUNTS_MAX];
	size_t count = counts_of(answer, counts);

	return count == fields->count_count && memcmp(counts, fields->counts, count * sizeof(counts[0])) == 0;
}

static bool tsval_holds(const struct fields *fields, const struct segment *answer)
{
	return segment_has_option(answer, OPTION_TIMESTAMPS) &&
	       answer->tsval - fields->tsval_least <= fields->tsval_most - fields->tsval_least;
}

bool oracle_field_holds(const struct fields *fields, enum field field, const struct segment *answer)
{
	if (!(fields->said >> field & 1))
		return true;
	switch (field) {
	case FIELD_FLAGS:
		return answer->flags == fields->flags;
	case FIELD_SEQ:
		return answer->seq == fields->seq;
	case FIELD_ACK:
		return answer->ack == fields->ack;
	case FIELD_OPTIONS:
		return answer->option_count == fields->option_count &&
		       memcmp(answer->options, fields->options, fields->option_count) == 0;
	case FIELD_TSECR:
		return segment_has_option(answer, OPTION_TIMESTAMPS) && answer->tsecr == fields->tsecr;
	case FIELD_TSVAL:
		return tsval_holds(fields, answer);
	case FIELD_SACK:
		return blocks_hold(fields, answer);
	case FIELD_ACCECN:
		return counts_hold(fields, answer);
	case FIELD_WINDOW:
		return answer->window >= fields->window_least && answer->window <= fields->window_most;
	case FIELD_MSS:
		return segment_has_option(answer, OPTION_MSS) && answer->mss == fields->mss;
	case FIELD_WSCALE:
		return segment_has_option(answer, OPTION_WSCALE) && answer->wscale == fields->wscale;
	case FIELD_COUNT:
		break;
	}
	return true;
}

enum field oracle_fields_wrong(const struct fields *fields, const struct segment *answer)
{
	enum field field = 0;

	while (field < FIELD_COUNT && oracle_field_holds(fields, field, answer))
		field++;
	return field;
}

static void add_kinds(struct textbuf *out, const uint8_t *kinds, size_t count)
{
	static const char *const words[] = {
		[OPTION_END] = "end", [OPTION_NOP] = "nop", [OPTION_MSS] = "mss", [OPTION_WSCALE] = "wscale",
		[OPTION_SACK_PERMITTED] = "sack-permitted", [OPTION_SACK] = "sack", [OPTION_FAST_OPEN] = "fast-open",
		[OPTION_TIMESTAMPS] = "ts", [OPTION_ACCECN_0] = "accecn0", [OPTION_ACCECN_1] = "accecn1",
	};

	for (size_t i = 0; i < count; i++) {
		const char *word = words_at(WORDS(words), kinds[i]);

		if (word)
			textbuf_item(out, " ", "%s", word);
		else
			textbuf_item(out, " ", "kind %u", kinds[i]);
	}
	if (!count)
		textbuf_add(out, "none");
}

static void add_number(struct textbuf *out, const char *name, uint32_t base, uint32_t value)
{
	const struct segment_base from = { name, base };
	char number[SEGMENT_NUMBER_SIZE];

	textbuf_add(out, "%s", segment_text_number(&from, value, number));
}

static void add_blocks(struct textbuf *out, const struct sack_block *blocks, size_t count, uint32_t rcv_nxt)
{
	for (size_t i = 0; i < count; i++) {
		textbuf_add(out, "%s", i ? " " : "");
		add_number(out, "rcv_nxt", rcv_nxt, blocks[i].from);
		textbuf_add(out, "..");
		add_number(out, "rcv_nxt", rcv_nxt, blocks[i].to);
	}
	if (!count)
		textbuf_add(out, "none");
}

/* As RFC 9768 calls the fields. */
static void add_counts(struct textbuf *out, const uint32_t *counts, size_t count)
{
	static const char *const fields[FIELDS_COUNTS_MAX] = { "EE1B", "ECEB", "EE0B" };

	for (size_t i = 0; i < count; i++)
		textbuf_item(out, ", ", "%s %u", fields[i], counts[i]);
	if (!count)
		textbuf_add(out, "none");
}

/* A value that both an expectation and an answer have. 0 is no number of a connection, nor a time (RFC 7323 3.2). */
static void add_value(struct textbuf *out, enum field field, uint32_t value, const struct field_bases *bases)
{
	char flags[FLAGS_TEXT_SIZE];

	if (field == FIELD_FLAGS)
		textbuf_add(out, "%s", segment_text_flags((uint16_t)value, flags));
	else if (field == FIELD_SEQ && value)
		add_number(out, "snd_nxt", bases->snd_nxt, value);
	else if (field == FIELD_ACK && value)
		add_number(out, "rcv_nxt", bases->rcv_nxt, value);
	else if (field == FIELD_TSECR && value)
		add_number(out, "ts_recent", bases->ts_recent, value);
	else if (field == FIELD_TSVAL && value)
		add_number(out, "ts_echo", bases->ts_echo, value);
	else
		textbuf_add(out, "%u", value);
}

static void add_window(struct textbuf *out, const struct fields *fields)
{
	if (fields->window_least == fields->window_most)
		textbuf_add(out, "%u", fields->window_least);
	else if (fields->window_most == UINT16_MAX)
		textbuf_add(out, "%u or more", fields->window_least);
	else
		textbuf_add(out, "%u to %u", fields->window_least, fields->window_most);
}

const char *oracle_field_expected(const struct fields *fields, enum field field, const struct field_bases *bases,
				  char buffer[static FIELD_TEXT_SIZE])
{
	const uint32_t values[FIELD_COUNT] = {
		[FIELD_FLAGS] = fields->flags, [FIELD_SEQ] = fields->seq, [FIELD_ACK] = fields->ack,
		[FIELD_TSECR] = fields->tsecr, [FIELD_MSS] = fields->mss, [FIELD_WSCALE] = fields->wscale,
	};
	struct textbuf out;

	textbuf_init(&out, buffer, FIELD_TEXT_SIZE);
	switch (field) {
	case FIELD_OPTIONS:
		add_kinds(&out, fields->options, fields->option_count);
		break;
	case FIELD_TSVAL: /* the end of the time is only as good as our own clock */
		add_value(&out, field, fields->tsval_least, bases);
		textbuf_add(&out, " or a little later");
		break;
	case FIELD_SACK:
		add_blocks(&out, fields->blocks, fields->block_count, bases->rcv_nxt);
		break;
	case FIELD_ACCECN:
		add_counts(&out, fields->counts, fields->count_count);
		break;
	case FIELD_WINDOW:
		add_window(&out, fields);
		break;
	default:
		add_value(&out, field, values[field], bases);
	}
	return buffer;
}

/* What the option carries; "absent" without the option. */
static bool is_absent(const struct segment *answer, enum field field)
{
	static const uint8_t kinds[FIELD_COUNT] = {
		[FIELD_TSECR] = OPTION_TIMESTAMPS, [FIELD_TSVAL] = OPTION_TIMESTAMPS, [FIELD_MSS] = OPTION_MSS,
		[FIELD_WSCALE] = OPTION_WSCALE,
	};

	return kinds[field] && !segment_has_option(answer, kinds[field]);
}

const char *oracle_field_observed(const struct segment *answer, enum field field, const struct field_bases *bases,
				  char buffer[static FIELD_TEXT_SIZE])
{
	const uint32_t values[FIELD_COUNT] = {
		[FIELD_FLAGS] = answer->flags, [FIELD_SEQ] = answer->seq, [FIELD_ACK] = answer->ack,
		[FIELD_TSECR] = answer->tsecr, [FIELD_TSVAL] = answer->tsval, [FIELD_WINDOW] = answer->window,
		[FIELD_MSS] = answer->mss, [FIELD_WSCALE] = answer->wscale,
	};
	struct sack_block blocks[BLOCKS_SEEN_MAX];
	uint32_t counts[FIELDS_COUNTS_MAX];
	struct textbuf out;

	textbuf_init(&out, buffer, FIELD_TEXT_SIZE);
	if (is_absent(answer, field))
		textbuf_add(&out, "absent");
	else if (field == FIELD_OPTIONS)
		add_kinds(&out, answer->options, answer->option_count);
	else if (field == FIELD_SACK)
		add_blocks(&out, blocks, blocks_of(answer, blocks), bases->rcv_nxt);
	else if (field == FIELD_ACCECN)
		add_counts(&out, counts, counts_of(answer, counts));
	else
		add_value(&out, field, values[field], bases);
	return buffer;
}
