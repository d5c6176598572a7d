/* plain_loop.c - what the kernel can do by itself: connections a second of a plain loop on loopback.
 *
 * One thread accepts and closes; the other connects, reads end of file, closes. In a network namespace of its own, as
 * the lab's. Usage: plain_loop SECONDS [one-core]; prints connections a second. On one core no connection waits for an
 * idle core to wake up. */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "plain_loop: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void enter_namespace(void)
{
	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("no network namespace");
	int any = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	if (any < 0 || ioctl(any, SIOCSIFFLAGS, &request))
		die("lo up");
	close(any);
}

static void stay_on_this_core(void)
{
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET((size_t)sched_getcpu(), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("sched_setaffinity");
}

static void *serve(void *argument)
{
	int listener = *(int *)argument;
	for (;;) {
		int connection = accept(listener, NULL, NULL);
		if (connection >= 0)
			close(connection);
		else if (errno != ECONNABORTED && errno != EINTR)
			die("accept");
	}
	return NULL;
}

static void connect_once(const struct sockaddr_in *target)
{
	char byte;
	int connection = socket(AF_INET, SOCK_STREAM, 0);
	if (connection < 0 || connect(connection, (const struct sockaddr *)target, sizeof(*target)))
		die("connect");
	if (read(connection, &byte, 1) != 0)
		die("read");
	close(connection);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 0;
	int one_core = argc == 3 && !strcmp(argv[2], "one-core");
	if (seconds <= 0 || argc > 2 + one_core) {
		fprintf(stderr, "usage: plain_loop SECONDS [one-core]\n");
		return 2;
	}
	if (one_core)
		stay_on_this_core();
	enter_namespace();

	struct sockaddr_in target = { .sin_family = AF_INET, .sin_port = htons(8888),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&target, sizeof(target)) || listen(listener, 4096))
		die("listen");
	pthread_t server;
	if (pthread_create(&server, NULL, serve, &listener))
		die("pthread_create");

	uint64_t count = 0;
	double begun = now(), took;
	while ((took = now() - begun) < seconds) {
		for (int i = 0; i < 64; i++, count++)
			connect_once(&target);
	}
	printf("%.0f\n", (double)count / took);
	return 0;
}
