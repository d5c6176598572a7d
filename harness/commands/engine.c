/* engine.c - finds the image, and hands the command line over. */
#include "harness/commands/engine.h"

#include <signal.h>

#include "harness/commands/message.h"
#include "harness/commands/options.h"
#include "harness/engine/uml.h"
#include "harness/run/exit_code.h"

int engine_run(const struct options *options, int argc, char **argv)
{
	struct uml_request request = { .argc = argc, .argv = argv };
	struct image image;
	struct error error;
	int code;

	if (options->target) {
		fail(&error, "--engine starts a kernel with a lab in it, and %s is neither; leave out one of them",
		     options->target);
		return message_error(error.text, EXIT_USAGE);
	}
	request.image = &image;
	if (image_find(options->kernel_image, &image, &error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	signal(SIGPIPE, SIG_IGN);
	code = uml_run(&request, &error);
	return code < 0 ? message_error(error.text, EXIT_CANNOT_RUN) : code;
}
