/* report_names.c - a line for each of the first hosts; how many more there are. */
#include "harness/report/report_names.h"

#include <inttypes.h>
#include <stdlib.h>

#include "harness/report/text.h"

enum { LISTED = 24, INDENT = 2, LINE_SIZE = 512 };

static void print(FILE *out, const char *text)
{
	fprintf(out, "%*s", INDENT, "");
	text_wrap(out, text, INDENT, 2 * INDENT);
}

void report_names_add(struct report_names *names, const char *name, const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE], line[LINE_SIZE];

	if (!names->lines)
		names->lines = open_memstream(&names->text, &names->size);
	if (!names->lines || names->count++ >= LISTED)
		return;
	snprintf(line, sizeof(line), "%s is %s here", name, address_format(address, text, sizeof(text)));
	print(names->lines, line);
}

void report_names_print(const struct report_names *names, FILE *out)
{
	char line[LINE_SIZE];

	if (!names->lines)
		return;
	fflush(names->lines);
	fputs(names->text, out);
	if (names->count <= LISTED)
		return;
	snprintf(line, sizeof(line), "and %" PRIu64 " more hosts with names (--format=json lists all)", names->count - LISTED);
	print(out, line);
}

void report_names_free(struct report_names *names)
{
	if (names->lines)
		fclose(names->lines);
	free(names->text);
}
