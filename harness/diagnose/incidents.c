/* incidents.c - the last encounters, and which of them the next one follows. */
#include "harness/diagnose/incidents.h"

/* Who gives up sends a reset after the last keepalive that nobody answered (tcp_keepalive_timer()). */
static bool follows(const struct incident *before, const struct encounter *encounter)
{
	if (before->connection != encounter->connection)
		return false;
	return before->answer_frame == encounter->frame ||
	       (before->kind == ENCOUNTER_KEEPALIVE_SILENT && encounter->kind == ENCOUNTER_RESET_GIVEN_UP);
}

uint64_t incidents_take(struct incidents *incidents, const struct encounter *encounter)
{
	uint64_t first = encounter->frame;

	/* The newest first. */
	for (uint32_t i = 1; i <= INCIDENTS_KEPT; i++) {
		const struct incident *before = &incidents->kept[(incidents->next - i) % INCIDENTS_KEPT];

		if (!follows(before, encounter))
			continue;
		first = before->first;
		break;
	}
	incidents->kept[incidents->next++ % INCIDENTS_KEPT] = (struct incident){
		encounter->connection, first, encounter->answer_frame, encounter->kind };
	return first;
}
