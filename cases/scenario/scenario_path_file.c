/* scenario_path_file.c - what stands between, and what both sides of it must have seen, read from a scenario's file. */
#include "cases/scenario/scenario_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/path/path.h"
#include "crafter/words.h"

int scenario_read_path(struct yaml_tree *tree, const yaml_node_t *node, char **path)
{
	const char *name = yaml_text(tree, node, "path");
	struct path *loaded = name ? path_load(name, tree->error) : NULL;

	if (name && !loaded) {
		fail_in(tree->error, "path");
		return yaml_complain_in(tree, node);
	}
	path_free(loaded);
	if (!name)
		return -1;
	*path = strdup(name);
	return *path ? 0 : fail(tree->error, "out of memory");
}

static int read_word(struct yaml_tree *tree, const yaml_node_t *node, const char *what, struct words words,
		     char word[static STEP_WORD_SIZE])
{
	const char *text = yaml_text(tree, node, what);
	char list[128];

	if (!text)
		return -1;
	if (words_find(words, text) == words.count)
		return yaml_complain(tree, node, "%s: unknown value '%.40s': expected %s", what, text,
				     words_list(words, list, sizeof(list)));
	snprintf(word, STEP_WORD_SIZE, "%s", text);
	return 0;
}

static int read_stimulus(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const char *const words[] = { "reached", "stopped" };

	return read_word(tree, node, "stimulus", WORDS(words), ((struct path_checks *)into)->stimulus);
}

static int read_answer_from(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const char *const words[] = { "subject", "router", "stopped", "nobody" };

	return read_word(tree, node, "answer-from", WORDS(words), ((struct path_checks *)into)->answer_from);
}

static int read_state(struct yaml_tree *tree, const yaml_node_t *node, const char *what, char word[static STEP_WORD_SIZE])
{
	static const char *const words[] = {
		"none", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",
		"SYN_SENT2",
	};

	return read_word(tree, node, what, WORDS(words), word);
}

static int read_before(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_state(tree, node, "conntrack-before", ((struct path_checks *)into)->tracked_before);
}

static int read_after(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	return read_state(tree, node, "conntrack-after", ((struct path_checks *)into)->tracked_after);
}

static int read_says(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	struct path_checks *checks = into;
	const char *text = yaml_text(tree, node, "says");

	if (!text)
		return -1;
	if (strlen(text) >= sizeof(checks->says))
		return yaml_complain(tree, node, "says: at most %zu characters", sizeof(checks->says) - 1);
	snprintf(checks->says, sizeof(checks->says), "%s", text);
	return 0;
}

int scenario_read_path_checks(struct yaml_tree *tree, const yaml_node_t *node, void *into)
{
	static const struct yaml_key keys[] = {
		{ "stimulus", 1, read_stimulus },
		{ "answer-from", 1, read_answer_from },
		{ "says", 1, read_says },
		{ "conntrack-before", 1, read_before },
		{ "conntrack-after", 1, read_after },
	};
	struct step *step = into;

	if (step->kind != STEP_SEND && step->kind != STEP_REPLY && yaml_find(tree, node, "stimulus"))
		return yaml_complain(tree, node, "path: stimulus: only 'send' and 'reply' have one");
	return yaml_mapping(tree, node, "path", keys, sizeof(keys) / sizeof(keys[0]), 1, &step->checks.path);
}

/* Where nothing stands between it has none. */
static void drop_direct(char **path)
{
	if (!*path || strcmp(*path, PATH_DIRECT) != 0)
		return;
	free(*path);
	*path = NULL;
}

int scenario_settle_paths(struct yaml_tree *tree, struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->part_count; i++) {
		struct part *part = &scenario->parts[i];

		if (!part->path && scenario->path && !(part->path = strdup(scenario->path)))
			return fail(tree->error, "out of memory");
		drop_direct(&part->path);
	}
	return 0;
}
