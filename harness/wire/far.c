/* far.c - the second capture of a lab with a router. */
#include "harness/wire/far.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/inject.h"
#include "harness/lab/router.h"
#include "listener/capture.h"

struct far {
	struct lab *lab;
	struct capture *capture;
	struct side_table *sides;
	uint64_t arrived;
	uint64_t near_upto_ns; /* what the crafted end heard until then is known */
	far_sink *sink;
	void *context;
};

static bool is_subjects(const struct address *address)
{
	struct endpoint subject = lab_endpoint(address->family);

	return address_equal(address, &subject.address);
}

static void take(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns)
{
	struct far *far = context;
	bool from_subject = is_subjects(&segment->tuple.source.address);

	/* TCP counts a segment that came in before it looks at its checksum (tcp_v4_rcv(), InSegs). */
	if (!from_subject && (!notice || notice->kind == NOTICE_CHECKSUM))
		far->arrived++;
	if (notice && notice->kind != NOTICE_CHECKSUM)
		return;
	sides_heard(far->sides, notice ? &notice->segment : segment, from_subject, time_ns);
	if (from_subject && !notice)
		far->sink(far->context, segment);
}

struct far *far_open(struct lab *lab, size_t ring_bytes, far_sink *sink, void *context, struct error *error)
{
	struct capture_options options = { .interface = ROUTER_LINK, .ring_bytes = ring_bytes };
	struct far *far = calloc(1, sizeof(*far));

	if (far)
		far->sides = sides_open();
	if (!far || !far->sides) {
		fail(error, "out of memory");
		far_close(far);
		return NULL;
	}
	far->lab = lab;
	far->sink = sink;
	far->context = context;
	far->capture = capture_open(&options, error);
	if (far->capture)
		return far;
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
		return inject_open(families, error);
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

void far_begin(struct far *far, const struct endpoint *crafted)
{
	sides_begin(far->sides, crafted);
}

void far_sent(struct far *far, const struct segment *segment)
{
	sides_sent(far->sides, segment);
}

void far_came(struct far *far, const struct segment *segment)
{
	sides_came(far->sides, segment);
}

void far_near_known(struct far *far, uint64_t upto_ns)
{
	far->near_upto_ns = upto_ns;
}

int far_receive(struct far *far, struct error *error)
{
	uint64_t upto_ns;
	struct rule_trace *trace = router_trace(lab_router(far->lab));

	if (capture_receive(far->capture, take, far, &upto_ns, error) < 0)
		return -1;
	if (trace)
		rule_trace_receive(trace);
	return 0;
}

uint64_t far_arrived(const struct far *far)
{
	return far->arrived;
}

struct pair far_pair(const struct far *far, const struct pair *pair)
{
	struct endpoint front = lab_front(far->lab, pair->subject.address.family);
	struct pair behind = *pair;

	behind.crafted = sides_behind(far->sides, &pair->crafted);
	if (endpoint_equal(&behind.subject, &front))
		behind.subject = lab_endpoint(front.address.family);
	return behind;
}

int far_health(struct far *far, uint64_t *lost, uint64_t *went_down, struct error *error)
{
	struct capture_health health;
	uint64_t on_links;

	if (capture_health(far->capture, &health, error) < 0 || router_lost(lab_router(far->lab), &on_links, error) < 0)
		return -1;
	*lost = health.dropped + on_links;
	*went_down = health.went_down;
	return 0;
}

/* "mine.nft:7: ct state invalid drop" */
static void name_rule(const struct far *far, const struct pair *pair, const struct segment *sent, struct side_view *view)
{
	const struct rule_trace *trace = router_trace(lab_router(far->lab));
	const struct ruleset_rule *rule = NULL;
	const char *file = lab_path_file(far->lab), *slash = file ? strrchr(file, '/') : NULL;
	bool back = (view->stimulus == SIDE_FATE_REACHED || view->set_up) && view->subject_answered &&
		    (view->answerer == SIDE_ANSWERER_STOPPED || view->answerer == SIDE_ANSWERER_ROUTER);

	if (trace && view->stimulus == SIDE_FATE_STOPPED)
		rule = rule_trace_find(trace, &pair->crafted, false, sent);
	else if (trace && back)
		rule = rule_trace_find(trace, &pair->crafted, true, &view->subject_answer);
	if (!rule)
		return;
	if (rule->line)
		snprintf(view->rule, sizeof(view->rule), "%.30s:%d: %.110s", slash ? slash + 1 : file, rule->line, rule->text);
	else
		snprintf(view->rule, sizeof(view->rule), "%.30s, chain %.20s: %.90s", slash ? slash + 1 : file, rule->chain,
			 rule->text);
}

void far_tell(const struct far *far, const struct pair *pair, const struct side_exchange *exchange, struct side_view *view)
{
	sides_tell(far->sides, &pair->crafted, exchange, far->near_upto_ns, view);
	name_rule(far, pair, exchange->sent, view);
}

void far_close(struct far *far)
{
	if (!far)
		return;
	capture_close(far->capture);
	sides_close(far->sides);
	free(far);
}
