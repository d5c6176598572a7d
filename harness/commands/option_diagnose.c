/* option_diagnose.c - the options of `twprobe diagnose` alone. */
#include "harness/commands/option_internal.h"

static const struct option_row rows[] = {
	{ .name = "max-connections", .value = "N", .commands = TAKES_DIAGNOSE, .section = SECTION_DIAGNOSE,
	  OPTION_COUNT(diagnose.connections, 1, 100000000),
	  .help = "Keep at most _N_ connections in memory (default 200000); the idlest are forgotten first, and the "
		  "report says how many.",
	  .more = "A connection takes about 1 KB." },
};

const struct option_table option_diagnose_table = OPTION_TABLE(rows);
