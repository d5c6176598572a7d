/* test_bent.c - what is certain of a capture that was cut, filtered or bent agrees with the whole one. Seeds are printed. */
#include "harness/diagnose/tracker.h"

#include <stdio.h>
#include <string.h>

#include "crafter/units.h"
#include "harness/diagnose/cause.h"
#include "harness/diagnose/judgement.h"

#include "tests/unit/suite.h"

enum { CONNECTIONS = 240, LINES_MAX = 20, FRAMES_MAX = CONNECTIONS * LINES_MAX, BENT_MAX = 2 * FRAMES_MAX };
enum { SPREAD_MS = 30000, SEEDS = 6, HOLE_MOST = 14 };

/* One segment of a story: milliseconds since the one before it; 'C'lient or 'S'erver; flags; SEQ from its own ISN, ACK from the
 * other one; bytes of payload. */
struct line {
	int ms;
	char who;
	uint8_t flags;
	int32_t seq, ack;
	uint16_t size;
};

enum { F = FLAG_FIN, S = FLAG_SYN, R = FLAG_RST, P = FLAG_PSH, A = FLAG_ACK };

#define OPEN { 0, 'C', S, 0, 0, 0 }, { 0, 'S', S | A, 0, 1, 0 }, { 0, 'C', A, 1, 1, 0 }
#define TALK { 1, 'C', P | A, 1, 1, 100 }, { 0, 'S', A, 1, 101, 0 }, { 2, 'S', P | A, 1, 101, 500 }, { 0, 'C', A, 101, 501, 0 }
#define SERVER_CLOSES { 50, 'S', F | A, 501, 101, 0 }, { 0, 'C', A, 101, 502, 0 }, { 30, 'C', F | A, 101, 502, 0 }, \
		      { 0, 'S', A, 502, 102, 0 }

/* What Linux does, and what it answers (RFC 9293 3.10.7, RFC 5961, RFC 6191). */
static const struct line stories[][LINES_MAX] = {
	{ OPEN, TALK, SERVER_CLOSES },
	{ OPEN, TALK, SERVER_CLOSES, { 2000, 'C', S, 2000, 0, 0 }, { 0, 'S', S | A, 66000, 2001, 0 },
	  { 0, 'C', A, 2001, 66001, 0 }, { 3, 'C', P | A, 2001, 66001, 10 }, { 0, 'S', A, 66001, 2011, 0 } },
	{ OPEN, TALK, SERVER_CLOSES, { 900, 'C', S, -1000, 0, 0 }, { 0, 'S', A, 502, 102, 0 }, { 0, 'C', R, 102, 0, 0 } },
	{ OPEN, TALK, { 40, 'C', R | A, 101, 501, 0 } },
	{ OPEN, TALK, { 40, 'S', F | A, 501, 101, 0 }, { 30, 'C', P | A, 101, 502, 50 }, { 0, 'S', R, 502, 0, 0 } },
	{ OPEN, TALK, { 40, 'C', R, 151, 0, 0 }, { 0, 'S', A, 501, 101, 0 }, { 0, 'C', R, 101, 0, 0 } },
	{ OPEN, TALK, { 4000, 'C', S, 70000, 0, 0 }, { 0, 'S', A, 501, 101, 0 }, { 0, 'C', R, 101, 0, 0 },
	  { 1000, 'C', S, 70000, 0, 0 }, { 0, 'S', S | A, 900000, 70001, 0 }, { 0, 'C', A, 70001, 900001, 0 } },
	{ { 0, 'C', S, 0, 0, 0 }, { 0, 'S', R | A, 0, 1, 0 } },
	{ { 0, 'C', S, 0, 0, 0 }, { 1000, 'C', S, 0, 0, 0 }, { 2000, 'C', S, 0, 0, 0 }, { 4000, 'C', S, 0, 0, 0 } },
	{ { 0, 'C', S, 0, 0, 0 }, { 1000, 'C', S, 0, 0, 0 }, { 2000, 'C', S, 0, 0, 0 }, { 0, 'S', S | A, 0, 1, 0 },
	  { 0, 'C', A, 1, 1, 0 }, TALK },
	{ OPEN, { 1000, 'S', S | A, 0, 1, 0 }, { 0, 'C', A, 1, 1, 0 }, { 2000, 'S', S | A, 0, 1, 0 }, { 0, 'C', A, 1, 1, 0 } },
	{ OPEN, TALK, { 1000, 'C', A, 100, 501, 0 }, { 1000, 'C', A, 100, 501, 0 }, { 1000, 'C', R | A, 101, 501, 0 } },
	{ OPEN, TALK, { 20, 'C', P | A, 101, 501, 30 }, { 210, 'C', P | A, 101, 501, 30 }, { 0, 'S', A, 501, 131, 0 } },
	{ OPEN, TALK, { 9, 'C', F | A, 101, 501, 0 }, { 0, 'S', A, 501, 102, 0 }, { 300, 'S', P | A, 501, 102, 80 },
	  { 0, 'C', R, 102, 0, 0 } },
	{ OPEN, TALK, SERVER_CLOSES, { 20, 'C', S, 2000, 0, 0 }, { 0, 'S', S | A, 66000, 2001, 0 },
	  { 0, 'C', A, 2001, 66001, 0 }, { 3, 'C', P | A, 2001, 66001, 10 }, { 0, 'S', A, 66001, 2011, 0 },
	  { 300, 'C', R, 2011, 0, 0 } },
	{ OPEN, { 10, 'S', F | A, 1, 1, 0 }, { 0, 'C', A, 1, 2, 0 }, { 10, 'C', P | A, 1, 2, 10 }, { 0, 'S', R, 2, 0, 0 } },
	{ OPEN, TALK, { 9, 'C', F | A, 101, 501, 0 }, { 0, 'S', A, 501, 102, 0 }, { 300, 'S', F | A, 501, 102, 0 },
	  { 0, 'C', A, 102, 502, 0 }, { 100, 'S', R, 502, 0, 0 } },
};

struct frame {
	struct segment segment;
	uint64_t time_ns;
	size_t number; /* of the whole capture's */
};

static struct frame whole[FRAMES_MAX], bent[BENT_MAX];
static size_t whole_count, bent_count;

static uint32_t state; /* of the generator */

static uint32_t chance(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

/* The story of a refusal is about a port of its own. */
static void add(const struct line *line, size_t connection, uint16_t port, const uint32_t iss[2], bool stamps,
		uint64_t *time_ns)
{
	bool client = line->who == 'C';
	struct endpoint ends[] = {
		{ { .family = 4, .bytes = { 192, 0, 2, (uint8_t)(1 + connection % 5) } }, (uint16_t)(20000 + connection) },
		{ { .family = 4, .bytes = { 198, 51, 100, 1 } }, port },
	};
	struct frame *frame = &whole[whole_count++];
	struct segment *segment = &frame->segment;

	*time_ns += (uint64_t)line->ms * NSEC_PER_MSEC + 20000 + chance(20000);
	*frame = (struct frame){ .time_ns = *time_ns };
	*segment = (struct segment){
		.tuple = { ends[!client], ends[client] }, .ttl = client ? 63 : 64, .ip_id = (uint16_t)whole_count,
		.flags = line->flags, .window = line->flags & R ? 0 : 500, .seq = iss[!client] + (uint32_t)line->seq,
		.ack = line->flags & A ? iss[client] + (uint32_t)line->ack : 0, .payload_size = line->size,
	};
	if ((line->flags & R) && line->seq == 0)
		segment->seq = 0;
	if (line->flags & S) {
		segment_add_syn_options(segment, stamps);
		segment->window = 64240;
		segment->mss = 1460;
		segment->wscale = SEGMENT_WSCALE;
	}
	if (!stamps || (line->flags & R))
		return;
	if (!(line->flags & S))
		segment_add_timestamps(segment, 0, 0);
	segment->tsval = iss[!client] / 7 + (uint32_t)(*time_ns / NSEC_PER_MSEC);
	segment->tsecr = line->flags & A ? iss[client] / 7 + (uint32_t)(*time_ns / NSEC_PER_MSEC) : 0;
}

static int by_time(const void *a, const void *b)
{
	const struct frame *one = a, *other = b;

	return one->time_ns != other->time_ns ? (one->time_ns > other->time_ns) - (one->time_ns < other->time_ns) :
	       (one->number > other->number) - (one->number < other->number);
}

static void record(uint32_t seed)
{
	state = seed * UINT32_C(2654435761) + 1;
	whole_count = 0;
	for (size_t i = 0; i < CONNECTIONS; i++) {
		const struct line *line = stories[i % (sizeof(stories) / sizeof(stories[0]))];
		uint64_t time_ns = (uint64_t)1000 * NSEC_PER_SEC + chance(SPREAD_MS) * NSEC_PER_MSEC;
		uint32_t iss[] = { chance(UINT32_MAX), chance(UINT32_MAX) };
		bool stamps = chance(2);

		for (int j = 0; j < LINES_MAX && line[j].flags; j++)
			add(&line[j], i, line[1].flags == (R | A) ? 81 : 80, iss, stamps, &time_ns);
	}
	qsort(whole, whole_count, sizeof(whole[0]), by_time);
	for (size_t i = 0; i < whole_count; i++)
		whole[i].number = i;
}

/* What is told about a frame. */
struct told {
	enum encounter_kind kind; /* ENCOUNTER_NONE: nothing */
	const struct cause *cause;
	enum state state;
	enum answer answer;
	bool certain, differs;
	size_t frame;
};

static struct told told[BENT_MAX];

static void take(void *context, const struct encounter *encounter, const struct tuple *tuple)
{
	const struct kernel any = { .timestamps = true };
	struct judgement judgement;

	(void)context;
	(void)tuple;
	judgement_make(encounter, BOOK_LINUX, &any, &judgement);
	told[encounter->frame - 1] = (struct told){
		encounter->kind, cause_of(encounter), encounter->subject.state, encounter_answer(encounter), judgement.certain,
		judgement.verdict == VERDICT_DIFFERS, encounter->frame,
	};
}

/* `awake`: so many connections are whole in memory; 0: as many as is usual. */
static void diagnose(const struct frame *frames, size_t count, size_t awake)
{
	struct tracker *tracker = tracker_open(CONNECTIONS + 10, &(struct tracker_sink){ take, NULL, NULL, NULL });
	struct error error;

	if (awake)
		tracker_stay_awake(tracker, awake);
	memset(told, 0, sizeof(told));
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(tracker_take(tracker, &frames[i].segment, 0, i + 1, frames[i].time_ns, &error), 0);
	tracker_finish(tracker);
	tracker_close(tracker);
}

static void keep(const struct frame *frame)
{
	bent[bent_count++] = *frame;
}

struct bend {
	const char *name;
	uint8_t without, with; /* flags: none of these; at least one of these, where not 0 */
	uint8_t percent, burst; /* so many are lost, so many in a row */
	char from;             /* only what it sends */
	bool doubled, swapped, sliced, later, half;
	bool no_data, one; /* of one connection some segments in a row */
};

static const struct bend bends[] = {
	{ "without resets", .without = R }, { "without PSH", .without = P }, { "without data", .no_data = true },
	{ "without FIN", .without = F }, { "without FIN and resets", .without = F | R },
	{ "only SYNs", .with = S }, { "SYNs and resets", .with = S | R }, { "SYNs and FINs", .with = S | F },
	{ "SYNs, FINs and resets", .with = S | F | R }, { "all but bare ACKs", .with = S | F | R | P },
	{ "resets", .with = R }, { "all but SYNs", .without = S },
	{ "1 % lost", .percent = 1 }, { "3 % lost", .percent = 3 }, { "10 % lost", .percent = 10 },
	{ "30 % lost", .percent = 30 },
	{ "holes of 5", .percent = 5, .burst = 5 }, { "holes of 20", .percent = 20, .burst = 20 },
	{ "holes of 50", .percent = 30, .burst = 50 }, { "a hole in one connection", .one = true },
	{ "in another one", .one = true }, { "and in a third one", .one = true },
	{ "what the client sends", .from = 'C' }, { "what the server sends", .from = 'S' },
	{ "each tenth twice", .doubled = true }, { "swapped within a millisecond", .swapped = true },
	{ "the middle third", .sliced = true }, { "half of the connections", .half = true },
	{ "the same ports the next day", .later = true },
};

static bool is_kept(const struct bend *bend, const struct segment *segment)
{
	bool client = segment->tuple.target.port < 1000;

	if ((segment->flags & bend->without) || (bend->with && !(segment->flags & bend->with)))
		return false;
	if (bend->no_data && segment->payload_size)
		return false;
	if (bend->half && (client ? segment->tuple.source.port : segment->tuple.target.port) % 2)
		return false;
	return !bend->from || client == (bend->from == 'C');
}

static void put_later(void)
{
	size_t count = bent_count;

	for (size_t i = 0; i < count; i++) {
		struct frame frame = bent[i];
		uint32_t shift = (uint32_t)frame.segment.tuple.source.port * frame.segment.tuple.target.port * 977u;

		frame.segment.seq += shift;
		frame.segment.ack += frame.segment.flags & A ? shift : 0;
		frame.time_ns += (uint64_t)86400 * NSEC_PER_SEC;
		keep(&frame);
	}
}

static bool tuple_has_port(const struct tuple *tuple, uint16_t port)
{
	return tuple->source.port == port || tuple->target.port == port;
}

static void apply(const struct bend *bend)
{
	size_t first = bend->sliced ? whole_count / 3 : 0, last = bend->sliced ? 2 * whole_count / 3 : whole_count, hole = 0;

	const uint16_t port = (uint16_t)(20000 + chance(CONNECTIONS));
	const uint32_t skipped = chance(HOLE_MOST), length = chance(HOLE_MOST) + 1;
	uint32_t seen = 0;

	bent_count = 0;
	for (size_t i = first; i < last; i++) {
		struct frame frame = whole[i];

		if (bend->percent && !hole && chance(100 * (bend->burst ? bend->burst : 1)) < bend->percent)
			hole = bend->burst ? bend->burst : 1;
		if (hole) {
			hole--;
			continue;
		}
		if (!is_kept(bend, &frame.segment))
			continue;
		if (bend->one && tuple_has_port(&frame.segment.tuple, port) && seen++ - skipped < length)
			continue;
		if (bend->swapped)
			frame.time_ns += chance(NSEC_PER_MSEC);
		keep(&frame);
		if (bend->doubled && chance(10) == 0)
			keep(&frame);
	}
	if (bend->swapped)
		qsort(bent, bent_count, sizeof(bent[0]), by_time);
	if (bend->later)
		put_later();
}

/* A reset may be told with more words or fewer; that nobody answered a SYN, of the time until the part ends. */
static bool is_same_cause(const struct told *cut, const struct told *of_whole)
{
	if (cut->kind == ENCOUNTER_SYN_UNANSWERED && of_whole->kind == ENCOUNTER_SYN_LATE)
		return true;
	return cut->cause == of_whole->cause || (cut->kind == ENCOUNTER_RESET && of_whole->kind > ENCOUNTER_RESET &&
						 of_whole->kind <= ENCOUNTER_RESET_HALF_CLOSED);
}

static const char *contradiction(const struct told *cut, const struct told *of_whole)
{
	if (cut->differs)
		return "it differs";
	if (!of_whole->kind)
		return "nothing is told of it in the whole";
	if (cut->state != of_whole->state && cut->state != STATE_UNKNOWN)
		return state_name(of_whole->state);
	if (!is_same_cause(cut, of_whole))
		return of_whole->cause->name;
	if (cut->kind == ENCOUNTER_SYN_UNANSWERED)
		return NULL;
	return of_whole->certain && cut->answer != of_whole->answer ? "another answer" : NULL;
}

static struct told whole_told[FRAMES_MAX];

/* Some things are told once of a connection: of the first frame that shows them. */
static bool is_told_once(const struct told *cut, const struct segment *segment)
{
	if (cut->kind != ENCOUNTER_SYN_ACK_AGAIN && cut->kind != ENCOUNTER_KEEPALIVE_SILENT &&
	    cut->kind != ENCOUNTER_SYN_UNANSWERED && cut->kind != ENCOUNTER_SYN_LATE)
		return false;
	for (size_t i = 0; i < whole_count; i++)
		if (whole_told[i].kind == cut->kind && tuple_equal(&whole[i].segment.tuple, &segment->tuple))
			return true;
	return false;
}

static size_t compare(const struct bend *bend, uint32_t seed)
{
	size_t wrong = 0;

	for (size_t i = 0; i < bent_count; i++) {
		const struct told *of_whole = &whole_told[bent[i].number];
		const char *why = told[i].kind && told[i].certain ? contradiction(&told[i], of_whole) : NULL;

		if (!why || is_told_once(&told[i], &bent[i].segment))
			continue;
		wrong++;
		fprintf(stderr, "seed %u, %s, frame %zu (%zu of the whole): certain: %s in %s; but: %s\n", seed, bend->name,
			i + 1, bent[i].number + 1, told[i].cause->name,
			state_name(told[i].state) ? state_name(told[i].state) : "-", why);
	}
	return wrong;
}

/* And what is whole is certain. */
static void check_whole(uint32_t seed)
{
	size_t count = 0, certain = 0;

	diagnose(whole, whole_count, 0);
	memcpy(whole_told, told, sizeof(whole_told));
	for (size_t i = 0; i < whole_count; i++) {
		count += whole_told[i].kind != ENCOUNTER_NONE;
		certain += whole_told[i].kind && whole_told[i].certain;
		ck_assert_msg(!whole_told[i].differs, "seed %u, frame %zu: %s", seed, i + 1, whole_told[i].cause->name);
	}
	ck_assert_msg(100 * certain >= 95 * count, "seed %u: %zu of %zu are certain", seed, certain, count);
	ck_assert_uint_gt(count, CONNECTIONS / 2);
}

static bool is_same(const struct told *one, const struct told *other)
{
	return one->kind == other->kind && one->cause == other->cause && one->state == other->state &&
	       one->answer == other->answer && one->certain == other->certain && one->differs == other->differs &&
	       one->frame == other->frame;
}

/* Where all connections but a few sleep, the same is told of them. */
START_TEST(the_same_of_those_that_slept)
{
	record((uint32_t)_i + 1);
	diagnose(whole, whole_count, 0);
	memcpy(whole_told, told, sizeof(whole_told));
	for (size_t awake = 1; awake <= 64; awake *= 8) {
		diagnose(whole, whole_count, awake);
		for (size_t i = 0; i < whole_count; i++)
			ck_assert_msg(is_same(&told[i], &whole_told[i]), "seed %d, frame %zu", _i + 1, i + 1);
	}
}
END_TEST

START_TEST(certain_of_a_part)
{
	size_t wrong = 0;

	record((uint32_t)_i + 1);
	check_whole((uint32_t)_i + 1);
	for (size_t i = 0; i < sizeof(bends) / sizeof(bends[0]); i++) {
		apply(&bends[i]);
		diagnose(bent, bent_count, 0);
		wrong += compare(&bends[i], (uint32_t)_i + 1);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

int main(void)
{
	TCase *tests = tcase_create("bent");

	tcase_add_loop_test(tests, the_same_of_those_that_slept, 0, SEEDS);
	tcase_add_loop_test(tests, certain_of_a_part, 0, SEEDS);
	return run_suite("bent", tests, NULL);
}
