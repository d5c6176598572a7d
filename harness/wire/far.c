/* far.c - the second capture, behind a router. */
#include "harness/wire/far.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/inject.h"
#include "harness/lab/conntrack.h"
#include "harness/lab/router.h"
#include "harness/wire/elsewhere.h"
#include "harness/wire/far_file.h"
#include "listener/capture.h"
#include "listener/ear.h"

/* Behind a balancer of the user's there may be several. */
enum { SUBJECTS_MAX = 64 };

struct far {
	struct lab *lab; /* NULL: the path is the user's */
	struct endpoint subjects[SUBJECTS_MAX];
	size_t subject_count;
	struct capture *capture;    /* or: */
	struct far_file *file;
	struct side_table *sides;
	uint64_t arrived;
	uint64_t near_upto_ns; /* what the crafted end heard until then is known */
	uint64_t dropped, went_down;
	far_sink *sink;
	void *context;
};

static bool is_subjects(const struct far *far, const struct endpoint *endpoint)
{
	struct endpoint subject;

	if (far->lab) {
		subject = lab_endpoint(endpoint->address.family);
		return address_equal(&endpoint->address, &subject.address);
	}
	for (size_t i = 0; i < far->subject_count; i++)
		if (endpoint_equal(&far->subjects[i], endpoint))
			return true;
	return false;
}

static void learn_subject(struct far *far, const struct endpoint *endpoint)
{
	if (far->subject_count < SUBJECTS_MAX && !is_subjects(far, endpoint))
		far->subjects[far->subject_count++] = *endpoint;
}

/* Which way it goes. On the user's interface others talk, too: a subject is who is addressed as the target, or by a SYN that
 * has the number of one of ours. */
static bool has_way(struct far *far, const struct segment *segment, bool *from_subject)
{
	if (!far->lab && sides_knows_syn(far->sides, segment))
		learn_subject(far, &segment->tuple.target);
	*from_subject = is_subjects(far, &segment->tuple.source);
	return far->lab || *from_subject || is_subjects(far, &segment->tuple.target);
}

static void take(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns)
{
	struct far *far = context;
	bool wrong = notice && notice->kind == NOTICE_CHECKSUM, from_subject;
	const struct segment *heard = wrong ? &notice->segment : segment;

	if (!has_way(far, heard, &from_subject) || (notice && !wrong))
		return;
	/* TCP counts a segment that came in before it looks at its checksum (tcp_v4_rcv(), InSegs). */
	if (!from_subject)
		far->arrived++;
	sides_heard(far->sides, heard, from_subject, time_ns);
	if (from_subject && !notice && far->sink)
		far->sink(far->context, segment);
}

/* A socket belongs to the namespace in which it was opened. */
static struct capture *open_elsewhere(const char *namespace, const struct capture_options *options, struct error *error)
{
	int ours = elsewhere_enter(namespace, error);
	struct capture *capture = ours < 0 ? NULL : capture_open(options, error);

	if (ours < 0 || elsewhere_leave(ours, namespace, capture ? error : NULL) == 0)
		return capture;
	capture_close(capture);
	return NULL;
}

/* The kernel clears all of it at the start, 10 ms for what hundreds of connections may need, and a user-mode Linux maps all of
 * it for each fork. What a connection sends and gets between two looks at the ring is a few frames of less than 1 KiB. */
size_t far_ring(size_t in_flight, bool in_turn, bool lab)
{
	const size_t mib = 1 << 20, least = (in_turn ? 1U : 2U) * mib, each = mib / (in_turn ? 128 : lab ? 64 : 8);

	return in_flight < (32 * mib - least) / each ? least + in_flight * each : 32 * mib;
}

static int open_ear(struct far *far, const struct far_options *options, struct error *error)
{
	struct capture_options capture = {
		.interface = options->lab ? router_far_interface(lab_router(options->lab)) : options->interface,
		.ring_bytes = options->ring_bytes, .few = options->few,
		.keep = options->keep, .keep_context = options->keep_context,
		.loopback = !options->lab && !options->file && strcmp(options->interface, "lo") == 0,
	};

	if (options->file) {
		sides_lag(far->sides);
		far->file = far_file_open(options->file, error);
	} else if (options->namespace) {
		far->capture = open_elsewhere(options->namespace, &capture, error);
	} else {
		far->capture = capture_open(&capture, error);
	}
	return far->capture || far->file ? 0 : -1;
}

struct far *far_open(const struct far_options *options, struct error *error)
{
	struct far *far = calloc(1, sizeof(*far));

	if (far)
		far->sides = sides_open(!options->lab);
	if (!far || !far->sides) {
		fail(error, "out of memory");
		far_close(far);
		return NULL;
	}
	far->lab = options->lab;
	far->sink = options->sink;
	far->context = options->context;
	if (!options->lab)
		learn_subject(far, &options->target);
	if (open_ear(far, options, error) == 0)
		return far;
	if (!options->lab)
		fail_in(error, "--far");
	far_close(far);
	return NULL;
}

/* Back in the subject's namespace, which all else is opened in. */
static bool is_back(const struct lab *lab, bool opened, struct error *error)
{
	return router_visit(lab_router(lab), ROUTER_SUBJECT, opened ? error : NULL) == 0;
}

struct inject *far_inject(struct lab *lab, unsigned families, struct error *error)
{
	struct inject *inject = NULL;

	if (!lab || !lab_router(lab))
		return lab ? inject_open_loopback(families, error) : inject_open(families, error);
	if (router_visit(lab_router(lab), ROUTER_CRAFTED, error) == 0)
		inject = inject_open(families, error);
	if (is_back(lab, inject != NULL, error))
		return inject;
	inject_close(inject);
	return NULL;
}

struct capture *far_near_capture(struct lab *lab, struct capture_options *options, struct error *error)
{
	struct capture *capture = NULL;

	options->target = (struct endpoint){ .port = 0 };
	options->last_port = 0;
	options->marked_only = false;
	if (router_visit(lab_router(lab), ROUTER_CRAFTED, error) == 0)
		capture = capture_open(options, error);
	if (is_back(lab, capture != NULL, error))
		return capture;
	capture_close(capture);
	return NULL;
}

/* NULL: nobody tracks, or nobody tells. */
static struct conntrack *far_conntrack(const struct far *far)
{
	return far->lab ? router_conntrack(lab_router(far->lab)) : NULL;
}

void far_begin(struct far *far, const struct endpoint *crafted)
{
	struct conntrack *conntrack = far_conntrack(far);

	if (far->lab)
		lab_expect_anew(far->lab, crafted);
	sides_begin(far->sides, crafted);
	if (conntrack)
		conntrack_begin(conntrack, crafted);
}

void far_sent(struct far *far, const struct segment *segment)
{
	struct conntrack *conntrack = far_conntrack(far);

	if (far->lab)
		lab_expect(far->lab, segment);
	sides_sent(far->sides, segment, clock_now());
	if (conntrack)
		conntrack_sent(conntrack, segment);
}

void far_came(struct far *far, const struct segment *segment, uint64_t time_ns)
{
	sides_came(far->sides, segment, time_ns);
}

void far_near_known(struct far *far, uint64_t upto_ns)
{
	far->near_upto_ns = upto_ns;
}

/* NULL: nobody traces. */
static struct rule_trace *far_trace(const struct far *far)
{
	return far->lab ? router_trace(lab_router(far->lab)) : NULL;
}

/* What its file has got meanwhile. */
static int receive_file(struct far *far, struct error *error)
{
	struct capture_frame frame;
	struct segment segment;
	struct notice notice;
	int result;

	while ((result = far_file_next(far->file, &frame, error)) > 0) {
		enum ear_result heard = ear_take(frame.link_type, frame.bytes, frame.size, frame.length, &segment, &notice);

		if (heard != EAR_NOTHING)
			take(far, &segment, heard == EAR_SEGMENT ? NULL : &notice, frame.time_ns);
	}
	return result < 0 ? fail_in(error, "--far") : 0;
}

int far_receive(struct far *far, struct error *error)
{
	uint64_t upto_ns;
	struct rule_trace *trace = far_trace(far);

	if (far->file)
		return receive_file(far, error);

	if (capture_receive(far->capture, take, far, &upto_ns, error) < 0)
		return -1;
	if (trace)
		rule_trace_receive(trace);
	return 0;
}

bool far_grows(const struct far *far)
{
	return far->file && far_file_grows(far->file, clock_now());
}

uint64_t far_arrived(const struct far *far)
{
	return far->arrived;
}

struct pair far_pair(const struct far *far, const struct pair *pair)
{
	struct pair behind = *pair;
	struct endpoint front;

	behind.crafted = sides_behind(far->sides, &pair->crafted);
	if (!far->lab)
		return behind;
	front = sides_server(far->sides, &pair->crafted);
	if (front.address.family)
		behind.subject = front;
	else if (front = lab_front(far->lab, pair->subject.address.family), endpoint_equal(&behind.subject, &front))
		behind.subject = lab_endpoint(front.address.family);
	return behind;
}

int far_health(struct far *far, uint64_t *lost, uint64_t *went_down, struct error *error)
{
	struct capture_health health;
	uint64_t on_links = 0;

	*lost = *went_down = 0;
	if (far->file)
		return 0;
	if (capture_health(far->capture, &health, error) < 0 ||
	    (far->lab && router_lost(lab_router(far->lab), &on_links, error) < 0))
		return -1;
	if (far->lab) {
		*lost = health.dropped + on_links;
		*went_down = health.went_down;
	} else if (health.dropped != far->dropped || health.went_down != far->went_down) {
		sides_missed(far->sides);
	}
	far->dropped = health.dropped;
	far->went_down = health.went_down;
	return 0;
}

/* Without its folders. */
static const char *file_name(const struct path *path)
{
	const char *slash = strrchr(path->file, '/');

	return slash ? slash + 1 : path->file;
}

/* "mine.nft:7: ct state invalid drop" */
static void name_rule(const struct far *far, const struct pair *pair, const struct segment *sent, struct side_view *view)
{
	const struct rule_trace *trace = far_trace(far);
	const struct ruleset_rule *rule = NULL;
	bool back = (view->stimulus == SIDE_FATE_REACHED || view->set_up) && sides_dropped_answer(view);
	const char *file;

	if (trace && view->stimulus == SIDE_FATE_STOPPED)
		rule = rule_trace_find(trace, &pair->crafted, false, sent);
	else if (trace && view->set_up && view->nothing_came)
		rule = rule_trace_find(trace, &pair->crafted, false, NULL);
	else if (trace && back)
		rule = rule_trace_find(trace, &pair->crafted, true, &view->subject_answer);
	if (!rule)
		return;
	file = file_name(lab_path(far->lab));
	if (rule->line)
		snprintf(view->rule, sizeof(view->rule), "%.30s:%d: %.110s", file, rule->line, rule->text);
	else
		snprintf(view->rule, sizeof(view->rule), "%.30s, chain %.20s: %.90s", file, rule->chain, rule->text);
}

/* What no rule is known to have dropped. */
static void blame_netem(const struct path *path, struct side_view *view)
{
	bool back = view->stimulus != SIDE_FATE_STOPPED && view->answerer == SIDE_ANSWERER_STOPPED;
	const struct path_netem *netem = back ? &path->to_client : &path->to_subject;

	if ((!back && view->stimulus != SIDE_FATE_STOPPED) || !(netem->loss > 0))
		return;
	view->by_chance = netem->loss < 1;
	snprintf(view->rule, sizeof(view->rule), "%.30s:%d: netem, loss %g%%", file_name(path), netem->line, netem->loss * 100);
}

void far_tell(const struct far *far, const struct pair *pair, const struct side_exchange *exchange, struct side_view *view)
{
	const struct path *path = far->lab ? lab_path(far->lab) : NULL;
	uint64_t delay_ns = path_delay_ns(path);

	sides_tell(far->sides, &pair->crafted, exchange, far->near_upto_ns > delay_ns ? far->near_upto_ns - delay_ns : 0, view);
	/* It may be on its way. */
	if (delay_ns && exchange->answer && view->stimulus == SIDE_FATE_STOPPED)
		view->stimulus = SIDE_FATE_UNKNOWN;
	name_rule(far, pair, exchange->sent, view);
	if (exchange->sent && far_conntrack(far))
		conntrack_tell(far_conntrack(far), exchange->sent, exchange->again, &view->tracked_before,
			       &view->tracked_after);
	if (!*view->rule && path_loses(path))
		blame_netem(path, view);
}

void far_close(struct far *far)
{
	if (!far)
		return;
	capture_close(far->capture);
	far_file_close(far->file);
	sides_close(far->sides);
	free(far);
}
