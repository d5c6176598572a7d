/* format.c - the table of formats. */
#include "harness/report/format.h"

static const struct {
	const char *name;
	unsigned subjects;
} formats[FORMAT_COUNT] = {
	[FORMAT_TABLE] = { "table", FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_PLANES | FORMAT_OF_COMPARISONS |
				    FORMAT_OF_EVIDENCE },
	[FORMAT_JSON] = { "json", FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_PLANES | FORMAT_OF_COMPARISONS },
	[FORMAT_TAP] = { "tap", FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_COMPARISONS },
	[FORMAT_MARKDOWN] = { "markdown", FORMAT_OF_COMPARISONS },
};

const char *format_name(enum format format)
{
	return formats[format].name;
}

unsigned format_subjects(enum format format)
{
	return formats[format].subjects;
}
