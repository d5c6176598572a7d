/* option_map.c - the options of single commands that probe: matrix, scenario, map. */
#include <string.h>

#include "harness/commands/option_internal.h"
#include "harness/commands/option_values.h"

static int take_matrix(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	if (options->matrix_count == OPTIONS_MATRICES_MAX)
		return fail(error, "--%s: at most %d of them", row->name, OPTIONS_MATRICES_MAX);
	options->matrices[options->matrix_count++] = option_value_input(text);
	return 0;
}

static int take_shard(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	return option_value_part(row->name, text, &options->shard, &options->shards, error);
}

static int take_size(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	(void)row;
	return option_value_size(text, &options->map.seq.pixels, &options->map.ts.pixels, error);
}

static int take_seq_range(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct map_range *range = &options->map.seq;

	return option_value_range("seq", row->name, text, &range->low, &range->high, error);
}

static int take_ts_range(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	struct map_range *range = &options->map.ts;

	return option_value_range("ts", row->name, text, &range->low, &range->high, error);
}

static int take_scale(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	int number = option_word_number(options, row, text, error);

	options->map.seq.scale = options->map.ts.scale = number == 0 ? SCALE_LINEAR : SCALE_SYMLOG;
	return number < 0 ? -1 : 0;
}

static int take_overlay(struct options *options, const struct option_row *row, const char *text, struct error *error)
{
	(void)row;
	return option_value_overlay(text, &options->map.overlay, error);
}

static const struct option_row rows[] = {
	{ .name = "matrix", .value = "NAME|FILE", .list = "matrices", .commands = TAKES_MATRIX | TAKES_EXPORT,
	  .section = SECTION_MATRIX, .take = take_matrix,
	  .help = "A matrix that *twprobe list* names, _full_ for all of these, or a case file (_-_ is standard input); can be "
		  "given several times (default: _time-wait_ and _time-wait-rst_)." },
	{ .name = "only", .value = "GLOB", .commands = TAKES_MATRIX | TAKES_EXPORT, .section = SECTION_MATRIX,
	  OPTION_TEXT(only), .help = "Only cells whose name matches this shell pattern." },
	{ .name = "baseline", .value = "VERSION|FILE", .list = "baselines", .commands = TAKES_MATRIX,
	  .section = SECTION_MATRIX, OPTION_INPUT(compare.baseline),
	  .help = "After the report, tell what differs from the results of another kernel, which ship with twprobe: a release "
		  "(_6.12.118_) or a series (_6.12_: its newest); or from this result file. Exit 1 if anything does.",
	  .more = "*twprobe list baselines* names the kernels. With *--format*=_json_ and _tap_ it is told on standard "
		  "error, and standard output stays a result of the run alone." },
	{ .name = "shard", .value = "I/N|auto[/N]", .commands = TAKES_MATRIX, .section = SECTION_MATRIX, .take = take_shard,
	  .help = "Only the _I_-th of _N_ equal parts of the cells, to spread a run over machines; *twprobe compare "
		  "--merge* joins the results.",
	  .more = "*auto* takes _I_ from the task of a Slurm array, of an indexed Job of Kubernetes, or of GNU parallel: "
		  "SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, PARALLEL_SEQ. _N_ is then _auto/N_; Slurm tells it, too." },

	{ .name = "strict", .commands = TAKES_MATRIX, .section = SECTION_MATRIX, OPTION_FLAG(strict),
	  .help = "With *--expect*=_rfc_ *--matrix*=_rfc_, a report by rule of the RFCs, whatever is not as they say is a "
		  "failure (exit 1); without it only a MUST that was broken is." },

	{ .name = "all", .commands = TAKES_SCENARIO, .section = SECTION_SCENARIO, OPTION_FLAG(all),
	  .help = "Every scenario that *twprobe list* names, instead of a _NAME_." },
	{ .name = "slow", .commands = TAKES_SCENARIO, .section = SECTION_SCENARIO, OPTION_FLAG(slow),
	  .help = "Include the parts that wait for timers of the kernel, which take minutes." },
	{ .name = "fast", .commands = TAKES_SCENARIO, .section = SECTION_SCENARIO, OPTION_FLAG(fast),
	  .help = "Skip waits that only imitate a real client." },

	{ .name = "output", .letter = 'o', .value = "FOLDER", .commands = TAKES_EXPORT, .section = SECTION_REPORT,
	  OPTION_TEXT(map.output), .help = "Write each script into a file there, whose name is that of its cell." },
	{ .name = "output", .letter = 'o', .value = "FILE", .commands = TAKES_MAP, .section = SECTION_MAP,
	  OPTION_TEXT(map.output),
	  .help = "Where to write the picture: a file that ends in _.png_, _.svg_, _.pdf_ or _.html_; _-_ draws with "
		  "characters on this terminal." },
	{ .name = "size", .value = "WxH", .commands = TAKES_MAP, .section = SECTION_MAP, .take = take_size,
	  .help = "Width x height in cells, 1 to 4096 each (default _512x512_; on a terminal, as many as fit)." },
	{ .name = "seq-range", .value = "A..B", .commands = TAKES_MAP, .section = SECTION_MAP, .take = take_seq_range },
	{ .name = "ts-range", .value = "A..B", .commands = TAKES_MAP, .section = SECTION_MAP, .take = take_ts_range,
	  .help = "Offsets to draw, both ends included (default the whole circle, _-2^31..2^31-1_)." },
	{ .name = "scale", .value = "linear|symlog", .commands = TAKES_MAP, .section = SECTION_MAP, .take = take_scale,
	  .help = "Of both axes. Symlog is logarithmic on both sides of 0: fine around it, coarse far away (default "
		  "_linear_)." },
	{ .name = "overlay", .value = "BOOK[,BOOK...]", .commands = TAKES_MAP, .section = SECTION_MAP, .take = take_overlay,
	  .help = "Draw the boundaries of these rule books (_linux_, _rfc_, _folk_, _freebsd_), and hatch where "
		  "they disagree with the kernel." },
	{ .name = "refine", .commands = TAKES_MAP, .section = SECTION_MAP, OPTION_FLAG(map.refine),
	  .help = "Ask a coarse grid, then along the boundaries, and fill in the rest.",
	  .more = "The caption says how many cells were asked." },
};

const struct option_table option_map_table = OPTION_TABLE(rows);
