/* deed.c - the names of deeds. */
#include "crafter/deed.h"

#include "crafter/words.h"

static const char *const deeds[DEED_COUNT] = {
	[DEED_CLOSE] = "close",
	[DEED_ABORT] = "abort",
	[DEED_SHUTDOWN] = "shutdown",
	[DEED_READ] = "read",
	[DEED_WRITE] = "write",
	[DEED_KEEPALIVE] = "keepalive",
	[DEED_USER_TIMEOUT] = "user-timeout",
};

const char *deed_name(enum deed_kind kind)
{
	return words_at(WORDS(deeds), kind);
}

enum deed_kind deed_parse(const char *name)
{
	return (enum deed_kind)words_find(WORDS(deeds), name);
}

const char *deed_list(char *buffer, size_t size)
{
	return words_list(WORDS(deeds), buffer, size);
}
