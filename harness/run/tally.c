/* tally.c - the counts of a run. */
#include "harness/run/tally.h"

#include "cases/books/requirements.h"
#include "harness/run/exit_code.h"

/* By the linux book: no other depends on a version. */
static void add_doubts(struct tally *tally, const struct record *record)
{
	const struct alternatives *alternatives = &record->alternatives[BOOK_LINUX];
	const struct observation seen = record_observation(record);
	uint64_t all = 0, fit;
	unsigned doubts = 0;

	if (alternatives->count < 2 || !record_is_conclusive(record))
		return;
	for (size_t i = 0; i < alternatives->count; i++) {
		all |= alternatives->list[i].kernels;
		doubts |= alternatives->list[i].doubts;
	}
	fit = verdict_kernels(alternatives, &seen);
	tally->by_process += (doubts & (FACT_HELD | FACT_READ)) != 0;
	for (size_t i = 0; i < alternatives->count; i++) {
		if (alternatives->list[i].kernels == all)
			continue;
		tally->by_version++;
		tally->kernels |= all;
		tally->ruled_out |= fit ? all & ~fit : 0;
		return;
	}
}

void tally_add(struct tally *tally, const struct record *record)
{
	size_t book;

	add_doubts(tally, record);

	tally->cells++;
	tally->verdicts[record->verdict]++;
	for (book = 0; book < BOOK_COUNT; book++) {
		switch (record_opinion(record, (enum book)book)) {
		case OPINION_OTHERWISE:
			tally->otherwise[book]++;
			tally->musts += book == BOOK_RFC &&
					requirements_obligation(record->expected[book].citation) == OBLIGATION_MUST;
			break;
		case OPINION_OPEN:
			tally->open[book]++;
			break;
		case OPINION_SAME:
		case OPINION_UNTESTED:
			break;
		}
	}
}

void tally_join(struct tally *all, const struct tally *run)
{
	struct tally sum = *run;

	if (all->begun_ns)
		sum.begun_ns = all->begun_ns;
	sum.cells += all->cells;
	sum.decided += all->decided;
	sum.segments_heard += all->segments_heard;
	sum.set_up_segments += all->set_up_segments;
	sum.resent += all->resent;
	sum.without_timestamps += all->without_timestamps;
	sum.same += all->same;
	sum.musts += all->musts;
	sum.by_version += all->by_version;
	sum.by_process += all->by_process;
	sum.kernels |= all->kernels;
	sum.ruled_out |= all->ruled_out;
	for (size_t i = 0; i < VERDICT_COUNT; i++)
		sum.verdicts[i] += all->verdicts[i];
	for (size_t i = 0; i < BOOK_COUNT; i++) {
		sum.otherwise[i] += all->otherwise[i];
		sum.open[i] += all->open[i];
	}
	*all = sum;
}

void tally_join_wire(struct tally *all, const struct tally *run)
{
	all->capture_dropped += run->capture_dropped;
	all->segments_sent += run->segments_sent;
	all->segments_heard += run->segments_heard;
	all->set_up_segments += run->set_up_segments;
	all->resent += run->resent;
	all->left |= run->left;
	all->interrupted |= run->interrupted;
}

uint64_t tally_kernels(const struct tally *tally)
{
	return tally->kernels & ~tally->ruled_out;
}

int tally_exit(const struct tally *tally)
{
	if (tally->interrupted)
		return EXIT_INTERRUPTED;
	if ((tally->musts_only ? tally->musts : tally->verdicts[VERDICT_DIFFERS] - tally->expected[VERDICT_DIFFERS]) ||
	    tally->unexpected || tally->left)
		return EXIT_DIFFERS;
	/* Each cell is as some kernel answers, but no kernel answers all of them so? */
	if (tally->by_version && !tally_kernels(tally))
		return EXIT_INCONCLUSIVE;
	if (tally->verdicts[VERDICT_INCONCLUSIVE] + tally->verdicts[VERDICT_MIXED] >
	    tally->expected[VERDICT_INCONCLUSIVE] + tally->expected[VERDICT_MIXED])
		return EXIT_INCONCLUSIVE;
	return EXIT_AGREES;
}
