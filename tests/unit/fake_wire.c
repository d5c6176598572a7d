/* fake_wire.c - the model: server, network, clock. */
#include "tests/unit/fake_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/clock.h"
#include "crafter/peer.h"
#include "crafter/random.h"
#include "crafter/seq.h"
#include "crafter/units.h"

#define MS UINT64_C(1000000)

enum { PORTS = 65536, EVENTS_MAX = 1 << 14, SERVER_PORT = 8888, WINDOW = 65160 };

enum server_state { GONE, SYN_RECV, FIN_WAIT_1, FIN_WAIT_2, TIME_WAIT };

/* The server's socket for one client port. */
struct server {
	enum server_state state;
	uint32_t rcv_nxt, snd_nxt, ts_recent;
	bool timestamps;
	uint64_t limited_until_ns; /* tcp_invalid_ratelimit */
	uint32_t timer;            /* generation: older timer events are void */
	uint64_t timeout_ns;
	uint64_t time_wait_since_ns;
};

enum event_kind { TO_SERVER, TO_CAPTURE, TIMER };

struct event {
	uint64_t time_ns, order;
	enum event_kind kind;
	struct segment segment;
	uint16_t port;
	uint32_t timer;
	bool icmp; /* TO_CAPTURE: not the segment comes, but the word that it was rejected */
};

struct fake_wire {
	struct fake_options options;
	uint64_t syn_ns, dropped_syns; /* of syn_limit */
	double syn_room;
	uint64_t now_ns, order, random, lost, dropped, frames, sent, syns;
	uint64_t delay_ns, delayed;  /* of what TIME_WAIT answers */
	int64_t ahead_ns;            /* the wall clock, against ours */
	struct clock_offset offset;  /* what we know of that */
	struct tuple refused;
	bool has_refused;
	uint64_t last_ns;            /* of the last frame that was handed over */
	struct server servers[PORTS];
	struct event *events; /* a heap by time and order */
	size_t event_count;
	struct event *heard;  /* what the capture has for the next receive */
	size_t heard_count;
	uint16_t next_port;
};

static double chance(struct fake_wire *fake)
{
	fake->random = random_mix(fake->random);
	return (double)(fake->random >> 11) / (double)(UINT64_C(1) << 53);
}

static bool sooner(const struct event *a, const struct event *b)
{
	return a->time_ns != b->time_ns ? a->time_ns < b->time_ns : a->order < b->order;
}

static void push(struct fake_wire *fake, struct event event)
{
	size_t place = fake->event_count++;

	if (place == EVENTS_MAX)
		abort();
	event.order = fake->order++;
	while (place > 0 && sooner(&event, &fake->events[(place - 1) / 2])) {
		fake->events[place] = fake->events[(place - 1) / 2];
		place = (place - 1) / 2;
	}
	fake->events[place] = event;
}

static struct event pop(struct fake_wire *fake)
{
	struct event first = fake->events[0], last = fake->events[--fake->event_count];
	size_t place = 0;

	for (;;) {
		size_t child = 2 * place + 1;

		if (child >= fake->event_count)
			break;
		if (child + 1 < fake->event_count && sooner(&fake->events[child + 1], &fake->events[child]))
			child++;
		if (!sooner(&fake->events[child], &last))
			break;
		fake->events[place] = fake->events[child];
		place = child;
	}
	fake->events[place] = last;
	return first;
}

/* Sends through the network: lost, or delivered once or twice, late by a random time. */
static void deliver(struct fake_wire *fake, enum event_kind kind, const struct segment *segment)
{
	struct event event = { .kind = kind, .segment = *segment };
	int copies = chance(fake) < fake->options.repeat ? 2 : 1;

	if (fake->delay_ns && fake->delayed++)
		return;
	if (chance(fake) < fake->options.loss) {
		fake->lost++;
		copies--;
	}
	while (copies-- > 0) {
		event.time_ns = fake->now_ns + MS / 10 + fake->options.away_ns + fake->delay_ns +
				(uint64_t)(chance(fake) * (double)fake->options.jitter_ns);
		push(fake, event);
	}
}

/* Those of Linux. */
static void add_options(const struct fake_wire *fake, const struct server *server, struct segment *segment)
{
	uint32_t tsval = (uint32_t)(fake->now_ns / MS);

	if (segment->flags & FLAG_SYN) {
		segment_add_syn_options(segment, server->timestamps);
		segment->tsval = tsval;
		segment->tsecr = server->ts_recent;
	} else if (server->timestamps) {
		segment_add_timestamps(segment, tsval, server->ts_recent);
	}
}

static void answer(struct fake_wire *fake, const struct server *server, const struct segment *to, uint8_t flags,
		   uint32_t seq)
{
	struct segment segment;

	memset(&segment, 0, sizeof(segment));
	segment.tuple = tuple_reversed(&to->tuple);
	segment.flags = flags;
	segment.seq = seq;
	segment.ack = server->rcv_nxt;
	segment.window = WINDOW;
	add_options(fake, server, &segment);
	deliver(fake, TO_CAPTURE, &segment);
}

static void set_timer(struct fake_wire *fake, struct server *server, const struct segment *segment, uint64_t wait_ns)
{
	struct event event = { .kind = TIMER, .time_ns = fake->now_ns + wait_ns, .segment = *segment,
			       .port = segment->tuple.source.port, .timer = ++server->timer };

	server->timeout_ns = wait_ns;
	push(fake, event);
}

static void become_syn_recv(struct fake_wire *fake, struct server *server, const struct segment *syn, uint32_t isn)
{
	server->state = SYN_RECV;
	server->rcv_nxt = syn->seq + 1;
	server->snd_nxt = isn + 1;
	server->timestamps = segment_has_option(syn, OPTION_TIMESTAMPS);
	server->ts_recent = syn->tsval;
	answer(fake, server, syn, FLAG_SYN | FLAG_ACK, isn);
	set_timer(fake, server, syn, 1000 * MS);
}

static void limited_ack(struct fake_wire *fake, struct server *server, const struct segment *to)
{
	if (fake->now_ns < server->limited_until_ns)
		return;
	server->limited_until_ns = fake->now_ns + 500 * MS;
	answer(fake, server, to, FLAG_ACK, server->snd_nxt);
}

/* As tcp_timewait_state_process restarts its timer, and tells this segment from a later one. */
static void restart_time_wait(struct fake_wire *fake, struct server *server, const struct segment *segment)
{
	server->time_wait_since_ns = fake->now_ns;
	if (fake->options.time_wait_ns)
		set_timer(fake, server, segment, fake->options.time_wait_ns);
}

static bool paws_rejects(const struct fake_wire *fake, const struct server *server, const struct segment *segment)
{
	return fake->options.paws && server->timestamps && segment_has_option(segment, OPTION_TIMESTAMPS) &&
	       seq_before(segment->tsval, server->ts_recent);
}

static bool lawful(const struct segment *syn, uint32_t rcv_nxt, uint32_t ts_recent, bool timestamps)
{
	return seq_after(syn->seq, rcv_nxt) ||
	       (timestamps && segment_has_option(syn, OPTION_TIMESTAMPS) && seq_after(syn->tsval, ts_recent));
}

static bool swallows(struct fake_wire *fake, const struct segment *segment)
{
	return fake->options.swallow_every && segment->flags == FLAG_SYN && ++fake->syns % fake->options.swallow_every == 0;
}

static void serve_time_wait(struct fake_wire *fake, struct server *server, const struct segment *segment)
{
	if (swallows(fake, segment))
		return;
	if (segment->flags == FLAG_SYN && chance(fake) < fake->options.strangers) {
		answer(fake, server, segment, FLAG_RST | FLAG_ACK, 0);
		return;
	}
	if (segment->flags & FLAG_RST) {
		if (segment->seq == server->rcv_nxt)
			server->state = GONE;
	} else if (segment->flags == FLAG_SYN) {
		if (paws_rejects(fake, server, segment)) {
			restart_time_wait(fake, server, segment);
			limited_ack(fake, server, segment);
		} else if (lawful(segment, server->rcv_nxt, server->ts_recent, server->timestamps))
			become_syn_recv(fake, server, segment, server->snd_nxt + 65537);
		else
			limited_ack(fake, server, segment);
	} else if (segment->flags & FLAG_FIN) {
		limited_ack(fake, server, segment);
	}
}

static void serve_fin(struct fake_wire *fake, struct server *server, const struct segment *segment)
{
	if ((segment->flags & FLAG_ACK) && segment->ack == server->snd_nxt)
		server->state = FIN_WAIT_2;
	if (!(segment->flags & FLAG_FIN) || server->state != FIN_WAIT_2 || segment->seq != server->rcv_nxt)
		return;
	server->rcv_nxt++;
	server->state = TIME_WAIT;
	server->timer++;
	restart_time_wait(fake, server, segment);
	answer(fake, server, segment, FLAG_ACK, server->snd_nxt);
}

static uint32_t fresh_isn(const struct fake_wire *fake, const struct segment *syn)
{
	return (uint32_t)(fake->options.isn_tick_ns ? fake->now_ns / fake->options.isn_tick_ns :
			  random_mix(fake->now_ns ^ syn->seq));
}

/* As a queue that is emptied at this rate, and holds a twentieth of a second of it. */
static bool is_too_much(struct fake_wire *fake)
{
	double room = fake->options.syn_limit / 20 + 1;

	if (fake->options.syn_limit <= 0)
		return false;
	fake->syn_room += (double)(fake->now_ns - fake->syn_ns) / 1e9 * fake->options.syn_limit;
	fake->syn_room = fake->syn_room > room ? room : fake->syn_room;
	fake->syn_ns = fake->now_ns;
	if (fake->syn_room < 1) {
		fake->dropped_syns++;
		return true;
	}
	fake->syn_room--;
	return false;
}

static void serve(struct fake_wire *fake, const struct segment *segment)
{
	struct server *server = &fake->servers[segment->tuple.source.port];

	if (fake->options.deaf || (fake->options.foreign_port && segment->tuple.target.port == fake->options.foreign_port))
		return;
	switch (server->state) {
	case GONE:
		if (segment->flags == FLAG_SYN && !is_too_much(fake))
			become_syn_recv(fake, server, segment, fresh_isn(fake, segment));
		break;
	case SYN_RECV:
		if (segment->flags & FLAG_RST) {
			if (segment->seq == server->rcv_nxt)
				server->state = GONE;
		} else if (segment->flags == FLAG_SYN) {
			if (segment->seq + 1 == server->rcv_nxt)
				answer(fake, server, segment, FLAG_SYN | FLAG_ACK, server->snd_nxt - 1);
			else
				limited_ack(fake, server, segment);
		} else if ((segment->flags & FLAG_ACK) && segment->ack == server->snd_nxt) {
			/* The process accepts and closes at once. */
			server->state = FIN_WAIT_1;
			answer(fake, server, segment, FLAG_FIN | FLAG_ACK, server->snd_nxt++);
			set_timer(fake, server, segment, 200 * MS);
		}
		break;
	case FIN_WAIT_1:
	case FIN_WAIT_2:
		if ((segment->flags & FLAG_RST) && segment->seq == server->rcv_nxt)
			server->state = GONE;
		else if (segment->flags & FLAG_ACK)
			serve_fin(fake, server, segment);
		break;
	case TIME_WAIT:
		fake->delay_ns = fake->options.belated_ns;
		serve_time_wait(fake, server, segment);
		fake->delay_ns = 0;
		break;
	}
}

static void retransmit(struct fake_wire *fake, const struct event *event)
{
	struct server *server = &fake->servers[event->port];

	if (event->timer != server->timer)
		return;
	if (server->state == TIME_WAIT)
		server->state = GONE;
	if (server->timeout_ns > 20000 * MS)
		return;
	if (server->state == SYN_RECV)
		answer(fake, server, &event->segment, FLAG_SYN | FLAG_ACK, server->snd_nxt - 1);
	else if (server->state == FIN_WAIT_1)
		answer(fake, server, &event->segment, FLAG_FIN | FLAG_ACK, server->snd_nxt - 1);
	else
		return;
	set_timer(fake, server, &event->segment, 2 * server->timeout_ns);
}

static void set_wall_clock(struct fake_wire *fake)
{
	double share = 2 * chance(fake) - 1;

	fake->ahead_ns += (int64_t)(share * (double)fake->options.step_ns);
}

/* Frames are stamped by the wall clock, as the kernel stamps them. */
static void capture(struct fake_wire *fake, const struct event *event)
{
	if (fake->options.steps > 0 && chance(fake) < fake->options.steps)
		set_wall_clock(fake);
	fake->frames++;
	if (fake->options.drop_every && fake->frames % fake->options.drop_every == 0) {
		fake->dropped++;
		return;
	}
	if (fake->heard_count == EVENTS_MAX)
		abort();
	fake->heard[fake->heard_count] = *event;
	fake->heard[fake->heard_count++].time_ns += (uint64_t)fake->ahead_ns;
}

static void happen(struct fake_wire *fake)
{
	struct event event = pop(fake);

	fake->now_ns = event.time_ns > fake->now_ns ? event.time_ns : fake->now_ns;
	event.time_ns = fake->now_ns;
	if (event.kind == TO_SERVER)
		serve(fake, &event.segment);
	else if (event.kind == TO_CAPTURE)
		capture(fake, &event);
	else
		retransmit(fake, &event);
}

static uint64_t fake_now(void *self)
{
	return ((struct fake_wire *)self)->now_ns;
}

static void reject(struct fake_wire *fake, const struct segment *segment)
{
	struct event event = { .kind = TO_CAPTURE, .time_ns = fake->now_ns + MS / 10, .segment = *segment, .icmp = true };

	event.segment.tuple = tuple_reversed(&segment->tuple);
	push(fake, event);
}

static int fake_send(void *self, const struct segment *segment, struct error *error)
{
	struct fake_wire *fake = self;
	struct event event = { .kind = TO_CAPTURE, .time_ns = fake->now_ns, .segment = *segment };

	(void)error;
	fake->sent++;
	if (fake->options.refuse_every && fake->sent % fake->options.refuse_every == 0) {
		fake->refused = segment->tuple;
		fake->has_refused = true;
		return 0;
	}
	capture(fake, &event);
	if (fake->options.down_after && fake->sent >= fake->options.down_after)
		return 0;
	if (fake->options.lose_after && fake->sent > fake->options.lose_after)
		fake->lost++;
	else if (fake->options.reject_after && fake->sent > fake->options.reject_after)
		reject(fake, segment);
	else
		deliver(fake, TO_SERVER, segment);
	return 0;
}

/* Time goes by without us. */
static void stand_still(struct fake_wire *fake)
{
	uint64_t until_ns;

	if (fake->options.stalls <= 0 || chance(fake) >= fake->options.stalls)
		return;
	until_ns = fake->now_ns + (uint64_t)(chance(fake) * (double)fake->options.stall_ns);
	while (fake->event_count && fake->events[0].time_ns <= until_ns)
		happen(fake);
	fake->now_ns = until_ns;
}

static int fake_flush(void *self, transport_refused *refused, void *context, struct error *error)
{
	struct fake_wire *fake = self;

	(void)error;
	stand_still(fake);
	if (fake->has_refused && refused)
		refused(context, &fake->refused, EPERM);
	fake->has_refused = false;
	return 0;
}

static void hand_over(const struct event *event, transport_sink *sink, void *context)
{
	struct notice notice = {
		.kind = NOTICE_ICMP, .icmp_type = 3, .icmp_code = 13, .from = event->segment.tuple.source.address,
		.segment = event->segment, .time_ns = event->time_ns,
	};

	sink(context, &event->segment, event->icmp ? &notice : NULL, event->time_ns);
}

/* As clock_sample() at each receive. */
static void sample(struct fake_wire *fake)
{
	struct clock_offset *offset = &fake->offset;

	offset->ahead_before_ns = offset->sampled_ns ? offset->ahead_ns : fake->ahead_ns;
	offset->sampled_ns = fake->now_ns;
	offset->ahead_ns = fake->ahead_ns;
}

static int fake_receive(void *self, transport_sink *sink, void *context, uint64_t *upto_ns, struct error *error)
{
	struct fake_wire *fake = self;
	size_t count = 0;

	(void)error;
	/* What is sent while this is handed over is heard in the same go, as with the real capture. */
	sample(fake);
	for (; count < fake->heard_count; count++) {
		struct event *event = &fake->heard[count];

		event->time_ns = clock_place(&fake->offset, event->time_ns, fake->last_ns, fake->now_ns);
		fake->last_ns = event->time_ns;
		hand_over(event, sink, context);
	}
	*upto_ns = fake->now_ns;
	fake->heard_count = 0;
	return (int)count;
}

static int fake_wait(void *self, uint64_t deadline_ns, struct error *error)
{
	struct fake_wire *fake = self;

	(void)error;
	if (fake->heard_count || (deadline_ns && deadline_ns <= fake->now_ns))
		return 0;
	while (!fake->heard_count && fake->event_count && (!deadline_ns || fake->events[0].time_ns <= deadline_ns))
		happen(fake);
	/* Nothing is on its way and nothing is due: a real wire would wait for ever. */
	if (!fake->heard_count && !deadline_ns)
		abort();
	if (!fake->heard_count && deadline_ns > fake->now_ns)
		fake->now_ns = deadline_ns + (fake->sent <= fake->options.oversleep_sent ? fake->options.oversleep_ns : 0);
	stand_still(fake);
	return fake->options.stop_after && fake->sent >= fake->options.stop_after;
}

static int fake_health(void *self, struct health *health, struct error *error)
{
	struct fake_wire *fake = self;

	(void)error;
	memset(health, 0, sizeof(*health));
	health->dropped = fake->dropped;
	health->went_down = fake->options.down_after && fake->sent >= fake->options.down_after;
	health->balance = !fake->options.proves ? BALANCE_UNKNOWN : fake->lost ? BALANCE_UNEVEN : BALANCE_EVEN;
	return 0;
}

static int fake_take(void *self, uint8_t family, struct endpoint *source, struct error *error)
{
	struct fake_wire *fake = self;

	(void)error;
	memset(source, 0, sizeof(*source));
	source->address.family = family;
	source->address.bytes[0] = 192;
	source->port = fake->next_port++;
	if (fake->next_port == 0)
		fake->next_port = 1;
	memset(&fake->servers[source->port], 0, sizeof(struct server));
	fake->servers[source->port].timer = (uint32_t)fake->order;
	return 0;
}

static void fake_give_back(void *self, const struct endpoint *source)
{
	(void)self;
	(void)source;
}

const struct peer_rules fake_gentle_rules = {
	.resend_ns = 500 * NSEC_PER_MSEC,
	.setup_ns = 4000 * NSEC_PER_MSEC,
	.settle_ns = 50 * NSEC_PER_MSEC,
	.answer_ns = 300 * NSEC_PER_MSEC,
	.after_ns = 5 * NSEC_PER_MSEC,
	.rate_limit_ns = 550 * NSEC_PER_MSEC,
};

struct fake_wire *fake_open(const struct fake_options *options)
{
	struct fake_wire *fake = calloc(1, sizeof(*fake));

	if (!fake)
		abort();
	fake->options = *options;
	fake->random = options->seed;
	fake->now_ns = UINT64_C(1700000000000000000);
	fake->next_port = 1;
	fake->events = calloc(EVENTS_MAX, sizeof(*fake->events));
	fake->heard = calloc(EVENTS_MAX, sizeof(*fake->heard));
	if (!fake->events || !fake->heard)
		abort();
	return fake;
}

void fake_transport(struct fake_wire *fake, struct transport *transport)
{
	*transport = (struct transport){
		.self = fake,
		.now = fake_now,
		.send = fake_send,
		.flush = fake_flush,
		.receive = fake_receive,
		.wait = fake_wait,
		.health = fake_health,
		.take = fake_take,
		.give_back = fake_give_back,
	};
}

/* The same rule as the server's, but on the cell's offsets instead of live numbers. */
enum answer fake_truth(const struct cell *cell)
{
	const struct stimulus *stimulus = &cell->stimulus;
	bool newer = cell->connection_timestamps && stimulus->ts.form != OFFSET_ABSENT &&
		     stimulus->ts.form != OFFSET_ZERO && stimulus->ts.value > 0;

	if (stimulus->kind != KIND_SYN)
		return ANSWER_SILENCE;
	return stimulus->seq.value > 0 || newer ? ANSWER_SYN_ACK : ANSWER_ACK;
}

enum answer fake_truth_after(const struct cell *cell)
{
	bool killed = (stimulus_kind_flags(cell->stimulus.kind) & FLAG_RST) && cell->stimulus.seq.value == 0;

	return killed ? ANSWER_SYN_ACK : ANSWER_ACK;
}

enum state fake_state(const struct fake_wire *fake, uint16_t port, uint64_t *age_ns)
{
	static const enum state states[] = {
		[GONE] = STATE_CLOSED, [SYN_RECV] = STATE_SYN_RECV, [FIN_WAIT_1] = STATE_FIN_WAIT_1,
		[FIN_WAIT_2] = STATE_FIN_WAIT_2, [TIME_WAIT] = STATE_TIME_WAIT,
	};

	*age_ns = fake->now_ns - fake->servers[port].time_wait_since_ns;
	return states[fake->servers[port].state];
}

uint64_t fake_dropped_syns(const struct fake_wire *fake)
{
	return fake->dropped_syns;
}

uint64_t fake_lost(const struct fake_wire *fake)
{
	return fake->lost;
}

void fake_close(struct fake_wire *fake)
{
	free(fake->events);
	free(fake->heard);
	free(fake);
}
