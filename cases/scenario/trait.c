/* trait.c - a row for each trait of an answer: its name, what it may be held against, where it is in a segment. */
#include "cases/scenario/trait.h"

#include <stdio.h>
#include <string.h>

#include "crafter/segment_text.h"
#include "crafter/seq.h"
#include "crafter/words.h"

enum trait_form { FORM_FLAGS, FORM_OFFSET, FORM_RANGE, FORM_BLOCKS, FORM_PRESENCE };

static const struct trait_row {
	const char *name;
	enum trait_form form;
	uint8_t option;   /* without which it is absent; OPTION_END: it is in every segment */
	const char *base; /* of offsets */
} rows[TRAIT_COUNT] = {
	[TRAIT_FLAGS] = { "flags", FORM_FLAGS, OPTION_END, NULL },
	[TRAIT_SEQ] = { "seq", FORM_OFFSET, OPTION_END, "snd_nxt" },
	[TRAIT_WINDOW] = { "window", FORM_RANGE, OPTION_END, NULL },
	[TRAIT_PAYLOAD] = { "payload", FORM_RANGE, OPTION_END, NULL },
	[TRAIT_MSS] = { "mss", FORM_RANGE, OPTION_MSS, NULL },
	[TRAIT_WSCALE] = { "wscale", FORM_RANGE, OPTION_WSCALE, NULL },
	[TRAIT_SACK] = { "sack", FORM_PRESENCE, OPTION_SACK_PERMITTED, NULL },
	[TRAIT_SACK_BLOCKS] = { "sack-blocks", FORM_BLOCKS, OPTION_SACK, NULL },
	[TRAIT_TIMESTAMPS] = { "timestamps", FORM_PRESENCE, OPTION_TIMESTAMPS, NULL },
	[TRAIT_TSECR] = { "tsecr", FORM_OFFSET, OPTION_TIMESTAMPS, "ts_recent" },
};

const char *trait_name(enum trait_id id)
{
	return words_at(WORDS_MEMBER(rows, name), id);
}

enum trait_id trait_parse(const char *name)
{
	return (enum trait_id)words_find(WORDS_MEMBER(rows, name), name);
}

const char *trait_list(char *buffer, size_t size)
{
	return words_list(WORDS_MEMBER(rows, name), buffer, size);
}

/* Letters in the order of FLAG_LETTERS, each at most once; "none" for no flag. */
static int parse_flags(const char *text, uint16_t *flags, struct error *error)
{
	char letters[FLAGS_TEXT_SIZE];

	*flags = 0;
	if (!*text || strcmp(text, "none") == 0 ||
	    (segment_flags_read(text, flags) && strcmp(segment_flags_format(*flags, letters), text) == 0))
		return 0;
	return fail(error, "'%s': expected letters in the order " FLAG_LETTERS ", such as FA, or none", text);
}

int trait_check_parse(enum trait_id id, const char *text, struct trait_check *check, struct error *error)
{
	const struct trait_row *row = &rows[id];

	*check = (struct trait_check){ .said = true };
	check->absent = row->option != OPTION_END && strcmp(text, "absent") == 0;
	check->present = row->option != OPTION_END && strcmp(text, "present") == 0;
	if (check->absent || check->present)
		return 0;
	switch (row->form) {
	case FORM_FLAGS:
		return parse_flags(text, &check->flags, error);
	case FORM_OFFSET:
		return offset_parse("ack", text, &check->offset, error);
	case FORM_RANGE:
		return quantity_range_parse(text, UNIT_COUNT, &check->range, error);
	case FORM_BLOCKS:
		return sack_list_parse(text, &check->blocks, error);
	case FORM_PRESENCE:
		break;
	}
	return fail(error, "'%s' is neither present nor absent", text);
}

static uint32_t number_of(enum trait_id id, const struct segment *segment)
{
	switch (id) {
	case TRAIT_SEQ:
		return segment->seq;
	case TRAIT_WINDOW:
		return segment->window;
	case TRAIT_PAYLOAD:
		return segment->payload_size;
	case TRAIT_MSS:
		return segment->mss;
	case TRAIT_WSCALE:
		return segment->wscale;
	case TRAIT_TSECR:
		return segment->tsecr;
	default:
		return 0;
	}
}

/* What it carries, as a text of the same form as the expected one. */
static void format_observed(enum trait_id id, const struct segment *segment, const struct baseline *base,
			    char observed[static TRAIT_TEXT_SIZE])
{
	struct sack_list blocks;
	uint32_t number = number_of(id, segment), from = id == TRAIT_SEQ ? base->snd_nxt - base->syn_sent : base->ts_recent;

	switch (rows[id].form) {
	case FORM_FLAGS:
		segment_text_flags(segment->flags, observed);
		break;
	case FORM_OFFSET:
		snprintf(observed, TRAIT_TEXT_SIZE, "%s%+d", rows[id].base, seq_diff(number, from));
		break;
	case FORM_RANGE:
		snprintf(observed, TRAIT_TEXT_SIZE, "%u", number);
		break;
	case FORM_BLOCKS:
		sack_list_read(segment, base->rcv_nxt, &blocks);
		sack_list_format(&blocks, observed);
		break;
	case FORM_PRESENCE:
		strcpy(observed, "present");
		break;
	}
}

bool trait_check_holds(enum trait_id id, const struct trait_check *check, const struct segment *segment,
		       const struct baseline *base, char expected[static TRAIT_TEXT_SIZE],
		       char observed[static TRAIT_TEXT_SIZE])
{
	const struct trait_row *row = &rows[id];
	bool there = row->option == OPTION_END || segment_has_option(segment, row->option);

	if (check->absent || check->present)
		strcpy(expected, check->absent ? "absent" : "present");
	else if (row->form == FORM_FLAGS)
		segment_text_flags(check->flags, expected);
	else if (row->form == FORM_OFFSET)
		snprintf(expected, TRAIT_TEXT_SIZE, "%s%+lld", row->base, (long long)check->offset.value);
	else if (row->form == FORM_BLOCKS)
		sack_list_format(&check->blocks, expected);
	else
		quantity_range_format(&check->range, expected, TRAIT_TEXT_SIZE);
	if (there)
		format_observed(id, segment, base, observed);
	else
		strcpy(observed, "absent");
	if (check->absent || check->present || !there)
		return check->absent ? !there : there;
	return row->form == FORM_RANGE ? quantity_range_holds(&check->range, number_of(id, segment)) :
	       strcmp(expected, observed) == 0;
}
