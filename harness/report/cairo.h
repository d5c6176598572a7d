/* cairo.h - cairo, loaded where a picture is drawn: nobody else waits for it, or must have it. */
#ifndef TWPROBE_HARNESS_REPORT_CAIRO_H
#define TWPROBE_HARNESS_REPORT_CAIRO_H

#include "crafter/fail.h"

/* Before any function of <cairo.h> is called, and while the program may still read every file. -1: it is not here. */
int cairo_load(struct error *error);

#endif
