/* other_kernel.c - finds the image, and hands the command line over. */
#include "harness/commands/other_kernel.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/commands/guests.h"
#include "harness/commands/message.h"
#include "harness/commands/option_values.h"
#include "harness/commands/options.h"
#include "harness/commands/output.h"
#include "harness/engine/engine.h"
#include "harness/run/exit_code.h"

enum { WRITTEN_MAX = 3 };

bool other_kernel_wanted(const struct options *options)
{
	return (options->engine != ENGINE_LAB && options->engine != ENGINE_EXEC) || options->kernel_image;
}

static const enum image_kind kinds[] = { [ENGINE_LAB] = IMAGE_ANY, [ENGINE_UML] = IMAGE_UML, [ENGINE_QEMU] = IMAGE_BZIMAGE };

/* Every option that names a file to be written. */
static size_t find_written(const struct options *options, struct engine_file files[WRITTEN_MAX], const char *names[WRITTEN_MAX])
{
	const struct {
		const char *name, *path;
	} rows[WRITTEN_MAX] = {
		{ "--pcap=", options->pcap }, { "--output=", options->map.output }, { "-w ", options->write },
	};
	size_t count = 0;

	for (size_t i = 0; i < WRITTEN_MAX; i++) {
		if (!rows[i].path || strcmp(rows[i].path, "-") == 0)
			continue;
		names[count] = rows[i].name;
		files[count++] = (struct engine_file){ .path = rows[i].path };
	}
	return count;
}

/* Where the guest has files of its own: they are opened before it starts, as the lab would. */
static int run_with_files(const struct options *options, struct engine_request *request, struct error *error)
{
	struct engine_file files[WRITTEN_MAX];
	struct output *outputs[WRITTEN_MAX] = { NULL };
	const char *names[WRITTEN_MAX] = { NULL };
	int code = 0;

	request->files = files;
	if (!engine_shares_files(request->image->kind))
		request->file_count = find_written(options, files, names);
	for (size_t i = 0; code == 0 && i < request->file_count; i++) {
		bool picture = files[i].path == options->map.output;

		outputs[i] = (picture ? output_open_whole : output_open)(names[i], files[i].path, error);
		files[i].descriptor = output_descriptor(outputs[i]);
		code = outputs[i] ? 0 : -1;
	}
	if (code == 0)
		code = engine_run(request, error);
	for (size_t i = 0; i < request->file_count; i++) {
		if (outputs[i] && files[i].written && output_keep(outputs[i]) < 0 && code == 0)
			code = fail(error, "%s%.300s: what was written cannot take its place", names[i], files[i].path);
		output_close(outputs[i]);
	}
	return code;
}

int other_kernel_alone(const struct options *options, const struct guests *guests)
{
	struct engine_request request = guests->request;
	struct error error;
	int code;

	signal(SIGPIPE, SIG_IGN);
	code = run_with_files(options, &request, &error);
	return code < 0 ? message_error(error.text, EXIT_CANNOT_RUN) : code;
}

/* A guest has another one, or none. */
static bool reads_standard_input(const struct options *options)
{
	const char *const read[] = { options->scenario, options->expected_failures, options->compare.baseline };
	bool reads = options->path_text != NULL;

	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++)
		reads |= read[i] && strcmp(read[i], option_value_input("-")) == 0;
	for (size_t i = 0; i < options->matrix_count; i++)
		reads |= strcmp(options->matrices[i], option_value_input("-")) == 0;
	return reads;
}

int other_kernel_run(struct options *options, int argc, char **argv)
{
	static struct image image;
	static struct guests guests;
	struct error error;

	if (options->target) {
		fail(&error, "--engine starts a kernel with a lab in it, and %s is neither; leave out one of them",
		     options->target);
		return message_failed(&error, EXIT_USAGE);
	}
	if (options->engine == ENGINE_EXEC)
		return message_error("--engine=exec asks a process, not a kernel; leave out --kernel-image", EXIT_USAGE);
	if (options->engine_given && options->engine == ENGINE_LAB)
		return message_error("--engine=lab asks this machine's own kernel; leave out --kernel-image", EXIT_USAGE);
	if (reads_standard_input(options))
		return message_error("--engine: the kernel that is started reads files, not standard input; give a file's name",
				     EXIT_USAGE);
	if (image_find(options->kernel_image, kinds[options->engine], &image, &error) < 0)
		return message_error(error.text, EXIT_CANNOT_RUN);
	if (options->command == COMMAND_EXPORT && options->map.output && !engine_shares_files(image.kind))
		return message_error("export: a guest in QEMU has no folder of this machine's; without -o one script goes to "
				     "standard output, and a user-mode Linux (--engine=uml) has all folders", EXIT_USAGE);
	guests.request = (struct engine_request){
		.image = &image, .argc = argc, .argv = argv,
		.processor = (unsigned)sched_getcpu(), /* those of commands that run beside each other are likely to differ */
		/* Scenarios name their own. */
		.paths = options->path_count || *options->cell.path || options->command == COMMAND_SCENARIO,
	};
	if (!guests_can(options, &image))
		return other_kernel_alone(options, &guests);
	options->guests = &guests;
	return commands_at(options->command)->run(options);
}
