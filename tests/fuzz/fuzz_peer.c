/* fuzz_peer.c - libFuzzer: any bytes as the life of a peer. Segments that a subject may send, that no subject sends, stalls, a
 * clock that goes back, errors on the way, testimony, and refusals, in any order; what a peer promises is asserted after each.
 *
 * With FUZZ_PEER_EVENTS=N in the environment it makes its own bytes until N events have happened, from FUZZ_PEER_SEED (1) on.
 * Where a promise is broken it prints the seed: FUZZ_PEER_EVENTS=1 FUZZ_PEER_SEED=that FUZZ_PEER_TRACE=1 shows it again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/peer.h"
#include "crafter/random.h"
#include "crafter/seq.h"

#define MS UINT64_C(1000000)
#define T0 UINT64_C(1000000000000)
/* Left alone, with deadlines only, a peer ends within all its waits: set-up, quiet, witness, answer, follow-up. */
#define ALONE_NS (120000 * MS)

enum { ISS = 0x7ffffff0, IRS = (int)0xfffffff0, CLOCK = 0x20000000, BYTES = 768, ALONE_STEPS = 500, AFTER_DEATH = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *count, char ***arguments);

struct input {
	const uint8_t *data;
	size_t size;
};

/* A peer and what was done to it. */
struct life {
	struct peer_rules rules;
	struct peer peer;
	struct peer_actions actions;
	struct segment last;      /* what it sent last */
	uint64_t now_ns;
	bool asked, ready, ended; /* as its actions say, and not yet answered */
	unsigned marked;          /* stimulus and follow-up sent */
	bool answer_came;         /* no repeat, while the answer was waited for */
	bool late_came;           /* ... when the follow-up was on its way, and nothing had come before */
	bool noticed;             /* an error, or a frame that cannot be read, after the stimulus */
	uint64_t quiet_ns;        /* from the sight of the stimulus to the follow-up */
};

static uint64_t events, seed;
static bool trace; /* FUZZ_PEER_TRACE: each event on a line */

static void promise(int kept, const char *what)
{
	if (kept)
		return;
	fprintf(stderr, "fuzz_peer: broken: %s (event %llu, seed %llu)\n", what, (unsigned long long)events,
		(unsigned long long)seed);
	abort();
}

static uint8_t take(struct input *input)
{
	if (input->size == 0)
		return 0;
	input->size--;
	return *input->data++;
}

static uint32_t take32(struct input *input)
{
	uint32_t number = 0;

	for (int i = 0; i < 4; i++)
		number = number << 8 | take(input);
	return number;
}

static void check_sends(struct life *life, bool started)
{
	const struct peer_actions *actions = &life->actions;
	struct tuple own = pair_to_subject(&life->peer.pair);
	unsigned resets = 0;

	promise(actions->send_count <= PEER_SEND_MAX, "no more segments than there is room for");
	for (uint8_t i = 0; i < actions->send_count; i++) {
		const struct segment *segment = &actions->send[i];

		promise(tuple_equal(&segment->tuple, &own), "it sends on its own four-tuple");
		promise(segment->ip_id == 0 || segment->ip_id == PEER_MARK, "marks are marks");
		life->marked += segment->ip_id == PEER_MARK;
		resets += (segment->flags & FLAG_RST) != 0;
		life->last = *segment;
	}
	promise(life->marked <= 2, "one stimulus and one follow-up");
	promise(!actions->done || !started || resets > 0, "it takes its connection down");
}

/* What stands when a peer has ended. */
static void check_outcome(const struct life *life)
{
	const struct peer *peer = &life->peer;
	const struct peer_heard *answer = peer_answer(peer);
	char text[512];

	promise(peer->phase == PEER_ENDED, "done is the end");
	promise(peer_trouble_text(peer, text, sizeof(text))[0] != '\0', "every trouble has words");
	if (peer->trouble != TROUBLE_NONE)
		return;
	promise(peer->seen_ns != 0, "no outcome without the sight of the stimulus");
	promise(answer || !life->answer_came, "an answer that came is no silence");
	promise(answer || !life->late_came, "a late answer is no silence");
	promise(!life->noticed, "what was noticed is in the way of an outcome");
	promise(answer || peer->followed || peer->state == STATE_LISTEN || peer->state == STATE_CLOSED,
		"no silence without a follow-up");
	promise(answer || !peer->followed || life->quiet_ns >= life->rules.answer_ns ||
		peer->state == STATE_SYN_RECV, "no silence before its time");
	promise(!answer || !answer->repeat, "a repeat is no answer");
}

/* `before`: the peer as it was before the event. */
static void check(struct life *life, const struct peer_event *event, const struct peer *before)
{
	const struct peer *peer = &life->peer;
	uint64_t expiry_ns = peer_expiry(peer);

	promise(peer->now_ns >= before->now_ns, "its clock never goes back");
	promise(peer->heard_count <= PEER_HEARD_MAX && peer->notice_count <= PEER_NOTICES_MAX, "it keeps what has room");
	if (life->ended) {
		promise(!life->actions.done && !life->actions.send_count && !life->actions.ready &&
			!life->actions.ask_witness, "the dead do nothing");
		return;
	}
	check_sends(life, before->phase != PEER_IDLE || event->kind == PEER_START);
	promise(life->actions.done == (peer->phase == PEER_ENDED), "the end is said once");
	/* What is heard may be later than a deadline that nobody looked at yet. */
	promise(expiry_ns > peer->now_ns || (expiry_ns == peer_expiry(before) && event->kind != PEER_DEADLINE),
		"no deadline in the past");
	promise(peer->phase != PEER_ENDED || expiry_ns == UINT64_MAX, "the dead wait for nothing");
	promise(peer->phase == PEER_IDLE || peer->phase == PEER_ENDED || expiry_ns != UINT64_MAX || life->asked || life->ready,
		"it waits for something");
}

static void step(struct life *life, struct peer_event event)
{
	struct peer *peer = &life->peer, before = *peer;
	bool early = event.kind == PEER_DEADLINE && event.now_ns < peer_expiry(peer) && before.now_ns < peer_expiry(peer);

	events++;
	if (trace)
		fprintf(stderr, "%12llu us, phase %d, event %d", (unsigned long long)(life->now_ns - T0) / 1000, peer->phase,
			event.kind);
	if (trace && event.segment)
		fprintf(stderr, ": flags %02x seq irs%+d ack iss%+d size %u", event.segment->flags,
			(int)(event.segment->seq - (uint32_t)IRS), (int)(event.segment->ack - (uint32_t)ISS),
			event.segment->payload_size);
	if (event.kind == PEER_TESTIMONY)
		life->asked = false;
	if (event.kind == PEER_RELEASE)
		life->ready = false;
	peer_step(peer, &event, &life->actions);
	if (trace)
		fprintf(stderr, " -> phase %d, %u sent, expires in %lld us%s\n", peer->phase, life->actions.send_count,
			peer_expiry(peer) == UINT64_MAX ? -1 : (long long)(peer_expiry(peer) - peer->now_ns) / 1000,
			life->actions.done ? ", done" : "");
	life->asked = life->asked || life->actions.ask_witness;
	life->ready = peer->phase == PEER_READY && (life->ready || life->actions.ready);
	if (before.phase != PEER_FOLLOWED && peer->phase == PEER_FOLLOWED)
		life->quiet_ns = peer->now_ns - peer->seen_ns;
	check(life, &event, &before);
	promise(!early || (peer->phase == before.phase && !life->actions.send_count), "nothing happens before the deadline");
	if (!life->ended && life->actions.done) {
		life->ended = true;
		check_outcome(life);
	}
}

static void happen(struct life *life, enum peer_event_kind kind)
{
	step(life, (struct peer_event){ .kind = kind, .now_ns = life->now_ns, .state = STATE_UNKNOWN, .number = 1 });
}

/* Notes first what the peer must make of it. */
static void hear(struct life *life, const struct segment *segment)
{
	const struct peer *peer = &life->peer;
	uint64_t now_ns = life->now_ns > peer->now_ns ? life->now_ns : peer->now_ns;

	if (peer->phase != PEER_ENDED && peer->seen_ns && !peer_is_repeat(peer, segment, now_ns)) {
		if (peer->phase != PEER_FOLLOWED)
			life->answer_came = true;
		else if (!peer->follow_up_seen_ns)
			life->late_came = true;
	}
	step(life, (struct peer_event){ .kind = PEER_HEARD, .now_ns = life->now_ns, .segment = segment });
}

static struct segment from_subject(const struct life *life, uint8_t flags, uint32_t seq, uint32_t ack)
{
	struct segment segment = { 0 };

	segment.tuple = pair_from_subject(&life->peer.pair);
	segment.flags = flags;
	segment.seq = seq;
	segment.ack = flags & FLAG_ACK ? ack : 0;
	segment.window = 65160;
	segment_add_option(&segment, OPTION_TIMESTAMPS);
	segment.tsval = 5000 + (uint32_t)((life->now_ns - T0) / MS);
	segment.tsecr = CLOCK;
	return segment;
}

/* What a subject does next that wants the peer to get on. */
static void help(struct life *life)
{
	const struct peer *peer = &life->peer;
	uint32_t next = (uint32_t)IRS + 1 + peer->crafted.fin_taken;
	struct segment segment;

	switch (peer->phase) {
	case PEER_IDLE:
	case PEER_ENDED:
		return;
	case PEER_OPENING:
		segment = from_subject(life, FLAG_SYN | FLAG_ACK, (uint32_t)IRS, (uint32_t)ISS + 1);
		break;
	case PEER_CLEARING:
		segment = from_subject(life, FLAG_RST, (uint32_t)IRS + 1, 0);
		break;
	case PEER_REACHING:
		if (peer->step->what == DOES_FIN)
			segment = from_subject(life, FLAG_FIN | FLAG_ACK, next, peer->crafted.snd_nxt);
		else
			segment = from_subject(life, FLAG_ACK, next, peer->crafted.snd_nxt);
		break;
	default:
		segment = from_subject(life, FLAG_ACK, next, peer->crafted.snd_nxt);
	}
	hear(life, &segment);
}

/* Numbers around those of the connection, and others. */
static uint32_t number_near(struct input *input, const struct life *life)
{
	const struct peer *peer = &life->peer;
	const uint32_t bases[] = { (uint32_t)IRS, (uint32_t)ISS, peer->crafted.snd_nxt, peer->baseline.snd_nxt, life->last.seq,
				   life->last.ack, peer->sent.seq, take32(input) };
	uint8_t choice = take(input);

	return bases[choice % 8] + (uint32_t)(choice >> 3) % 5 - 1;
}

static void hear_anything(struct input *input, struct life *life)
{
	static const uint8_t usual[] = { FLAG_ACK, FLAG_SYN | FLAG_ACK, FLAG_FIN | FLAG_ACK, FLAG_RST, FLAG_RST | FLAG_ACK,
					 FLAG_PSH | FLAG_ACK, FLAG_SYN };
	static const uint8_t payload[256];
	uint8_t choice = take(input);
	uint8_t flags = choice % 8 < 7 ? usual[choice % 8] : take(input);
	uint32_t seq = number_near(input, life);
	struct segment segment = from_subject(life, flags, seq, number_near(input, life));

	if (choice & 8) {
		segment.payload = payload;
		segment.payload_size = take(input);
	}
	if (choice & 16)
		segment.option_count = 0;
	segment.window = choice & 32 ? (uint16_t)take32(input) : segment.window;
	for (int copies = choice & 64 ? take(input) % 30 : 1; copies > 0; copies--)
		hear(life, &segment);
}

static void see(struct input *input, struct life *life)
{
	struct segment segment = life->last;
	uint8_t choice = take(input);

	if (choice % 4 == 1)
		segment = life->peer.sent;
	else if (choice % 4 == 2)
		segment = life->peer.follow_up;
	else if (choice % 4 == 3)
		segment.seq += choice;
	step(life, (struct peer_event){ .kind = PEER_SEEN, .now_ns = life->now_ns, .segment = &segment });
}

static void notice(struct input *input, struct life *life)
{
	struct notice notice = { .why = "fuzz", .time_ns = life->now_ns };

	notice.kind = (enum notice_kind)(take(input) % NOTICE_LATE);
	notice.icmp_type = take(input);
	notice.icmp_code = take(input);
	notice.from = life->peer.pair.subject.address;
	life->noticed = life->noticed || (life->peer.seen_ns && !life->ended);
	step(life, (struct peer_event){ .kind = PEER_NOTICED, .now_ns = life->now_ns, .notice = &notice });
}

static void testify(struct input *input, struct life *life)
{
	uint8_t choice = take(input);
	enum state state = choice & 1 ? life->peer.state : (enum state)(choice % (STATE_UNKNOWN + 1));

	step(life, (struct peer_event){ .kind = PEER_TESTIMONY, .now_ns = life->now_ns, .state = state });
}

/* Its deadline, on time or after a stall. */
static void expire(struct input *input, struct life *life)
{
	uint64_t expiry_ns = peer_expiry(&life->peer);
	uint8_t choice = take(input);

	if (expiry_ns == UINT64_MAX)
		return;
	if (life->now_ns < expiry_ns)
		life->now_ns = expiry_ns;
	if (choice & 1)
		life->now_ns += (uint64_t)choice * choice * MS / 8;
	happen(life, PEER_DEADLINE);
}

static void one_event(struct input *input, struct life *life)
{
	uint8_t choice = take(input);

	life->now_ns += choice & 16 ? (uint64_t)take(input) * MS / 100 : MS / 100;
	switch (choice % 16) {
	case 0: case 1: case 2:
		help(life);
		break;
	case 3: case 4:
		hear_anything(input, life);
		break;
	case 5: case 6:
		see(input, life);
		break;
	case 7: case 8: case 9:
		expire(input, life);
		break;
	case 10:
		if (life->asked || (choice & 32))
			testify(input, life);
		break;
	case 11: case 12:
		if (life->ready || (choice & 32 && choice & 64))
			happen(life, PEER_RELEASE);
		break;
	case 13: /* the clock is set back, or some frames are a little older than the last look at it */
		life->now_ns -= (uint64_t)take(input) * MS;
		if (life->now_ns < T0)
			life->now_ns = T0;
		happen(life, PEER_DEADLINE);
		break;
	case 14:
		notice(input, life);
		break;
	case 15:
		if (choice == 255)
			happen(life, take(input) & 1 ? PEER_CANCEL : PEER_SEND_FAILED);
		break;
	}
}

/* Nobody answers any more. */
static void leave_alone(struct life *life)
{
	uint64_t begun_ns;
	int steps = 0;

	if (life->now_ns < life->peer.now_ns)
		life->now_ns = life->peer.now_ns;
	begun_ns = life->now_ns;
	while (!life->ended) {
		promise(steps++ < ALONE_STEPS && life->now_ns - begun_ns < ALONE_NS, "left alone, it ends");
		if (life->ready) {
			happen(life, PEER_RELEASE);
		} else if (life->asked) {
			step(life, (struct peer_event){ .kind = PEER_TESTIMONY, .now_ns = life->now_ns,
							.state = STATE_CLOSED });
		} else {
			if (peer_expiry(&life->peer) > life->now_ns)
				life->now_ns = peer_expiry(&life->peer);
			happen(life, PEER_DEADLINE);
		}
	}
}

static void begin(struct input *input, struct life *life)
{
	static const int32_t offsets[] = { 0, 1, -1, 100000, -100000 };
	uint8_t choice = take(input), setting = take(input);
	struct peer_task task = {
		.pair = { .crafted = { .address = { .family = 4, .bytes = { 192, 0, 2, 1 } }, .port = 40000 },
			   .subject = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 } },
		.state = (enum state)(choice % STATE_COUNT),
		.stimulus = { .kind = (enum segment_kind)(take(input) % KIND_COUNT) },
		.offers_timestamps = !(setting & 1),
		.iss = (uint32_t)ISS,
		.ts_clock = CLOCK,
	};

	memset(life, 0, sizeof(*life));
	task.needs_timestamps = task.offers_timestamps && (setting & 2);
	task.stimulus.seq.value = offsets[(setting >> 2) % 5];
	task.stimulus.ts.value = offsets[(choice >> 4) % 5];
	life->rules = (struct peer_rules){
		.resend_ns = 250 * MS, .setup_ns = 3000 * MS, .settle_ns = setting & 32 ? 50 * MS : 0, .answer_ns = 300 * MS,
		.after_ns = setting & 64 ? MS : 0, .rate_limit_ns = 550 * MS, .witness = setting & 128,
		.proves_listen = choice & 128, .acks_again = (uint8_t)(choice & 64 ? 3 : 0),
	};
	if (take(input) % 8 == 0) {
		life->rules.trigger = "GET /";
		life->rules.trigger_size = 5;
	}
	life->now_ns = T0;
	peer_init(&life->peer, &life->rules, &task);
	happen(life, PEER_START);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct life life;

	while (input.size > 4) {
		begin(&input, &life);
		while (input.size && !life.ended)
			one_event(&input, &life);
		leave_alone(&life);
		for (int i = 0; i < AFTER_DEATH; i++)
			one_event(&input, &life);
	}
	return 0;
}

static void run_by_itself(uint64_t wanted)
{
	const char *first = getenv("FUZZ_PEER_SEED");
	uint64_t begun = first ? strtoull(first, NULL, 10) : 1;
	uint8_t bytes[BYTES];

	for (seed = begun; events < wanted; seed++) {
		uint64_t state = random_mix(seed);

		for (size_t i = 0; i < sizeof(bytes); i += 8) {
			state = random_mix(state);
			memcpy(bytes + i, &state, 8);
		}
		LLVMFuzzerTestOneInput(bytes, sizeof(bytes));
	}
	printf("fuzz_peer: %llu events, seeds %llu to %llu, no promise broken\n", (unsigned long long)events,
	       (unsigned long long)begun, (unsigned long long)seed - 1);
	exit(0);
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	const char *wanted = getenv("FUZZ_PEER_EVENTS");

	(void)count;
	(void)arguments;
	trace = getenv("FUZZ_PEER_TRACE");
	if (wanted)
		run_by_itself(strtoull(wanted, NULL, 10));
	return 0;
}
