/* fake_lab.c - sysctls in a table, sightings of the model's sockets, and a client that does as Linux does. */
#include "tests/unit/fake_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "crafter/seq.h"
#include "harness/lab/kernel_end.h"
#include "harness/wire/wire.h"

#define MS UINT64_C(1000000)

enum { SYSCTLS = 16, TSVAL_OFFSET = 0x10000000, FIRST_FREE_PORT = 50000 };

enum client_state { CLIENT_NONE, CLIENT_SYN_SENT, CLIENT_ESTABLISHED, CLIENT_FIN_WAIT, CLIENT_LAST_ACK, CLIENT_TIME_WAIT };

/* One client: what is in TIME_WAIT stays until a successor takes its place. */
struct kernel_end {
	struct kernel_client_options options;
	enum client_state state;
	struct tuple tuple;
	uint32_t iss, snd_nxt, rcv_nxt, ts_recent;
	uint64_t syn_again_ns, time_wait_since_ns;
	bool over;
	int number;
};

static struct {
	struct fake_wire *fake;
	struct transport inner; /* without the clients' ears */
	struct kernel_end *client;
	size_t sysctl_count;
	struct sysctl sysctls[SYSCTLS];
	transport_sink *sink;
	void *context;
} lab;

static uint64_t now_ns(void)
{
	return lab.inner.now(lab.inner.self);
}

/* --- sysctls --- */

const char *fake_lab_sysctl(const char *name)
{
	for (size_t i = 0; i < lab.sysctl_count; i++)
		if (strcmp(lab.sysctls[i].name, name) == 0)
			return lab.sysctls[i].value;
	return "";
}

/* The model's process does nothing but what its states need. */
int lab_deed(struct lab *self, const struct pair *pair, const struct deed *deed, struct error *error)
{
	(void)self, (void)pair;
	return deed->kind == DEED_READ ? 0 : fail(error, "the process cannot %s", deed_name(deed->kind));
}

int lab_sysctl_get(struct lab *self, const char *name, char value[static SYSCTL_VALUE_SIZE], struct error *error)
{
	(void)self;
	if (strncmp(name, "tcp_none", 8) == 0)
		return fail(error, "this kernel has no sysctl '%s'", name);
	snprintf(value, SYSCTL_VALUE_SIZE, "%s", fake_lab_sysctl(name));
	return 0;
}

int lab_sysctl_set(struct lab *self, const char *name, const char *value, struct error *error)
{
	char before[SYSCTL_VALUE_SIZE];
	size_t i;

	if (lab_sysctl_get(self, name, before, error) < 0)
		return -1;
	if (strcmp(value, "9") == 0)
		return fail(error, "the kernel refuses the value '9' for the sysctl %s", name);
	for (i = 0; i < lab.sysctl_count && strcmp(lab.sysctls[i].name, name) != 0; i++)
		;
	if (i == SYSCTLS)
		abort();
	lab.sysctl_count += i == lab.sysctl_count;
	snprintf(lab.sysctls[i].name, sizeof(lab.sysctls[i].name), "%s", name);
	snprintf(lab.sysctls[i].value, sizeof(lab.sysctls[i].value), "%s", value);
	return 0;
}

int lab_sysctls_reset(struct lab *self, struct error *error)
{
	(void)self;
	(void)error;
	lab.sysctl_count = 0;
	return 0;
}

struct address lab_source(uint8_t family, unsigned n)
{
	return (struct address){ .family = family, .bytes = { 192, 0, 2, (uint8_t)(10 + n) } };
}

/* --- the witness --- */

int witness_ask(struct witness *witness, const struct pair *pair, struct sighting *sighting, struct error *error)
{
	struct tuple sent = pair_from_subject(pair);
	uint64_t age_ns;

	(void)witness;
	(void)error;
	memset(sighting, 0, sizeof(*sighting));
	if (lab.client && tuple_equal(&sent, &lab.client->tuple)) {
		sighting->state = lab.client->state == CLIENT_TIME_WAIT ? STATE_TIME_WAIT :
				  lab.client->state == CLIENT_ESTABLISHED ? STATE_ESTABLISHED :
				  lab.client->state == CLIENT_SYN_SENT ? STATE_UNKNOWN : STATE_CLOSED;
		return 0;
	}
	sighting->state = fake_state(lab.fake, pair->crafted.port, &age_ns);
	if (sighting->state == STATE_TIME_WAIT) {
		sighting->timer = 3;
		sighting->expires_ms = (uint32_t)(60000 - age_ns / MS);
	}
	sighting->recv_queue = FAKE_QUEUED;
	return 0;
}

int witness_ask_listener(struct witness *witness, const struct endpoint *listener, struct sighting *sighting,
			 struct error *error)
{
	(void)witness;
	if (listener->port != 8888)
		return fail(error, "nobody listens");
	*sighting = (struct sighting){ .recv_queue = FAKE_WAITING, .send_queue = FAKE_BACKLOG };
	return 0;
}

/* No router stands between. */
struct pair wire_behind(const struct wire *wire, const struct pair *pair)
{
	(void)wire;
	return *pair;
}

int wire_rebase(struct wire *wire, struct error *error)
{
	(void)wire;
	(void)error;
	return 0;
}

/* --- a client of the kernel's --- */

/* tcp_timestamps: 2 takes the random offset away (secure_tcp_ts_off). */
static uint32_t tsval(void)
{
	struct timespec now;
	bool plain = strcmp(fake_lab_sysctl("tcp_timestamps"), "2") == 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint32_t)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / MS) + (plain ? 0 : TSVAL_OFFSET);
}

static void say(const struct kernel_end *client, uint8_t flags, uint32_t seq)
{
	struct segment segment = { .tuple = client->tuple, .flags = flags, .seq = seq, .window = 65000 };

	segment.ack = flags & FLAG_ACK ? client->rcv_nxt : 0;
	if (!(flags & FLAG_RST)) {
		segment_add_option(&segment, OPTION_TIMESTAMPS);
		segment.tsval = tsval();
		segment.tsecr = client->ts_recent;
	}
	lab.inner.send(lab.inner.self, &segment, NULL);
}

static void finish(struct kernel_end *client, enum client_state state, int number)
{
	client->state = state;
	client->time_wait_since_ns = now_ns();
	client->over = true;
	client->number = number;
}

/* tcp_rcv_synsent_state_process: an ACK of something else is answered with a reset, and the SYN goes again. */
static void hear_syn_sent(struct kernel_end *client, const struct segment *segment)
{
	if (segment->flags & FLAG_RST) {
		finish(client, CLIENT_NONE, ECONNREFUSED);
	} else if (segment->ack != client->snd_nxt) {
		say(client, FLAG_RST, segment->ack);
		client->syn_again_ns = now_ns() + 1000 * MS;
	} else if (segment->flags & FLAG_SYN) {
		client->syn_again_ns = 0;
		client->rcv_nxt = segment->seq + 1;
		client->ts_recent = segment->tsval;
		client->state = CLIENT_ESTABLISHED;
		say(client, FLAG_ACK, client->snd_nxt);
		if (client->options.closes_first) {
			say(client, FLAG_FIN | FLAG_ACK, client->snd_nxt++);
			client->state = CLIENT_FIN_WAIT;
		}
	}
}

static void hear_open(struct kernel_end *client, const struct segment *segment)
{
	if (segment->flags & FLAG_RST) {
		finish(client, CLIENT_NONE, 0);
		return;
	}
	if ((segment->flags & FLAG_FIN) && segment->seq == client->rcv_nxt) {
		client->rcv_nxt++;
		if (client->state == CLIENT_FIN_WAIT) {
			say(client, FLAG_ACK, client->snd_nxt);
			finish(client, CLIENT_TIME_WAIT, 0);
		} else {
			say(client, FLAG_FIN | FLAG_ACK, client->snd_nxt++);
			client->state = CLIENT_LAST_ACK;
		}
	} else if (client->state == CLIENT_LAST_ACK && segment->ack == client->snd_nxt) {
		finish(client, CLIENT_NONE, 0);
	}
}

static void overhear(void *context, const struct segment *segment, const struct notice *notice, uint64_t time_ns)
{
	struct kernel_end *client = lab.client;
	struct tuple ours = tuple_reversed(&segment->tuple);

	(void)context;
	lab.sink(lab.context, segment, notice, time_ns);
	if (notice || !client || !tuple_equal(&ours, &client->tuple))
		return;
	if (client->state == CLIENT_SYN_SENT)
		hear_syn_sent(client, segment);
	else if (client->state != CLIENT_NONE && client->state != CLIENT_TIME_WAIT)
		hear_open(client, segment);
}

static int receive(void *self, transport_sink *sink, void *context, uint64_t *upto_ns, struct error *error)
{
	lab.sink = sink;
	lab.context = context;
	return lab.inner.receive(self, overhear, NULL, upto_ns, error);
}

struct kernel_end *kernel_end_open(struct error *error)
{
	(void)error;
	lab.client = calloc(1, sizeof(*lab.client));
	return lab.client;
}

int kernel_end_listen(struct kernel_end *client, const struct endpoint *endpoint, struct error *error)
{
	(void)client;
	(void)endpoint;
	(void)error;
	return 0;
}

/* A connection of its predecessor is in TIME_WAIT. */
int kernel_end_listen_again(struct kernel_end *client, const struct endpoint *endpoint, bool reuses_address, int *number,
			    struct error *error)
{
	(void)client;
	(void)endpoint;
	(void)error;
	*number = reuses_address ? 0 : EADDRINUSE;
	return 0;
}

bool kernel_end_curl(struct kernel_end *client, const struct kernel_client_options *options, struct error *error)
{
	(void)client;
	(void)options;
	fail(error, "curl cannot be started");
	return false;
}

/* tcp_twsk_unique: a port that the client has bound itself is taken, with timestamps; one that the kernel has to choose where
 * tcp_tw_reuse allows it and more than a second has passed (tcp_tw_reuse_delay). 2 is 1 on loopback alone. */
static bool may_reuse(const struct kernel_end *client, const struct kernel_client_options *options)
{
	const char *reuse = fake_lab_sysctl("tcp_tw_reuse"), *delay = fake_lab_sysctl("tcp_tw_reuse_delay");
	uint64_t delay_ns = *delay ? strtoul(delay, NULL, 10) * MS : 1000 * MS;

	if (strcmp(fake_lab_sysctl("tcp_timestamps"), "0") == 0)
		return false;
	return options->source.port || ((*reuse == '1' || (*reuse == '2' && options->bound_to_lo)) &&
					now_ns() - client->time_wait_since_ns > delay_ns);
}

int kernel_end_connect(struct kernel_end *client, const struct kernel_client_options *options, struct tuple *tuple,
		       struct error *error)
{
	bool in_time_wait = client->state == CLIENT_TIME_WAIT;

	(void)error;
	client->options = *options;
	client->over = false;
	tuple->source = options->source;
	tuple->target = options->target;
	if (in_time_wait && options->source.port && options->keeps_address) {
		client->over = true;
		client->number = EADDRINUSE;
		return 0;
	}
	if (in_time_wait && !may_reuse(client, options)) {
		client->over = true;
		client->number = EADDRNOTAVAIL;
		return 0;
	}
	if (!tuple->source.port)
		tuple->source.port = FIRST_FREE_PORT;
	client->tuple = *tuple;
	/* secure_tcp_seq, or what TIME_WAIT left (tcp_twsk_unique: tw_snd_nxt + 65535 + 2). */
	client->iss = in_time_wait ? client->snd_nxt + 65537 : (uint32_t)(now_ns() / 64);
	client->snd_nxt = client->iss + 1;
	client->ts_recent = 0;
	client->rcv_nxt = 0;
	client->state = CLIENT_SYN_SENT;
	say(client, FLAG_SYN, client->iss);
	return 0;
}

enum kernel_phase kernel_end_poll(struct kernel_end *client)
{
	if (client->state == CLIENT_SYN_SENT && client->syn_again_ns && now_ns() >= client->syn_again_ns) {
		client->syn_again_ns = 0;
		say(client, FLAG_SYN, client->iss);
	}
	return client->over ? KERNEL_OVER : client->state == CLIENT_SYN_SENT ? KERNEL_CONNECTING : KERNEL_CONNECTED;
}

int kernel_end_errno(const struct kernel_end *client)
{
	return client->number;
}

void kernel_end_close(struct kernel_end *client)
{
	if (client)
		lab.client = NULL;
	free(client);
}

void fake_lab_open(struct fake_wire *fake, struct transport *transport, struct play_setup *setup)
{
	memset(&lab, 0, sizeof(lab));
	lab.fake = fake;
	lab.inner = *transport;
	transport->receive = receive;
	/* Whoever looks into them finds nothing: they are only asked through the stand-ins above. */
	setup->lab = (struct lab *)&lab;
	setup->witness = (struct witness *)&lab;
	setup->has = NEED_WITNESS | NEED_SYSCTLS | NEED_LAB | NEED_DIRECT;
	setup->rules.settle_ns = 0;
}
