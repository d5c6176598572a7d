/* initramfs.h - the file system that a kernel in QEMU begins with: a cpio archive in a file without a name.
 *
 * The format is newc (Documentation/driver-api/early-userspace/buffer-format.rst). Folders on the way are made, a path is added
 * once. The first error stays; all that follows does nothing. */
#ifndef TWPROBE_HARNESS_ENGINE_INITRAMFS_H
#define TWPROBE_HARNESS_ENGINE_INITRAMFS_H

#include <stdbool.h>
#include <stddef.h>

#include "crafter/fail.h"

struct initramfs;

struct initramfs *initramfs_new(struct error *error); /* NULL with an error */
void initramfs_free(struct initramfs *archive);       /* with the file; NULL is fine */

/* Paths there begin with '/'. */
void initramfs_add_folder(struct initramfs *archive, const char *there);
void initramfs_add_bytes(struct initramfs *archive, const char *there, unsigned mode, const void *bytes, size_t size);
void initramfs_add_link(struct initramfs *archive, const char *there, const char *target);
/* What links lead to, with its permissions. A file that cannot be read is an error. */
void initramfs_add_file(struct initramfs *archive, const char *there, const char *here);
/* All regular files below a folder, at the same places; what is not there is left out. */
void initramfs_add_tree(struct initramfs *archive, const char *folder);

/* Ends the archive. Returns its descriptor, which is the caller's; -1 with the first error. */
int initramfs_finish(struct initramfs *archive, struct error *error);

#endif
