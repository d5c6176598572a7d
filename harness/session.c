/* session.c - what a command that probes does, in order: check, open, drop privileges, run, report. */
#include "harness/session.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "crafter/clock.h"
#include "crafter/inject.h"
#include "harness/in_flight.h"
#include "harness/boot.h"
#include "harness/lab.h"
#include "harness/loop.h"
#include "harness/output.h"
#include "harness/patience.h"
#include "harness/privileges.h"
#include "harness/progress.h"
#include "harness/resolve.h"
#include "harness/route.h"
#include "harness/run.h"
#include "harness/sysctl.h"
#include "harness/text.h"
#include "harness/wire.h"
#include "listener/capture.h"

#define MS UINT64_C(1000000)

/* OUTPUT_SIZE: what a terminal gets comes in one piece, several times a second, so that the progress line stands still. */
enum { LAB_IN_FLIGHT = 256, TARGET_IN_FLIGHT = 32, OUTPUT_SIZE = 65536 };

/* The sysctls that decide answers; those the subject's namespace has are put on record. */
static const char *const recorded_sysctls[] = {
	"tcp_timestamps", "tcp_rfc1337", "tcp_tw_reuse", "tcp_invalid_ratelimit", "tcp_challenge_ack_limit",
	"tcp_syncookies", "tcp_fin_timeout", "tcp_max_tw_buckets", "tcp_ecn", "tcp_abort_on_overflow",
};
enum { RECORDED_SYSCTLS = sizeof(recorded_sysctls) / sizeof(recorded_sysctls[0]) };

struct session {
	const struct options *options;
	struct matrix *matrix;
	bool ladder;
	const struct session_extras *extras;
	struct lab *lab;
	struct loop *loop;
	struct wire *wire;
	struct report *report;
	struct progress *progress;
	struct output *savefile;
	struct endpoint target;
	struct route route;
	struct address source;
	char target_text[ENDPOINT_TEXT_SIZE], rules_text[KERNEL_TEXT_SIZE];
	struct utsname uname;
	struct sysctl sysctls[RECORDED_SYSCTLS];
	struct run_facts facts;
	struct run_options run;
	struct transport transport;
};

int session_complain(const char *text, int code)
{
	text_message(stderr, "twprobe: ", text);
	return code;
}

void session_note(const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_message(stderr, "twprobe: note: ", text);
}

int session_resolve(const struct options *options, struct endpoint *target, struct address *source, struct error *error)
{
	const struct address *address = &target->address;

	if (options->said_sysctl)
		return fail(error, "--sysctl and --sysctl-at-probe work in the lab only: the sysctls of %s are not ours to "
			    "set; leave out HOST:PORT", options->target);
	if (resolve_unprivileged(options->target, target, error) < 0)
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

int session_route(const struct options *options, const struct endpoint *target, const struct address *source,
		  struct route *route, struct error *error)
{
	route->broadcast = false;
	if (route_find(&target->address, options->source ? source : NULL, options->interface, route, error) < 0)
		return -1;
	if (route->broadcast)
		return fail(error, "%s is a broadcast address; there is no TCP socket to probe", options->target);
	return 0;
}

static void read_sysctls(struct session *session)
{
	size_t count = 0;

	for (size_t i = 0; i < RECORDED_SYSCTLS; i++) {
		struct sysctl *sysctl = &session->sysctls[count];
		struct error ignored; /* an older kernel lacks some */

		snprintf(sysctl->name, sizeof(sysctl->name), "%s", recorded_sysctls[i]);
		if (lab_sysctl_get(session->lab, sysctl->name, sysctl->value, &ignored) < 0)
			continue;
		count++;
	}
	session->facts.sysctl_count = count;
	session->facts.sysctls = session->sysctls;
}

static void rules_for_lab(struct session *session)
{
	struct peer_rules *rules = &session->run.rules;

	*rules = patience_in_lab();
	if (session->options->no_witness)
		rules->after_ns = 0;
	rules->witness = !session->options->no_witness;
	session->run.one_subject = true;
	session->run.target_v4 = lab_endpoint(4);
	if (lab_has_ipv6(session->lab))
		session->run.target_v6 = lab_endpoint(6);
}

static void rules_for_target(struct session *session)
{
	struct peer_rules *rules = &session->run.rules;

	*rules = patience_with_target();
	rules->proves_listen = true;
	session->run.one_subject = session->route.loopback;
	rules->witness = session->route.loopback && !session->options->no_witness;
	if (session->target.address.family == 6)
		session->run.target_v6 = session->target;
	else
		session->run.target_v4 = session->target;
	session->run.no_sysctls = "needs the server's sysctls, which only the lab has";
}

static void make_rules(struct session *session)
{
	const struct options *options = session->options;
	struct run_options *run = &session->run;
	bool lab = !options->target;

	if (lab)
		rules_for_lab(session);
	else
		rules_for_target(session);
	if (options->timeout_ns)
		run->rules.answer_ns = options->timeout_ns;
	run->rules.trigger = options->trigger_size ? options->trigger : NULL;
	run->rules.trigger_size = options->trigger_size;
	run->in_flight = options->in_flight ? options->in_flight : lab ? LAB_IN_FLIGHT : TARGET_IN_FLIGHT;
	run->rate = isinf(options->rate) ? 0 : options->rate > 0 ? options->rate : lab ? 0 : GENTLE_RATE;
	run->repeat = options->repeat;
	run->seed = options->seed;
	run->expect = options->expect;
	run->trace = session->ladder;
	run->watch = session->extras->watch;
	if (session->extras->settle_ns)
		run->rules.settle_ns = session->extras->settle_ns;
	if (run->in_flight > matrix_count(session->matrix) * run->repeat)
		run->in_flight = matrix_count(session->matrix) * run->repeat;
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

void session_kernel(const struct options *options, bool own, struct kernel *kernel)
{
	struct utsname uts;

	*kernel = options->said_kernel ? options->kernel : (struct kernel){ 0 };
	kernel->timestamps = true;
	kernel->stranger = options->target != NULL;
	kernel->witnessed = own && !options->no_witness;
	kernel->unsettled = !own;
	if (!own)
		return;
	read_settings(kernel);
	if (options->said_kernel || uname(&uts) < 0)
		return;
	kernel_parse(uts.release, kernel);
	kernel_refine(uts.version, kernel);
}

static void make_facts(struct session *session, const char *name)
{
	struct run_facts *facts = &session->facts;
	const struct options *options = session->options;
	bool own_kernel = !options->target || session->route.loopback;

	facts->tool_version = TWPROBE_VERSION;
	facts->local_kernel = session->uname.release;
	facts->kernel = own_kernel ? session->uname.release : NULL;
	facts->matrix = name;
	facts->target = options->target ? session->target_text : "lab";
	facts->libpcap = capture_library_version();
	facts->libnet = inject_library_version();
	facts->expect = options->expect == BOOK_COUNT ? "none" : book_name(options->expect);
	facts->seed = options->seed;
	facts->started_ns = clock_wall();
	facts->matrix_cells = matrix_count(session->matrix);
	facts->repeat = (unsigned)options->repeat;
	facts->every_name = options->verbose;
	facts->shard = options->shard;
	facts->shards = options->shards;
	facts->cells = session->run.count;
	if (session->extras->cells)
		facts->cells = facts->matrix_cells = session->extras->cells;
	session_kernel(options, own_kernel, &session->run.kernel);
	facts->rules = kernel_text(&session->run.kernel, session->rules_text);
}

/* all * part / parts, whose product may not fit. */
static size_t portion(size_t all, size_t part, size_t parts)
{
	return all / parts * part + all % parts * part / parts;
}

/* The shard's share of all cells, contiguous so that cells of the same conditions stay together. */
static void share_out(struct session *session)
{
	size_t all = matrix_count(session->matrix) * session->run.repeat;
	size_t shard = session->options->shard, shards = session->options->shards;

	session->run.first = shards ? portion(all, shard - 1, shards) : 0;
	session->run.count = (shards ? portion(all, shard, shards) : all) - session->run.first;
}

/* Opening a raw socket of a family is dear (libnet looks for the largest send buffer), so one cell opens one. */
static unsigned families(const struct session *session)
{
	struct cell cell;

	if (session->options->target)
		return 1U << session->target.address.family;
	if (!session->ladder)
		return lab_families(session->lab);
	matrix_cell(session->matrix, 0, &cell);
	return 1U << cell.family & lab_families(session->lab); /* none: the cell is skipped */
}

/* Everything that needs privileges, and then their end, before the first byte from the network is looked at. */
static int open_all(struct session *session, struct error *error)
{
	const struct options *options = session->options;
	struct wire_options wire = {
		.target = session->target,
		.route = &session->route,
		.source = options->source ? &session->source : NULL,
		.savefile = output_descriptor(session->savefile),
		.seed = options->seed,
		.whole = session->run.trace,
		.witness = session->run.rules.witness,
		.families = families(session),
		.in_flight = session->run.in_flight,
	};

	session->loop = loop_open(error);
	if (!session->loop)
		return -1;
	wire.lab = session->lab;
	wire.kernel = &session->run.kernel;
	session->wire = wire_open(&wire, session->loop, error);
	if (!session->wire)
		return -1;
	wire_transport(session->wire, &session->transport);
	if (session->extras->open && session->extras->open(session->extras->context, session->wire, error) < 0)
		return -1;
	return privileges_drop(error);
}

static int take_record(void *context, const struct record *record, struct error *error)
{
	struct session *session = context;

	if (session->extras->sink && session->extras->sink(session->extras->context, record, error) < 0)
		return -1;
	if (session->extras->silent)
		return 0;
	if (session->ladder && session->options->format == FORMAT_TABLE) {
		progress_hide(session->progress);
		report_ladder(stdout, options_color(session->options), &session->facts, record);
		return 0;
	}
	return report_cell(session->report, record, error);
}

static void show_progress(void *context, const struct tally *tally, size_t cells)
{
	struct session *session = context;
	struct error ignored; /* a broken output comes back with the next record */

	progress_show(session->progress, tally, cells);
	if (session->report)
		report_flush(session->report, &ignored);
}

static int exit_code(const struct tally *tally)
{
	if (tally->cells && tally->verdicts[VERDICT_SKIPPED] == tally->cells)
		return EXIT_CANNOT_RUN;
	return tally_exit(tally);
}

static bool next_matrix(struct session *session, size_t in_flight, struct error *error)
{
	const struct session_extras *extras = session->extras;
	struct run_options *run = &session->run;

	session->matrix = extras->next ? extras->next(extras->context, error) : NULL;
	if (!session->matrix)
		return false;
	if (session->options->target && session->target.address.family == 6)
		matrix_set_family(session->matrix, 6);
	run->first = 0;
	run->count = matrix_count(session->matrix);
	run->in_flight = in_flight < run->count ? in_flight : run->count;
	return true;
}

/* The matrix, and those that the command makes of its answers. */
static int run_all(struct session *session, struct tally *all, struct error *error)
{
	struct run_listener listener = { .sink = take_record, .progress = show_progress, .context = session };
	size_t in_flight = session->run.in_flight;
	struct tally tally;

	memset(all, 0, sizeof(*all));
	error->text[0] = '\0';
	do {
		if (run(&session->run, session->matrix, &session->transport, &listener, &tally, error) < 0)
			return -1;
		tally_join(all, &tally);
	} while (!tally.interrupted && next_matrix(session, in_flight, error));
	return error->text[0] ? -1 : 0;
}

static int run_and_report(struct session *session, struct error *error)
{
	static char buffer[OUTPUT_SIZE];
	bool report = !session->extras->silent && !(session->ladder && session->options->format == FORMAT_TABLE);
	struct tally tally;
	int result;

	if (report) {
		setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
		session->report = report_open(session->options->format, options_color(session->options),
					      session->options->quiet, stdout, &session->facts, error);
		if (!session->report || report_begin(session->report, error) < 0)
			return session_complain(error->text, EXIT_CANNOT_RUN);
	}
	if (!session->options->quiet)
		session->progress = progress_open();
	if (report)
		report_progress(session->report, session->progress);
	if (session->extras->begin)
		session->extras->begin(session->extras->context, &session->facts, &session->run.kernel);
	result = run_all(session, &tally, error);
	if (report)
		report_progress(session->report, NULL);
	progress_close(session->progress);
	tally.segments_sent = wire_segments_sent(session->wire);
	if (report && result == 0)
		result = report_end(session->report, &tally, error);
	if (session->extras->done && result == 0)
		result = session->extras->done(session->extras->context, &session->facts, &tally, error);
	report_close(session->report);
	if (result < 0 || wire_finish(session->wire, error) < 0)
		return session_complain(error->text, EXIT_CANNOT_RUN);
	if (wire_note(session->wire) && !session->options->quiet)
		session_note("%s", wire_note(session->wire));
	return exit_code(&tally);
}

static int cannot_run(const struct session *session, const char *text)
{
	report_skip_all(session->options->format, stdout, text);
	return session_complain(text, EXIT_CANNOT_RUN);
}

/* A default that the user did not choose and may wonder at. */
static void say_pace(const struct session *session)
{
	const struct options *options = session->options;

	if (options->target && options->rate <= 0 && session->run.count > 1 && !options->quiet && !session->extras->silent)
		session_note("a target gets at most %d cells a second; --rate=N or --rate=max changes that", GENTLE_RATE);
}

static int session_work(struct session *session, const char *name, struct error *error)
{
	const char *missing;

	if (session->options->target) {
		missing = privileges_missing();
		if (missing)
			return cannot_run(session, missing);
		if (session_route(session->options, &session->target, &session->source, &session->route, error) < 0)
			return session->route.broadcast ? session_complain(error->text, EXIT_USAGE) :
			       cannot_run(session, error->text);
	} else {
		session->lab = lab_open(&(struct lab_options){ 0 }, error);
		if (!session->lab)
			return cannot_run(session, error->text);
	}
	make_rules(session);
	share_out(session);
	if (in_flight_fit(session->lab, session->options, &session->run.in_flight, error) < 0)
		return cannot_run(session, error->text);
	if (session->options->target)
		endpoint_format(&session->target, session->target_text, sizeof(session->target_text));
	make_facts(session, name);
	if (session->lab)
		read_sysctls(session);
	if (open_all(session, error) < 0)
		return cannot_run(session, error->text);
	output_keep(session->savefile);
	say_pace(session);
	if (session->lab || session->route.loopback)
		boot_wait(session->options->quiet);
	return run_and_report(session, error);
}

int session_run(const struct options *options, struct matrix *matrix, const char *name, bool ladder)
{
	static const struct session_extras none;

	return session_run_with(options, matrix, name, ladder, &none);
}

int session_run_with(const struct options *options, struct matrix *matrix, const char *name, bool ladder,
		     const struct session_extras *extras)
{
	struct session session = { .options = options, .matrix = matrix, .ladder = ladder, .extras = extras };
	struct error error = { "" };
	int code;

	uname(&session.uname);
	if (options->pcap)
		session.savefile = output_open("--pcap=", options->pcap, &error);
	if ((options->pcap && !session.savefile) ||
	    (options->target && session_resolve(options, &session.target, &session.source, &error) < 0)) {
		output_close(session.savefile);
		return session_complain(error.text, EXIT_USAGE);
	}
	if (session.target.address.family == 6)
		matrix_set_family(matrix, 6);
	code = session_work(&session, name, &error);
	wire_close(session.wire);
	output_close(session.savefile);
	loop_close(session.loop);
	lab_close(session.lab);
	return code;
}
