/* run_reach.c - what a cell asks for beyond segments. */
#include "harness/run/run_reach.h"

#include "cases/matrix/limits.h"

struct run_reach run_reach_of(const struct run_options *options)
{
	bool lab = !options->no_sysctls;

	return (struct run_reach){ .call = true, .listener = lab, .manner = lab };
}

static bool has_manner(const struct cell *cell)
{
	struct manner manner;

	limits_manner(cell, &manner);
	return !manner_is_usual(&manner);
}

const char *run_reach_bar(const struct run_reach *reach, const struct run_options *options, const struct cell *cell)
{
	if ((cell->conditions.sysctl_count || cell->receive_window != RECEIVE_WINDOW_USUAL) && options->no_sysctls)
		return options->no_sysctls;
	if (cell_connects(cell) && !(reach->call && options->calls_port))
		return "needs a server that can be told to connect: the lab's, or with --calls `twprobe serve --calls`";
	if (cell_connects(cell) && cell->nobody_listens && !options->nobody_port)
		return "needs a server that can connect from a port where nobody listens, which only the lab's can";
	if (cell_listener(cell) != LISTENER_KEPT && !reach->listener)
		return cell_listener(cell) == LISTENER_GONE ?
			"needs a server that can be told to stop listening, which only the lab's can" :
			"needs a server that can be told to fill its queues, which only the lab's can";
	if (!reach->manner && cell->stimulus.ttl.given)
		return "the way to a target may lower the TTL, which only the lab's does not";
	if (!reach->manner && has_manner(cell))
		return "needs a server whose socket options can be set, which only the lab's can";
	return NULL;
}
