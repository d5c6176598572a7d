/* oracle_unseen.c - what can be predicted for an end that was not fully seen: only what holds in any case.
 *
 * Rules compare a window with a few numbers of the segment, and ts_recent with its TSval. So it is enough to try the values at
 * these numbers, one below and one above each, and one far away. */
#include "cases/books/oracle_internal.h"

#include <stddef.h>

/* The largest window that there is: 65535 << 14. Nothing is further away. */
#define FAR (1u << 30)

enum { RCV_WINDOWS = 8, SND_WINDOWS = 3, TIMES = 4 };

/* The first of each is the usual case: its rule is the one that is cited. */
static bool assume_rcv_wnd(unsigned which, const struct arrival *arrival, struct arrival *assumed)
{
	const uint32_t windows[RCV_WINDOWS] = {
		FAR, 0, arrival->seq - 1, arrival->seq, arrival->seq + 1,
		arrival->end_seq - 1, arrival->end_seq, arrival->end_seq + 1,
	};

	assumed->rcv_wnd = windows[which];
	assumed->unread = arrival->facts & FACT_UNREAD || windows[which] == 0;
	return windows[which] <= FAR;
}

/* How far back an acknowledgment may reach, and whether it may update the window. */
static void assume_snd_wnd(unsigned which, struct arrival *assumed)
{
	assumed->max_window = which == 1 ? 0 : FAR;
	assumed->snd_wnd = FAR;
	assumed->snd_wl1 = which == 2 ? (uint32_t)-1 : 0;
}

/* Newer, the same, far older, none. */
static void assume_ts_recent(unsigned which, const struct arrival *arrival, struct arrival *assumed)
{
	static const uint32_t ahead[TIMES] = { (uint32_t)-1, 0, FAR, 0 };

	assumed->ts_recent = arrival->tsval + ahead[which];
	assumed->ts_age_s = 0;
	if (arrival->unseen & END_TIMESTAMPS)
		assumed->connection_timestamps = which < TIMES - 1;
}

static bool same(const struct rule *a, const struct rule *b)
{
	return a->answer == b->answer && a->isn == b->isn && a->after == b->after;
}

const struct rule *oracle_unseen(enum book book, const struct arrival *arrival, const struct kernel *kernel)
{
	unsigned rcv = (arrival->unseen & END_RCV_WND) ? RCV_WINDOWS : 1;
	unsigned snd = (arrival->unseen & END_SND_WND) ? SND_WINDOWS : 1;
	unsigned times = (arrival->unseen & (END_TIMESTAMPS | END_TS_RECENT)) ? TIMES : 1;
	const struct rule *first = NULL, *rule;

	for (unsigned i = 0; i < rcv * snd * times; i++) {
		struct arrival assumed = *arrival;

		if (rcv > 1 && !assume_rcv_wnd(i % rcv, arrival, &assumed))
			continue;
		if (snd > 1)
			assume_snd_wnd(i / rcv % snd, &assumed);
		if (times > 1)
			assume_ts_recent(i / rcv / snd, arrival, &assumed);
		rule = oracle_rule(book, &assumed, kernel);
		if (first && !same(first, rule))
			return NULL;
		first = first ? first : rule;
	}
	return first;
}

static const struct rule *predict(enum book book, const struct arrival *arrival, const struct kernel *kernel)
{
	return arrival->unseen ? oracle_unseen(book, arrival, kernel) : oracle_rule(book, arrival, kernel);
}

/* An offer should not be taken back (RFC 9293 3.8.6, SHLD-14). Linux, where tcp_shrink_window lets it do so or memory is short,
 * goes by the last one (tcp_receive_window()), and since 7.1 in part by the largest (tcp_max_receive_window()). */
const struct rule *oracle_taken_back(enum book book, const struct arrival *arrival, const struct kernel *kernel)
{
	const struct rule *before = predict(book, arrival, kernel), *now;
	struct arrival shrunk = *arrival;

	if (!arrival->rcv_taken_back || !before)
		return before;
	shrunk.rcv_wnd -= arrival->rcv_taken_back;
	shrunk.unread |= shrunk.rcv_wnd == 0;
	now = predict(book, &shrunk, kernel);
	return now && same(before, now) ? before : NULL;
}
