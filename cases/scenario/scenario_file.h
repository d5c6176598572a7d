/* scenario_file.h - shared by the files that read a scenario; for them alone. */
#ifndef TWPROBE_CASES_SCENARIO_SCENARIO_FILE_H
#define TWPROBE_CASES_SCENARIO_SCENARIO_FILE_H

#include "cases/scenario/scenario.h"
#include "cases/yaml_tree.h"

/* Reads one step (scenario_step_file.c). The caller frees what it holds, also after an error. */
int scenario_read_step(struct yaml_tree *tree, const yaml_node_t *node, struct step *step);
/* "expect", "state", "socket" and the other checks (scenario_check_file.c); `into` is a struct step. */
int scenario_read_expect(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_isn(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_answers(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_acks(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_state(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_socket(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_listener(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_counters(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_traits(struct yaml_tree *tree, const yaml_node_t *node, void *into);
/* "after" and "within": the least and the longest time that an answer takes. */
int scenario_read_after(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_within(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_took(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_client(struct yaml_tree *tree, const yaml_node_t *node, void *into);

/* What stands between, of a part or of the whole file; what both sides of it must have seen (scenario_path_file.c). */
int scenario_read_path(struct yaml_tree *tree, const yaml_node_t *node, char **path);
int scenario_read_path_checks(struct yaml_tree *tree, const yaml_node_t *node, void *into);
/* Each part has its own or that of the whole file. */
int scenario_settle_paths(struct yaml_tree *tree, struct scenario *scenario);

/* What the process does, and how (scenario_process_file.c). */
int scenario_read_process(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_bytes(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_idle(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_interval(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_probes(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int scenario_read_time(struct yaml_tree *tree, const yaml_node_t *node, void *into);
/* What hangs together between keys: of the answer, of the process. */
int scenario_check_answer(struct yaml_tree *tree, const yaml_node_t *node, const struct checks *checks);
int scenario_check_process(struct yaml_tree *tree, const yaml_node_t *node, const struct deed *deed);
/* A name of [a-z0-9-] that fits. */
int scenario_read_id(struct yaml_tree *tree, const yaml_node_t *node, const char *what, char id[static STEP_ID_SIZE]);
/* A copy; NULL with an error. */
char *scenario_read_copy(struct yaml_tree *tree, const yaml_node_t *node, const char *what);

#endif
