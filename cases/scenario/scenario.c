/* scenario.c - what a script of steps needs, and how its steps are called. */
#include "cases/scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "crafter/textbuf.h"
#include "crafter/words.h"

static const char *const kinds[STEP_KIND_COUNT] = {
	[STEP_REACH] = "reach", [STEP_SEND] = "send", [STEP_REPLY] = "reply", [STEP_WAIT] = "wait",
	[STEP_UNTIL] = "until", [STEP_SYSCTL] = "sysctl", [STEP_CELLS] = "cells", [STEP_MEASURE] = "measure",
	[STEP_CLIENT] = "client", [STEP_HEAR] = "hear", [STEP_PROCESS] = "process",
};
static const char *const measures[MEASURE_COUNT] = {
	[MEASURE_ISN_CLOCK] = "isn-clock", [MEASURE_LIFETIME] = "lifetime",
};
static const char *const clients[CLIENT_COUNT] = {
	[CLIENT_CONNECT] = "connect", [CLIENT_CURL] = "curl", [CLIENT_REUSE] = "reuse", [CLIENT_SERVER] = "server",
};

static const char *const casts[CAST_COUNT] = {
	[CAST_HOST] = "host", [CAST_MULTICAST] = "multicast", [CAST_BROADCAST] = "broadcast",
};

const char *scenario_step_kind_name(enum step_kind kind)
{
	return words_at(WORDS(kinds), kind);
}

enum cast scenario_cast_parse(const char *name)
{
	enum cast cast = (enum cast)words_find(WORDS(casts), name);

	return cast == CAST_HOST ? CAST_COUNT : cast;
}

static const char *cast_name(enum cast cast)
{
	return words_at(WORDS(casts), cast);
}

enum measure scenario_measure_parse(const char *name)
{
	return (enum measure)words_find(WORDS(measures), name);
}

static const char *measure_name(enum measure measure)
{
	return words_at(WORDS(measures), measure);
}

enum client_action scenario_client_parse(const char *name)
{
	return (enum client_action)words_find(WORDS(clients), name);
}

bool scenario_connects(const struct step *step)
{
	const struct state_plan *plan = state_plan_by(step->state, step->opening);

	return plan && state_plan_connects(plan);
}

unsigned scenario_checks_need(const struct checks *checks)
{
	unsigned needs = checks->counter_count ? NEED_COUNTERS : 0;

	if (checks->state != STATE_UNKNOWN || checks->expires.said || checks->recv_queue.said ||
	    checks->send_queue.said || checks->listener_queue.said)
		needs |= NEED_WITNESS;
	if (*checks->path.stimulus || *checks->path.answer_from || *checks->path.says || *checks->path.tracked_before ||
	    *checks->path.tracked_after)
		needs |= NEED_PATH;
	return needs;
}

/* A target's one port is the one where somebody listens. */
static unsigned cells_need(const struct step *step)
{
	for (size_t i = 0; i < step->cell_count; i++)
		if (step->cells[i].cell.state == STATE_CLOSED || cell_connects(&step->cells[i].cell))
			return NEED_LAB;
	return 0;
}

static unsigned step_needs(const struct step *step)
{
	switch (step->kind) {
	case STEP_REACH:
		return step->never_accept || scenario_connects(step) ? NEED_LAB : 0;
	case STEP_PROCESS:
		return NEED_LAB;
	case STEP_SEND: /* nowhere but on a loopback interface */
		return step->from || step->to ? NEED_LAB | NEED_DIRECT : 0;
	case STEP_UNTIL:
		return NEED_WITNESS;
	case STEP_SYSCTL:
		return NEED_SYSCTLS;
	case STEP_CELLS:
		return cells_need(step);
	case STEP_CLIENT:
		return NEED_LAB | NEED_DIRECT | (step->clock_back ? NEED_SYSCTLS : 0);
	default:
		return 0;
	}
}

unsigned scenario_part_needs(const struct part *part)
{
	unsigned needs = (*part->needs_sysctl ? NEED_SYSCTLS : 0) | (part->path ? NEED_LAB : 0);

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

bool scenario_has_paths(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->part_count; i++)
		if (scenario->parts[i].path)
			return true;
	return false;
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
		{ NEED_PATH, "a path (--path), both sides of which are heard" },
		{ NEED_DIRECT, "a client beside the server, with no --path between" },
		{ NEED_LAB, "sockets on the server's machine" },
		{ NEED_WITNESS, "a witness of the server's sockets" },
		{ NEED_COUNTERS, "its kernel's counters" },
		{ NEED_COUNTER, "a counter that this kernel does not have" },
		{ NEED_KERNEL, "its kernel's version (see --kernel)" },
	};
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (needs & texts[i].need)
			textbuf_item(&out, " and ", "%s", texts[i].text);
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

static void format_send(const struct step *step, struct textbuf *out)
{
	struct cell cell;
	char text[OFFSET_TEXT_SIZE], blocks[SACK_LIST_TEXT_SIZE];

	if (step->again) {
		textbuf_add(out, "send the same again");
		return;
	}
	cell_default(&cell);
	cell.stimulus = step->stimulus;
	textbuf_add(out, "send %s", stimulus_kind_name(step->stimulus.kind));
	for (const struct axis *axis = axes_next_in_name(NULL); axis; axis = axes_next_in_name(axis)) {
		if (!axis->sent || (!axis->always && axes_is_normal(axis, &cell)))
			continue;
		axis->type->format(axis, axes_value(axis, &cell), text, sizeof(text));
		textbuf_add(out, ", %s", text);
	}
	if (step->sack.count)
		textbuf_add(out, ", sack %s", sack_list_format(&step->sack, blocks));
	if (step->new_port)
		textbuf_add(out, ", from another port");
	if (step->from)
		textbuf_add(out, ", from a %s address", cast_name(step->from));
	if (step->to)
		textbuf_add(out, ", to a %s address", cast_name(step->to));
}

static void format_client(const struct step *step, struct textbuf *out)
{
	const char *lacks = step->reuses_address ? "" : ", without SO_REUSEADDR";

	if (step->client == CLIENT_SERVER) {
		textbuf_add(out, "a real server listens again%s", lacks);
		return;
	}
	textbuf_add(out, "a real client: %s%s%s%s%s", step->client == CLIENT_CURL ? "curl" : "connect()",
		    step->any_port ? ", the kernel's choice of port" : ", from the same port",
		    step->bound_to_lo ? ", bound to lo" : "", step->clock_back ? ", its timestamps set back" : "", lacks);
}

static void format_deed(const struct deed *deed, struct textbuf *out)
{
	textbuf_add(out, "its process: %s", deed_name(deed->kind));
	if (deed->kind == DEED_WRITE)
		textbuf_add(out, " %u bytes", deed->bytes);
	if (deed->kind == DEED_KEEPALIVE && deed->idle_s)
		textbuf_add(out, " after %u s, each %u s, %u probes", deed->idle_s, deed->interval_s, deed->probes);
	if (deed->kind == DEED_USER_TIMEOUT)
		textbuf_add(out, " %u ms", deed->timeout_ms);
}

const char *scenario_step_format(const struct step *step, char *buffer, size_t size)
{
	char text[QUANTITY_TEXT_SIZE];
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	quantity_format(UNIT_TIME, (double)step->wait_ns, text, sizeof(text));
	switch (step->kind) {
	case STEP_REACH:
		textbuf_add(&out, "reach %s%s%s%s", state_name(step->state), step->timestamps ? "" : " without timestamps",
			    step->never_accept ? " at a listener that never accepts" : "",
			    step->opening == OPENING_ACTIVE ? " by connecting" :
			    step->opening == OPENING_SIMULTANEOUS ? " by a simultaneous open" : "");
		if (step->times > 1)
			textbuf_add(&out, ", %u times", step->times);
		break;
	case STEP_SEND:
		format_send(step, &out);
		if (step->times > 1)
			textbuf_add(&out, ", %u %s", step->times, step->onward ? "in a row, at once" : "times at once");
		break;
	case STEP_REPLY:
		textbuf_add(&out, "reply with %s", step->reset ? "an RST" : "the ACK of the handshake");
		break;
	case STEP_HEAR:
		textbuf_add(&out, "hear what it sends, for at most %s", text);
		break;
	case STEP_PROCESS:
		format_deed(&step->deed, &out);
		break;
	case STEP_WAIT:
		textbuf_add(&out, "wait %s", text);
		break;
	case STEP_UNTIL:
		textbuf_add(&out, "wait until %s, at most %s", state_name(step->state), text);
		break;
	case STEP_SYSCTL:
		textbuf_add(&out, "sysctl %s=%s", step->sysctl.name, step->sysctl.value);
		break;
	case STEP_CELLS:
		textbuf_add(&out, "%zu cells", step->cell_count);
		break;
	case STEP_MEASURE:
		textbuf_add(&out, "measure %s", measure_name(step->measure));
		break;
	case STEP_CLIENT:
		format_client(step, &out);
		break;
	case STEP_KIND_COUNT:
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
	free(part->path);
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
	free(scenario->path);
	free(scenario);
}
