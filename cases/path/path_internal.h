/* path_internal.h - shared by the files that read a path; for them alone. */
#ifndef TWPROBE_CASES_PATH_PATH_INTERNAL_H
#define TWPROBE_CASES_PATH_PATH_INTERNAL_H

#include "cases/path/path.h"
#include "cases/yaml_tree.h"

/* The values of these keys; `into` is a struct path. */
int path_read_netem(struct yaml_tree *tree, const yaml_node_t *node, void *into);
int path_read_ipvs(struct yaml_tree *tree, const yaml_node_t *node, void *into);
/* "198.51.100.1:80", "[2001:db8:1::1]:80". */
int path_read_endpoint(struct yaml_tree *tree, const yaml_node_t *node, const char *what, struct endpoint *endpoint);

#endif
