/* test_routine.c - random captures, given to two trackers: one asks each segment all questions, the other those of which the
 * answer is not known. Both tell the same. ROUTINE_SEEDS=N plays so many. */
#include "harness/diagnose/tracker.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/random.h"
#include "crafter/units.h"

#include "tests/unit/same_end.h"
#include "tests/unit/suite.h"

enum { SEEDS = 200, CONNECTIONS = 3, SEGMENTS = 240, FOUND_MAX = 512, MSS = 1460 };

static uint64_t seed, state;

static uint32_t draw(uint32_t count)
{
	state = random_mix(state);
	return (uint32_t)(state >> 32) % count;
}

/* What one tracker told. */
struct told {
	size_t encounters, connections;
	struct encounter list[FOUND_MAX];
	struct tracked ends[CONNECTIONS];
	size_t rungs[FOUND_MAX];
	struct tracker *tracker;
};

static struct told told[2];

#define HOLDS(condition) holds_msg(condition, "seed %" PRIu64 ": " #condition, seed)

static void take_encounter(void *context, const struct encounter *encounter, const struct tuple *tuple)
{
	struct told *mine = context;
	struct ladder_rung rungs[LADDER_MOST];

	(void)tuple;
	HOLDS(mine->encounters < FOUND_MAX);
	mine->rungs[mine->encounters] = tracker_ladder(mine->tracker, rungs);
	mine->list[mine->encounters++] = *encounter;
}

static void take_connection(void *context, const struct tracked *connection)
{
	struct told *mine = context;

	HOLDS(mine->connections < CONNECTIONS);
	mine->ends[mine->connections++] = *connection;
}

/* The two hosts of a connection, who mostly behave. */
struct host {
	uint32_t nxt, got, said, tsval; /* said: acknowledged */
	uint16_t window;
	uint8_t ttl;
	bool closed;
};

static struct host hosts[CONNECTIONS][2];
static bool stamped[CONNECTIONS];

static void begin(int connection)
{
	stamped[connection] = draw(2);
	for (int i = 0; i < 2; i++)
		hosts[connection][i] = (struct host){
			.nxt = draw(2) ? UINT32_MAX - draw(5000) : draw(UINT32_MAX),
			.tsval = draw(UINT32_MAX),
			.window = draw(2) ? 64240 : 2000,
			.ttl = (uint8_t)(64 - draw(9)),
		};
}

static void address(struct segment *segment, int connection, int from)
{
	struct endpoint client = { { .family = 4, .bytes = { 192, 0, 2, 1 } }, (uint16_t)(40000 + connection) };
	struct endpoint server = { { .family = 4, .bytes = { 192, 0, 2, 2 } }, 80 };

	segment->tuple.source = from ? server : client;
	segment->tuple.target = from ? client : server;
}

/* The next segment of a host: a piece of text or none, seldom a FIN. */
static void speak(struct segment *segment, int connection, int from)
{
	struct host *host = &hosts[connection][from];
	bool fin = !host->closed && draw(40) == 0;
	uint32_t size = host->closed || draw(2) ? 0 : 1 + draw(MSS);

	if (draw(4))
		host->said = host->got;
	*segment = (struct segment){ .ttl = host->ttl, .flags = FLAG_ACK, .window = host->window, .seq = host->nxt,
				     .ack = host->said };
	address(segment, connection, from);
	segment->payload_size = size;
	segment->flags |= (uint8_t)((size ? FLAG_PSH : 0) | (fin ? FLAG_FIN : 0));
	host->closed |= fin;
	host->nxt += segment_length(segment);
}

static void open(struct segment *segment, int connection, int from)
{
	struct host *host = &hosts[connection][from];

	host->said = host->got;
	*segment = (struct segment){ .ttl = host->ttl, .flags = from ? FLAG_SYN | FLAG_ACK : FLAG_SYN,
				     .window = host->window, .seq = host->nxt, .ack = from ? host->got : 0 };
	address(segment, connection, from);
	segment_add_option(segment, OPTION_MSS);
	segment->mss = MSS;
	if (host->window > 2000) {
		segment_add_option(segment, OPTION_WSCALE);
		segment->wscale = 7;
	}
	host->nxt++;
}

static void stamp(struct segment *segment, int connection, int from)
{
	struct host *host = &hosts[connection][from];

	if (!stamped[connection])
		return;
	host->tsval += draw(20);
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_NOP);
	segment_add_option(segment, OPTION_TIMESTAMPS);
	segment->tsval = host->tsval;
}

/* What nobody expects of a host, in one place. */
static void spoil(struct segment *segment)
{
	static const uint8_t flags[] = { FLAG_RST, FLAG_SYN, FLAG_FIN, FLAG_ACK, FLAG_ECE };

	switch (draw(8)) {
	case 0:
		segment->flags ^= flags[draw(sizeof(flags))];
		break;
	case 1:
		segment->seq += draw(2) ? draw(100) : 0u - draw(3000);
		break;
	case 2:
		segment->ack += draw(3) ? draw(100) : draw(2) ? 0u - draw(3000) : UINT32_MAX;
		break;
	case 3:
		segment->tsval -= draw(5000);
		break;
	case 4:
		segment->option_count = 0;
		break;
	case 5:
		segment->ttl -= (uint8_t)draw(3);
		break;
	case 6:
		segment->window = (uint16_t)draw(3);
		break;
	default:
		segment->payload_size += draw(3);
		break;
	}
}

static void give(const struct segment *segment, uint64_t frame, uint64_t time_ns)
{
	struct error error;

	unsigned lacks = draw(40) ? 0 : 1u << draw(7);

	for (int i = 0; i < 2; i++)
		HOLDS(tracker_take(told[i].tracker, segment, lacks, frame, time_ns, &error) == 0);
}

static void play(void)
{
	uint64_t frame = 0, time_ns = NSEC_PER_SEC;
	int steps[CONNECTIONS] = { 0 };
	bool disturbed = draw(4) != 0;

	for (int i = 0; i < CONNECTIONS; i++) {
		begin(i);
		steps[i] = (int)draw(4); /* some began before */
	}
	for (int i = 0; i < SEGMENTS; i++) {
		int connection = (int)draw(CONNECTIONS), step = steps[connection]++;
		int from = step < 2 ? step : (int)draw(2);
		struct segment segment;

		if (step < 2)
			open(&segment, connection, from);
		else
			speak(&segment, connection, from);
		stamp(&segment, connection, from);
		if (disturbed && draw(30) == 0)
			continue; /* not captured, nor did it arrive */
		hosts[connection][!from].got = hosts[connection][from].nxt;
		if (disturbed && draw(12) == 0)
			spoil(&segment);
		time_ns += draw(50) ? draw(2000000) : draw(UINT32_MAX);
		give(&segment, ++frame, time_ns);
		if (disturbed && draw(30) == 0)
			give(&segment, ++frame, time_ns + 1000); /* again */
		if (step > 60 && draw(30) == 0) {
			begin(connection);
			steps[connection] = 0;
		}
	}
}

static void compare_encounters(const struct encounter *a, const struct encounter *b)
{
	HOLDS(a->kind == b->kind);
	HOLDS(a->frame == b->frame);
	HOLDS(same_end(&a->subject, &b->subject));
	HOLDS(a->answered == b->answered && a->answer_frame == b->answer_frame && a->ambiguous == b->ambiguous);
	HOLDS(a->idle_ns == b->idle_ns && a->unacknowledged_ns == b->unacknowledged_ns && a->limited == b->limited);
	HOLDS(a->perhaps_over == b->perhaps_over && a->gaps == b->gaps && a->doubled == b->doubled && a->owes == b->owes);
	HOLDS(a->lossy == b->lossy && a->rough == b->rough && a->disturbed == b->disturbed && a->crossed == b->crossed);
	HOLDS(a->held_back == b->held_back && a->unaccepted == b->unaccepted && a->remote == b->remote);
	HOLDS(a->unanswered == b->unanswered && a->unanswered_ns == b->unanswered_ns && a->quiet_ns == b->quiet_ns);
	HOLDS(a->delay_known == b->delay_known && a->delay_ns == b->delay_ns && a->delay_frame == b->delay_frame);
	HOLDS(a->origin.view == b->origin.view && a->origin.before == b->origin.before && a->stamps.view == b->stamps.view);
}

static void compare(void)
{
	HOLDS(told[0].encounters == told[1].encounters);
	HOLDS(told[0].connections == told[1].connections);
	for (size_t i = 0; i < told[0].encounters; i++) {
		compare_encounters(&told[0].list[i], &told[1].list[i]);
		HOLDS(told[0].rungs[i] == told[1].rungs[i]);
	}
	for (size_t i = 0; i < told[0].connections; i++) {
		const struct tracked *a = &told[0].ends[i], *b = &told[1].ends[i];

		HOLDS(same_end(&a->conversation.source, &b->conversation.source));
		HOLDS(same_end(&a->conversation.target, &b->conversation.target));
		HOLDS(a->segments == b->segments && a->encounters == b->encounters && a->unacknowledged == b->unacknowledged &&
			  a->reset == b->reset && a->refused == b->refused && a->last_ns == b->last_ns);
	}
}

START_TEST(all_questions_and_those_that_are_open)
{
	const char *count = getenv("ROUTINE_SEEDS");
	uint64_t seeds = count ? (uint64_t)strtoull(count, NULL, 10) : SEEDS, found = 0;

	for (seed = 0; seed < seeds; seed++) {
		state = random_mix(seed);
		for (int i = 0; i < 2; i++) {
			memset(&told[i], 0, sizeof(told[i]));
			told[i].tracker = tracker_open(CONNECTIONS, &(struct tracker_sink){
				take_encounter, take_connection, NULL, &told[i] });
			ck_assert_ptr_nonnull(told[i].tracker);
		}
		tracker_be_thorough(told[1].tracker);
		play();
		for (int i = 0; i < 2; i++)
			tracker_finish(told[i].tracker);
		compare();
		found += told[0].encounters;
		for (int i = 0; i < 2; i++)
			tracker_close(told[i].tracker);
	}
	ck_assert_uint_gt(found, seeds); /* they are not all routine */
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("all");

	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, all_questions_and_those_that_are_open);
	return run_suite("routine", tcase, NULL);
}
