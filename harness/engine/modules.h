/* modules.h - the parts of a guest's kernel that are not in its image. */
#ifndef TWPROBE_HARNESS_ENGINE_MODULES_H
#define TWPROBE_HARNESS_ENGINE_MODULES_H

/* Loads what the lab may need and the kernel has as a module, as modules.dep(5) lists them. They are looked for in
 * FOLDER/RELEASE, then where packages put them. No kmod: a machine without modules of its own need not have its tools.
 * What cannot be loaded is missed, and reported, by who needs it. */
void modules_load(const char *folder);

#endif
