/* option_diagnose.c - the options of `twprobe diagnose`, and what others mean to it. */
#include "harness/commands/option_internal.h"

static const struct option_row rows[] = {
	{ .name = "max-connections", .value = "N", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  OPTION_COUNT(diagnose.connections, 1, 100000000),
	  .help = "Keep at most _N_ connections in memory (default 200000); those idle longest are forgotten first, and the "
		  "report says how many.",
	  .more = "A connection takes about 1 KB." },

	{ .name = "kernel", .value = "VERSION|any", .commands = TAKES_DIAGNOSE, .section = SECTION_REPORT,
	  .take = option_take_kernel,
	  .help = "Which kernel's rules judge: a series (_5.10_), a release (_6.12.117_), or _any_ from 5.10 on (the "
		  "default: the kernels of a capture are unknown)." },
	{ .name = "quiet", .letter = 'q', .commands = TAKES_DIAGNOSE, .section = SECTION_REPORT, OPTION_FLAG(quiet),
	  .help = "No progress line." },
	{ .name = "verbose", .letter = 'v', .commands = TAKES_DIAGNOSE, .section = SECTION_REPORT, OPTION_FLAG(verbose),
	  .help = "Show every encounter, not only those that differ and the first three of each kind." },
};

const struct option_table option_diagnose_table = OPTION_TABLE(rows);
