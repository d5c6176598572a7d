/* why.c - what of the evidence is about the cell. */
#include "harness/commands/why.h"

#include <string.h>

/* The tracepoint shows the whole machine, and a socket that is just made does not know its peer yet: ours is the one
 * that had our port last, from when it left LISTEN. */
static size_t own_transitions(const struct why *why, const struct testimony *list[])
{
	uint64_t socket = 0;
	size_t first = 0, count = 0;

	for (size_t i = 0; i < why->told_count; i++)
		if (why->told[i].kind == EVIDENCE_STATE && why->told[i].peer_port == why->peer_port)
			socket = why->told[i].socket;
	for (size_t i = 0; i < why->told_count; i++)
		if (why->told[i].socket == socket && strncmp(why->told[i].text, "LISTEN", 6) == 0)
			first = i;
	for (size_t i = first; i < why->told_count && socket; i++)
		if (why->told[i].kind == EVIDENCE_STATE && why->told[i].socket == socket)
			list[count++] = &why->told[i];
	return count;
}

/* What was told before the stimulus was sent, and came later than that. */
#define STALE_NS UINT64_C(10000000)

/* Resets and drops from the stimulus on. */
size_t why_testimonies(const struct why *why, enum evidence_kind kind, const struct testimony *list[WHY_TESTIMONY_MAX])
{
	size_t count = 0;

	if (kind == EVIDENCE_STATE)
		return own_transitions(why, list);
	for (size_t i = why->way_count; i < why->told_count; i++)
		if (why->told[i].kind == kind && why->told[i].time_ns + STALE_NS > why->stimulus_ns)
			list[count++] = &why->told[i];
	return count;
}

const char *why_no_passage(const struct why *why)
{
	if (why->no_trace)
		return why->no_trace;
	if (!why->passed)
		return "no probe of the kernel saw the stimulus";
	if (!why->passage.ended)
		return "the end of its way was missed, so others may have been taken for it";
	return NULL;
}
