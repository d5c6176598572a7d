/* diagnosis.c - frames in, encounters out. */
#include "harness/diagnose/diagnosis.h"

#include <pcap/dlt.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/bytes.h"
#include "crafter/encode.h"
#include "crafter/units.h"
#include "harness/diagnose/details.h"
#include "harness/diagnose/twins.h"
#include "listener/decode.h"
#include "listener/ear.h"
#include "listener/frame_filter.h"

enum { RECENT = 64 };
/* A frame that is seen again on another interface comes within the time that a host takes to hand it on. */
#define COPY_NS (2 * NSEC_PER_MSEC)
#define DISORDER_NS (10 * NSEC_PER_MSEC)

/* The last segments, to know those that come again on another interface. */
struct recent {
	struct segment segment;
	uint64_t time_ns;
	uint32_t place; /* interface, and direction where the link type tells it */
};

struct diagnosis {
	struct diagnosis_options options;
	struct diagnosis_listener listener;
	struct diagnosis_counts *counts;
	struct frame_filter *filter;
	struct tracker *tracker;
	struct hosts *hosts;
	struct refusals refusals;
	struct recent recent[RECENT];
	struct twins twins;
	size_t recent_next;
	uint64_t last_ns; /* the latest time; and that of the last frame, which may be earlier */
	uint64_t seen_ns;
};

static void on_delay(void *context, size_t cause, uint64_t delay_ns)
{
	struct diagnosis *diagnosis = context;
	struct diagnosis_kind *kind = &diagnosis->counts->kinds[cause];

	kind->delayed++;
	if (delay_ns > kind->worst_delay_ns)
		kind->worst_delay_ns = delay_ns;
}

static void count(struct diagnosis *diagnosis, const struct diagnosed *finding)
{
	struct diagnosis_counts *counts = diagnosis->counts;
	size_t cause = cause_number(finding->cause);
	struct diagnosis_kind *kind = &counts->kinds[cause];

	counts->encounters++;
	counts->incidents += finding->encounter->incident == finding->encounter->frame;
	counts->uncertain += !finding->judgement->certain;
	counts->verdicts[finding->judgement->verdict]++;
	counts->open += finding->judgement->verdict == VERDICT_AGREES &&
			judgement_is_open(finding->judgement, diagnosis->options.decides);
	kind->count++;
	kind->uncertain += !finding->judgement->certain;
	kind->differ += finding->judgement->verdict == VERDICT_DIFFERS;
	if (finding->encounter->delay_known)
		on_delay(diagnosis, cause, finding->encounter->delay_ns);
}

static void on_encounter(void *context, const struct encounter *encounter, const struct tuple *tuple)
{
	struct diagnosis *diagnosis = context;
	struct diagnosis_counts *counts = diagnosis->counts;
	struct ladder_rung rungs[LADDER_MOST];
	struct encounter doubted;
	struct judgement judgement;
	char details[DETAILS_SIZE];
	struct diagnosed finding = {
		encounter, &judgement, cause_of(encounter), tuple, details_write(encounter, details, sizeof(details)),
		rungs, tracker_ladder(diagnosis->tracker, rungs),
	};

	/* What could not be read may have come after it, too. */
	if (counts->unread) {
		doubted = *encounter;
		doubted.lacks |= SEGMENT_LACKS_OTHERS;
		finding.encounter = encounter = &doubted;
	}
	judgement_make(encounter, diagnosis->options.decides, &diagnosis->options.kernel, &judgement);
	count(diagnosis, &finding);
	if (judgement.kernels)
		counts->kernels &= judgement.kernels;
	hosts_take(diagnosis->hosts, &tuple->target.address, encounter, finding.cause, &judgement);
	diagnosis->listener.encounter(diagnosis->listener.context, &finding);
}

static void on_connection(void *context, const struct tracked *connection)
{
	struct diagnosis *diagnosis = context;

	diagnosis->counts->ends[tracked_end_of(connection)]++;
	diagnosis->counts->middle += connection->from_middle;
	diagnosis->counts->one_way += tracked_is_one_way(connection);
	refusals_note(&diagnosis->refusals, connection);
	if (diagnosis->listener.connection)
		diagnosis->listener.connection(diagnosis->listener.context, connection);
}

/* Where a frame was captured: Linux's cooked headers tell what goes out from what comes in, and version 2 the interface. */
static uint32_t place_of(const struct capture_frame *frame)
{
	if (frame->link_type == DLT_LINUX_SLL && frame->size >= 2)
		return frame->bytes[1];
	if (frame->link_type == DLT_LINUX_SLL2 && frame->size >= 12) /* interface index, packet type */
		return (uint32_t)frame->bytes[6] << 24 | (uint32_t)frame->bytes[7] << 16 | frame->bytes[10];
	return frame->interface;
}

/* The same bytes within a moment on another interface, or first in and then out: one segment on its way through a host. */
static bool is_copy(struct diagnosis *diagnosis, uint32_t place, uint64_t time_ns, const struct segment *segment)
{
	struct recent *kept;

	for (size_t i = 0; i < RECENT; i++) {
		const struct recent *recent = &diagnosis->recent[i];

		if (recent->time_ns + COPY_NS >= time_ns && recent->place != place &&
		    tuple_equal(&recent->segment.tuple, &segment->tuple) &&
		    recent->segment.window == segment->window && segment_is_copy(&recent->segment, segment))
			return true;
	}
	kept = &diagnosis->recent[diagnosis->recent_next++ % RECENT];
	kept->segment = *segment;
	kept->segment.payload = NULL;
	kept->time_ns = time_ns;
	kept->place = place;
	return false;
}

/* The same frame again, where it was captured: by nothing that the file says is the connection's work told from the capture's,
 * unless all frames stand twice with one time. */
static bool is_twin(struct diagnosis *diagnosis, uint64_t time_ns, const struct segment *segment)
{
	unsigned view = twins_note(&diagnosis->twins, segment, time_ns);

	if (view == TWINS_SINGLE)
		return false;
	if (view != (TWINS_EXACT | TWINS_ALWAYS))
		tracker_doubt(diagnosis->tracker, &segment->tuple);
	if (view == TWINS_NEAR)
		return false;
	diagnosis->counts->twins++;
	return true;
}

/* Frames of several queues or interfaces are a little out of order. Further back goes only a clock that was set, the next of
 * several files in one, or an interface with a clock of its own: until time is where it was, nobody knows what came when. */
static void note_time(struct diagnosis *diagnosis, uint64_t time_ns)
{
	struct diagnosis_counts *counts = diagnosis->counts;

	if (time_ns + DISORDER_NS < diagnosis->seen_ns) {
		counts->time_back++;
		if (counts->time_back_ns < diagnosis->seen_ns - time_ns)
			counts->time_back_ns = diagnosis->seen_ns - time_ns;
		tracker_miss(diagnosis->tracker, diagnosis->last_ns, diagnosis->last_ns);
	}
	diagnosis->seen_ns = time_ns;
}

static void pass_time(struct diagnosis *diagnosis, uint64_t time_ns)
{
	if (!diagnosis->counts->begun_ns)
		diagnosis->counts->begun_ns = time_ns;
	if (time_ns > diagnosis->last_ns)
		diagnosis->last_ns = diagnosis->counts->ended_ns = time_ns;
}

/* Time does not go back; a frame without a time has that of the one before it. */
static uint64_t time_of(struct diagnosis *diagnosis, bool has_time, uint64_t time_ns)
{
	if (has_time) {
		note_time(diagnosis, time_ns);
		pass_time(diagnosis, time_ns);
	}
	return diagnosis->last_ns;
}

/* What came before this, only the times tell. */
static void note_order(struct diagnosis *diagnosis, bool has_time, uint64_t time_ns, const struct tuple *tuple)
{
	if (has_time && time_ns < diagnosis->last_ns)
		tracker_disorder(diagnosis->tracker, tuple, time_ns);
}

/* Captured on its way to a card that fills in the checksums: until then a field has 0. (Linux has the pseudo-header's sum in
 * TCP's, which ear knows.) `segment` is what else the frame says. */
static bool is_unfilled(const struct capture_frame *frame, struct segment *segment)
{
	size_t size, header, length;
	const uint8_t *packet;

	if (decode_link(frame->link_type, frame->bytes, frame->size, &packet, &size) != DECODE_OK)
		return false;
	length = frame->length - (size_t)(packet - frame->bytes);
	if (decode_captured(packet, size, length, segment) != DECODE_OK || packet[0] >> 4 != 4)
		return false;
	header = (size_t)(packet[0] & 0x0f) * 4;
	return bytes_load16(packet + 10) == 0 || bytes_load16(packet + header + 16) == 0;
}

/* By the capture: nothing is wrong with the frame. */
static bool is_cut_short(const struct capture_frame *frame, const struct notice *notice)
{
	return notice->kind == NOTICE_MALFORMED && frame->size < frame->length &&
	       notice->why == decode_result_text(DECODE_SHORT);
}

static int take(struct diagnosis *diagnosis, const struct capture_frame *frame, bool copies, struct error *error)
{
	struct diagnosis_counts *counts = diagnosis->counts;
	uint64_t time_ns = time_of(diagnosis, frame->has_time, frame->time_ns);
	struct segment segment;
	struct notice notice;
	unsigned lacks = 0;

	switch (ear_take(frame->link_type, frame->bytes, frame->size, frame->length, &segment, &notice)) {
	case EAR_NOTHING:
		counts->other++;
		return 0;
	case EAR_NOTICE:
		if (notice.kind == NOTICE_CHECKSUM && is_unfilled(frame, &segment)) {
			counts->unfilled++;
			break;
		}
		if (notice.kind == NOTICE_ICMP)
			tracker_icmp(diagnosis->tracker, &segment.tuple, &notice, time_ns);
		if (is_cut_short(frame, &notice))
			counts->cut_headers++;
		else if (notice.kind == NOTICE_ICMP)
			counts->icmp++;
		else
			counts->unsound++;
		return 0;
	case EAR_CUT:
		counts->cut_options++;
		lacks = SEGMENT_LACKS_OPTIONS;
		break;
	case EAR_SEGMENT:
		break;
	}
	if (copies && is_copy(diagnosis, place_of(frame), frame->time_ns, &segment)) {
		counts->copies++;
		return 0;
	}
	if (frame->has_time && is_twin(diagnosis, frame->time_ns, &segment))
		return 0;
	note_order(diagnosis, frame->has_time, frame->time_ns, &segment.tuple);
	return tracker_take(diagnosis->tracker, &segment, lacks, frame->number, time_ns, error);
}

int diagnosis_frame(struct diagnosis *diagnosis, const struct capture_frame *frame, bool several_interfaces,
		    struct error *error)
{
	const struct diagnosis_listener *listener = &diagnosis->listener;
	int takes = diagnosis->filter ? frame_filter_takes(diagnosis->filter, frame, error) : 1;

	if (takes < 0)
		return -1;
	diagnosis->counts->frames++;
	diagnosis->counts->filtered += !takes;
	if (!takes)
		return 0;
	if (take(diagnosis, frame, several_interfaces || frame->link_type == DLT_LINUX_SLL ||
		 frame->link_type == DLT_LINUX_SLL2, error) < 0)
		return -1;
	if (listener->frame)
		listener->frame(listener->context, frame, tracker_settled(diagnosis->tracker));
	return 0;
}

/* The filter wants bytes. Those of the payload are not known; its length is. */
static int filter_takes(struct diagnosis *diagnosis, const struct segment *segment, struct error *error)
{
	uint8_t packet[PACKET_SIZE_MAX];
	struct segment bare = *segment;
	struct capture_frame frame = { .link_type = DLT_RAW, .bytes = packet };

	bare.payload_size = 0;
	frame.size = encode(&bare, packet, sizeof(packet));
	frame.length = frame.size + segment->payload_size;
	return frame.size ? frame_filter_takes(diagnosis->filter, &frame, error) : 1;
}

int diagnosis_segment(struct diagnosis *diagnosis, const struct segment *segment, const struct diagnosis_sighting *where,
		      struct error *error)
{
	int takes = diagnosis->filter ? filter_takes(diagnosis, segment, error) : 1;
	struct diagnosis_counts *counts = diagnosis->counts;
	uint64_t time_ns;

	if (takes < 0)
		return -1;
	counts->frames++;
	counts->filtered += !takes;
	if (!takes)
		return 0;
	time_ns = time_of(diagnosis, where->has_time, where->time_ns);
	counts->cut_options += (where->lacks & SEGMENT_LACKS_OPTIONS) != 0;
	counts->unshown += (where->lacks & SEGMENT_LACKS_SEQ) != 0;
	if (where->several_interfaces && is_copy(diagnosis, where->place, time_ns, segment)) {
		counts->copies++;
		return 0;
	}
	if (where->has_time && is_twin(diagnosis, where->time_ns, segment))
		return 0;
	note_order(diagnosis, where->has_time, where->time_ns, &segment->tuple);
	return tracker_take(diagnosis->tracker, segment, where->lacks, where->frame, time_ns, error);
}

void diagnosis_upto(struct diagnosis *diagnosis, uint64_t upto_ns)
{
	pass_time(diagnosis, upto_ns);
	tracker_live(diagnosis->tracker, upto_ns);
	tracker_count(diagnosis->tracker, &diagnosis->counts->tracker);
}

uint64_t diagnosis_settled(const struct diagnosis *diagnosis)
{
	return tracker_settled(diagnosis->tracker);
}

void diagnosis_miss(struct diagnosis *diagnosis, uint64_t from_ns, uint64_t to_ns)
{
	tracker_miss(diagnosis->tracker, from_ns, to_ns);
}

static void count_refusals(struct diagnosis *diagnosis)
{
	struct diagnosis_counts *counts = diagnosis->counts;

	counts->refused_more = diagnosis->refusals.left_out;
	for (size_t i = 0; i < diagnosis->refusals.used; i++)
		counts->refused_more += diagnosis->refusals.ports[i].count;
	counts->refused_count = refusals_most(&diagnosis->refusals, counts->refused);
	for (size_t i = 0; i < counts->refused_count; i++) {
		counts->refused[i].answers = tracker_answers(diagnosis->tracker, &counts->refused[i].port);
		counts->refused_more -= counts->refused[i].count;
	}
}

void diagnosis_finish(struct diagnosis *diagnosis)
{
	const struct diagnosis_listener *listener = &diagnosis->listener;
	struct host host;
	size_t number = 0;

	tracker_finish(diagnosis->tracker);
	tracker_count(diagnosis->tracker, &diagnosis->counts->tracker);
	count_refusals(diagnosis);
	diagnosis->counts->hosts_left_out = hosts_left_out(diagnosis->hosts);
	while (listener->host && hosts_next(diagnosis->hosts, &number, &host))
		listener->host(listener->context, &host);
}

static int open_all(struct diagnosis *diagnosis, struct error *error)
{
	const struct diagnosis_options *options = &diagnosis->options;

	if (options->filter) {
		diagnosis->filter = frame_filter_open(options->filter, error);
		if (!diagnosis->filter)
			return -1;
	}
	diagnosis->hosts = hosts_open();
	diagnosis->tracker = tracker_open(options->connections, &(struct tracker_sink){
		on_encounter, on_connection, on_delay, diagnosis });
	if (diagnosis->tracker && options->awake)
		tracker_stay_awake(diagnosis->tracker, options->awake);
	if (diagnosis->tracker && diagnosis->hosts)
		return 0;
	return fail(error, "out of memory for %zu connections", options->connections);
}

struct diagnosis *diagnosis_open(const struct diagnosis_options *options, const struct diagnosis_listener *listener,
				 struct diagnosis_counts *counts, struct error *error)
{
	struct diagnosis *diagnosis = calloc(1, sizeof(*diagnosis));

	memset(counts, 0, sizeof(*counts));
	counts->kernels = UINT64_MAX;
	if (!diagnosis) {
		fail(error, "out of memory for a diagnosis");
		return NULL;
	}
	diagnosis->options = *options;
	diagnosis->listener = *listener;
	diagnosis->counts = counts;
	if (open_all(diagnosis, error) == 0)
		return diagnosis;
	diagnosis_close(diagnosis);
	return NULL;
}

void diagnosis_close(struct diagnosis *diagnosis)
{
	if (!diagnosis)
		return;
	tracker_close(diagnosis->tracker);
	hosts_close(diagnosis->hosts);
	frame_filter_close(diagnosis->filter);
	free(diagnosis);
}
