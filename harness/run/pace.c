/* pace.c - the pace of a run. */
#include "harness/run/pace.h"

#include <math.h>
#include <string.h>

#include "crafter/units.h"

/* A round is so many connections and what begins in ROUND_NS: enough to tell 2 % of loss from 15 %. At low rates it is
 * shorter. */
enum { ROUND_LEAST = 40 };
#define ROUND_NS (100 * NSEC_PER_MSEC)
#define ROUND_MOST_NS (2 * NSEC_PER_SEC)
/* Until the first answer, how long it may take; and what schedulers and clocks add to any. */
#define ANSWER_NS NSEC_PER_SEC
#define ANSWER_SLACK_NS (20 * NSEC_PER_MSEC)
/* Answers wait for each other where half of them take half as long again as usual, and this. */
#define QUEUE_SLACK_NS (10 * NSEC_PER_MSEC)
#define BURST_NS (20 * NSEC_PER_MSEC)
/* What is taken for a network's own loss before anything is known of it, and a round is too short to tell less from none. */
#define LOSS_LEAST 0.02
/* Half the rate that loses more than this share of what it lost before loses no less. */
#define SAME_LOSS 0.6
enum { DOUBT_LOST = 8 }; /* in such a round, which is three times as long: no chance */

static double least(double a, double b)
{
	return a < b ? a : b;
}

static void begin_round(struct pace *pace, uint64_t now_ns)
{
	double wanted = least(pace->rate * (double)ROUND_NS / 1e9 + ROUND_LEAST, pace->rate * (double)ROUND_MOST_NS / 1e9);

	pace->round++;
	pace->since_ns = now_ns;
	pace->judge_ns = 0;
	pace->wanted = (unsigned)(pace->doubted ? 3 * wanted : wanted);
	pace->begun = pace->answered = pace->slow = pace->late = 0;
	pace->took_ns = 0;
	pace->limited = pace->held_back = false;
	pace->eased = pace->at_ease > 0;
}

void pace_open(struct pace *pace, double rate, bool adapts, uint64_t now_ns)
{
	memset(pace, 0, sizeof(*pace));
	pace->rate = adapts && rate <= 0 ? PACE_FIRST : rate;
	pace->adapts = adapts;
	pace->next_ns = now_ns;
	pace->usual_loss = -1;
	begin_round(pace, now_ns);
}

double pace_rate(const struct pace *pace)
{
	return pace->at_ease > 0 && (pace->rate <= 0 || pace->rate > pace->at_ease) ? pace->at_ease : pace->rate;
}

/* Until then everything that was not lost is answered. */
static uint64_t patience(const struct pace *pace)
{
	return pace->usual_ns ? pace->usual_ns + 4 * pace->spread_ns + ANSWER_SLACK_NS : ANSWER_NS;
}

/* More of them than what is usual explains: two and a half standard deviations above half as many again. */
static bool loses_more(unsigned lost, unsigned all, double usual)
{
	double share = usual < LOSS_LEAST ? LOSS_LEAST : usual;

	return lost > 1.5 * all * share + 2.5 * sqrt(all * share) + 1;
}

/* What the round before has caused may still be felt: then it was the rate of that. */
static void back_off(struct pace *pace, double factor)
{
	if (!pace->backed_off)
		pace->too_high = pace->rate;
	pace->backed_off = true;
	pace->rate *= factor;
	if (pace->rate < PACE_LEAST)
		pace->rate = PACE_LEAST;
}

/* What is lost near a limit is not usual. And up it goes slowly, lest what each step adds becomes usual. */
static void learn_usual(struct pace *pace, double share)
{
	if (pace->usual_loss < 0)
		pace->usual_loss = least(share, 2 * LOSS_LEAST);
	else if (share < pace->usual_loss)
		pace->usual_loss += 0.3 * (share - pace->usual_loss);
	else if (pace->too_high <= 0 || pace->rate < 0.7 * pace->too_high)
		pace->usual_loss += 0.1 * (share - pace->usual_loss);
}

/* Doubled, but not past what was too high. There it goes in small steps; and once it is well above, that is forgotten. */
static void grow(struct pace *pace)
{
	double high = pace->too_high;

	if (high <= 0 || 2 * pace->rate <= 0.8 * high)
		pace->rate *= 2;
	else if (pace->rate < 0.8 * high)
		pace->rate = 0.8 * high;
	else
		pace->rate *= 1.1;
	if (pace->rate > 1.3 * high)
		pace->too_high = 0;
}

enum shows {
	SHOWS_NOTHING,
	SHOWS_ROOM,
	SHOWS_LIMIT, /* told by the subject */
	SHOWS_QUEUE,
	SHOWS_LOSS,
	SHOWS_NETWORK, /* it loses as much at half the rate */
};

static enum shows shown_by(const struct pace *pace, unsigned lost, double share)
{
	if (pace->limited)
		return SHOWS_LIMIT;
	if (pace->rate > PACE_FIRST && pace->answered + pace->late >= 4 &&
	    2 * (pace->slow + pace->late) > pace->answered + pace->late)
		return SHOWS_QUEUE;
	if (pace->doubted && pace->held_back && lost >= DOUBT_LOST && share > SAME_LOSS * pace->too_high_loss)
		return SHOWS_NETWORK;
	if (loses_more(lost, pace->begun, pace->usual_loss))
		return SHOWS_LOSS;
	return pace->held_back ? SHOWS_ROOM : SHOWS_NOTHING;
}

/* The queue of the round before may be on its way to be empty: it has a round for that. */
static void shorten_queue(struct pace *pace)
{
	bool waits = pace->backed_off && !pace->waited;

	if (!waits)
		back_off(pace, 0.7);
	pace->waited = waits;
}

static void judge(struct pace *pace)
{
	unsigned lost = pace->begun - pace->answered;
	double share = pace->begun ? (double)lost / pace->begun : 0;
	enum shows shows = shown_by(pace, lost, share);

	pace->doubted = false;
	switch (shows) {
	case SHOWS_LIMIT:
		back_off(pace, 0.5);
		return;
	case SHOWS_QUEUE:
		shorten_queue(pace);
		return;
	case SHOWS_LOSS:
		pace->too_high_loss = share;
		pace->doubted = true;
		back_off(pace, 0.5);
		return;
	case SHOWS_NETWORK:
		pace->usual_loss = (share + pace->too_high_loss) / 2;
		pace->rate = pace->too_high;
		pace->too_high = 0;
		break;
	case SHOWS_ROOM:
		learn_usual(pace, share);
		grow(pace);
		break;
	case SHOWS_NOTHING:
		break;
	}
	pace->backed_off = pace->waited = false;
}

/* How long answers take where they do not wait for each other: up it goes only at a pace at which nothing queues. */
static void learn_base(struct pace *pace)
{
	double mean_ns = pace->answered ? (double)pace->took_ns / pace->answered : 0;

	if (pace->answered && !pace->base_ns)
		pace->base_ns = (uint64_t)mean_ns;
	else if (pace->answered && (pace->rate <= PACE_FIRST || mean_ns < (double)pace->base_ns))
		pace->base_ns = (uint64_t)(((double)pace->base_ns + mean_ns) / 2);
}

/* All of the round has begun, or too few begin for it ever to. */
static void end_sending(struct pace *pace, uint64_t now_ns)
{
	double took_ns = (double)(now_ns - pace->since_ns);

	pace->judge_ns = now_ns + patience(pace);
	pace->held_back = !pace->eased && pace->begun == pace->wanted &&
			  took_ns <= 1.3e9 * pace->wanted / pace->rate + (double)BURST_NS;
}

static void turn(struct pace *pace, uint64_t now_ns)
{
	if (!pace->judge_ns && (pace->begun == pace->wanted || now_ns - pace->since_ns > 4 * ROUND_MOST_NS))
		end_sending(pace, now_ns);
	if (!pace->limited && (!pace->judge_ns || (now_ns < pace->judge_ns && pace->answered < pace->begun)))
		return;
	learn_base(pace);
	judge(pace);
	begin_round(pace, now_ns);
}

bool pace_due(struct pace *pace, uint64_t now_ns)
{
	if (pace->adapts)
		turn(pace, now_ns);
	if (pace_rate(pace) <= 0)
		return true;
	if (pace->next_ns + BURST_NS < now_ns)
		pace->next_ns = now_ns - BURST_NS;
	return pace->next_ns <= now_ns;
}

uint32_t pace_begun(struct pace *pace, bool asks)
{
	if (pace_rate(pace) > 0)
		pace->next_ns += (uint64_t)(1e9 / pace_rate(pace));
	if (!asks || !pace->adapts || pace->judge_ns || pace->begun == pace->wanted)
		return 0;
	pace->begun++;
	return pace->round;
}

/* RFC 6298's estimates (2.2, 2.3). */
static void learn_time(struct pace *pace, uint64_t took_ns)
{
	uint64_t off_ns = took_ns > pace->usual_ns ? took_ns - pace->usual_ns : pace->usual_ns - took_ns;

	if (!pace->usual_ns) {
		pace->usual_ns = took_ns;
		pace->spread_ns = took_ns / 2;
		return;
	}
	pace->spread_ns = (3 * pace->spread_ns + off_ns) / 4;
	pace->usual_ns = (7 * pace->usual_ns + took_ns) / 8;
}

void pace_answered(struct pace *pace, uint32_t round, uint64_t took_ns)
{
	learn_time(pace, took_ns);
	if (!round || !pace->adapts)
		return;
	pace->late += round != pace->round;
	if (round != pace->round)
		return;
	pace->answered++;
	pace->took_ns += took_ns;
	pace->slow += pace->base_ns && took_ns > pace->base_ns + pace->base_ns / 2 + QUEUE_SLACK_NS;
}

void pace_limited(struct pace *pace)
{
	pace->limited = pace->adapts;
}

void pace_ease(struct pace *pace, double most)
{
	pace->at_ease = most;
	pace->eased |= most > 0;
}

uint64_t pace_predict(double rate, bool adapts, uint64_t connections, uint64_t round_trip_ns)
{
	double left = (double)connections, seconds = 0;

	if (!adapts)
		return rate > 0 ? (uint64_t)(left / rate * 1e9) : 0;
	for (rate = rate > 0 ? rate : PACE_FIRST; left > 0; rate *= 2) {
		double sends = (double)ROUND_NS / 1e9 + ROUND_LEAST / rate;
		double round = sends + (double)(round_trip_ns + ANSWER_SLACK_NS) / 1e9;

		seconds += rate * round < left ? round : left / rate;
		left -= rate * round;
	}
	return (uint64_t)(seconds * 1e9);
}
