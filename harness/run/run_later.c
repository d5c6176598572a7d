/* run_later.c - what a capture of the far side shows that is finished after the last cell was asked. */
#include "harness/run/run_internal.h"

bool run_awaits_far(const struct run *run)
{
	return run->wire->grows && !run->far_settled && run_is_over(run);
}

/* What was not known when its verdict was found is known now. */
static void tell_again(const struct run *run, struct entry *entry)
{
	struct record *record = &entry->record;

	run_look_behind(run, record, entry);
	if (!record->side.early && record->verdict != VERDICT_AGREES)
		run_add_cause(record);
}

void run_settle_far(struct run *run)
{
	bool grows = run->wire->grows(run->wire->self);
	size_t waiting = 0;

	if (run->wire->health(run->wire->self, &run->health, run->error) < 0) {
		run->failed = true;
		return;
	}
	for (size_t number = run->delivered; number < run->next; number++) {
		struct entry *entry = run_entry(run, number);

		if (entry->status != ENTRY_PROVEN || !entry->record.side.early)
			continue;
		tell_again(run, entry);
		waiting += entry->record.side.early;
	}
	run->far_settled = waiting == 0 || !grows;
	if (!run->far_settled && !run->far_told && run->listener->waits)
		run->listener->waits(run->listener->context);
	run->far_told = true;
}
