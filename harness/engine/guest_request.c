/* guest_request.c - a request as bytes, and back. */
#include <stdlib.h>
#include <string.h>

#include "crafter/bytes.h"
#include "harness/engine/guest.h"

enum { SIZE_BYTES = 4, COUNTS_AT = 10, FIXED_BYTES = COUNTS_AT + 2 * GUEST_LISTS };

static bool add_word(uint8_t *buffer, size_t *used, const char *word)
{
	size_t size = strlen(word) + 1;

	if (size > GUEST_REQUEST_MAX - *used)
		return false;
	memcpy(buffer + *used, word, size);
	*used += size;
	return true;
}

void guest_add(struct guest_request *request, enum guest_list list, const char *word)
{
	size_t at = guest_first(request, list) + request->counts[list];

	if (at < GUEST_WORDS_MAX)
		request->words[at] = word;
	if (request->counts[list] < UINT16_MAX)
		request->counts[list]++;
}

size_t guest_pack(const struct guest_request *request, uint8_t buffer[static GUEST_REQUEST_MAX], struct error *error)
{
	size_t used = SIZE_BYTES + FIXED_BYTES, count = guest_first(request, GUEST_LISTS);
	uint8_t *fixed = buffer + SIZE_BYTES;
	bool fits = count <= GUEST_WORDS_MAX;

	fits = fits && add_word(buffer, &used, request->engine) && add_word(buffer, &used, request->folder) &&
	       add_word(buffer, &used, request->image_folder);
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
	fixed[6] = request->slow;
	fixed[7] = request->paths;
	bytes_store16(fixed + 8, request->worker);
	for (size_t i = 0; i < GUEST_LISTS; i++)
		bytes_store16(fixed + COUNTS_AT + 2 * i, request->counts[i]);
	return used;
}

/* The next word; NULL: there is none. */
static const char *take_word(char **at, const char *end)
{
	char *word = *at, *nul = word ? memchr(word, '\0', (size_t)(end - word)) : NULL;

	*at = nul ? nul + 1 : NULL;
	return nul ? word : NULL;
}

int guest_unpack(char *bytes, size_t size, struct guest_request *request)
{
	const uint8_t *fixed = (const uint8_t *)bytes;
	const char *end = bytes + size;
	char *at = bytes + FIXED_BYTES;
	size_t count;

	if (size < FIXED_BYTES)
		return -1;
	*request = (struct guest_request){
		.rows = bytes_load16(fixed),
		.columns = bytes_load16(fixed + 2),
		.output_terminal = fixed[4],
		.error_terminal = fixed[5],
		.slow = fixed[6],
		.paths = fixed[7],
		.worker = bytes_load16(fixed + 8),
	};
	for (size_t i = 0; i < GUEST_LISTS; i++)
		request->counts[i] = bytes_load16(fixed + COUNTS_AT + 2 * i);
	request->engine = take_word(&at, end);
	request->folder = take_word(&at, end);
	request->image_folder = take_word(&at, end);
	count = guest_first(request, GUEST_LISTS);
	if (count > GUEST_WORDS_MAX)
		return -1;
	for (size_t i = 0; i < count; i++)
		request->words[i] = take_word(&at, end);
	return at == end ? 0 : -1;
}
