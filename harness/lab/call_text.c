/* call_text.c - the lines by which a connection is asked for and refused. */
#include "harness/lab/call_text.h"

#include <stdio.h>
#include <string.h>

#include "crafter/plain.h"
#include "crafter/scan.h"

#define REQUEST "twprobe call "
#define REFUSAL "twprobe refuses: "

const char *call_text_print(const struct call *call, char buffer[static CALL_TEXT_SIZE])
{
	snprintf(buffer, CALL_TEXT_SIZE, REQUEST "%u %s\n", (unsigned)call->port, behaviour_name(call->behaviour));
	return buffer;
}

int call_text_parse(const char *text, size_t size, struct call *call)
{
	char line[CALL_TEXT_SIZE];
	const char *at = line;
	uint64_t port;

	if (size == 0 || size >= sizeof(line) || text[size - 1] != '\n' || memchr(text, '\0', size))
		return -1;
	memcpy(line, text, size - 1);
	line[size - 1] = '\0';
	if (!scan_word(&at, REQUEST) || !scan_number(&at, UINT16_MAX, &port) || !scan_word(&at, " "))
		return -1;
	call->port = (uint16_t)port;
	call->behaviour = behaviour_parse(at);
	return port == 0 || call->behaviour == BEHAVIOUR_COUNT ? -1 : 0;
}

const char *call_text_refuse(const char *reason, char buffer[static CALL_TEXT_SIZE])
{
	snprintf(buffer, CALL_TEXT_SIZE, REFUSAL "%s\n", reason);
	return buffer;
}

const char *call_text_refused(char text[static CALL_TEXT_SIZE], size_t size)
{
	size_t length = strlen(REFUSAL);

	if (size <= length || size >= CALL_TEXT_SIZE || strncmp(text, REFUSAL, length) != 0)
		return NULL;
	text[size - (text[size - 1] == '\n')] = '\0';
	return plain_text(text + length);
}
