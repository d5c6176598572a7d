/* scenario_file.c - a script's file: what it shows, its parts, its conclusion. */
#include "cases/scenario/scenario_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 256, STEPS_MAX = 4096, SENTENCES_MAX = 64, FROM_MAX = 64, TRIES_MAX = 5 };

int scenario_read_id(struct yaml_tree *tree, const yaml_node_t *node, const char *what, char id[static STEP_ID_SIZE])
{
	const char *text = yaml_text(tree, node, what);

	if (!text)
		return -1;
	if (strlen(text) >= STEP_ID_SIZE || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(text))
		return yaml_complain(tree, node, "%s: '%s' is not a name of a-z, 0-9 and '-', shorter than %d", what, text,
				     STEP_ID_SIZE);
	snprintf(id, STEP_ID_SIZE, "%s", text);
	return 0;
}

char *scenario_read_copy(struct yaml_tree *tree, const yaml_node_t *node, const char *what)
{
	const char *text = yaml_text(tree, node, what);
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		fail(tree->error, "out of memory");
	/* A folded block of YAML ends with a newline; and one line of ours is one, in TAP above all. */
	if (copy && copy[strlen(copy) - 1] == '\n')
		copy[strlen(copy) - 1] = '\0';
	for (char *at = copy; at && *at; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	return copy;
}

/* Room for the items of a list, all zero. */
static void *room(struct yaml_tree *tree, const yaml_node_t *node, const char *what, size_t most, size_t size,
		  size_t *count)
{
	void *items;

	if (yaml_items(tree, node, what, count) < 0)
		return NULL;
	if (*count > most) {
		yaml_complain(tree, node, "%s: at most %zu", what, most);
		return NULL;
	}
	items = calloc(*count, size);
	if (!items)
		fail(tree->error, "out of memory");
	return items;
}

static int read_steps(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct part *part = into;
	size_t count;

	part->steps = room(tree, node, "steps", STEPS_MAX, sizeof(*part->steps), &count);
	if (!part->steps)
		return -1;
	for (size_t i = 0; i < count; i++) {
		part->step_count++; /* also one that is read in half holds memory */
		if (scenario_read_step(tree, yaml_item(tree, node, i), &part->steps[i]) < 0)
			return -1;
	}
	return 0;
}

static int read_title(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct part *part = into;

	part->title = scenario_read_copy(tree, node, "title");
	return part->title ? 0 : -1;
}

static int read_slow(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct part *part = into;
	const char *text = yaml_text(tree, node, "slow");

	if (!text)
		return -1;
	part->hours = strcmp(text, "hours") == 0;
	if (!part->hours)
		return yaml_flag(tree, node, "slow", &part->slow);
	part->slow = true;
	return 0;
}

static int read_needs_sysctl(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct part *part = into;
	const char *text = yaml_text(tree, node, "needs-sysctl");

	if (!text)
		return -1;
	if (strlen(text) >= sizeof(part->needs_sysctl))
		return yaml_complain(tree, node, "needs-sysctl: the names are too long");
	snprintf(part->needs_sysctl, sizeof(part->needs_sysctl), "%s", text);
	return 0;
}

static int read_part_path(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return scenario_read_path(tree, node, &((struct part *)into)->path);
}

static int read_file_path(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return scenario_read_path(tree, node, &((struct scenario *)into)->path);
}

static int read_parts(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const struct yaml_key keys[] = {
		{ "title", 1, read_title },
		{ "slow", 1, read_slow },
		{ "needs-sysctl", 1, read_needs_sysctl },
		{ "path", 1, read_part_path },
		{ "steps", 1, read_steps },
	};
	struct scenario *scenario = into;

	scenario->parts = room(tree, node, "parts", PARTS_MAX, sizeof(*scenario->parts), &scenario->part_count);
	if (!scenario->parts) {
		scenario->part_count = 0;
		return -1;
	}
	for (size_t i = 0; i < scenario->part_count; i++) {
		const yaml_node_t *item = yaml_item(tree, node, i);

		scenario->parts[i].line = yaml_line(item);
		if (yaml_mapping(tree, item, "a part", keys, sizeof(keys) / sizeof(keys[0]), 1, &scenario->parts[i]) < 0)
			return -1;
		if (!scenario->parts[i].steps)
			return yaml_complain(tree, item, "a part: 'steps' is missing");
	}
	return 0;
}

static int read_name(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct scenario *scenario = into;
	const char *text = yaml_text(tree, node, "scenario");

	if (!text)
		return -1;
	if (strlen(text) >= CASE_FILE_NAME_SIZE || strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(text))
		return yaml_complain(tree, node, "scenario: '%s' is not a name of a-z, 0-9 and '-'", text);
	snprintf(scenario->name, sizeof(scenario->name), "%s", text);
	return 0;
}

static int read_scenario_title(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct scenario *scenario = into;

	scenario->title = scenario_read_copy(tree, node, "title");
	return scenario->title ? 0 : -1;
}

static int read_shows(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct scenario *scenario = into;

	scenario->shows = scenario_read_copy(tree, node, "shows");
	return scenario->shows ? 0 : -1;
}

static int read_tries(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_number(tree, node, "tries", 1, TRIES_MAX, &((struct scenario *)into)->tries);
}

static int read_says(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct sentence *sentence = into;

	sentence->text = scenario_read_copy(tree, node, "says");
	return sentence->text ? 0 : -1;
}

static int read_from(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct sentence *sentence = into;

	sentence->from = room(tree, node, "from", FROM_MAX, STEP_ID_SIZE, &sentence->from_count);
	for (size_t i = 0; sentence->from && i < sentence->from_count; i++)
		if (scenario_read_id(tree, yaml_item(tree, node, i), "from", sentence->from[i]) < 0)
			return -1;
	return sentence->from ? 0 : -1;
}

static int read_wire(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return yaml_flag(tree, node, "wire", &((struct sentence *)into)->wire);
}

static int read_version(struct yaml_tree *tree, const yaml_node_t *node, const char *what, struct kernel *kernel)
{
	const char *text = yaml_text(tree, node, what);

	if (!text)
		return -1;
	if (kernel_choose(text, kernel, tree->error) < 0) {
		fail_in(tree->error, what);
		return yaml_complain_in(tree, node);
	}
	if (kernel_known(kernel))
		return 0;
	return yaml_complain(tree, node, "%s: '%s' is not a version; expected one such as 6.10", what, text);
}

static int read_since(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_version(tree, node, "since", &((struct sentence *)into)->since);
}

static int read_before(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_version(tree, node, "before", &((struct sentence *)into)->before);
}

static int read_conclusion(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const struct yaml_key keys[] = {
		{ "says", 1, read_says },
		{ "from", 1, read_from },
		{ "wire", 1, read_wire },
		{ "since", 1, read_since },
		{ "before", 1, read_before },
	};
	struct scenario *scenario = into;
	size_t count;

	scenario->sentences = room(tree, node, "conclusion", SENTENCES_MAX, sizeof(*scenario->sentences), &count);
	if (!scenario->sentences)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *item = yaml_item(tree, node, i);
		struct sentence *sentence = &scenario->sentences[i];

		scenario->sentence_count++;
		sentence->line = yaml_line(item);
		if (yaml_mapping(tree, item, "a sentence of the conclusion", keys, sizeof(keys) / sizeof(keys[0]), 1,
				 sentence) < 0)
			return -1;
		if (!sentence->text || !sentence->from)
			return yaml_complain(tree, item, "a sentence of the conclusion needs 'says' and 'from': the steps it "
					     "rests on");
	}
	return 0;
}

static int check_ids(struct yaml_tree *tree, const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->part_count; i++) {
		for (size_t j = 0; j < scenario->parts[i].step_count; j++) {
			const struct step *step = &scenario->parts[i].steps[j];
			const struct step *first = *step->id ? scenario_step(scenario, step->id, NULL) : NULL;

			if (first && first != step)
				return yaml_complain_line(tree, step->line, "two steps have the id '%s'; the other is "
							  "in line %d", step->id, first->line);
		}
	}
	return 0;
}

/* {ID} in a sentence must name one of the steps it rests on, or nobody knows what to put there. */
static int check_places(struct yaml_tree *tree, const struct sentence *sentence)
{
	const char *open = strchr(sentence->text, '{');

	for (; open; open = strchr(open + 1, '{')) {
		size_t length = strcspn(open + 1, "}");
		bool known = false;

		for (size_t i = 0; i < sentence->from_count; i++)
			known |= strlen(sentence->from[i]) == length && strncmp(sentence->from[i], open + 1, length) == 0;
		if (!known)
			return yaml_complain_line(tree, sentence->line, "{%.*s} in the sentence is not one of the steps "
						  "it rests on ('from')", (int)length, open + 1);
	}
	return 0;
}

static int check_sentences(struct yaml_tree *tree, const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->sentence_count; i++) {
		const struct sentence *sentence = &scenario->sentences[i];

		for (size_t j = 0; j < sentence->from_count; j++)
			if (!scenario_step(scenario, sentence->from[j], NULL))
				return yaml_complain_line(tree, sentence->line, "the sentence rests on '%s', but no "
							  "step has that id", sentence->from[j]);
		if (check_places(tree, sentence) < 0)
			return -1;
	}
	return 0;
}

static bool is_named_before(const struct part *part, size_t index)
{
	const struct step *step = &part->steps[index];

	if (!*step->on || step->kind == STEP_REACH)
		return true;
	for (size_t i = 0; i < index; i++)
		if (part->steps[i].kind == STEP_REACH && strcmp(part->steps[i].on, step->on) == 0)
			return true;
	return false;
}

/* What the server sends unasked may be replied to as well. */
static bool hears(const struct step *step)
{
	return step->kind == STEP_HEAR || step->kind == STEP_PROCESS;
}

/* Segments and what is asked of sockets need a connection to belong to, replies an answer; a connection's name must be
 * one that was reached. */
static int check_part(struct yaml_tree *tree, const struct part *part)
{
	size_t reached = 0, sent = 0, heard = 0;

	for (size_t i = 0; i < part->step_count; i++) {
		const struct step *step = &part->steps[i];
		bool asks = step->kind == STEP_SEND || step->kind == STEP_UNTIL || hears(step) ||
			    (scenario_checks_need(&step->checks) & NEED_WITNESS);

		if (!is_named_before(part, i))
			return yaml_complain_line(tree, step->line, "no connection was reached under the name '%s' "
						  "before this step", step->on);
		reached += step->kind == STEP_REACH || step->kind == STEP_CLIENT || step->kind == STEP_MEASURE;
		if (asks && !reached)
			return yaml_complain_line(tree, step->line, "%s: there is no connection yet; a 'reach' must "
						  "come first", scenario_step_kind_name(step->kind));
		if ((step->again && !sent) || (step->kind == STEP_REPLY && !sent && !heard))
			return yaml_complain_line(tree, step->line, "there is nothing yet to reply to or to send "
						  "again; a 'send' must come first");
		sent += step->kind == STEP_SEND;
		heard += hears(step);
	}
	if (scenario_part_connections(part) > PART_CONNECTIONS_MAX)
		return yaml_complain_line(tree, part->line, "at most %d connections in one part", PART_CONNECTIONS_MAX);
	return 0;
}

/* A SYN asks our own server for a behaviour. Where the file does not say which, it is that of the first state that a completed
 * handshake must have led to: a server that closes at once is never seen in `established`. */
static void choose_behaviour(struct part *part, size_t index)
{
	struct step *syn = &part->steps[index];
	bool completed = false;

	for (size_t i = index + 1; i < part->step_count; i++) {
		const struct step *step = &part->steps[i];
		const struct state_plan *plan = state_plan(step->checks.state);

		if (step->kind == STEP_REACH || step->kind == STEP_CLIENT || step->kind == STEP_MEASURE ||
		    (step->kind == STEP_SEND && !step->again && step->stimulus.kind == KIND_SYN))
			return;
		completed |= step->kind == STEP_REPLY && !step->reset;
		if (!completed || !plan || !state_plan_has(plan, WHO_CRAFTED, DOES_ACK))
			continue;
		syn->behaviour = plan->behaviour;
		return;
	}
}

static void choose_behaviours(struct part *part)
{
	for (size_t i = 0; i < part->step_count; i++) {
		const struct step *step = &part->steps[i];

		if (step->kind == STEP_SEND && !step->again && step->stimulus.kind == KIND_SYN &&
		    step->behaviour == BEHAVIOUR_COUNT && !step->stimulus.window.given)
			choose_behaviour(part, i);
	}
}

static int read_all(struct yaml_tree *tree, struct scenario *scenario)
{
	static const struct yaml_key keys[] = {
		{ "scenario", 1, read_name },
		{ "title", 1, read_scenario_title },
		{ "shows", 1, read_shows },
		{ "tries", 1, read_tries },
		{ "path", 1, read_file_path },
		{ "parts", 1, read_parts },
		{ "conclusion", 1, read_conclusion },
	};
	const yaml_node_t *root = yaml_tree_root(tree);

	if (yaml_mapping(tree, root, "the file", keys, sizeof(keys) / sizeof(keys[0]), 1, scenario) < 0)
		return -1;
	if (!*scenario->name || !scenario->title || !scenario->shows || !scenario->parts || !scenario->sentences)
		return yaml_complain(tree, root, "the file: '%s' is missing", !*scenario->name ? "scenario" :
				     !scenario->title ? "title" : !scenario->shows ? "shows" : !scenario->parts ? "parts" :
				     "conclusion");
	for (size_t i = 0; i < scenario->part_count; i++) {
		if (check_part(tree, &scenario->parts[i]) < 0)
			return -1;
		choose_behaviours(&scenario->parts[i]);
	}
	return scenario_settle_paths(tree, scenario) < 0 || check_ids(tree, scenario) < 0 ||
	       check_sentences(tree, scenario) < 0 ? -1 : 0;
}

struct scenario *scenario_parse(const char *file, const char *text, size_t size, struct error *error)
{
	struct scenario *scenario = calloc(1, sizeof(*scenario));
	struct yaml_tree tree;
	int result;

	if (!scenario) {
		fail(error, "out of memory");
		return NULL;
	}
	scenario->tries = 1;
	result = yaml_tree_open(&tree, file, text, size, "a mapping with the keys scenario, title, shows, parts and conclusion",
				error);
	if (result == 0) {
		result = read_all(&tree, scenario);
		yaml_tree_close(&tree);
	}
	if (result == 0)
		return scenario;
	scenario_free(scenario);
	return NULL;
}

struct scenario *scenario_load(const char *path, struct error *error)
{
	size_t size;
	char *text = yaml_read(path, YAML_FILE_MAX, &size, error);
	struct scenario *scenario = text ? scenario_parse(path, text, size, error) : NULL;

	free(text);
	return scenario;
}
