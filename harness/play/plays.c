/* plays.c - how many plays are enough, and what is reported of plays that end differently. */
#include "harness/play/plays.h"

#include <stdio.h>
#include <string.h>

enum { PLAYS_MAX = 9 };

struct plays {
	unsigned counts[VERDICT_COUNT];
	unsigned alike;      /* so many of the last ones ended alike */
	unsigned resent;     /* set-up segments of all of them that had to be sent again: a sign of loss */
	bool late;           /* in one of them this process stood still, which is a reason to differ */
	bool conclusive;     /* `kept` has a play that agrees or differs, the last such */
	bool mixed;          /* two conclusive ones ended differently */
	struct play kept;
	char other[RECORD_REASON_SIZE]; /* why one of the plays differs */
};

static bool is_conclusive(const struct play *play)
{
	return play->verdict == VERDICT_AGREES || play->verdict == VERDICT_DIFFERS;
}

static bool end_alike(const struct play *a, const struct play *b)
{
	return a->verdict == b->verdict && a->differing == b->differing;
}

/* How many plays in a row must end in the same way to be believed: a silence as expected must be seen twice, a difference
 * three times, or seven if set-up segments were lost or it had a silence in it that nothing proves, because anything that is
 * lost looks like that. What could not be played gets a second chance. */
static unsigned plays_needed(const struct play_setup *setup, const struct play *play, unsigned resent)
{
	if (setup->lab)
		return play->verdict == VERDICT_DIFFERS && play->late_ns ? 3 : 1;
	if (play->verdict == VERDICT_DIFFERS)
		return resent || play->weak ? 7 : 3;
	return play->verdict == VERDICT_INCONCLUSIVE || play->weak ? 2 : 1;
}

static void say_mixed(const struct plays *plays, struct play *play, const char *why)
{
	play->verdict = VERDICT_INCONCLUSIVE;
	snprintf(play->reason, sizeof(play->reason), "the plays differ: %u agreed, %u differed%s: %.160s",
		 plays->counts[VERDICT_AGREES], plays->counts[VERDICT_DIFFERS], why, plays->other);
}

/* The play that was as it was, and could not be confirmed: it is shown, and not believed. */
static void say_alone(struct plays *plays, struct play *play)
{
	char why[160];

	snprintf(why, sizeof(why), "%.150s", play->reason);
	play_free(play);
	*play = plays->kept;
	memset(&plays->kept, 0, sizeof(plays->kept));
	snprintf(play->reason, sizeof(play->reason), "%s in one play, and one is not enough here; it could not be "
		 "played again: %.150s", play->verdict == VERDICT_DIFFERS ? "it differs" : "it agrees", why);
	play->verdict = VERDICT_INCONCLUSIVE;
}

static void count(struct plays *plays, const struct play *play, const struct play *last)
{
	plays->counts[play->verdict]++;
	plays->resent += play->resent;
	plays->late |= play->late_ns > 0;
	plays->alike = last && end_alike(play, last) ? plays->alike + 1 : 1;
	if (play->verdict == VERDICT_DIFFERS)
		snprintf(plays->other, sizeof(plays->other), "%s", play->reason);
	if (is_conclusive(play) && plays->conclusive && !end_alike(play, &plays->kept))
		plays->mixed = true;
}

/* Is the result of the scenario known? Then it is in `play`. */
static bool is_settled(const struct play_setup *setup, struct plays *plays, struct play *play, unsigned number)
{
	bool enough = plays->alike >= plays_needed(setup, play, plays->resent);

	/* Loss is a reason to differ. Where no segment is known to be lost, two kernels or a die may answer. */
	if (plays->mixed && !plays->resent && !plays->late)
		say_mixed(plays, play, ", and nothing else was lost");
	else if (enough && play->verdict == VERDICT_INCONCLUSIVE && plays->conclusive)
		say_alone(plays, play);
	else if (!enough && number == PLAYS_MAX)
		say_mixed(plays, play, plays->late ? ", and this machine was stalled now and then" :
			  ", as when segments are lost");
	else
		return enough;
	return true;
}

/* Keeps the last conclusive play; what is not kept is freed. */
static void put_away(struct plays *plays, struct play *play)
{
	if (!is_conclusive(play)) {
		play_free(play);
		return;
	}
	play_free(&plays->kept);
	plays->kept = *play;
	plays->conclusive = true;
}

int plays_scenario(const struct scenario *scenario, struct play_setup *setup, struct play *play, struct error *error)
{
	struct plays plays = { .conclusive = false };
	struct play last = { .verdict = VERDICT_COUNT };
	int result;

	for (unsigned number = 1; ; number++) {
		result = play_scenario(scenario, setup, play, error);
		if (result < 0 || play->interrupted)
			break;
		count(&plays, play, number > 1 ? &last : NULL);
		if (is_settled(setup, &plays, play, number))
			break;
		last.verdict = play->verdict;
		last.differing = play->differing;
		put_away(&plays, play);
		setup->seed++;
	}
	memcpy(play->plays, plays.counts, sizeof(play->plays));
	play_free(&plays.kept);
	return result;
}
