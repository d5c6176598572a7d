/* recorded.c - the table of recorded sysctls. */
#include "harness/lab/recorded.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/lab/sysctl.h"

/* TCP_AO_ADD_KEY of linux/tcp.h, which older headers lack. */
enum { OPTION_TCP_AO_ADD_KEY = 38 };

/* Where a rule depends on it: the member of struct kernel that is true with this value, or false with it. */
struct setting {
	size_t member;
	const char *value;
	bool when;
};

#define TRUE_WHEN(name, text) { offsetof(struct kernel, name), text, true }
#define FALSE_WHEN(name, text) { offsetof(struct kernel, name), text, false }

static const struct {
	const char *name;
	struct setting setting; /* no value: none */
} table[] = {
	{ "tcp_timestamps", FALSE_WHEN(timestamps, "0") },
	{ "tcp_rfc1337", FALSE_WHEN(rfc1337, "0") },
	{ "tcp_tw_reuse", { 0 } },
	{ "tcp_invalid_ratelimit", { 0 } },
	{ "tcp_challenge_ack_limit", { 0 } },
	{ "tcp_syncookies", TRUE_WHEN(always_cookies, "2") },
	{ "tcp_fin_timeout", { 0 } },
	{ "tcp_max_tw_buckets", TRUE_WHEN(no_time_waits, "0") },
	{ "tcp_ecn", { 0 } },
	{ "tcp_abort_on_overflow", { 0 } },
};
enum { ROWS = sizeof(table) / sizeof(table[0]) };

_Static_assert((int)ROWS <= (int)RECORDED_MAX, "there is room for each");

size_t recorded_read(struct lab *lab, struct sysctl sysctls[static RECORDED_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < ROWS; i++) {
		struct sysctl *sysctl = &sysctls[count];
		struct error ignored;

		snprintf(sysctl->name, sizeof(sysctl->name), "%s", table[i].name);
		if (lab_sysctl_get(lab, sysctl->name, sysctl->value, &ignored) == 0)
			count++;
	}
	return count;
}

/* A kernel that does not know the option says so; one that does calls this value of it too short. */
static bool knows_tcp_option(int option)
{
	int socket_of_ours = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), value = 0;
	bool knows = socket_of_ours >= 0 && setsockopt(socket_of_ours, IPPROTO_TCP, option, &value, sizeof(value)) < 0 &&
		     errno != ENOPROTOOPT;

	if (socket_of_ours >= 0)
		close(socket_of_ours);
	return knows;
}

void recorded_tell(struct kernel *kernel)
{
	char value[SYSCTL_TEXT_SIZE];

	kernel->md5 = knows_tcp_option(TCP_MD5SIG);
	kernel->ao = knows_tcp_option(OPTION_TCP_AO_ADD_KEY);
	for (size_t i = 0; i < ROWS; i++) {
		const struct setting *setting = &table[i].setting;

		if (setting->value && sysctl_read(table[i].name, value, sizeof(value), NULL, NULL) == 0)
			*(bool *)((char *)kernel + setting->member) = (strcmp(value, setting->value) == 0) == setting->when;
	}
	/* The whole machine's, which older kernels show in the first network namespace only. */
	if (sysctl_read("net.core.rmem_max", value, sizeof(value), NULL, NULL) == 0)
		kernel->rmem_max = (uint32_t)strtoul(value, NULL, 10);
}

void recorded_tell_buffers(struct lab *lab, struct kernel *kernel)
{
	char value[SYSCTL_TEXT_SIZE];
	uint32_t usual, most;
	struct error ignored;

	kernel->rmem = 0;
	if (!kernel->rmem_max || lab_sysctl_get(lab, "tcp_rmem", value, &ignored) < 0 ||
	    sscanf(value, "%*s %" SCNu32 " %" SCNu32, &usual, &most) != 2)
		return;
	kernel->rmem = usual;
	kernel->rmem_most = most;
}
