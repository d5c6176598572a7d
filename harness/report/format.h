/* format.h - the formats of what is printed, each declared once: its name, and what can be written in it. Pure. */
#ifndef TWPROBE_HARNESS_REPORT_FORMAT_H
#define TWPROBE_HARNESS_REPORT_FORMAT_H

#include <stdbool.h>

enum format {
	FORMAT_TABLE, FORMAT_JSON, FORMAT_TAP, FORMAT_KTAP, FORMAT_JUNIT, FORMAT_GITHUB, FORMAT_MARKDOWN, FORMAT_HTML,
	FORMAT_SVG, FORMAT_PNG, FORMAT_PACKETDRILL, FORMAT_SCAPY, FORMAT_C, FORMAT_COUNT,
};

/* What is written: bits. */
enum format_subject {
	FORMAT_OF_CELLS = 1,       /* the records of a run */
	FORMAT_OF_PLAYS = 2,       /* played scenarios */
	FORMAT_OF_PLANES = 4,      /* the records of a map */
	FORMAT_OF_COMPARISONS = 8,
	FORMAT_OF_EVIDENCE = 16,   /* one cell with all that its kernel tells */
	FORMAT_OF_CAPTURES = 32,   /* what a capture shows */
	FORMAT_OF_REQUIREMENTS = 64, /* those of an RFC */
	FORMAT_OF_LADDERS = 128,     /* the segments of one cell */
	FORMAT_OF_LISTS = 256,       /* the words of a command line */
	FORMAT_OF_EXPLANATIONS = 512, /* what the rule books expect of a cell; what a finding means */
	FORMAT_OF_SUSPECTS = 2048,   /* whose TCP a target has */
	FORMAT_OF_SCRIPTS = 1024,    /* a cell for others to run */
};

/* "table" */
const char *format_name(enum format format);
/* "one JSON object per line" */
const char *format_meaning(enum format format);
/* The subjects that can be written in it: an OR of enum format_subject. */
unsigned format_subjects(enum format format);
/* It needs the segments of each cell. */
bool format_has_ladders(enum format format);
/* It holds one thing. */
bool format_is_picture(enum format format);
/* The first line of TAP and of KTAP: "TAP version 13". */
const char *format_tap_version(enum format format);

#endif
