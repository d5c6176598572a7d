/* stack_process.h - a command with all its children in a process namespace, which ends with it, and it with us. */
#ifndef TWPROBE_HARNESS_LAB_STACK_PROCESS_H
#define TWPROBE_HARNESS_LAB_STACK_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "crafter/fail.h"

enum { STACK_LINE_SIZE = 200 };

/* How it ended, as it comes through the pipe `ended`. */
struct stack_end {
	int status; /* as waitpid() has it */
	char line[STACK_LINE_SIZE]; /* the last that it printed; "": nothing */
};

struct stack_process {
	pid_t keeper; /* outside of the namespace */
	int life;     /* closed: everything ends */
	int ended;    /* readable once the command has ended */
	bool over;
	struct stack_end end;
};

/* `environment`: NAME=VALUE, the last one NULL; besides ours. Standard input is empty; of what it prints the last line is
 * kept. */
int stack_process_start(struct stack_process *process, const char *command, const char *const *environment,
			struct error *error);
/* True once it has ended; `end` is set then. Does not wait. */
bool stack_process_is_over(struct stack_process *process);
void stack_process_end(struct stack_process *process);

#endif
