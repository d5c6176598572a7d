/* clocks.c - lines of a millisecond's slope through the TSvals of an address' SYNs. */
#include "harness/diagnose/clocks.h"

#include <string.h>

#include "crafter/units.h"

/* A line is known from so many points, over so much time: fewer lie on one by chance, or because they are all the same. */
enum { POINTS_LEAST = 3 };
#define SPAN_NS NSEC_PER_SEC
/* How far a SYN may lie from its line: what the way delays it, and a clock that is off by 0.1 %. */
enum { JITTER_MS = 100, DRIFT = 1000 };
/* The fastest clock ticks in microseconds; so much more, because the capture's clock differs, and segments wait. */
enum { FASTER_TENTHS = 11, SLACK_TICKS = 100000 };

static struct clocks_pair *pair_of(struct clocks *clocks, const struct segment *syn)
{
	const struct address *from = &syn->tuple.source.address, *to = &syn->tuple.target.address;
	uint32_t hash = UINT32_C(2166136261);
	struct clocks_pair *pair;

	for (size_t i = 0; i < address_size(from->family); i++)
		hash = ((hash ^ from->bytes[i]) * UINT32_C(16777619) ^ to->bytes[i]) * UINT32_C(16777619);
	pair = &clocks->pairs[hash >> 16 & (CLOCKS_PAIRS - 1)];
	if (!address_equal(&pair->from, from) || !address_equal(&pair->to, to)) {
		memset(pair, 0, sizeof(*pair));
		pair->from = *from;
		pair->to = *to;
	}
	return pair;
}

static bool lies_on(const struct clocks_line *line, uint32_t tsval, uint64_t time_ns)
{
	int64_t elapsed_ms = (int64_t)((time_ns - line->last_ns) / NSEC_PER_MSEC);
	int64_t off = (int64_t)(int32_t)(tsval - line->tsval) - elapsed_ms, most = JITTER_MS + elapsed_ms / DRIFT;

	return off <= most && off >= -most;
}

/* The least of them makes room: the one with the fewest points, and of these the oldest. */
static struct clocks_line *line_of(struct clocks_pair *pair, uint32_t tsval, uint64_t time_ns)
{
	struct clocks_line *least = &pair->lines[0];

	for (int i = 0; i < CLOCKS_LINES; i++) {
		struct clocks_line *line = &pair->lines[i];

		if (line->last_ns && lies_on(line, tsval, time_ns))
			return line;
		if (line->points < least->points || (line->points == least->points && line->last_ns < least->last_ns))
			least = line;
	}
	*least = (struct clocks_line){ .first_ns = time_ns };
	return least;
}

static bool is_known(const struct clocks_line *line)
{
	return line->points >= POINTS_LEAST && line->last_ns - line->first_ns >= SPAN_NS;
}

/* Neither ends before the other begins: no host has restarted. */
static bool has_two(const struct clocks_pair *pair)
{
	for (int i = 0; i < CLOCKS_LINES; i++)
		for (int k = i + 1; k < CLOCKS_LINES; k++) {
			const struct clocks_line *a = &pair->lines[i], *b = &pair->lines[k];

			if (is_known(a) && is_known(b) && a->first_ns < b->last_ns && b->first_ns < a->last_ns)
				return true;
		}
	return false;
}

enum clocks_view clocks_note(struct clocks *clocks, const struct segment *syn, uint64_t time_ns)
{
	struct clocks_pair *pair = pair_of(clocks, syn);
	struct clocks_line *line = line_of(pair, syn->tsval, time_ns);

	/* A SYN that comes again, and a port that is used again, have the offset that they had. */
	if ((!line->points || line->port != syn->tuple.source.port) && line->points < UINT16_MAX)
		line->points++;
	line->port = syn->tuple.source.port;
	line->tsval = syn->tsval;
	line->last_ns = time_ns;
	if (!has_two(pair))
		return CLOCKS_ONE;
	return pair->told ? CLOCKS_SEVERAL : CLOCKS_NEW;
}

void clocks_tell(struct clocks *clocks, const struct segment *syn)
{
	pair_of(clocks, syn)->told = true;
}

bool clocks_allow(uint32_t before, uint32_t after, uint64_t elapsed_ns)
{
	uint64_t most = elapsed_ns / 1000 * FASTER_TENTHS / 10 + SLACK_TICKS;

	return most > INT32_MAX || after - before <= most;
}
