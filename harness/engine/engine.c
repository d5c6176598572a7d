/* engine.c - one command, one kernel: what is asked of the guest, and what came of it. */
#include "harness/engine/engine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/engine/engine_internal.h"

extern char **environ;

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

const struct engine_way *engine_way_of(enum image_kind kind)
{
	static const struct engine_way *const ways[IMAGE_KINDS] = { [IMAGE_UML] = &engine_uml, [IMAGE_BZIMAGE] = &engine_qemu };

	return ways[kind];
}

bool engine_shares_files(enum image_kind kind)
{
	return engine_way_of(kind)->shares_files;
}

int engine_errors(const struct engine_request *request)
{
	return request->work ? request->work->errors : STDERR_FILENO;
}

static void add_lists(const struct engine_request *request, struct guest_request *what)
{
	for (int i = 0; i < request->argc; i++)
		guest_add(what, GUEST_ARGUMENTS, request->argv[i]);
	for (char **variable = environ; *variable; variable++)
		guest_add(what, GUEST_VARIABLES, *variable);
	for (size_t i = 0; i < request->module_count; i++)
		guest_add(what, GUEST_MODULES, request->modules[i]);
	for (size_t i = 0; i < request->file_count && !engine_shares_files(request->image->kind); i++)
		guest_add(what, GUEST_FILES, request->files[i].path);
}

static int pack(const struct engine_request *request, uint8_t buffer[static GUEST_REQUEST_MAX], size_t *size,
		struct error *error)
{
	bool shares = engine_shares_files(request->image->kind);
	char folder[PATH_MAX];
	struct winsize window = { 0 };
	struct guest_request what = {
		.output_terminal = !request->work && isatty(STDOUT_FILENO),
		.error_terminal = isatty(engine_errors(request)),
		.slow = !shares,
		.paths = request->paths,
		.worker = request->work ? (uint16_t)(request->work->number + 1) : 0,
		.engine = engine_way_of(request->image->kind)->name,
		.folder = getcwd(folder, sizeof(folder)),
		.image_folder = shares ? request->image->folder : "",
	};

	if (!what.folder)
		return fail(error, "the folder that we are in: %s", strerror(errno));
	if (ioctl(what.output_terminal ? STDOUT_FILENO : STDERR_FILENO, TIOCGWINSZ, &window) == 0) {
		what.rows = window.ws_row;
		what.columns = window.ws_col;
	}
	add_lists(request, &what);
	*size = guest_pack(&what, buffer, error);
	return *size ? 0 : -1;
}

static int conclude(const struct engine_request *request, struct engine_attended *attended, struct error *error)
{
	const char *path = request->image->path;

	if (attended->write_errno)
		return fail(error, "cannot write what the guest says: %s", strerror(attended->write_errno));
	if (attended->damaged)
		return fail(error, "%s: what the guest says was damaged on its way", path);
	if (attended->ended)
		return attended->code;
	if (attended->interrupted)
		return 130;
	if (attended->failed)
		return fail(error, "%s: %.*s", path, (int)attended->said_size, attended->said);
	if (attended->silent)
		return fail(error, "%s: the kernel stood still before it had run the command; its console ends with: %s", path,
			    engine_console_line(&attended->console));
	return fail(error, "%s: the kernel ended before %s: %s", path,
		    attended->running ? "the command had" : "it had run the command", engine_console_line(&attended->console));
}

static int run_once(const struct engine_request *request, struct engine_attended *attended, int signals, struct error *error)
{
	static uint8_t bytes[GUEST_REQUEST_MAX];
	bool fast = attended->start.fast;
	size_t size;

	*attended = (struct engine_attended){ .signals = signals, .start.fast = fast };
	if (pack(request, bytes, &size, error) < 0 || engine_start(request, &attended->start, error) < 0)
		return -1;
	if (!engine_shares_files(request->image->kind)) {
		attended->packed[GUEST_OUTPUT] = isatty(STDOUT_FILENO) ? NULL : packed_line_new_receiver();
		attended->packed[GUEST_ERRORS] = isatty(STDERR_FILENO) ? NULL : packed_line_new_receiver();
	}
	engine_attend(attended, request, bytes, size);
	while (waitpid(attended->start.pid, NULL, 0) < 0 && errno == EINTR)
		;
	packed_line_free(attended->packed[GUEST_OUTPUT]);
	packed_line_free(attended->packed[GUEST_ERRORS]);
	close(attended->start.control[0]);
	close(attended->start.output[0]);
	close(attended->start.errors[0]);
	close(attended->start.console[0]);
	engine_end(&attended->start);
	return 0;
}

/* The fast way may not work although it is there: of a machine inside a machine, /dev/kvm opens, and its guest never starts. */
static bool is_worth_another(const struct engine_attended *attended)
{
	return attended->start.fast && !attended->ready && !attended->interrupted && !attended->console.panicked;
}

int engine_run(const struct engine_request *request, struct error *error)
{
	static struct engine_attended attended;
	sigset_t set, before;
	int result, signals;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		sigaddset(&set, passed_on[i]);
	sigprocmask(SIG_BLOCK, &set, &before);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	attended.start.fast = true;
	result = run_once(request, &attended, signals, error);
	if (result == 0 && is_worth_another(&attended)) {
		attended.start.fast = false;
		result = run_once(request, &attended, signals, error);
	}
	close(signals);
	result = result < 0 ? -1 : conclude(request, &attended, error);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}
