/* fake_play.h - a scenario's text played on the fake wire; for the tests of the player and of its reports. */
#ifndef TWPROBE_TESTS_FAKE_PLAY_H
#define TWPROBE_TESTS_FAKE_PLAY_H

#include <string.h>

#include <check.h>

#include "harness/play/play.h"
#include "tests/unit/fake_wire.h"

#define MS UINT64_C(1000000)

#define HEAD "scenario: x\ntitle: t\nshows: s\n"
#define TAIL "conclusion: [{says: 'it was {a}', from: [a], wire: yes}]\n"
#define STEPS(steps) HEAD "parts: [{steps: [" steps "]}]\n" TAIL
#define SYN "send: syn, seq: above, ts: above"
#define BAD_SYN "send: syn, seq: below, ts: below"

struct theatre {
	struct fake_wire *fake;
	struct transport transport;
	struct play_setup setup;
	struct scenario *scenario;
	struct play play;
};

static inline void open_theatre(struct theatre *theatre, const struct fake_options *options, const char *text)
{
	struct error error = { "" };

	memset(theatre, 0, sizeof(*theatre));
	theatre->fake = fake_open(options);
	fake_transport(theatre->fake, &theatre->transport);
	theatre->scenario = scenario_parse("t", text, strlen(text), &error);
	ck_assert_msg(theatre->scenario != NULL, "%s", error.text);
	theatre->setup = (struct play_setup){
		.transport = &theatre->transport, .rules = fake_gentle_rules, .seed = 1,
		.target = { .address = { .family = 4, .bytes = { 192, 0, 2, 2 } }, .port = 8888 },
		.kernel = { .timestamps = true },
	};
	kernel_parse("6.18.0", &theatre->setup.kernel);
}

static inline void close_theatre(struct theatre *theatre)
{
	play_free(&theatre->play);
	counters_close(theatre->setup.counters);
	scenario_free(theatre->scenario);
	fake_close(theatre->fake);
}

static inline void play(struct theatre *theatre)
{
	struct error error = { "" };
	int result = play_scenario(theatre->scenario, &theatre->setup, &theatre->play, &error);

	ck_assert_msg(result == 0, "%s", error.text);
}

/* It ends so: with a reason that has these words, or with none. `text` is the scenario's, for the message. */
static inline void play_to_end(struct theatre *theatre, const char *text, enum verdict verdict, const char *reason)
{
	play(theatre);
	ck_assert_msg(theatre->play.verdict == verdict, "%s\n%s: %s", text, verdict_name(theatre->play.verdict),
		      theatre->play.reason);
	if (reason)
		ck_assert_msg(strstr(theatre->play.reason, reason) != NULL, "%s", theatre->play.reason);
	else
		ck_assert_str_eq(theatre->play.reason, "");
}

#endif
