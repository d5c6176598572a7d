/* session_base.c - check, reach, open: the same for a run of cells and for scenarios. */
#include "harness/commands/session_base.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "harness/commands/boot.h"
#include "harness/commands/message.h"
#include "harness/commands/session.h"
#include "harness/lab/privileges.h"
#include "harness/lab/sysctl.h"
#include "harness/report/report.h"
#include "harness/run/defaults.h"
#include "harness/wire/loop.h"
#include "harness/wire/resolve.h"

/* Everything that is wrong with a target of the user's. */
static int resolve(struct session_base *base, struct error *error)
{
	const struct options *options = base->options;
	const struct address *address = &base->target.address;
	struct address *source = &base->source;

	if (options->said_sysctl)
		return fail(error, "--sysctl and --sysctl-at-probe work in the lab only: the sysctls of %s are not ours to "
			    "set; leave out HOST:PORT", options->target);
	if (resolve_unprivileged(options->target, &base->target, error) < 0)
		return -1;
	if (address_is_multicast(address) || address_is_broadcast(address) || address_is_unspecified(address))
		return fail(error, "%s: a multicast, broadcast or unspecified address has no TCP socket to probe",
			    options->target);
	if (options->ipv6 && address->family != 6)
		return fail(error, "-6: %s is an IPv4 address; a target's address decides", options->target);
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

int session_base_check(struct session_base *base, const struct options *options, struct error *error)
{
	*base = (struct session_base){ .options = options };
	if (options->pcap) {
		base->savefile = output_open("--pcap=", options->pcap, error);
		if (!base->savefile)
			return -1;
	}
	return options->target ? resolve(base, error) : 0;
}

/* What the cells do not say. */
static void read_settings(struct kernel *kernel)
{
	char value[SYSCTL_TEXT_SIZE];

	if (sysctl_read("tcp_timestamps", value, sizeof(value), NULL, NULL) == 0)
		kernel->timestamps = strcmp(value, "0") != 0;
	if (sysctl_read("tcp_rfc1337", value, sizeof(value), NULL, NULL) == 0)
		kernel->rfc1337 = strcmp(value, "0") != 0;
	if (sysctl_read("tcp_syncookies", value, sizeof(value), NULL, NULL) == 0)
		kernel->always_cookies = strcmp(value, "2") == 0;
	if (sysctl_read("tcp_max_tw_buckets", value, sizeof(value), NULL, NULL) == 0)
		kernel->no_time_waits = strcmp(value, "0") == 0;
}

/* Whose rules judge: what --kernel says, else those of our own kernel where that is the subject's, else of one that is not
 * known. The settings are those of the namespace we are in, where that is the subject's. */
static void learn_kernel(struct session_base *base)
{
	const struct options *options = base->options;
	struct kernel *kernel = &base->kernel;
	struct utsname uts;

	*kernel = options->said_kernel ? options->kernel : (struct kernel){ 0 };
	kernel->timestamps = true;
	kernel->stranger = options->target != NULL;
	kernel->witnessed = base->own && !options->no_witness;
	kernel->unsettled = !base->own;
	if (!base->own)
		return;
	read_settings(kernel);
	if (options->said_kernel || uname(&uts) < 0)
		return;
	kernel_parse(uts.release, kernel);
	kernel_refine(uts.version, kernel);
}

static int find_route(struct session_base *base, struct error *error)
{
	const struct options *options = base->options;

	if (route_find(&base->target.address, options->source ? &base->source : NULL, options->interface, &base->route,
		       error) < 0)
		return session_cannot_run(options, error->text);
	if (!base->route.broadcast)
		return EXIT_AGREES;
	fail(error, "%s is a broadcast address; there is no TCP socket to probe", options->target);
	return message_error(error->text, EXIT_USAGE);
}

int session_base_reach(struct session_base *base, const struct lab_options *lab, struct error *error)
{
	const struct options *options = base->options;
	const char *missing = options->target ? privileges_missing() : NULL;
	struct utsname uts;
	int code = EXIT_AGREES;

	if (missing)
		return session_cannot_run(options, missing);
	if (options->target)
		code = find_route(base, error);
	else if (!(base->lab = lab_open(lab, error)))
		code = session_cannot_run(options, error->text);
	if (code != EXIT_AGREES)
		return code;
	base->own = base->lab || base->route.loopback;
	learn_kernel(base);
	if (uname(&uts) == 0)
		snprintf(base->local_release, sizeof(base->local_release), "%s", uts.release);
	base->release = base->own ? base->local_release : NULL;
	base->name = base->lab ? "lab" : endpoint_format(&base->target, base->target_text, sizeof(base->target_text));
	kernel_text(&base->kernel, base->rules_text);
	return code;
}

void session_base_rules(const struct session_base *base, struct peer_rules *rules)
{
	const struct options *options = base->options;

	*rules = base->lab ? defaults_in_lab() : defaults_with_target();
	if (base->lab && options->no_witness)
		rules->after_ns = 0;
	rules->proves_listen = !base->lab;
	rules->witness = base->own && !options->no_witness;
	if (options->timeout_ns)
		rules->answer_ns = options->timeout_ns;
	rules->trigger = options->trigger_size ? options->trigger : NULL;
	rules->trigger_size = options->trigger_size;
}

int session_base_open(struct session_base *base, const struct session_needs *needs, struct error *error)
{
	const struct options *options = base->options;
	struct wire_options wire = {
		.lab = base->lab,
		.target = base->target,
		.route = &base->route,
		.source = options->source ? &base->source : NULL,
		.savefile = output_descriptor(base->savefile),
		.seed = options->seed,
		.witness = base->own && !options->no_witness,
		.whole = needs->whole,
		.any_port = needs->any_port,
		.families = base->lab ? lab_families(base->lab) : 1U << base->target.address.family,
		.in_flight = needs->in_flight,
		.kernel = &base->kernel,
	};

	if (needs->families)
		wire.families &= needs->families;
	base->loop = loop_open(error);
	if (!base->loop)
		return -1;
	base->wire = wire_open(&wire, base->loop, error);
	if (!base->wire)
		return -1;
	wire_transport(base->wire, &base->transport);
	if ((needs->open && needs->open(needs->context, base->wire, error) < 0) || privileges_drop(error) < 0)
		return -1;
	output_keep(base->savefile);
	if (base->own)
		boot_wait(options->quiet);
	return sandbox_enter(needs->sandbox, error);
}

int session_base_finish(struct session_base *base, struct error *error)
{
	if (wire_finish(base->wire, error) < 0)
		return -1;
	if (wire_note(base->wire) && !base->options->quiet)
		message_note("%s", wire_note(base->wire));
	return 0;
}

void session_base_close(struct session_base *base)
{
	wire_close(base->wire);
	output_close(base->savefile);
	loop_close(base->loop);
	lab_close(base->lab);
}

int session_cannot_run(const struct options *options, const char *text)
{
	report_skip_all(options->format, stdout, text);
	return message_error(text, EXIT_CANNOT_RUN);
}
