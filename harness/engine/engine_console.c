/* engine_console.c - keeps the end of what a kernel says of itself, and finds the line that tells the most. */
#include <string.h>
#include <unistd.h>

#include "harness/engine/engine_internal.h"

#define PANIC "Kernel panic"
#define HALTED "-- System halted"
enum { COPY_SIZE = 65536 };

bool engine_console_take(struct engine_console *console, int from)
{
	char bytes[COPY_SIZE];
	ssize_t got = read(from, bytes, sizeof(bytes));
	size_t kept, size;

	if (got <= 0)
		return false;
	size = (size_t)got < ENGINE_TAIL_SIZE ? (size_t)got : ENGINE_TAIL_SIZE;
	kept = ENGINE_TAIL_SIZE - size;
	if (console->size > kept) {
		memmove(console->tail, console->tail + console->size - kept, kept);
		console->size = kept;
	}
	memcpy(console->tail + console->size, bytes + (size_t)got - size, size);
	console->size += size;
	console->panicked |= memmem(console->tail, console->size, PANIC, sizeof(PANIC) - 1) != NULL;
	return true;
}

/* "[    0.123456] text" is told as the text. */
static const char *without_time(const char *line)
{
	size_t size = *line == '[' ? 1 + strspn(line + 1, " 0123456789.") : 0;

	return size && line[size] == ']' ? line + size + 1 + strspn(line + size + 1, " ") : line;
}

/* The last line but one that says no more than that it was the last one (arch/x86/boot/compressed/misc.c, error()). */
static char *last_line(char *text)
{
	char *line = text, *rest = text;

	while (*(rest += strspn(rest, "\r\n "))) {
		if (strncmp(rest, HALTED, sizeof(HALTED) - 1) == 0)
			break;
		line = rest;
		rest += strcspn(rest, "\r\n");
		if (*rest)
			*rest++ = '\0';
	}
	return line + strspn(line, "\r\n ");
}

const char *engine_console_line(struct engine_console *console)
{
	char *line;

	console->tail[console->size] = '\0';
	line = strstr(console->tail, ENGINE_KILLED);
	if (!line)
		line = strstr(console->tail, PANIC);
	if (line)
		line[strcspn(line, "\r\n")] = '\0';
	else
		line = last_line(console->tail);
	return *line ? without_time(line) : "it said nothing";
}
