/* diagnosis_live.c - reads what passes an interface, twenty times a second, and tells the diagnosis what it missed. */
#include "harness/diagnose/diagnosis_live.h"

#include <stdlib.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/wire/loop.h"
#include "listener/capture_live.h"

/* Not at each frame: a busy server has better things to do. The ring holds what comes meanwhile: 100,000 frames. */
#define TURN_NS (50 * NSEC_PER_MSEC)

enum { LAST_TURNS = 64 };

struct diagnosis_live {
	const struct diagnosis_live_options *options;
	struct capture_live *capture;
	struct loop *loop;
	struct diagnosis *diagnosis;
	struct diagnosis_counts *counts;
	uint64_t upto_ns; /* as of the turn before: whatever was missed since was missed later than that */
};

struct diagnosis_live *diagnosis_live_open(const struct diagnosis_live_options *options, struct error *error)
{
	struct diagnosis_live *live = calloc(1, sizeof(*live));

	if (!live) {
		fail(error, "out of memory");
		return NULL;
	}
	live->options = options;
	live->capture = capture_live_open(options->interface, options->ring_bytes, error);
	if (live->capture)
		live->loop = loop_open(error);
	if (live->loop)
		return live;
	diagnosis_live_close(live);
	return NULL;
}

int diagnosis_live_filter(struct diagnosis_live *live, const char *filter, struct error *error)
{
	return capture_live_filter(live->capture, filter, error);
}

static int on_frame(void *context, const struct capture_frame *frame, struct error *error)
{
	struct diagnosis_live *live = context;

	return diagnosis_frame(live->diagnosis, frame, false, error);
}

/* The drops are counted before an encounter is told: none is told as certain that one of them could have changed. */
static int take_turn(struct diagnosis_live *live, bool *more, struct error *error)
{
	struct diagnosis_counts *counts = live->counts;
	struct capture_live_news news;

	if (capture_live_receive(live->capture, on_frame, live, &news, error) < 0)
		return -1;
	if (news.dropped != counts->dropped || news.went_down != counts->went_down || news.set != counts->set)
		diagnosis_miss(live->diagnosis, live->upto_ns, capture_live_now(live->capture));
	counts->dropped = news.dropped;
	counts->went_down = news.went_down;
	counts->set = news.set;
	live->upto_ns = news.upto_ns;
	diagnosis_upto(live->diagnosis, news.upto_ns);
	*more = news.more;
	return news.gone ? fail(error, "%.60s: the interface is gone", live->options->interface) : 0;
}

static int listen_on(struct diagnosis_live *live, const struct diagnosis_live_listener *listener, struct error *error)
{
	const struct diagnosis_live_options *options = live->options;
	uint64_t begun_ns = capture_live_now(live->capture), now_ns = begun_ns, told_ns = begun_ns;
	bool more = false;
	int result = 0;

	while (result == 0 && (!options->duration_ns || now_ns - begun_ns < options->duration_ns)) {
		if (take_turn(live, &more, error) < 0)
			return -1;
		now_ns = capture_live_now(live->capture);
		if (now_ns - told_ns >= options->interval_ns) {
			told_ns = now_ns - (now_ns - told_ns) % options->interval_ns;
			listener->interval(listener->context, now_ns);
		}
		if (listener->turn(listener->context, diagnosis_settled(live->diagnosis), error) < 0)
			return -1;
		result = loop_wait(live->loop, more ? 1 : clock_now() + TURN_NS, error);
	}
	/* What came before the end counts. Faster than it comes it is read all the same: a ring is soon empty. */
	for (int turns = 0; result >= 0 && turns < LAST_TURNS && (more || turns == 0); turns++)
		if (take_turn(live, &more, error) < 0)
			return -1;
	return result < 0 ? -1 : 0;
}

int diagnosis_live_run(struct diagnosis_live *live, struct diagnosis *diagnosis, struct diagnosis_counts *counts,
		       const struct diagnosis_live_listener *listener, struct error *error)
{
	int result;

	live->diagnosis = diagnosis;
	live->counts = counts;
	live->upto_ns = capture_live_now(live->capture);
	diagnosis_upto(diagnosis, live->upto_ns);
	result = listen_on(live, listener, error);
	diagnosis_finish(diagnosis);
	counts->ended_ns = capture_live_now(live->capture);
	return result;
}

void diagnosis_live_close(struct diagnosis_live *live)
{
	if (!live)
		return;
	loop_close(live->loop);
	capture_live_close(live->capture);
	free(live);
}
