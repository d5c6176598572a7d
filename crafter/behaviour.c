/* behaviour.c - the names of behaviours. */
#include "crafter/behaviour.h"

#include "crafter/words.h"

static const char *const behaviours[BEHAVIOUR_COUNT] = {
	[BEHAVIOUR_CLOSE] = "close",
	[BEHAVIOUR_HOLD] = "hold",
	[BEHAVIOUR_HALF] = "half",
	[BEHAVIOUR_EOF] = "eof",
	[BEHAVIOUR_EOF_HALF] = "eof-half",
};

const char *behaviour_name(enum behaviour behaviour)
{
	return words_at(WORDS(behaviours), behaviour);
}

enum behaviour behaviour_parse(const char *name)
{
	return (enum behaviour)words_find(WORDS(behaviours), name);
}
