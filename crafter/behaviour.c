/* behaviour.c - the names of behaviours. */
#include "crafter/behaviour.h"

#include <stddef.h>
#include <string.h>

static const char *const behaviours[BEHAVIOUR_COUNT] = {
	[BEHAVIOUR_CLOSE] = "close",
	[BEHAVIOUR_HOLD] = "hold",
	[BEHAVIOUR_HALF] = "half",
	[BEHAVIOUR_EOF] = "eof",
};

const char *behaviour_name(enum behaviour behaviour)
{
	return (unsigned)behaviour < BEHAVIOUR_COUNT ? behaviours[behaviour] : NULL;
}

enum behaviour behaviour_parse(const char *name)
{
	for (int i = 0; i < BEHAVIOUR_COUNT; i++)
		if (strcmp(name, behaviours[i]) == 0)
			return (enum behaviour)i;
	return BEHAVIOUR_COUNT;
}
