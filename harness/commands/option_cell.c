/* option_cell.c - the options of one cell: state, stimulus, conditions. */
#include <string.h>

#include "harness/commands/option_internal.h"
#include "harness/commands/option_values.h"

enum {
	TAKES = TAKES_CELL | TAKES_MAP | TAKES_WHY,
	TAKES_OFFSET = TAKES_CELL | TAKES_WHY, /* which are the axes of a map */
};

static const char *state_word(enum command_id command, size_t number)
{
	(void)command;
	return number < STATE_COUNT ? state_name((enum state)number) : NULL;
}

static const char *segment_word(enum command_id command, size_t number)
{
	(void)command;
	return number < KIND_COUNT ? stimulus_kind_name((enum segment_kind)number) : NULL;
}

static int take_state(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	int number = option_word_number(options, row, text, error);

	options->cell.state = (enum state)number;
	return number < 0 ? -1 : 0;
}

static int take_segment(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	int number = option_word_number(options, row, text, error);

	options->cell.stimulus.kind = (enum segment_kind)number;
	return number < 0 ? -1 : 0;
}

static int take_timestamps(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	int number = option_word_number(options, row, text, error);

	options->cell.connection_timestamps = number == 0;
	return number < 0 ? -1 : 0;
}

static struct offset *offset_of(struct options *options, const struct option_row *row)
{
	return row->group == GROUP_SEQ ? &options->cell.stimulus.seq :
	       row->group == GROUP_TS ? &options->cell.stimulus.ts : &options->cell.stimulus.ack;
}

static int take_offset(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct error inner;

	if (offset_parse(row->name, text, offset_of(options, row), &inner) == 0)
		return 0;
	return fail(error, "--%s: %s", row->name, inner.text);
}

/* --seq-below=N and its like: N counts away from the base; the default keeps its name in the cell's name. */
static int take_distance(struct options *options, const struct option_row *row, const char *text, bool below,
			 struct error *error)
{
	struct offset *offset = offset_of(options, row);
	uint64_t value = OFFSET_DEFAULT;

	if (text && option_value_count(row->name, text, 1, INT32_MAX, &value, error) < 0)
		return -1;
	offset->form = value != OFFSET_DEFAULT ? OFFSET_NUMBER : below ? OFFSET_BELOW : OFFSET_ABOVE;
	offset->value = below ? -(int64_t)value : (int64_t)value;
	return 0;
}

static int take_below(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return take_distance(options, row, text, true, error);
}

static int take_above(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return take_distance(options, row, text, false, error);
}

static int take_form(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	(void)text;
	(void)error;
	*offset_of(options, row) = (struct offset){ .form = (enum offset_form)row->low };
	return 0;
}

static int take_sysctl(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct error inner;

	options->said_sysctl = true;
	if (conditions_add(&options->cell.conditions, text, row->low != 0, &inner) == 0)
		return 0;
	return fail(error, "--%s: %s", row->name, inner.text);
}

static const struct option_row rows[] = {
	{ .name = "state", .value = "NAME", .word = state_word, .commands = TAKES, .section = SECTION_CELL, .take = take_state,
	  .help = "State of the subject's socket when the stimulus arrives (default _time-wait_); *twprobe list* "
		  "names them.",
	  .more = "In _fin-wait-2-half_ the process still holds the descriptor after shutdown(SHUT_WR); in _fin-wait-2_ it "
		  "has closed it." },
	{ .name = "segment", .value = "NAME", .word = segment_word, .commands = TAKES, .section = SECTION_CELL,
	  .take = take_segment,
	  .help = "The stimulus (default _syn_).",
	  .more = "_data_ has 10 bytes." },
	{ .name = "seq-below", .value = "N", .optional = true, .commands = TAKES_OFFSET, .section = SECTION_CELL,
	  .group = GROUP_SEQ, .take = take_below },
	{ .name = "seq-equal", .commands = TAKES_OFFSET, .section = SECTION_CELL, .group = GROUP_SEQ, .take = take_form,
	  .low = OFFSET_NUMBER },
	{ .name = "seq-above", .value = "N", .optional = true, .commands = TAKES_OFFSET, .section = SECTION_CELL,
	  .group = GROUP_SEQ, .take = take_above },
	{ .name = "seq", .value = "OFFSET", .commands = TAKES_OFFSET, .section = SECTION_CELL, .group = GROUP_SEQ,
	  .take = take_offset,
	  .help = "Its sequence number, relative to the subject's rcv_nxt (default above). _N_ is 1000 by default; "
		  "_OFFSET_ is a number such as -1, +1000 or +2^30, or _wnd_ or _wnd-1_ at the right edge of the "
		  "window.",
	  .more = "An _OFFSET_ has an optional sign, and may have powers of two: _+2^30_, _-2^31+1_. _wnd_ and "
		  "_wnd-1_ count from the right edge of the receive window." },
	{ .name = "ts-below", .value = "N", .optional = true, .commands = TAKES_OFFSET, .section = SECTION_CELL,
	  .group = GROUP_TS, .take = take_below },
	{ .name = "ts-equal", .commands = TAKES_OFFSET, .section = SECTION_CELL, .group = GROUP_TS, .take = take_form,
	  .low = OFFSET_NUMBER },
	{ .name = "ts-above", .value = "N", .optional = true, .commands = TAKES_OFFSET, .section = SECTION_CELL,
	  .group = GROUP_TS, .take = take_above },
	{ .name = "ts", .value = "OFFSET", .commands = TAKES_OFFSET, .section = SECTION_CELL, .group = GROUP_TS,
	  .take = take_offset,
	  .help = "Its TSval, relative to the last TSval that the subject accepted, ts_recent (default above)." },
	{ .name = "ts-absent", .commands = TAKES_OFFSET, .section = SECTION_CELL, .group = GROUP_TS, .take = take_form,
	  .low = OFFSET_ABSENT },
	{ .name = "ts-zero", .commands = TAKES_OFFSET, .section = SECTION_CELL, .group = GROUP_TS, .take = take_form,
	  .low = OFFSET_ZERO, .help = "No timestamps option; the TSval 0." },
	{ .name = "ack", .value = "OFFSET", .commands = TAKES, .section = SECTION_CELL, .take = take_offset,
	  .help = "Its acknowledgment number, relative to the subject's snd_nxt, for segments that have one (default 0)." },
	{ .name = "connection-timestamps", .value = "on|off", .commands = TAKES, .section = SECTION_CELL,
	  .take = take_timestamps,
	  .help = "Whether the connection that leads to the state has timestamps (default _on_).",
	  .more = "With _off_ the TSval of the stimulus is relative to the value that our clock would have sent." },
	{ .name = "sysctl", .value = "NAME=VALUE", .commands = TAKES, .section = SECTION_CELL, .take = take_sysctl,
	  .help = "Set a sysctl of the lab before the connection; can be given several times. In the lab only.",
	  .more = "_NAME_ is relative to net.ipv4 (_tcp_rfc1337_), or a full name (_net.core.somaxconn_). Several numbers "
		  "are separated by blanks or commas (_'tcp_rmem=4096 4096 4096'_).\n"
		  "Limits that a cell sets itself are no overload: with _tcp_syncookies=2_ a SYN-ACK may be a cookie, with "
		  "_tcp_max_tw_buckets=0_ the listener answers where TIME_WAIT would, and of cells that make a queue short "
		  "only as many are in flight as it holds." },
	{ .name = "sysctl-at-probe", .value = "NAME=VALUE", .commands = TAKES, .section = SECTION_CELL, .take = take_sysctl,
	  .low = true,
	  .help = "The same, but set once the state is reached, just before the stimulus." },
};

const struct option_table option_cell_table = OPTION_TABLE(rows);
