/* format.c - the table of formats. */
#include "harness/report/format.h"

static const struct {
	const char *name, *meaning;
	unsigned subjects;
} formats[FORMAT_COUNT] = {
	[FORMAT_TABLE] = { "table", "for people (the default)",
			  FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_PLANES | FORMAT_OF_COMPARISONS |
			  FORMAT_OF_EVIDENCE | FORMAT_OF_CAPTURES | FORMAT_OF_REQUIREMENTS | FORMAT_OF_LISTS |
			  FORMAT_OF_EXPLANATIONS | FORMAT_OF_SUSPECTS },
	[FORMAT_JSON] = { "json", "one JSON object per line",
			  FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_PLANES | FORMAT_OF_COMPARISONS |
			  FORMAT_OF_EVIDENCE | FORMAT_OF_CAPTURES | FORMAT_OF_REQUIREMENTS | FORMAT_OF_LISTS |
			  FORMAT_OF_EXPLANATIONS | FORMAT_OF_SUSPECTS },
	[FORMAT_TAP] = { "tap", "TAP version 13",
			  FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_COMPARISONS },
	[FORMAT_KTAP] = { "ktap", "the kernel's own TAP (KTAP version 1)",
			  FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_COMPARISONS },
	[FORMAT_JUNIT] = { "junit", "JUnit XML, as Jenkins and GitLab read it",
			  FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_COMPARISONS },
	[FORMAT_GITHUB] = { "github", "annotations of what failed, for a GitHub workflow",
			   FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_COMPARISONS },
	[FORMAT_MARKDOWN] = { "markdown", "tables for a report",
			  FORMAT_OF_COMPARISONS | FORMAT_OF_REQUIREMENTS },
	[FORMAT_HTML] = { "html", "one page for a browser, which needs no network",
			 FORMAT_OF_CELLS | FORMAT_OF_PLAYS | FORMAT_OF_COMPARISONS | FORMAT_OF_CAPTURES },
	[FORMAT_SVG] = { "svg", "a picture of the segments",
			FORMAT_OF_LADDERS | FORMAT_OF_EVIDENCE | FORMAT_OF_PLAYS },
	[FORMAT_PNG] = { "png", "the same for what shows no SVG",
			FORMAT_OF_LADDERS | FORMAT_OF_EVIDENCE | FORMAT_OF_PLAYS },
	[FORMAT_PACKETDRILL] = { "packetdrill", "a script of packetdrill's, as the kernel's selftests have them",
				FORMAT_OF_SCRIPTS },
	[FORMAT_SCAPY] = { "scapy", "a Python script that needs scapy, and nothing else of ours", FORMAT_OF_SCRIPTS },
	[FORMAT_C] = { "c", "a C program that runs alone", FORMAT_OF_SCRIPTS },
};

bool format_has_ladders(enum format format)
{
	return format == FORMAT_HTML || format_is_picture(format);
}

bool format_is_picture(enum format format)
{
	return format == FORMAT_SVG || format == FORMAT_PNG;
}

const char *format_name(enum format format)
{
	return formats[format].name;
}

const char *format_meaning(enum format format)
{
	return formats[format].meaning;
}

unsigned format_subjects(enum format format)
{
	return formats[format].subjects;
}

const char *format_tap_version(enum format format)
{
	return format == FORMAT_KTAP ? "KTAP version 1" : "TAP version 13";
}
