/* wire.c - the real transport. */
#include "harness/wire/wire.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/guard.h"
#include "crafter/inject.h"
#include "harness/lab/counters.h"
#include "harness/lab/router.h"
#include "harness/wire/called.h"
#include "harness/wire/caller.h"
#include "harness/wire/far.h"
#include "harness/wire/overloads.h"
#include "listener/capture.h"

enum { LAB_FIRST_PORT = 20000, LAB_PORTS = 41000, GUARD_SPARE = 1024 };

#define LOOPBACK "lo" /* the lab's interface and everybody's */

struct wire {
	struct loop *loop;
	struct lab *lab;
	struct stack *stack;       /* NULL: the subject is no process */
	struct inject *inject;
	struct capture *capture;
	struct far *far;           /* the subject's side of a router; NULL: there is none */
	struct guard *guard;       /* of a target's source ports */
	struct address source;
	struct witness *witness;
	struct counters *counters; /* of the subject's namespace, where that is ours */
	uint64_t lab_ports;        /* tuples handed out */
	uint64_t icmp_sent, martians; /* what was sent and its TCP does not count: no segment; what IP drops before it */
	uint64_t heard;            /* segments of the subject's */
	uint64_t returned;         /* those of them that the lab's kernel takes in again; see balance_of() */
	int64_t in_at, out_at;
	const struct kernel *kernel;
	struct overloads overloads;
	struct manner manner;      /* of the subject's sockets */
	struct endpoint target;
	struct caller *caller;     /* of a target that can be asked to connect; else NULL */
	struct called *called;     /* NULL until the subject connects for the first time */
	transport_sink *sink;
	void *sink_context;
};

static uint64_t wire_now(void *self)
{
	(void)self;
	return clock_now();
}

static int wire_send(void *self, const struct segment *segment, struct error *error)
{
	struct wire *wire = self;

	wire->icmp_sent += segment->icmp_error != 0;
	wire->martians += tuple_is_martian(&segment->tuple);
	if (wire->far)
		far_sent(wire->far, segment);
	return inject_send(wire->inject, segment, error);
}

static int wire_flush(void *self, transport_refused *refused, void *context, struct error *error)
{
	struct wire *wire = self;

	return inject_flush(wire->inject, refused, context, error) < 0 ? -1 : 0;
}

/* In the lab every port of the subject's address. */
static bool is_subject(const struct segment *segment)
{
	struct endpoint subject = lab_endpoint(segment->tuple.source.address.family);

	return address_equal(&segment->tuple.source.address, &subject.address);
}

static void take_segment(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns)
{
	struct wire *wire = context;
	bool subjects = wire->lab ? is_subject(segment) : segment->tuple.source.port == wire->target.port;

	if (wire->far && !notice)
		far_came(wire->far, segment, time_ns);
	/* What is unsound the kernel did not count, or it was none of the subject's. Behind a router they are counted on the
	 * subject's side (take_far()). */
	subjects = subjects && !notice && !wire->far;
	wire->heard += subjects && called_counted(wire->called, segment);
	wire->returned += subjects && wire->lab && segment->tuple.source.address.family == 4;
	if (wire->sink)
		wire->sink(wire->sink_context, segment, notice, time_ns);
}

static void take_far(void *context, const struct segment *segment)
{
	struct wire *wire = context;

	wire->heard += called_counted(wire->called, segment);
}

static int wire_receive(void *self, transport_sink *sink, void *context, uint64_t *upto_ns, struct error *error)
{
	struct wire *wire = self;

	wire->sink = sink;
	wire->sink_context = context;
	if (wire->far && far_receive(wire->far, error) < 0)
		return -1;
	return capture_receive(wire->capture, take_segment, wire, upto_ns, error);
}

/* Its end wakes the loop up, by lab_descriptor() or stack_descriptor(). */
static int check_subject(struct wire *wire, struct error *error)
{
	return wire->lab ? lab_check(wire->lab, error) : wire->stack ? stack_check(wire->stack, error) : 0;
}

static int wire_wait(void *self, uint64_t deadline_ns, struct error *error)
{
	struct wire *wire = self;
	int stopped = loop_wait(wire->loop, deadline_ns, error);

	return stopped == 0 ? check_subject(wire, error) : stopped;
}

static int count_overloads(struct wire *wire, struct error *error)
{
	if (!wire->counters)
		return 0;
	if (counters_read(wire->counters, error) < 0)
		return -1;
	overloads_count(&wire->overloads, wire->counters, wire->icmp_sent);
	return 0;
}

/* What the subject's kernel sent: OutSegs counts everything but retransmitted data and FINs, which RetransSegs counts;
 * retransmitted SYN-ACKs are in both (tcp_make_synack, tcp_rtx_synack), and in TCPSynRetrans. */
static int64_t segments_out(const struct counters *counters)
{
	return counters_get(counters, "Tcp.OutSegs") + counters_get(counters, "Tcp.RetransSegs") -
	       counters_get(counters, "TcpExt.TCPSynRetrans");
}

/* What its TCP must have counted as received. */
static int64_t segments_sent(const struct wire *wire)
{
	return (int64_t)(wire->far ? far_arrived(wire->far) :
			 inject_count(wire->inject) - wire->icmp_sent - wire->martians + wire->returned);
}

/* The counters are read right after the capture was emptied: what the kernel had sent by then must have been heard. An
 * IPv4 segment routed to lo comes in again as if it were local (__mkroute_output: IFF_LOOPBACK sets RTCF_LOCAL): TCP
 * counts it, finds no socket, and sends no RST, because the route's type is not RTN_LOCAL (tcp_v4_send_reset). */
static enum balance balance_of(const struct wire *wire)
{
	int64_t in = counters_get(wire->counters, "Tcp.InSegs") - wire->in_at;
	int64_t out = segments_out(wire->counters) - wire->out_at;
	int64_t sent = segments_sent(wire);

	return in == sent && out == (int64_t)wire->heard ? BALANCE_EVEN : BALANCE_UNEVEN;
}

static int wire_health(void *self, struct health *health, struct error *error)
{
	struct wire *wire = self;
	struct capture_health capture;
	uint64_t upto_ns, lost = 0, fell = 0;

	memset(health, 0, sizeof(*health));
	if (check_subject(wire, error) < 0 || (wire->stack && stack_lost(wire->stack, &lost, error) < 0))
		return -1;
	if ((wire->lab || wire->far) && wire->sink &&
	    capture_receive(wire->capture, take_segment, wire, &upto_ns, error) < 0)
		return -1;
	/* What the crafted end has heard had passed here before. */
	if (wire->far && wire->sink)
		far_near_known(wire->far, upto_ns);
	if (wire->far && (far_receive(wire->far, error) < 0 || far_health(wire->far, &lost, &fell, error) < 0))
		return -1;
	if (count_overloads(wire, error) < 0)
		return -1;
	health->overloads = wire->overloads.total;
	if (wire->counters && wire->lab)
		health->balance = balance_of(wire);
	if (capture_health(wire->capture, &capture, error) < 0)
		return -1;
	if (wire->lab)
		health->given_up = lab_given_up(wire->lab);
	health->dropped = capture.dropped + lost;
	health->went_down = capture.went_down + fell;
	return 0;
}

/* In the lab no socket of ours can answer, so the ports need no guard: they go round, an address after the other. */
static int wire_take(void *self, uint8_t family, struct endpoint *source, struct error *error)
{
	struct wire *wire = self;
	uint64_t number;

	if (!wire->lab) {
		source->address = wire->source;
		if (guard_take(wire->guard, &source->port, error) < 0)
			return -1;
		if (wire->far)
			far_begin(wire->far, source);
		return 0;
	}
	number = wire->lab_ports++;
	source->address = lab_source(family, (unsigned)(number / LAB_PORTS % LAB_SOURCES));
	source->port = (uint16_t)(LAB_FIRST_PORT + number % LAB_PORTS);
	if (wire->far)
		far_begin(wire->far, source);
	return 0;
}

static void wire_give_back(void *self, const struct endpoint *source)
{
	struct wire *wire = self;

	if (wire->guard)
		guard_release(wire->guard, source->port);
}

static int wire_testify(void *self, const struct pair *pair, struct sighting *sighting, struct error *error)
{
	struct wire *wire = self;
	struct pair behind = wire_behind(wire, pair);

	return witness_ask(wire->witness, &behind, sighting, error);
}

static int wire_apply(void *self, const struct conditions *conditions, bool at_probe, struct error *error)
{
	struct wire *wire = self;
	char value[SYSCTL_VALUE_SIZE];

	if (!at_probe) {
		/* What moved until now moved under the conditions before. */
		if (count_overloads(wire, error) < 0 || lab_sysctls_reset(wire->lab, error) < 0)
			return -1;
		overloads_change(&wire->overloads, conditions, wire->kernel);
	}
	for (uint8_t i = 0; i < conditions->sysctl_count; i++) {
		const struct sysctl *sysctl = &conditions->sysctls[i];

		if (sysctl->at_probe == at_probe) {
			if (lab_sysctl_set(wire->lab, sysctl->name, sysctl->value, error) < 0)
				return -1;
		} else if (sysctl->at_probe && lab_sysctl_get(wire->lab, sysctl->name, value, error) < 0) {
			/* Better known before the connections are made than after. */
			return -1;
		}
	}
	return 0;
}

static void wire_crossed(void *self, const struct pair *pair, const struct side_exchange *exchange, struct side_view *view)
{
	far_tell(((struct wire *)self)->far, pair, exchange, view);
}

static bool wire_grows(void *self)
{
	return far_grows(((struct wire *)self)->far);
}

static int wire_call(void *self, const struct pair *pair, enum behaviour behaviour, struct error *error)
{
	struct wire *wire = self;

	if (!wire->called)
		wire->called = called_open(LAB_FIRST_PORT, LAB_PORTS);
	called_begin(wire->called, &pair->crafted);
	return lab_call(wire->lab, pair, behaviour, error);
}

static int wire_ask(void *self, const struct pair *pair, enum behaviour behaviour, struct error *error)
{
	return caller_ask(((struct wire *)self)->caller, pair->crafted.port, behaviour, error);
}

static int wire_manner(void *self, const struct manner *manner, struct error *error)
{
	struct wire *wire = self;

	if (manner_equal(&wire->manner, manner))
		return 0;
	wire->manner = *manner;
	return lab_manner(wire->lab, manner, error);
}

static int wire_listener(void *self, enum listener listening, struct error *error)
{
	struct wire *wire = self;
	bool fills = overloads_fills(wire->overloads.listening) || overloads_fills(listening);
	uint64_t upto_ns;

	if ((fills && count_overloads(wire, error) < 0) || lab_listener(wire->lab, listening, error) < 0)
		return -1;
	overloads_listen(&wire->overloads, listening);
	if (!fills)
		return 0;
	if (capture_receive(wire->capture, take_segment, wire, &upto_ns, error) < 0)
		return -1;
	return wire_rebase(wire, error);
}

/* Their frames need no ring: see capture.h. */
static bool are_few(const struct wire_options *options)
{
	return options->lab && options->in_flight <= 16;
}

static int open_far(struct wire *wire, const struct wire_options *options, struct error *error)
{
	struct far_options far = {
		.lab = options->lab, .interface = options->far, .namespace = options->far_namespace, .file = options->far_file,
		.target = wire->target, .ring_bytes = far_ring(options->in_flight, options->in_turn, options->lab),
		.few = are_few(options),
		.sink = options->lab ? take_far : NULL, .context = wire, .keep = options->keep_far,
		.keep_context = options->keep_context,
	};

	wire->far = far_open(&far, error);
	return wire->far ? 0 : -1;
}

static int open_capture(struct wire *wire, const struct wire_options *options, struct error *error)
{
	bool routed = options->lab && lab_router(options->lab);
	struct capture_options capture = {
		.interface = routed ? ROUTER_LINK : options->lab ? LOOPBACK : options->route->interface,
		.target = wire->target,
		.last_port = options->lab ? LAB_PORT_LAST : options->stack ? STACK_PORT_NOBODY : 0,
		.savefile = options->savefile, .savefile_name = options->savefile_name,
		.keep = options->keep,
		.keep_context = options->keep_context,
		.ring_bytes = far_ring(options->in_flight, options->in_turn, options->lab),
		.few = are_few(options),
		.marked_only = options->lab && !options->whole && !options->savefile && !options->keep,
		.loopback = options->lab ? !routed : options->route->loopback,
	};

	wire->capture = routed ? far_near_capture(wire->lab, &capture, error) : capture_open(&capture, error);
	if (!wire->capture || ((routed || options->far || options->far_file) && open_far(wire, options, error) < 0))
		return -1;
	return loop_watch(wire->loop, capture_descriptor(wire->capture), error);
}

static int open_guard(struct wire *wire, const struct wire_options *options, struct error *error)
{
	bool ours;

	wire->source = options->source ? *options->source : options->route->source;
	if (route_is_local(&wire->source, &ours, error) < 0)
		return -1;
	wire->guard = guard_open(&wire->source, options->in_flight + GUARD_SPARE, ours, options->seed, error);
	if (!wire->guard || !options->calls)
		return wire->guard ? 0 : -1;
	wire->caller = caller_open(&wire->source, &wire->target, error);
	return wire->caller ? 0 : -1;
}

/* Its own kernel is the subject's, in the lab and where the target is this host. */
static int open_testimony(struct wire *wire, const struct wire_options *options, struct error *error)
{
	if (!options->lab && !options->route->loopback)
		return 0;
	wire->counters = counters_open(error);
	if (!wire->counters || counters_read(wire->counters, error) < 0)
		return -1;
	overloads_count(&wire->overloads, wire->counters, 0);
	wire->overloads.total = 0;
	wire->in_at = counters_get(wire->counters, "Tcp.InSegs");
	wire->out_at = segments_out(wire->counters);
	if (options->witness)
		wire->witness = witness_open(error);
	return options->witness && !wire->witness ? -1 : 0;
}

struct wire *wire_open(const struct wire_options *options, struct loop *loop, struct error *error)
{
	struct wire *wire = calloc(1, sizeof(*wire));
	int subject;

	if (!wire) {
		fail(error, "out of memory");
		return NULL;
	}
	wire->loop = loop;
	wire->lab = options->lab;
	wire->stack = options->stack;
	wire->target = options->target;
	wire->kernel = options->kernel;
	overloads_begin(&wire->overloads, wire->kernel);
	wire->lab_ports = options->seed % LAB_PORTS; /* the same seed, the same tuples */
	if (options->lab)
		wire->target = (struct endpoint){ .port = options->any_port ? 0 : LAB_PORT };
	subject = options->lab ? lab_descriptor(options->lab) : options->stack ? stack_descriptor(options->stack) : -1;
	if (subject >= 0 && loop_watch(loop, subject, error) < 0) {
		wire_close(wire);
		return NULL;
	}
	wire->inject = far_inject(options->lab, options->families, error);
	if (!wire->inject || open_capture(wire, options, error) < 0 ||
	    (!options->lab && open_guard(wire, options, error) < 0) || open_testimony(wire, options, error) < 0) {
		wire_close(wire);
		return NULL;
	}
	return wire;
}

void wire_transport(struct wire *wire, struct transport *transport)
{
	*transport = (struct transport){
		.self = wire,
		.now = wire_now,
		.send = wire_send,
		.flush = wire_flush,
		.receive = wire_receive,
		.wait = wire_wait,
		.health = wire_health,
		.take = wire_take,
		.give_back = wire_give_back,
		.testify = wire->witness ? wire_testify : NULL,
		.call = wire->lab ? wire_call : wire->caller ? wire_ask : NULL,
		.manner = wire->lab ? wire_manner : NULL,
		.listener = wire->lab ? wire_listener : NULL,
		.apply = wire->lab ? wire_apply : NULL,
		.crossed = wire->far ? wire_crossed : NULL,
		.grows = wire->far && far_grows(wire->far) ? wire_grows : NULL,
	};
}

struct witness *wire_witness(struct wire *wire)
{
	return wire->witness;
}

struct pair wire_behind(const struct wire *wire, const struct pair *pair)
{
	return wire && wire->far ? far_pair(wire->far, pair) : *pair;
}

uint64_t wire_segments_sent(const struct wire *wire)
{
	return inject_count(wire->inject);
}

struct counters *wire_counters(struct wire *wire)
{
	return wire->counters;
}

int wire_rebase(struct wire *wire, struct error *error)
{
	if (!wire->counters)
		return 0;
	if (counters_read(wire->counters, error) < 0)
		return -1;
	wire->in_at = counters_get(wire->counters, "Tcp.InSegs") - segments_sent(wire);
	wire->out_at = segments_out(wire->counters) - (int64_t)wire->heard;
	return 0;
}

const char *wire_note(const struct wire *wire)
{
	return wire->guard && guard_leaks(wire->guard) ?
	       "this kernel has no way to stay out of connections whose subject sends with a TTL of 255: it may have sent "
	       "its own RSTs" : NULL;
}

int wire_finish(struct wire *wire, struct error *error)
{
	uint64_t upto_ns;

	wire->sink = NULL;
	if (capture_receive(wire->capture, take_segment, wire, &upto_ns, error) < 0)
		return -1;
	return capture_flush(wire->capture, error);
}

void wire_close(struct wire *wire)
{
	if (!wire)
		return;
	inject_close(wire->inject);
	capture_close(wire->capture);
	far_close(wire->far);
	guard_close(wire->guard);
	caller_close(wire->caller);
	called_close(wire->called);
	witness_close(wire->witness);
	counters_close(wire->counters);
	free(wire);
}
