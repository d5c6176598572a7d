/* scenario.c - what a script of steps needs, and how its steps are called. */
#include "cases/scenario/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"

static const char *const kinds[STEP_KIND_COUNT] = {
	[STEP_REACH] = "reach", [STEP_SEND] = "send", [STEP_REPLY] = "reply", [STEP_WAIT] = "wait",
	[STEP_UNTIL] = "until", [STEP_SYSCTL] = "sysctl", [STEP_CELLS] = "cells", [STEP_MEASURE] = "measure",
	[STEP_CLIENT] = "client",
};
static const char *const measures[MEASURE_COUNT] = {
	[MEASURE_ISN_CLOCK] = "isn-clock", [MEASURE_LIFETIME] = "lifetime",
};
static const char *const clients[CLIENT_COUNT] = {
	[CLIENT_CONNECT] = "connect", [CLIENT_CURL] = "curl", [CLIENT_REUSE] = "reuse",
};

const char *scenario_step_kind_name(enum step_kind kind)
{
	return (unsigned)kind < STEP_KIND_COUNT ? kinds[kind] : NULL;
}

static int find(const char *const *names, int count, const char *name)
{
	int i = 0;

	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

enum measure scenario_measure_parse(const char *name)
{
	return (enum measure)find(measures, MEASURE_COUNT, name);
}

static const char *measure_name(enum measure measure)
{
	return (unsigned)measure < MEASURE_COUNT ? measures[measure] : NULL;
}

enum client_action scenario_client_parse(const char *name)
{
	return (enum client_action)find(clients, CLIENT_COUNT, name);
}

unsigned scenario_checks_need(const struct checks *checks)
{
	unsigned needs = checks->counter_count ? NEED_COUNTERS : 0;

	if (checks->state != STATE_UNKNOWN || checks->expires.said || checks->recv_queue.said ||
	    checks->send_queue.said || checks->listener_queue.said)
		needs |= NEED_WITNESS;
	return needs;
}

static unsigned step_needs(const struct step *step)
{
	switch (step->kind) {
	case STEP_REACH:
		return step->never_accept ? NEED_LAB : 0;
	case STEP_UNTIL:
		return NEED_WITNESS;
	case STEP_SYSCTL:
		return NEED_SYSCTLS;
	case STEP_CLIENT:
		return NEED_LAB | (step->clock_back ? NEED_SYSCTLS : 0);
	default:
		return 0;
	}
}

unsigned scenario_part_needs(const struct part *part)
{
	unsigned needs = *part->needs_sysctl ? NEED_SYSCTLS : 0;

	for (size_t i = 0; i < part->step_count; i++)
		needs |= step_needs(&part->steps[i]);
	return needs;
}

size_t scenario_part_connections(const struct part *part)
{
	size_t count = 0;

	for (size_t i = 0; i < part->step_count; i++) {
		const struct step *step = &part->steps[i];

		if (step->kind == STEP_REACH)
			count += step->times;
		else
			count += step->kind == STEP_MEASURE || step->kind == STEP_CLIENT ||
				 (step->kind == STEP_SEND && step->new_port);
	}
	return count;
}

bool scenario_sentence_applies(const struct sentence *sentence, const struct kernel *kernel)
{
	const struct kernel *since = &sentence->since, *before = &sentence->before;

	if (!kernel_known(since) && !kernel_known(before))
		return true;
	return kernel_known(kernel) && (!kernel_known(since) || kernel_at_least(kernel, since->major, since->minor)) &&
	       (!kernel_known(before) || !kernel_at_least(kernel, before->major, before->minor));
}

bool scenario_is_slow(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->part_count; i++)
		if (scenario->parts[i].slow)
			return true;
	return false;
}

const char *scenario_needs_format(unsigned needs, char *buffer, size_t size)
{
	static const struct {
		unsigned need;
		const char *text;
	} texts[] = {
		{ NEED_SYSCTLS, "the server's sysctls" },
		{ NEED_LAB, "sockets on the server's machine" },
		{ NEED_WITNESS, "a witness of the server's sockets" },
		{ NEED_COUNTERS, "its kernel's counters" },
		{ NEED_COUNTER, "a counter that this kernel does not have" },
		{ NEED_KERNEL, "its kernel's version (--kernel=VERSION says it)" },
	};
	size_t used = 0;

	buffer[0] = '\0';
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && used < size; i++)
		if (needs & texts[i].need)
			used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? " and " : "", texts[i].text);
	return buffer;
}

const struct step *scenario_step(const struct scenario *scenario, const char *id, size_t *number)
{
	size_t count = 0;

	for (size_t i = 0; i < scenario->part_count; i++) {
		for (size_t j = 0; j < scenario->parts[i].step_count; j++) {
			const struct step *step = &scenario->parts[i].steps[j];

			count++;
			if (!*id || strcmp(step->id, id) != 0)
				continue;
			if (number)
				*number = count;
			return step;
		}
	}
	return NULL;
}

static size_t format_send(const struct step *step, char *buffer, size_t size)
{
	struct cell cell;
	char text[OFFSET_TEXT_SIZE];
	size_t used;

	if (step->again)
		return (size_t)snprintf(buffer, size, "send the same again");
	cell_default(&cell);
	cell.stimulus = step->stimulus;
	used = (size_t)snprintf(buffer, size, "send %s", stimulus_kind_name(step->stimulus.kind));
	for (const struct axis *axis = axes_next_in_name(NULL); axis; axis = axes_next_in_name(axis)) {
		if (!axis->sent || (!axis->always && axes_is_normal(axis, &cell)) || used >= size)
			continue;
		axis->type->format(axis, axes_value(axis, &cell), text, sizeof(text));
		used += (size_t)snprintf(buffer + used, size - used, ", %s", text);
	}
	if (step->new_port && used < size)
		used += (size_t)snprintf(buffer + used, size - used, ", from another port");
	return used;
}

static void format_client(const struct step *step, char *buffer, size_t size)
{
	snprintf(buffer, size, "%s%s%s%s", step->client == CLIENT_CURL ? "a real client: curl" :
		 "a real client: connect()", step->any_port ? ", the kernel's choice of port" : ", from the same port",
		 step->bound_to_lo ? ", bound to lo" : "", step->clock_back ? ", its timestamps set back" : "");
}

const char *scenario_step_format(const struct step *step, char *buffer, size_t size)
{
	char text[QUANTITY_TEXT_SIZE];
	size_t used;

	quantity_format(UNIT_TIME, (double)step->wait_ns, text, sizeof(text));
	switch (step->kind) {
	case STEP_REACH:
		used = (size_t)snprintf(buffer, size, "reach %s%s%s", state_name(step->state), step->timestamps ? "" :
					" without timestamps", step->never_accept ? " at a listener that never accepts" : "");
		if (step->times > 1 && used < size)
			snprintf(buffer + used, size - used, ", %u times", step->times);
		break;
	case STEP_SEND:
		used = format_send(step, buffer, size);
		if (step->times > 1 && used < size)
			snprintf(buffer + used, size - used, ", %u times at once", step->times);
		break;
	case STEP_REPLY:
		snprintf(buffer, size, "reply with %s", step->reset ? "an RST" : "the ACK of the handshake");
		break;
	case STEP_WAIT:
		snprintf(buffer, size, "wait %s", text);
		break;
	case STEP_UNTIL:
		snprintf(buffer, size, "wait until %s, at most %s", state_name(step->state), text);
		break;
	case STEP_SYSCTL:
		snprintf(buffer, size, "sysctl %s=%s", step->sysctl.name, step->sysctl.value);
		break;
	case STEP_CELLS:
		snprintf(buffer, size, "%zu cells", step->cell_count);
		break;
	case STEP_MEASURE:
		snprintf(buffer, size, "measure %s", measure_name(step->measure));
		break;
	case STEP_CLIENT:
		format_client(step, buffer, size);
		break;
	case STEP_KIND_COUNT:
		buffer[0] = '\0';
		break;
	}
	return buffer;
}

static void part_free(struct part *part)
{
	for (size_t i = 0; i < part->step_count; i++) {
		free(part->steps[i].note);
		free(part->steps[i].cells);
	}
	free(part->steps);
	free(part->title);
}

void scenario_free(struct scenario *scenario)
{
	if (!scenario)
		return;
	for (size_t i = 0; i < scenario->part_count; i++)
		part_free(&scenario->parts[i]);
	for (size_t i = 0; i < scenario->sentence_count; i++) {
		free(scenario->sentences[i].text);
		free(scenario->sentences[i].from);
	}
	free(scenario->parts);
	free(scenario->sentences);
	free(scenario->title);
	free(scenario->shows);
	free(scenario);
}
