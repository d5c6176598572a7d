/* stack.c - the tap's network, the command's environment, and the wait until its stack answers. */
#include "harness/lab/stack.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crafter/clock.h"
#include "crafter/units.h"
#include "harness/lab/lab_namespace.h"
#include "harness/lab/rtnet.h"
#include "harness/lab/stack_process.h"
#include "harness/lab/sysctl.h"
#include "harness/lab/tap.h"
#include "listener/netlink.h"

#define SUBJECT_V4 "192.0.2.2"
#define SUBJECT_V6 "2001:db8::2"
#define GATEWAY_V4 "192.0.2.1"
#define GATEWAY_V6 "2001:db8::1"
#define SOURCE_V4 "198.51.100.1"
#define SOURCE_V6 "2001:db8:51::1"

/* How long an attempt to connect may take, and the pause before the next one. */
#define ATTEMPT_NS (500 * NSEC_PER_MSEC)
#define PAUSE_NS (20 * NSEC_PER_MSEC)

struct stack {
	const char *command; /* borrowed */
	struct stack_process process;
	struct tap_losses *losses;
	uint64_t lost_before; /* it answered */
};

/* As docs/stacks.md says it. */
static const char *const environment[] = {
	"TWPROBE_TAP=" STACK_TAP,
	"TWPROBE_MAC=02:00:00:00:00:02",
	"TWPROBE_ADDRESS=" SUBJECT_V4, "TWPROBE_NETMASK=255.255.255.0", "TWPROBE_GATEWAY=" GATEWAY_V4,
	"TWPROBE_ADDRESS6=" SUBJECT_V6, "TWPROBE_PREFIX6=64", "TWPROBE_GATEWAY6=" GATEWAY_V6,
	"TWPROBE_PORT=8888",
	"TWPROBE_CLIENT=" SOURCE_V4, "TWPROBE_CLIENT6=" SOURCE_V6,
	NULL,
};
_Static_assert(STACK_PORT == 8888, "the environment says so");

/* Nothing of it is forwarded, and the subject's hardware address, once known, is not asked for again: our kernel sends as
 * little as it can besides what we send. Not every kernel has all of them. */
static const char *const first_sysctls[][2] = {
	{ "ip_forward", "0" },
	{ "net.ipv6.conf.all.forwarding", "0" },
	{ "net.ipv4.neigh.default.base_reachable_time_ms", "86400000" },
	{ "net.ipv6.neigh.default.base_reachable_time_ms", "86400000" },
};

static int set_first_sysctls(struct error *error)
{
	for (size_t i = 0; i < sizeof(first_sysctls) / sizeof(first_sysctls[0]); i++)
		if (sysctl_exists(first_sysctls[i][0]) &&
		    sysctl_write(first_sysctls[i][0], first_sysctls[i][1], NULL, error))
			return fail_in(error, "cannot set up the lab");
	return 0;
}

static int set_up_addresses(struct mnl_socket *netlink, uint8_t family, struct error *error)
{
	static const struct rtnet_prefix own_v4 = { AF_INET, GATEWAY_V4, 24 }, own_v6 = { AF_INET6, GATEWAY_V6, 64 };
	unsigned index = if_nametoindex(STACK_TAP);

	if (rtnet_bring_up(netlink, RTNET_LO) || rtnet_bring_up(netlink, index))
		return fail(error, "cannot bring %s up: %s", STACK_TAP, strerror(errno));
	if (rtnet_add_address(netlink, &own_v4, index))
		return fail(error, "cannot give %s the address %s: %s", STACK_TAP, own_v4.text, strerror(errno));
	if (family == 6 && rtnet_add_address(netlink, &own_v6, index))
		return fail(error, "-6: cannot give %s the address %s: %s", STACK_TAP, own_v6.text, strerror(errno));
	return 0;
}

static int set_up(uint8_t family, struct error *error)
{
	struct mnl_socket *netlink;
	int result;

	if (lab_namespace_enter(error) || set_first_sysctls(error))
		return -1;
	/* Our kernel has nothing to say by itself. */
	if (family != 6 && sysctl_exists("net.ipv6.conf.default.disable_ipv6"))
		sysctl_write("net.ipv6.conf.default.disable_ipv6", "1", NULL, NULL);
	if (tap_make(STACK_TAP, error) < 0)
		return -1;
	netlink = netlink_open(NETLINK_ROUTE);
	if (!netlink)
		return fail(error, "cannot ask the kernel about its network (netlink): %s", strerror(errno));
	result = set_up_addresses(netlink, family, error);
	mnl_socket_close(netlink);
	return result;
}

struct endpoint stack_endpoint(uint8_t family)
{
	struct endpoint endpoint = { .port = STACK_PORT };

	address_parse(family == 6 ? SUBJECT_V6 : SUBJECT_V4, &endpoint.address, NULL);
	return endpoint;
}

struct address stack_source(uint8_t family)
{
	struct address address;

	address_parse(family == 6 ? SOURCE_V6 : SOURCE_V4, &address, NULL);
	return address;
}

static int say_end(const struct stack *stack, struct error *error)
{
	const struct stack_end *end = &stack->process.end;
	const char *colon = *end->line ? ": " : "";

	if (WIFSIGNALED(end->status))
		return fail(error, "--engine=exec: '%.120s' has ended (signal %d, %s)%s%s", stack->command,
			    WTERMSIG(end->status), strsignal(WTERMSIG(end->status)), colon, end->line);
	return fail(error, "--engine=exec: '%.120s' has ended (exit code %d)%s%s", stack->command,
		    WEXITSTATUS(end->status), colon, end->line);
}

int stack_check(struct stack *stack, struct error *error)
{
	return stack_process_is_over(&stack->process) ? say_end(stack, error) : 0;
}

int stack_descriptor(const struct stack *stack)
{
	return stack->process.ended;
}

static void pause_for(uint64_t wait_ns)
{
	struct timespec wait = { .tv_sec = (time_t)(wait_ns / NSEC_PER_SEC), .tv_nsec = (long)(wait_ns % NSEC_PER_SEC) };

	nanosleep(&wait, NULL);
}

/* Whether a connection comes about; one that does is reset. */
static bool takes_connections(const struct endpoint *endpoint)
{
	struct linger reset = { .l_onoff = 1 };
	struct sockaddr_storage address;
	socklen_t size = (socklen_t)endpoint_to_sockaddr(endpoint, &address), length = sizeof(int);
	int descriptor = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), result = -1;
	struct pollfd polled = { .fd = descriptor, .events = POLLOUT };

	if (descriptor < 0)
		return false;
	setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connect(descriptor, (const struct sockaddr *)&address, size) == 0)
		result = 0;
	else if (errno == EINPROGRESS && poll(&polled, 1, (int)(ATTEMPT_NS / NSEC_PER_MSEC)) > 0)
		getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &result, &length);
	close(descriptor);
	return result == 0;
}

static int wait_for_answer(struct stack *stack, uint8_t family, uint64_t patience_ns, struct error *error)
{
	struct endpoint endpoint = stack_endpoint(family);
	uint64_t until_ns = clock_now() + patience_ns;
	char text[ENDPOINT_TEXT_SIZE];
	bool open = false;

	while (clock_now() < until_ns) {
		if (stack_check(stack, error) < 0)
			return -1;
		open = tap_is_open(STACK_TAP);
		if (open && takes_connections(&endpoint))
			return 0;
		pause_for(PAUSE_NS);
	}
	if (!open)
		return fail(error, "--engine=exec: '%.120s' did not open the tap device %s within %.0f s (its name is in "
			    "TWPROBE_TAP)", stack->command, STACK_TAP, (double)patience_ns / 1e9);
	return fail(error, "--engine=exec: '%.120s' takes no connection on %s: tried for %.0f s (the address is in "
		    "TWPROBE_ADDRESS, the port in TWPROBE_PORT)", stack->command,
		    endpoint_format(&endpoint, text, sizeof(text)), (double)patience_ns / 1e9);
}

struct stack *stack_open(const char *command, uint8_t family, uint64_t patience_ns, struct error *error)
{
	struct stack *stack = calloc(1, sizeof(*stack));

	if (!stack) {
		fail(error, "out of memory");
		return NULL;
	}
	stack->command = command;
	stack->process.keeper = stack->process.life = stack->process.ended = -1;
	if (set_up(family, error) == 0 && (stack->losses = tap_losses_open(STACK_TAP, error)) &&
	    stack_process_start(&stack->process, command, environment, error) == 0 &&
	    wait_for_answer(stack, family, patience_ns, error) == 0 &&
	    tap_losses_read(stack->losses, &stack->lost_before, error) == 0)
		return stack;
	stack_close(stack);
	return NULL;
}

int stack_lost(struct stack *stack, uint64_t *lost, struct error *error)
{
	if (tap_losses_read(stack->losses, lost, error) < 0)
		return -1;
	*lost -= stack->lost_before;
	return 0;
}

void stack_close(struct stack *stack)
{
	if (!stack)
		return;
	stack_process_end(&stack->process);
	tap_losses_close(stack->losses);
	free(stack);
}
