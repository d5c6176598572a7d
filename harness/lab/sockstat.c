/* sockstat.c - the lines of TCP and TCP6, and what is more than before. */
#include "harness/lab/sockstat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crafter/textbuf.h"
#include "harness/lab/proc_file.h"

enum { TEXT_SIZE = 2048 };

struct sockstat {
	int four, six; /* six: -1 where the kernel has no IPv6 */
};

static int open_in(const char *folder, const char *name)
{
	char path[TEXT_SIZE];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

struct sockstat *sockstat_open(const char *folder, struct error *error)
{
	struct sockstat *sockstat = calloc(1, sizeof(*sockstat));

	if (!sockstat) {
		fail(error, "out of memory");
		return NULL;
	}
	sockstat->four = open_in(folder, "sockstat");
	sockstat->six = open_in(folder, "sockstat6");
	if (sockstat->four >= 0)
		return sockstat;
	fail(error, "cannot read %s/sockstat: %s", folder, strerror(errno));
	sockstat_close(sockstat);
	return NULL;
}

int sockstat_read(const struct sockstat *sockstat, struct sockstat_counts *counts, struct error *error)
{
	char text[TEXT_SIZE], six[TEXT_SIZE] = "";

	if (proc_file_read(sockstat->four, "the number of sockets", text, sizeof(text), error) < 0 ||
	    (sockstat->six >= 0 && proc_file_read(sockstat->six, "the number of sockets", six, sizeof(six), error) < 0))
		return -1;
	sockstat_parse(text, six, counts);
	return 0;
}

void sockstat_close(struct sockstat *sockstat)
{
	if (!sockstat)
		return;
	if (sockstat->four >= 0)
		close(sockstat->four);
	if (sockstat->six >= 0)
		close(sockstat->six);
	free(sockstat);
}

/* "TCP: inuse 3 orphan 0 tw 0 alloc 5 mem 1": the number after the word, in the line that begins with `name`; -1: none. */
static int64_t number_of(const char *text, const char *name, const char *word)
{
	size_t name_length = strlen(name), length = strlen(word);
	const char *line = text;

	while (line && strncmp(line, name, name_length) != 0) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	for (line = line ? line + name_length : NULL; line && *line == ' '; line += strcspn(line, " \n")) {
		line += strspn(line, " ");
		if (strncmp(line, word, length) == 0 && line[length] == ' ')
			return strtoll(line + length, NULL, 10);
	}
	return -1;
}

void sockstat_parse(const char *text, const char *six, struct sockstat_counts *counts)
{
	int64_t of_six = number_of(six, "TCP6:", "inuse");

	*counts = (struct sockstat_counts){
		.inuse = number_of(text, "TCP:", "inuse"), .tw = number_of(text, "TCP:", "tw"),
		.orphan = number_of(text, "TCP:", "orphan"), .alloc = number_of(text, "TCP:", "alloc"),
		.mem = number_of(text, "TCP:", "mem"),
	};
	if (counts->inuse >= 0 && of_six > 0)
		counts->inuse += of_six;
}

static void add(struct textbuf *out, int64_t before, int64_t after, const char *one, const char *more)
{
	if (before >= 0 && after > before)
		textbuf_item(out, ", ", "%" PRId64 " %s", after - before, after - before == 1 ? one : more);
}

const char *sockstat_left(const struct sockstat_counts *before, const struct sockstat_counts *after, bool alone,
			  char text[static SOCKSTAT_TEXT_SIZE])
{
	struct textbuf out;

	textbuf_init(&out, text, SOCKSTAT_TEXT_SIZE);
	add(&out, before->inuse, after->inuse, "socket", "sockets");
	add(&out, before->tw, after->tw, "in TIME_WAIT", "in TIME_WAIT");
	if (!alone)
		return text;
	add(&out, before->orphan, after->orphan, "orphan", "orphans");
	add(&out, before->alloc, after->alloc, "allocated socket", "allocated sockets");
	add(&out, before->mem, after->mem, "page of queues", "pages of queues");
	return text;
}
