/* scenario_step_file.c - one step of a script, read from its file. */
#include "cases/scenario/scenario_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/matrix/axes.h"
#include "crafter/units.h"

#define BIT(kind) (1U << (kind))

enum {
	STEP_TIMES_MAX = 64,
	STEP_CELLS_MAX = 64,
	SAMPLES_MAX = 1000,
};

/* Which steps a key belongs to. */
#define SENDS (BIT(STEP_SEND) | BIT(STEP_REPLY))
#define LISTENS (SENDS | BIT(STEP_HEAR) | BIT(STEP_PROCESS))
#define TOUCHES (BIT(STEP_REACH) | LISTENS | BIT(STEP_WAIT) | BIT(STEP_UNTIL) | BIT(STEP_CLIENT))
#define ALL (BIT(STEP_KIND_COUNT) - 1)

static int read_reach(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "reach");
	char list[256];

	if (!text)
		return -1;
	step->state = state_parse(text);
	if (step->state == STATE_UNKNOWN)
		return yaml_complain(tree, node, "reach: '%s' is not a state; expected %s", text,
				     state_list(list, sizeof(list)));
	if (step->state == STATE_CLOSED)
		return yaml_complain(tree, node, "reach: 'closed': nobody would listen; expected another state, or a step "
				     "with cells");
	return 0;
}

static int read_send(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "send");
	char list[256];

	if (!text)
		return -1;
	if (strcmp(text, "again") == 0) {
		step->again = true;
		return 0;
	}
	step->stimulus.kind = stimulus_kind_parse(text);
	if (step->stimulus.kind == KIND_COUNT)
		return yaml_complain(tree, node, "send: '%s' is not a segment kind; expected %s, again", text,
				     stimulus_kind_list(list, sizeof(list)));
	return 0;
}

static int read_reply(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "reply");

	if (!text)
		return -1;
	step->reset = strcmp(text, "rst") == 0;
	if (!step->reset && strcmp(text, "ack") != 0)
		return yaml_complain(tree, node, "reply: '%s' is neither ack nor rst", text);
	return 0;
}

static int read_hear(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_duration(tree, node, "hear", &((struct step *)into)->wait_ns);
}

static int read_opening(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "opening");
	struct cell cell;

	cell_default(&cell);
	if (!text)
		return -1;
	if (cell_set(&cell, "opening", text, tree->error) < 0)
		return yaml_complain_in(tree, node);
	step->opening = cell.opening;
	return 0;
}

static int read_wait(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_duration(tree, node, "wait", &((struct step *)into)->wait_ns);
}

static int read_every(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_duration(tree, node, "every", &((struct step *)into)->wait_ns);
}

static int read_disturb(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_duration(tree, node, "paws-reject-after", &((struct step *)into)->disturb_ns);
}

static int read_until(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	enum state omitted = step->checks.state;

	if (scenario_read_state(tree, node, into) < 0)
		return -1;
	step->state = step->checks.state;
	step->checks.state = omitted;
	return 0;
}

static int read_sysctl(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	struct conditions conditions = { 0 };
	const char *text = yaml_text(tree, node, "sysctl");

	if (!text)
		return -1;
	if (conditions_add(&conditions, text, false, tree->error) < 0)
		return yaml_complain_in(tree, node);
	step->sysctl = conditions.sysctls[0];
	return 0;
}

static int read_cells(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	size_t count;

	if (yaml_items(tree, node, "cells", &count) < 0)
		return -1;
	if (count > STEP_CELLS_MAX)
		return yaml_complain(tree, node, "cells: at most %d in one step", STEP_CELLS_MAX);
	step->cells = calloc(count, sizeof(*step->cells));
	if (!step->cells)
		return fail(tree->error, "out of memory");
	for (; step->cell_count < count; step->cell_count++) {
		const yaml_node_t *item = yaml_item(tree, node, step->cell_count);
		const char *text = yaml_text(tree, item, "cells");

		if (!text)
			return -1;
		if (cell_parse(text, &step->cells[step->cell_count].cell, tree->error) < 0)
			return yaml_complain_in(tree, item);
		step->cells[step->cell_count].line = yaml_line(item);
	}
	return 0;
}

static int read_measure(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "measure");

	if (!text)
		return -1;
	step->measure = scenario_measure_parse(text);
	if (step->measure == MEASURE_COUNT)
		return yaml_complain(tree, node, "measure: unknown value '%s': expected isn-clock or lifetime", text);
	return 0;
}

static int read_client(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "client");

	if (!text)
		return -1;
	step->client = scenario_client_parse(text);
	if (step->client == CLIENT_COUNT)
		return yaml_complain(tree, node, "client: unknown value '%s': expected connect, curl, reuse or server", text);
	return 0;
}

/* A key of what is sent is an axis of a cell, read into its stimulus. */
static int read_axis(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *key = tree->key, *text = yaml_text(tree, node, key);
	struct cell cell = { .stimulus = step->stimulus };

	if (!text)
		return -1;
	if (cell_set(&cell, key, text, tree->error) < 0)
		return yaml_complain_in(tree, node);
	step->stimulus = cell.stimulus;
	return 0;
}

static int read_behaviour(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "manner");

	if (!text)
		return -1;
	step->behaviour = behaviour_parse(text);
	if (step->behaviour == BEHAVIOUR_COUNT)
		return yaml_complain(tree, node, "manner: unknown value '%s': expected close, hold, half or eof", text);
	return 0;
}

static int read_sack(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;
	const char *text = yaml_text(tree, node, "sack");

	if (!text)
		return -1;
	if (sack_list_parse(text, &step->sack, tree->error) < 0)
		return yaml_complain_in(tree, node);
	if (step->sack.count > SACK_LIST_SENT_MAX)
		return yaml_complain(tree, node, "sack: at most %d blocks fit next to timestamps", SACK_LIST_SENT_MAX);
	return 0;
}

static int read_times(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;

	return yaml_number(tree, node, "times", 1, step->kind == STEP_REACH ? PART_CONNECTIONS_MAX : STEP_TIMES_MAX,
			   &step->times);
}

static int read_cast(struct yaml_tree *tree, const yaml_node_t *node, enum cast *cast)
{
	const char *text = yaml_text(tree, node, tree->key);

	if (!text)
		return -1;
	*cast = scenario_cast_parse(text);
	if (*cast == CAST_COUNT)
		return yaml_complain(tree, node, "%s: '%s' is neither multicast nor broadcast", tree->key, text);
	return 0;
}

static int read_from(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_cast(tree, node, &((struct step *)into)->from);
}

static int read_to(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_cast(tree, node, &((struct step *)into)->to);
}

static int read_onward(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "onward", &((struct step *)into)->onward);
}

static int read_samples(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_number(tree, node, "samples", 3, SAMPLES_MAX, &((struct step *)into)->samples);
}

static int read_timestamps(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "timestamps", &((struct step *)into)->timestamps);
}

static int read_never_accept(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "never-accept", &((struct step *)into)->never_accept);
}

static int read_new_port(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "new-port", &((struct step *)into)->new_port);
}

static int read_client_wait(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "client", &((struct step *)into)->client_wait);
}

static int read_any_port(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "any-port", &((struct step *)into)->any_port);
}

static int read_bound_to_lo(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "bound-to-lo", &((struct step *)into)->bound_to_lo);
}

static int read_reuse_address(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "reuse-address", &((struct step *)into)->reuses_address);
}

static int read_clock_back(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "clock-back", &((struct step *)into)->clock_back);
}

static int read_step_id(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return scenario_read_id(tree, node, "id", ((struct step *)into)->id);
}

static int read_on(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return scenario_read_id(tree, node, "connection", ((struct step *)into)->on);
}

static int read_note(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct step *step = into;

	step->note = scenario_read_copy(tree, node, "note");
	return step->note ? 0 : -1;
}

/* The first ones say what the step is. Those of what is sent, but for its kind, are rows of cases/matrix/axes.h. */
static const struct yaml_key fixed_keys[] = {
	{ "reach", BIT(STEP_REACH), read_reach },
	{ "send", BIT(STEP_SEND), read_send },
	{ "reply", BIT(STEP_REPLY), read_reply },
	{ "hear", BIT(STEP_HEAR), read_hear },
	{ "process", BIT(STEP_PROCESS), scenario_read_process },
	{ "wait", BIT(STEP_WAIT), read_wait },
	{ "until", BIT(STEP_UNTIL), read_until },
	{ "sysctl", BIT(STEP_SYSCTL), read_sysctl },
	{ "cells", BIT(STEP_CELLS), read_cells },
	{ "measure", BIT(STEP_MEASURE), read_measure },
	{ "client", BIT(STEP_CLIENT), read_client },
	{ "timestamps", BIT(STEP_REACH), read_timestamps },
	{ "never-accept", BIT(STEP_REACH), read_never_accept },
	{ "opening", BIT(STEP_REACH), read_opening },
	{ "bytes", BIT(STEP_PROCESS), scenario_read_bytes },
	{ "idle", BIT(STEP_PROCESS), scenario_read_idle },
	{ "interval", BIT(STEP_PROCESS), scenario_read_interval },
	{ "probes", BIT(STEP_PROCESS), scenario_read_probes },
	{ "time", BIT(STEP_PROCESS), scenario_read_time },
	{ "times", BIT(STEP_REACH) | BIT(STEP_SEND), read_times },
	{ "sack", BIT(STEP_SEND), read_sack },
	{ "onward", BIT(STEP_SEND), read_onward },
	{ "from", BIT(STEP_SEND), read_from },
	{ "to", BIT(STEP_SEND), read_to },
	{ "new-port", BIT(STEP_SEND), read_new_port },
	{ "manner", BIT(STEP_SEND), read_behaviour },
	{ "real-client", BIT(STEP_WAIT), read_client_wait },
	{ "after", LISTENS, scenario_read_after },
	{ "within", LISTENS | BIT(STEP_UNTIL), scenario_read_within },
	{ "every", BIT(STEP_MEASURE), read_every },
	{ "samples", BIT(STEP_MEASURE), read_samples },
	{ "paws-reject-after", BIT(STEP_MEASURE), read_disturb },
	{ "any-port", BIT(STEP_CLIENT), read_any_port },
	{ "bound-to-lo", BIT(STEP_CLIENT), read_bound_to_lo },
	{ "reuse-address", BIT(STEP_CLIENT), read_reuse_address },
	{ "clock-back", BIT(STEP_CLIENT), read_clock_back },
	{ "expect", LISTENS | BIT(STEP_CELLS) | BIT(STEP_CLIENT), scenario_read_expect },
	{ "isn", SENDS | BIT(STEP_CELLS) | BIT(STEP_CLIENT), scenario_read_isn },
	{ "fields", LISTENS, scenario_read_traits },
	{ "answers", LISTENS, scenario_read_answers },
	{ "acks", LISTENS, scenario_read_acks },
	{ "result", BIT(STEP_CLIENT), scenario_read_client },
	{ "took", BIT(STEP_UNTIL) | BIT(STEP_MEASURE), scenario_read_took },
	{ "state", TOUCHES & ~BIT(STEP_UNTIL), scenario_read_state },
	{ "socket", TOUCHES, scenario_read_socket },
	{ "listener", TOUCHES, scenario_read_listener },
	{ "counters", TOUCHES, scenario_read_counters },
	{ "path", LISTENS, scenario_read_path_checks },
	{ "connection", TOUCHES & ~BIT(STEP_CLIENT), read_on },
	{ "id", ALL, read_step_id },
	{ "note", ALL, read_note },
};

enum { FIXED_KEYS = sizeof(fixed_keys) / sizeof(fixed_keys[0]) };

static size_t all_keys(struct yaml_key keys[static FIXED_KEYS + AXIS_COUNT])
{
	size_t count = FIXED_KEYS;

	memcpy(keys, fixed_keys, sizeof(fixed_keys));
	for (int i = 0; i < AXIS_COUNT; i++)
		if (axes_table[i].sent)
			keys[count++] = (struct yaml_key){ axes_table[i].key, BIT(STEP_SEND), read_axis };
	return count;
}

static int find_kind(struct yaml_tree *tree, const yaml_node_t *node, enum step_kind *found)
{
	*found = STEP_KIND_COUNT;
	if (node->type != YAML_MAPPING_NODE)
		return yaml_complain(tree, node, "a step: a mapping is expected, such as '- send: syn'");
	for (enum step_kind kind = 0; kind < STEP_KIND_COUNT; kind++) {
		const yaml_node_t *value = yaml_find(tree, node, scenario_step_kind_name(kind));

		if (!value)
			continue;
		if (*found != STEP_KIND_COUNT)
			return yaml_complain(tree, value, "a step does one thing, but this one has '%s' and '%s'",
					     scenario_step_kind_name(*found), scenario_step_kind_name(kind));
		*found = kind;
	}
	if (*found == STEP_KIND_COUNT)
		return yaml_complain(tree, node, "the step does nothing; expected one of reach, send, reply, wait, until, "
				     "sysctl, cells, measure, client, hear, process");
	return 0;
}

/* The numbers of what is sent, where only `send` has them. */
static int check_sent(struct yaml_tree *tree, const yaml_node_t *node, const struct step *step)
{
	struct cell cell = { .stimulus = step->stimulus, .family = 4 };
	struct cell plain = { .stimulus.kind = step->stimulus.kind, .family = 4 };

	if (step->again && (!axes_same(&cell, &plain, 0) || step->new_port || step->sack.count))
		return yaml_complain(tree, node, "send: again takes no numbers");
	if ((step->from || step->to) && (step->again || step->new_port))
		return yaml_complain(tree, node, "from, to: of what is sent for the first time, and from its own port");
	if (step->onward && (step->times < 2 || step->again || step->new_port))
		return yaml_complain(tree, node, "onward: only with 'times', of what is sent for the first time");
	if (step->sack.count && (stimulus_kind_flags(step->stimulus.kind) & (FLAG_SYN | FLAG_ACK)) != FLAG_ACK)
		return yaml_complain(tree, node, "sack: only a segment with ACK, and no SYN, says what came (RFC 2018 3)");
	if (step->sack.count && step->stimulus.options.size)
		return yaml_complain(tree, node, "sack: not together with options, behind which nothing can stand");
	if (step->behaviour != BEHAVIOUR_COUNT && step->stimulus.window.given)
		return yaml_complain(tree, node, "window: a SYN's window is what asks the server for a behaviour; "
				     "expected one of window and manner");
	return axes_check(&cell, tree->error) < 0 ? yaml_complain_in(tree, node) : 0;
}

static int check_reach(struct yaml_tree *tree, const yaml_node_t *node, const struct step *step)
{
	if (!state_plan_by(step->state, step->opening))
		return yaml_complain(tree, node, "opening: it does not lead to %s", state_name(step->state));
	if (step->never_accept && scenario_connects(step))
		return yaml_complain(tree, node, "never-accept: who connects has nobody to accept");
	return 0;
}

/* What hangs together between keys. */
static int check_step(struct yaml_tree *tree, const yaml_node_t *node, const struct step *step)
{
	const struct checks *checks = &step->checks;

	if (step->kind == STEP_UNTIL && !step->wait_ns)
		return yaml_complain(tree, node, "until: 'within' is missing: how long may it take?");
	if (step->kind == STEP_MEASURE && (!step->wait_ns || (step->measure == MEASURE_ISN_CLOCK && !step->samples)))
		return yaml_complain(tree, node, "measure: 'every' is missing, or 'samples' for isn-clock");
	if ((checks->isn != ISN_NONE || checks->isn_by_book) && checks->answer != ANSWER_SYN_ACK &&
	    step->kind != STEP_CLIENT)
		return yaml_complain(tree, node, "isn: only an expected syn-ack has one");
	if (scenario_check_answer(tree, node, checks) < 0)
		return -1;
	/* The book covers the first segment into a state only. */
	if ((checks->answer_by_book || checks->isn_by_book) &&
	    ((BIT(step->kind) & LISTENS & ~BIT(STEP_SEND)) || step->again || step->new_port))
		return yaml_complain(tree, node, "expect, isn: linux: that rule book judges the first segment after a "
				     "'reach' only");
	if (checks->answer_by_book && step->kind == STEP_CLIENT)
		return yaml_complain(tree, node, "expect: linux: no rule book covers a whole client");
	if (checks->isn_by_book && step->kind == STEP_CELLS)
		return yaml_complain(tree, node, "isn: linux: cells are compared with that rule book anyway");
	if (checks->isn_by_book && step->kind == STEP_CLIENT && step->client == CLIENT_REUSE)
		return yaml_complain(tree, node, "isn: linux: the rule book covers servers; expected continued or fresh");
	if (step->kind == STEP_PROCESS)
		return scenario_check_process(tree, node, &step->deed);
	if (step->kind == STEP_REACH)
		return check_reach(tree, node, step);
	return step->kind == STEP_SEND ? check_sent(tree, node, step) : 0;
}

int scenario_read_step(struct yaml_tree *tree, const yaml_node_t *node, struct step *step)
{
	struct yaml_key keys[FIXED_KEYS + AXIS_COUNT];
	size_t count = all_keys(keys);

	memset(step, 0, sizeof(*step));
	step->line = yaml_line(node);
	step->timestamps = true;
	step->behaviour = BEHAVIOUR_COUNT;
	step->times = 1;
	step->reuses_address = true;
	step->checks.state = STATE_UNKNOWN;
	if (find_kind(tree, node, &step->kind) < 0)
		return -1;
	if (yaml_mapping(tree, node, scenario_step_kind_name(step->kind), keys, count, BIT(step->kind), step) < 0)
		return -1;
	return check_step(tree, node, step);
}
