/* options.c - getopt_long, and what each option's value may be. */
#include "harness/commands/option_values.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "crafter/units.h"

/* Values of long options; those with a short form use its letter. */
enum code {
	CODE_STATE = 256,
	CODE_SEGMENT,
	CODE_SEQ,
	CODE_SEQ_BELOW,
	CODE_SEQ_EQUAL,
	CODE_SEQ_ABOVE,
	CODE_TS,
	CODE_TS_BELOW,
	CODE_TS_EQUAL,
	CODE_TS_ABOVE,
	CODE_TS_ABSENT,
	CODE_TS_ZERO,
	CODE_ACK,
	CODE_CONNECTION_TIMESTAMPS,
	CODE_SYSCTL,
	CODE_SYSCTL_AT_PROBE,
	CODE_TRIGGER,
	CODE_MATRIX,
	CODE_ONLY,
	CODE_SHARD,
	CODE_ALL,
	CODE_SLOW,
	CODE_FAST,
	CODE_OUTPUT,
	CODE_SIZE,
	CODE_SEQ_RANGE,
	CODE_TS_RANGE,
	CODE_SCALE,
	CODE_OVERLAY,
	CODE_REFINE,
	CODE_FORMAT,
	CODE_EXPECT,
	CODE_KERNEL,
	CODE_REPEAT,
	CODE_IN_FLIGHT,
	CODE_RATE,
	CODE_TIMEOUT,
	CODE_SOURCE,
	CODE_INTERFACE,
	CODE_PCAP,
	CODE_SEED,
	CODE_COLOR,
	CODE_NO_WITNESS,
};

static const struct option long_options[] = {
	{ "state", required_argument, NULL, CODE_STATE },
	{ "segment", required_argument, NULL, CODE_SEGMENT },
	{ "seq", required_argument, NULL, CODE_SEQ },
	{ "seq-below", optional_argument, NULL, CODE_SEQ_BELOW },
	{ "seq-equal", no_argument, NULL, CODE_SEQ_EQUAL },
	{ "seq-above", optional_argument, NULL, CODE_SEQ_ABOVE },
	{ "ts", required_argument, NULL, CODE_TS },
	{ "ts-below", optional_argument, NULL, CODE_TS_BELOW },
	{ "ts-equal", no_argument, NULL, CODE_TS_EQUAL },
	{ "ts-above", optional_argument, NULL, CODE_TS_ABOVE },
	{ "ts-absent", no_argument, NULL, CODE_TS_ABSENT },
	{ "ts-zero", no_argument, NULL, CODE_TS_ZERO },
	{ "ack", required_argument, NULL, CODE_ACK },
	{ "connection-timestamps", required_argument, NULL, CODE_CONNECTION_TIMESTAMPS },
	{ "sysctl", required_argument, NULL, CODE_SYSCTL },
	{ "sysctl-at-probe", required_argument, NULL, CODE_SYSCTL_AT_PROBE },
	{ "trigger", required_argument, NULL, CODE_TRIGGER },
	{ "matrix", required_argument, NULL, CODE_MATRIX },
	{ "only", required_argument, NULL, CODE_ONLY },
	{ "shard", required_argument, NULL, CODE_SHARD },
	{ "all", no_argument, NULL, CODE_ALL },
	{ "slow", no_argument, NULL, CODE_SLOW },
	{ "fast", no_argument, NULL, CODE_FAST },
	{ "output", required_argument, NULL, CODE_OUTPUT },
	{ "size", required_argument, NULL, CODE_SIZE },
	{ "seq-range", required_argument, NULL, CODE_SEQ_RANGE },
	{ "ts-range", required_argument, NULL, CODE_TS_RANGE },
	{ "scale", required_argument, NULL, CODE_SCALE },
	{ "overlay", required_argument, NULL, CODE_OVERLAY },
	{ "refine", no_argument, NULL, CODE_REFINE },
	{ "format", required_argument, NULL, CODE_FORMAT },
	{ "expect", required_argument, NULL, CODE_EXPECT },
	{ "kernel", required_argument, NULL, CODE_KERNEL },
	{ "repeat", required_argument, NULL, CODE_REPEAT },
	{ "in-flight", required_argument, NULL, CODE_IN_FLIGHT },
	{ "rate", required_argument, NULL, CODE_RATE },
	{ "timeout", required_argument, NULL, CODE_TIMEOUT },
	{ "source", required_argument, NULL, CODE_SOURCE },
	{ "interface", required_argument, NULL, CODE_INTERFACE },
	{ "pcap", required_argument, NULL, CODE_PCAP },
	{ "seed", required_argument, NULL, CODE_SEED },
	{ "color", required_argument, NULL, CODE_COLOR },
	{ "no-witness", no_argument, NULL, CODE_NO_WITNESS },
	{ "ipv6", no_argument, NULL, '6' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char *option_name(int code)
{
	for (const struct option *option = long_options; option->name; option++)
		if (option->val == code)
			return option->name;
	return "?";
}

static unsigned option_set_of(int code)
{
	if (code >= CODE_STATE && code <= CODE_SYSCTL_AT_PROBE)
		return OPTIONS_CELL;
	if (code >= CODE_MATRIX && code <= CODE_SHARD)
		return OPTIONS_MATRIX;
	if (code >= CODE_ALL && code <= CODE_FAST)
		return OPTIONS_SCENARIO;
	if (code == CODE_EXPECT || code == CODE_REPEAT || code == CODE_IN_FLIGHT || code == CODE_RATE)
		return OPTIONS_RUN;
	if (code >= CODE_OUTPUT && code <= CODE_REFINE)
		return OPTIONS_MAP;
	return OPTIONS_PROBE;
}

/* --seq-below=N and its like: N counts away from the base; the default keeps its name in the cell's name. */
static int parse_named(int code, const char *text, struct offset *offset, struct error *error)
{
	bool below = code == CODE_SEQ_BELOW || code == CODE_TS_BELOW;
	uint64_t value = OFFSET_DEFAULT;

	if (text && option_value_count(option_name(code), text, 1, INT32_MAX, &value, error) < 0)
		return -1;
	offset->form = value != OFFSET_DEFAULT ? OFFSET_NUMBER : below ? OFFSET_BELOW : OFFSET_ABOVE;
	offset->value = below ? -(int64_t)value : (int64_t)value;
	return 0;
}

/* One way to say a sequence number, and one a timestamp; two of them would contradict each other. */
static int say_once(int *said, int code, struct error *error)
{
	if (*said)
		return fail(error, "--%s and --%s say the same thing twice; give one of them", option_name(*said),
			    option_name(code));
	*said = code;
	return 0;
}

static int parse_offset_option(struct options *options, int code, const char *text, int said[2], struct error *error)
{
	bool seq = code <= CODE_SEQ_ABOVE;
	struct offset *offset = seq ? &options->cell.stimulus.seq : &options->cell.stimulus.ts;
	struct error inner;

	if (say_once(&said[seq ? 0 : 1], code, error) < 0)
		return -1;
	switch (code) {
	case CODE_SEQ:
	case CODE_TS:
		if (offset_parse(seq ? "seq" : "ts", text, offset, &inner) == 0)
			return 0;
		return fail(error, "--%s: %s", option_name(code), inner.text);
	case CODE_SEQ_EQUAL:
	case CODE_TS_EQUAL:
		*offset = (struct offset){ .form = OFFSET_NUMBER };
		return 0;
	case CODE_TS_ABSENT:
		*offset = (struct offset){ .form = OFFSET_ABSENT };
		return 0;
	case CODE_TS_ZERO:
		*offset = (struct offset){ .form = OFFSET_ZERO };
		return 0;
	default:
		return parse_named(code, text, offset, error);
	}
}

static int parse_cell_option(struct options *options, int code, const char *text, struct error *error)
{
	struct error inner;

	switch (code) {
	case CODE_STATE:
		return option_value_state(text, &options->cell.state, error);
	case CODE_SEGMENT:
		return option_value_segment(text, &options->cell.stimulus.kind, error);
	case CODE_ACK:
		if (offset_parse("ack", text, &options->cell.stimulus.ack, &inner) == 0)
			return 0;
		return fail(error, "--ack: %s", inner.text);
	case CODE_CONNECTION_TIMESTAMPS:
		options->cell.connection_timestamps = strcmp(text, "on") == 0;
		if (strcmp(text, "on") != 0 && strcmp(text, "off") != 0)
			return fail(error, "--connection-timestamps=%s: expected on or off", text);
		return 0;
	default:
		options->said_sysctl = true;
		if (conditions_add(&options->cell.conditions, text, code == CODE_SYSCTL_AT_PROBE, &inner) == 0)
			return 0;
		return fail(error, "--%s: %s", option_name(code), inner.text);
	}
}

static int parse_matrix_option(struct options *options, int code, const char *text, struct error *error)
{
	if (code == CODE_SHARD)
		return option_value_shard(options, text, error);
	if (code == CODE_ONLY) {
		options->only = text;
		return 0;
	}
	if (options->matrix_count == OPTIONS_MATRICES_MAX)
		return fail(error, "--matrix: at most %d of them", OPTIONS_MATRICES_MAX);
	options->matrices[options->matrix_count++] = text;
	return 0;
}

static int parse_probe_option(struct options *options, int code, const char *text, struct error *error)
{
	uint64_t value;

	switch (code) {
	case CODE_TRIGGER:
		return option_value_trigger(options, text, error);
	case CODE_FORMAT:
		return option_value_format(text, &options->format, error);
	case CODE_EXPECT:
		return option_value_expect(text, &options->expect, error);
	case CODE_KERNEL:
		options->said_kernel = true;
		return option_value_kernel(text, &options->kernel, error);
	case CODE_REPEAT:
		if (option_value_count("repeat", text, 1, 1000000000, &value, error) < 0)
			return -1;
		options->repeat = (size_t)value;
		return 0;
	case CODE_IN_FLIGHT:
		if (option_value_count("in-flight", text, 1, IN_FLIGHT_MAX, &value, error) < 0)
			return -1;
		options->in_flight = (size_t)value;
		return 0;
	case CODE_RATE:
		return option_value_rate(text, &options->rate, error);
	case CODE_TIMEOUT:
		return option_value_duration("timeout", text, "100us to 60s", 100 * UINT64_C(1000),
					     60 * NSEC_PER_SEC, &options->timeout_ns, error);
	case CODE_SEED:
		return option_value_count("seed", text, 0, UINT64_MAX, &options->seed, error);
	case CODE_COLOR:
		return option_value_color(text, &options->color, error);
	case CODE_SOURCE:
		options->source = text;
		return 0;
	case CODE_INTERFACE:
		options->interface = text;
		return 0;
	case CODE_PCAP:
		options->pcap = text;
		return 0;
	default:
		return 0;
	}
}

static int parse_map_option(struct map_options *map, int code, const char *text, struct error *error)
{
	switch (code) {
	case CODE_OUTPUT:
		map->output = text;
		return 0;
	case CODE_SIZE:
		return option_value_size(text, &map->seq.pixels, &map->ts.pixels, error);
	case CODE_SEQ_RANGE:
		return option_value_range("seq", "seq-range", text, &map->seq.low, &map->seq.high, error);
	case CODE_TS_RANGE:
		return option_value_range("ts", "ts-range", text, &map->ts.low, &map->ts.high, error);
	case CODE_SCALE:
		if (option_value_scale(text, &map->seq.scale, error) < 0)
			return -1;
		map->ts.scale = map->seq.scale;
		return 0;
	case CODE_OVERLAY:
		return option_value_overlay(text, &map->overlay, error);
	default:
		map->refine = true;
		return 0;
	}
}

static bool parse_switch(struct options *options, int code)
{
	switch (code) {
	case '6':
		options->ipv6 = true;
		return true;
	case 'q':
		options->quiet = true;
		return true;
	case 'v':
		options->verbose = true;
		return true;
	case 'h':
		options->help = true;
		return true;
	case 'V':
		options->version = true;
		return true;
	case CODE_NO_WITNESS:
		options->no_witness = true;
		return true;
	default:
		return false;
	}
}

static int parse_one(struct options *options, unsigned sets, int code, int said[2], struct error *error)
{
	if (parse_switch(options, code))
		return 0;
	if (!(option_set_of(code) & sets))
		return fail(error, "--%s does not belong to this command; see --help", option_name(code));
	if (code >= CODE_SEQ && code <= CODE_TS_ZERO)
		return parse_offset_option(options, code, optarg, said, error);
	if (option_set_of(code) == OPTIONS_CELL)
		return parse_cell_option(options, code, optarg, error);
	if (option_set_of(code) == OPTIONS_MAP)
		return parse_map_option(&options->map, code, optarg, error);
	if (option_set_of(code) == OPTIONS_MATRIX)
		return parse_matrix_option(options, code, optarg, error);
	options->all |= code == CODE_ALL;
	options->slow |= code == CODE_SLOW;
	options->fast |= code == CODE_FAST;
	return parse_probe_option(options, code, optarg, error);
}

/* A long option is the argument that getopt has just passed; the letter of a short one, which may be in the middle of an
 * argument, is in optopt. */
int options_fail(char **argv, int code, struct error *error)
{
	const char *said = argv[optind - 1];

	if (code == ':')
		return fail(error, "%s needs a value", said);
	if (optopt && optopt < 256 && !strchr(said, '='))
		return fail(error, "no option -%c; see --help", optopt);
	return fail(error, "no option %.60s, or not in this form; see --help", said);
}

int options_parse(struct options *options, unsigned sets, int argc, char **argv, struct error *error)
{
	int said[2] = { 0, 0 };
	int code;

	memset(options, 0, sizeof(*options));
	cell_default(&options->cell);
	options->repeat = 1;
	options->expect = BOOK_LINUX;
	options->color = -1;
	options->map.seq.low = options->map.ts.low = -(INT64_C(1) << 31);
	options->map.seq.high = options->map.ts.high = (INT64_C(1) << 31) - 1;
	if (getrandom(&options->seed, 4, 0) != 4)
		options->seed = 1;
	opterr = 0;
	optind = 1;
	while ((code = getopt_long(argc, argv, sets & OPTIONS_MAP ? ":6qvhVo:" : ":6qvhV", long_options, NULL)) != -1) {
		if (code == 'o')
			code = CODE_OUTPUT;
		if (code == ':' || code == '?')
			return options_fail(argv, code, error);
		if (parse_one(options, sets, code, said, error) < 0)
			return -1;
	}
	options->said_offset = said[0] ? option_name(said[0]) : said[1] ? option_name(said[1]) : NULL;
	if ((sets & OPTIONS_SCENARIO) && !options->all && optind < argc)
		options->scenario = argv[optind++];
	if (optind + 1 < argc)
		return fail(error, "'%s': only one HOST:PORT is expected", argv[optind + 1]);
	if (optind < argc)
		options->target = argv[optind];
	if (options->ipv6)
		options->cell.family = 6;
	if ((options->source || options->interface) && !options->target && !options->help && !options->version)
		return fail(error, "--%s says how to reach a target, and the lab needs none; give HOST:PORT",
			    options->source ? "source" : "interface");
	return 0;
}

bool options_color(const struct options *options)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (options->color >= 0)
		return options->color == 1;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0;
}
