/* run_traits.c - where a run learns of a stranger (traits.h), and what that makes of a cell. */
#include "harness/run/run_internal.h"

/* A try that never came to the state's way says nothing about it. */
static bool is_of_the_way(enum peer_trouble trouble)
{
	return trouble == TROUBLE_RESET || trouble == TROUBLE_NEVER_CLOSES || trouble == TROUBLE_CLOSED_EARLY ||
	       trouble == TROUBLE_SETUP_LOST || trouble == TROUBLE_RESTLESS;
}

void run_learn_way(struct run *run, const struct entry *entry, const struct peer *peer)
{
	if (peer->reached_ns != 0 || is_of_the_way(peer->trouble))
		traits_tried(&run->traits, &entry->record.cell, peer->trouble == TROUBLE_NONE, entry->record.reason);
}

bool run_may_be_the_state(const struct run *run, const struct entry *entry, enum peer_trouble trouble)
{
	return is_of_the_way(trouble) && traits_may_reach(&run->traits, &entry->record.cell);
}

const char *run_entry_adapt(struct run *run, size_t number, bool first)
{
	struct entry *entry = run_entry(run, number);
	struct record *record = &entry->record;

	if (!first && !record->cell.connection_timestamps)
		return traits_bar(&run->traits, &record->cell);
	switch (traits_adapt(&run->traits, &record->cell, record->number / matrix_count(run->matrix))) {
	case TRAITS_SAME:
		return "the subject has no timestamps, and without them another cell asks the same";
	case TRAITS_ADAPTED:
		run_expect(run, record);
		record->tries = entry->troubles = 0;
		break;
	case TRAITS_AS_IT_IS:
		break;
	}
	return traits_bar(&run->traits, &record->cell);
}
