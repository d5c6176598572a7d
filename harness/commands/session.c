/* session.c - check, reach, open, in this order for all commands. */
#include "harness/commands/session.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "harness/commands/boot.h"
#include "harness/commands/in_flight.h"
#include "harness/commands/message.h"
#include "harness/engine/guest.h"
#include "harness/lab/privileges.h"
#include "harness/lab/recorded.h"
#include "harness/report/report.h"
#include "harness/run/defaults.h"
#include "harness/wire/loop.h"
#include "harness/wire/resolve.h"

/* How long a process may take before it answers. */
#define STACK_PATIENCE_NS (10 * NSEC_PER_SEC)

/* What reaches a target or leads into the lab, and has no meaning for a process. */
static int check_stack(struct session *session, struct error *error)
{
	const struct options *options = session->options;
	const char *option = options->sysctl_given ? "sysctl" : options->path_count ? "path" : options->far ? "far" :
			     options->source ? "source" : options->interface ? "interface" : options->calls ? "calls" : NULL;

	if (option)
		return fail(error, "--%s has no meaning for a process that is a TCP stack of its own (--engine=exec)", option);
	if (options->target)
		return fail(error, "--engine=exec starts the subject, and %s is one already; leave out one of them",
			    options->target);
	session->target = stack_endpoint(options->ipv6 ? 6 : 4);
	return 0;
}

/* Everything that is wrong with a target of the user's. */
static int resolve(struct session *session, struct error *error)
{
	const struct options *options = session->options;
	const struct address *address = &session->target.address;
	const uint8_t family = options->ipv4 ? 4 : options->ipv6 ? 6 : 0;
	struct address *source = &session->source;

	if (options->sysctl_given)
		return fail(error, "--sysctl and --sysctl-at-probe work in the lab only: the sysctls of %s are not ours to "
			    "set; leave out HOST:PORT", options->target);
	if (resolve_unprivileged(options->target, family, &session->target, error) < 0)
		return -1;
	if (address_is_multicast(address) || address_is_broadcast(address) || address_is_unspecified(address))
		return fail(error, "%s: a multicast, broadcast or unspecified address has no TCP socket to probe",
			    options->target);
	if (family && address->family != family)
		return fail(error, "-%d: %s is an IPv%d address; a target's address decides", family, options->target,
			    address->family);
	if (options->source && address_parse(options->source, source, error) < 0)
		return fail_in(error, "--source");
	if (options->source && address_lacks_scope(source))
		return fail(error, "--source=%.60s: a link-local address needs its interface: %.60s%%INTERFACE",
			    options->source, options->source);
	if (options->source && source->family != address->family)
		return fail(error, "--source=%s is not of the same address family as %s", options->source,
			    options->target);
	return 0;
}

static bool is_capture(const char *far)
{
	return strcmp(far, "-") == 0 || strchr(far, '/') || strstr(far, ".pcap");
}

size_t session_far_namespace(const char *far)
{
	const char *colon = strchr(far, ':');

	return colon && !is_capture(far) ? (size_t)(colon - far) : 0;
}

/* An interface, and the namespace that it is in. */
static int find_far(struct session *session, struct error *error)
{
	const char *text = session->options->far, *colon = strchr(text, ':');
	size_t size = session_far_namespace(text);

	if (is_capture(text)) {
		session->far_file = text;
		return 0;
	}
	session->far = colon ? colon + 1 : text;
	if (!*session->far || strlen(session->far) >= IF_NAMESIZE || (colon && !size) || size >= sizeof(session->far_namespace))
		return fail(error, "--far=%.100s: INTERFACE, NAMESPACE:INTERFACE or FILE.pcap is expected", text);
	memcpy(session->far_namespace, text, size);
	return 0;
}

/* That of the options, by name or file, and that of the cells, by name, must be the same. */
static int load_path(struct session *session, const char *name, struct error *error)
{
	const struct options *options = session->options;
	bool named = name && *name;

	if (named && options->target)
		return fail(error, "path=%s is a path in the lab, and %s has a path of its own; leave out one of them", name,
			    options->target);
	if (!options->path_count && !named)
		return 0;
	session->path = options->path_count && strcmp(options->paths[0], "-") == 0 ?
			path_parse("standard input", options->path_text, options->path_size, error) :
			path_load(options->path_count ? options->paths[0] : name, error);
	if (!session->path)
		return -1;
	if (named && strcmp(session->path->name, name) != 0)
		return fail(error, "the cell is over path=%s, and --path=%s is %s; leave out one of them", name,
			    options->paths[0], session->path->name);
	return 0;
}

static int check(struct session *session, const struct session_needs *needs, struct error *error)
{
	const struct options *options = session->options;

	if (options->engine == ENGINE_EXEC && check_stack(session, error) < 0)
		return -1;
	if (options->path_count && options->target)
		return fail(error, "--path puts a router into the lab, and %s has a path of its own, which --far=INTERFACE "
			    "hears; leave out one of them", options->target);
	if (options->far && find_far(session, error) < 0)
		return -1;
	if (load_path(session, needs->path, error) < 0)
		return -1;
	if (options->pcap) {
		session->savefile = output_open("--pcap=", options->pcap, error);
		if (!session->savefile)
			return -1;
	}
	if (options->write) {
		session->written = output_open("-w ", options->write, error);
		if (!session->written)
			return -1;
	}
	return options->target ? resolve(session, error) : 0;
}

/* Whose rules judge: what --kernel says, else those of our own kernel where that is the subject's, else of one that is not
 * known. The settings are those of the namespace we are in, where that is the subject's. */
static void learn_kernel(struct session *session)
{
	const struct options *options = session->options;
	struct kernel *kernel = &session->kernel;
	struct utsname uts;

	*kernel = options->kernel_given ? options->kernel : (struct kernel){ 0 };
	kernel->timestamps = true;
	kernel->md5 = true;
	kernel->stranger = options->target != NULL; /* a process of --engine=exec does as it is told */
	kernel->witnessed = session->own && !options->no_witness;
	kernel->unsettled = !session->own;
	if (!session->own)
		return;
	recorded_tell(kernel);
	if (options->kernel_given || uname(&uts) < 0)
		return;
	kernel_parse(uts.release, kernel);
	kernel_refine(uts.version, kernel);
}

/* Nothing could be asked: the report shows that, too. */
static int cannot_run(const struct session *session, const char *text)
{
	const struct options *options = session->options;

	if (session->refused) {
		fail(session->refused, "%s", text);
		return EXIT_CANNOT_RUN;
	}
	report_skip_all(options->format, stdout, text);
	return message_error(text, EXIT_CANNOT_RUN);
}

static int find_route(struct session *session, struct error *error)
{
	const struct options *options = session->options;

	if (route_find(&session->target.address, options->source ? &session->source : NULL, options->interface, &session->route,
		       error) < 0)
		return cannot_run(session, error->text);
	if (session->far && !*session->far_namespace && strcmp(session->far, session->route.interface) == 0) {
		fail(error, "--far=%s: that is where the way to %s begins, not its far side", session->far, options->target);
		return message_failed(error, EXIT_USAGE);
	}
	if (!session->route.broadcast)
		return EXIT_AGREES;
	fail(error, "%s is a broadcast address; there is no TCP socket to probe", options->target);
	return message_failed(error, EXIT_USAGE);
}

/* The way to it is there once its namespace is. */
static int start_stack(struct session *session, struct error *error)
{
	const struct endpoint *target = &session->target;
	const struct address source = stack_source(target->address.family);

	session->stack = stack_open(session->options->engine_command, target->address.family, STACK_PATIENCE_NS, error);
	if (!session->stack || route_find(&target->address, &source, STACK_TAP, &session->route, error) < 0)
		return cannot_run(session, error->text);
	return EXIT_AGREES;
}

static int reach(struct session *session, const struct lab_options *lab, struct error *error)
{
	const struct options *options = session->options;
	const char *missing = options->target ? privileges_missing() : NULL;
	struct utsname uts;
	int code = EXIT_AGREES;

	if (missing)
		return cannot_run(session, missing);
	if (options->engine == ENGINE_EXEC)
		code = start_stack(session, error);
	else if (options->target)
		code = find_route(session, error);
	else if (!(session->lab = lab_open(lab, error)))
		code = cannot_run(session, error->text);
	if (code != EXIT_AGREES)
		return code;
	session->own = session->lab || session->route.loopback;
	learn_kernel(session);
	if (uname(&uts) == 0)
		snprintf(session->local_release, sizeof(session->local_release), "%s", uts.release);
	session->release = session->own ? session->local_release : NULL;
	session->engine = session->stack ? "exec" : !session->lab ? NULL : guest_engine() ? guest_engine() : "lab";
	session->name = session->stack ? options->engine_command : session->lab ? "lab" :
			endpoint_format(&session->target, session->target_text, sizeof(session->target_text));
	kernel_text(&session->kernel, session->rules_text);
	return code;
}

/* Round trips of the longest set-up. */
enum { WAYS = 8 };

void session_rules(const struct session *session, struct peer_rules *rules)
{
	const struct options *options = session->options;

	*rules = session->stack ? defaults_with_stack() : !session->lab ? defaults_with_target() :
		 lab_router(session->lab) ? defaults_behind_router() : defaults_in_lab();
	if (session->lab && options->no_witness)
		rules->after_ns = 0;
	rules->proves_listen = rules->any_descriptor = !session->lab;
	rules->calls_again = !session->lab;
	rules->witness = session->own && !options->no_witness;
	if (options->timeout_ns)
		rules->answer_ns = options->timeout_ns;
	rules->resend_ns += path_delay_ns(session->path);
	rules->setup_ns += WAYS * path_delay_ns(session->path);
	rules->answer_ns += path_delay_ns(session->path);
	rules->answer_least_ns += path_delay_ns(session->path);
	rules->trigger = options->trigger_size ? options->trigger : NULL;
	rules->trigger_size = options->trigger_size;
}

int session_settle(const struct session *session, const struct session_needs *needs, struct error *error)
{
	if (privileges_drop(error) < 0)
		return -1;
	if (session->own)
		boot_wait(session->options->quiet);
	return sandbox_enter(session->lab ? needs->in_lab : needs->at_target, error);
}

static void keep_frame(void *context, const struct capture_frame *frame, const struct segment *segment, bool has_numbers,
		       uint64_t time_ns)
{
	report_capture_frame(context, frame, segment, has_numbers, time_ns);
}

static void keep_far_frame(void *context, const struct capture_frame *frame, const struct segment *segment, bool has_numbers,
			   uint64_t time_ns)
{
	(void)time_ns;
	report_capture_far_frame(context, frame, segment, has_numbers);
}

static int open_capture(struct session *session, struct error *error)
{
	const struct options *options = session->options;
	const struct report_capture_facts facts = {
		.name = output_name(options->write),
		.tool_version = TWPROBE_VERSION,
		.kernel = session->release,
		.expect = options->expect,
		.near = path_is_direct(session->path) ? NULL : "crafted end: eth0",
		.far = path_is_direct(session->path) ? NULL : "subject: eth0",
	};

	session->capture = report_capture_open(&facts, output_descriptor(session->written), error);
	return session->capture ? 0 : -1;
}

static int open_wire(struct session *session, const struct session_needs *needs, struct error *error)
{
	const struct options *options = session->options;
	struct wire_options wire = {
		.lab = session->lab,
		.stack = session->stack,
		.target = session->target,
		.route = &session->route,
		.source = options->source ? &session->source : NULL,
		.savefile = output_descriptor(session->savefile),
		.savefile_name = output_name(options->pcap),
		.seed = options->seed,
		.witness = session->own && !options->no_witness,
		.whole = needs->whole,
		.any_port = needs->any_port,
		.far = session->far,
		.far_namespace = *session->far_namespace ? session->far_namespace : NULL,
		.far_file = session->far_file,
		.calls = options->calls,
		.families = session->lab ? lab_families(session->lab) : 1U << session->target.address.family,
		.in_flight = session->in_flight,
		.in_turn = needs->at_once > 0,
		.kernel = &session->kernel,
	};

	if (needs->families)
		wire.families &= needs->families;
	if (session->written) {
		if (open_capture(session, error) < 0)
			return -1;
		wire.keep = keep_frame;
		wire.keep_far = keep_far_frame;
		wire.keep_context = session->capture;
	}
	session->loop = loop_open(error);
	if (!session->loop)
		return -1;
	session->wire = wire_open(&wire, session->loop, error);
	if (!session->wire)
		return -1;
	wire_transport(session->wire, &session->transport);
	if (needs->open && needs->open(needs->context, session->wire, error) < 0)
		return -1;
	output_keep(session->savefile);
	output_keep(session->written);
	return needs->unsettled ? 0 : session_settle(session, needs, error);
}

/* In a lab each connection takes a descriptor of the subject's. */
static int make_room(struct session *session, const struct session_needs *needs, struct error *error)
{
	if (!needs->at_once)
		return in_flight_choose(session->lab, session->options, needs->useful, &session->in_flight, error);
	session->in_flight = needs->at_once;
	if (session->lab && lab_room(session->lab) < needs->at_once)
		return fail(error, "a scenario may hold %zu connections, each with a descriptor; raise the limit (ulimit -n)",
			    needs->at_once);
	return 0;
}

int session_open(struct session *session, const struct options *options, const struct session_needs *needs)
{
	struct lab_options lab;
	struct error error;
	int code;

	*session = (struct session){ .options = options, .refused = needs->refused };
	if (check(session, needs, &error) < 0)
		return message_failed(&error, EXIT_USAGE);
	lab = needs->lab;
	lab.path = session->path;
	code = reach(session, &lab, &error);
	if (code != EXIT_AGREES)
		return code;
	if (session->lab && needs->ipv6 && !lab_has_ipv6(session->lab))
		return cannot_run(session, "-6: this kernel has no IPv6");
	if (make_room(session, needs, &error) < 0)
		return cannot_run(session, error.text);
	if (session->lab)
		session->sysctl_count = recorded_read(session->lab, session->sysctls);
	return open_wire(session, needs, &error) < 0 ? cannot_run(session, error.text) : EXIT_AGREES;
}

int session_finish(struct session *session, struct error *error)
{
	size_t without = 0;

	if (wire_finish(session->wire, error) < 0)
		return -1;
	if (session->capture && report_capture_finish(session->capture, &without, error) < 0)
		return -1;
	if (without)
		message_note("%zu comments have no frame in %s: written, or not captured, before they were known", without,
			     session->options->write);
	if (wire_note(session->wire) && !session->options->quiet)
		message_note("%s", wire_note(session->wire));
	return 0;
}

void session_close(struct session *session)
{
	wire_close(session->wire);
	report_capture_close(session->capture);
	output_close(session->written);
	output_close(session->savefile);
	loop_close(session->loop);
	stack_close(session->stack);
	lab_close(session->lab);
	path_free(session->path);
}
