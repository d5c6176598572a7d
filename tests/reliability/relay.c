/* relay.c - a wire between two interfaces that loses, repeats, reorders, spoils and delays frames: what tc's netem does, where
 * a kernel has none, and fast enough for the whole matrix. relay LEFT RIGHT [NAME=VALUE...]
 *
 *   delay=MS jitter=MS   each frame is late by delay, plus or minus up to jitter; later ones may overtake it
 *   loss=P repeat=P      lost, sent twice
 *   reorder=P            late by another 5 ms, so that those behind it overtake it
 *   corrupt=P            one bit of the IP packet is wrong
 *   seed=N
 * P is a share of 1. Runs until it is killed; prints "ready" when it listens, and counts at the end. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

enum { FRAME_MAX = 2048, QUEUE_MAX = 1 << 16, ETHERNET = 14 };

struct frame {
	uint64_t due_ns, order;
	int to;
	uint32_t size;
	uint8_t bytes[FRAME_MAX];
};

static struct {
	double delay, jitter, loss, repeat, reorder, corrupt;
	uint64_t seed;
} options;
static struct frame *queue[QUEUE_MAX];
static size_t queued;
static uint64_t order, state, frames, lost, repeated, reordered, corrupted;
static volatile sig_atomic_t ended;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* splitmix64 */
static uint64_t number(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static double chance(void)
{
	return (double)(number() >> 11) / (double)(UINT64_C(1) << 53);
}

static bool sooner(const struct frame *a, const struct frame *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void push(struct frame *frame)
{
	size_t place = queued++;

	while (place > 0 && sooner(frame, queue[(place - 1) / 2])) {
		queue[place] = queue[(place - 1) / 2];
		place = (place - 1) / 2;
	}
	queue[place] = frame;
}

static struct frame *pop(void)
{
	struct frame *first = queue[0], *last = queue[--queued];
	size_t place = 0, child;

	while ((child = 2 * place + 1) < queued) {
		if (child + 1 < queued && sooner(queue[child + 1], queue[child]))
			child++;
		if (!sooner(queue[child], last))
			break;
		queue[place] = queue[child];
		place = child;
	}
	queue[place] = last;
	return first;
}

static int attach(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int end = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), on = 1, size = 32 << 20;

	if (end < 0)
		die("a packet socket");
	address.sll_ifindex = (int)if_nametoindex(interface);
	setsockopt(end, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
	setsockopt(end, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	if (!address.sll_ifindex || bind(end, (struct sockaddr *)&address, sizeof(address)))
		die(interface);
	return end;
}

/* Never the Ethernet header: that would be another kind of wire. */
static void corrupt(struct frame *frame)
{
	size_t at = ETHERNET + number() % (frame->size - ETHERNET);

	frame->bytes[at] = (uint8_t)(frame->bytes[at] ^ (1u << number() % 8));
	corrupted++;
}

static void enqueue(const struct frame *heard)
{
	struct frame *frame = malloc(sizeof(*frame));
	double late;

	if (!frame || queued == QUEUE_MAX)
		die("too many frames under way");
	*frame = *heard;
	late = options.delay + options.jitter * (2 * chance() - 1);
	if (chance() < options.reorder) {
		late += 5;
		reordered++;
	}
	if (frame->size > ETHERNET && chance() < options.corrupt)
		corrupt(frame);
	frame->due_ns = now() + (late > 0 ? (uint64_t)(late * 1e6) : 0);
	frame->order = order++;
	push(frame);
}

static void take_in(int from, int to)
{
	struct frame frame;
	ssize_t size;
	int copies;

	while ((size = recv(from, frame.bytes, sizeof(frame.bytes), MSG_DONTWAIT)) >= 0) {
		frames++;
		frame.size = (uint32_t)size;
		frame.to = to;
		copies = 1;
		if (chance() < options.loss) {
			copies--;
			lost++;
		}
		if (chance() < options.repeat) {
			copies++;
			repeated++;
		}
		while (copies-- > 0)
			enqueue(&frame);
	}
	if (errno != EAGAIN && errno != EINTR && errno != ENETDOWN)
		die("receiving");
}

static void relay(int left, int right)
{
	struct pollfd ends[2] = { { .fd = left, .events = POLLIN }, { .fd = right, .events = POLLIN } };
	struct timespec wait;

	while (!ended) {
		uint64_t due_ns = queued ? queue[0]->due_ns : 0, now_ns = now();
		uint64_t left_ns = due_ns > now_ns ? due_ns - now_ns : 0;

		wait.tv_sec = (time_t)(left_ns / 1000000000u);
		wait.tv_nsec = (long)(left_ns % 1000000000u);
		ppoll(ends, 2, queued ? &wait : NULL, NULL);
		take_in(left, right);
		take_in(right, left);
		while (queued && queue[0]->due_ns <= now()) {
			struct frame *frame = pop();

			send(frame->to, frame->bytes, frame->size, 0);
			free(frame);
		}
	}
}

static void option(const char *text)
{
	static const struct {
		const char *name;
		double *value;
	} names[] = {
		{ "delay", &options.delay }, { "jitter", &options.jitter }, { "loss", &options.loss },
		{ "repeat", &options.repeat }, { "reorder", &options.reorder }, { "corrupt", &options.corrupt },
	};
	const char *value = strchr(text, '=');

	for (size_t i = 0; value && i < sizeof(names) / sizeof(names[0]); i++) {
		size_t size = strlen(names[i].name);

		if (size != (size_t)(value - text) || strncmp(names[i].name, text, size))
			continue;
		*names[i].value = atof(value + 1);
		return;
	}
	if (strncmp(text, "seed=", 5)) {
		fprintf(stderr, "relay: unknown option %s\n", text);
		exit(2);
	}
	state = options.seed = strtoull(text + 5, NULL, 10);
}

static void end(int signal)
{
	(void)signal;
	ended = 1;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = end };
	int left, right;

	if (argc < 3) {
		fprintf(stderr, "usage: relay LEFT RIGHT [NAME=VALUE...]\n");
		return 2;
	}
	for (int i = 3; i < argc; i++)
		option(argv[i]);
	sigaction(SIGTERM, &action, NULL);
	left = attach(argv[1]);
	right = attach(argv[2]);
	puts("ready");
	fflush(stdout);
	relay(left, right);
	printf("%llu frames, %llu lost, %llu repeated, %llu reordered, %llu corrupted\n", (unsigned long long)frames,
	       (unsigned long long)lost, (unsigned long long)repeated, (unsigned long long)reordered,
	       (unsigned long long)corrupted);
	return 0;
}
