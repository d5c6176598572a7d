/* guest_request.c - a request as bytes, and back. */
#include <stdlib.h>
#include <string.h>

#include "crafter/bytes.h"
#include "harness/engine/guest.h"

enum { SIZE_BYTES = 4, FIXED_BYTES = 10 };

static bool add_word(uint8_t *buffer, size_t *used, const char *word)
{
	size_t size = strlen(word) + 1;

	if (size > GUEST_REQUEST_MAX - *used)
		return false;
	memcpy(buffer + *used, word, size);
	*used += size;
	return true;
}

size_t guest_pack(const struct guest_request *request, uint8_t buffer[static GUEST_REQUEST_MAX], struct error *error)
{
	size_t used = SIZE_BYTES + FIXED_BYTES, count = request->arguments + request->variables;
	uint8_t *fixed = buffer + SIZE_BYTES;
	bool fits = count <= GUEST_WORDS_MAX;

	fits = fits && add_word(buffer, &used, request->folder) && add_word(buffer, &used, request->modules);
	for (size_t i = 0; fits && i < count; i++)
		fits = add_word(buffer, &used, request->words[i]);
	if (!fits) {
		fail(error, "the command line and its environment are longer than %d bytes or %d words", GUEST_REQUEST_MAX,
		     GUEST_WORDS_MAX);
		return 0;
	}
	bytes_store32(buffer, (uint32_t)(used - SIZE_BYTES));
	bytes_store16(fixed, request->rows);
	bytes_store16(fixed + 2, request->columns);
	fixed[4] = request->output_terminal;
	fixed[5] = request->error_terminal;
	bytes_store16(fixed + 6, (uint16_t)request->arguments);
	bytes_store16(fixed + 8, (uint16_t)request->variables);
	return used;
}

/* The next word; NULL: there is none. */
static const char *take_word(char **at, const char *end)
{
	char *word = *at, *nul = memchr(word, '\0', (size_t)(end - word));

	if (!nul)
		return NULL;
	*at = nul + 1;
	return word;
}

int guest_unpack(char *bytes, size_t size, struct guest_request *request)
{
	const uint8_t *fixed = (const uint8_t *)bytes;
	const char *end = bytes + size;
	char *at = bytes + FIXED_BYTES;

	if (size < FIXED_BYTES)
		return -1;
	*request = (struct guest_request){
		.rows = bytes_load16(fixed),
		.columns = bytes_load16(fixed + 2),
		.output_terminal = fixed[4],
		.error_terminal = fixed[5],
		.arguments = bytes_load16(fixed + 6),
		.variables = bytes_load16(fixed + 8),
		.folder = take_word(&at, end),
	};
	request->modules = request->folder ? take_word(&at, end) : NULL;
	if (!request->modules || request->arguments + request->variables > GUEST_WORDS_MAX)
		return -1;
	for (size_t i = 0; i < request->arguments + request->variables; i++)
		if (!(request->words[i] = take_word(&at, end)))
			return -1;
	return at == end ? 0 : -1;
}
