/* btf.h - the kernel's own description of its types (BTF): where a member lies, and the names of what a function returns.
 *
 * A table of such names in this program would have to follow every version of the kernel; this one is the kernel's. Pure
 * but for btf_open. See Documentation/bpf/btf.rst. */
#ifndef TWPROBE_HARNESS_LAB_BTF_H
#define TWPROBE_HARNESS_LAB_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/fail.h"

#define BTF_KERNEL "/sys/kernel/btf/vmlinux"

enum { BTF_VALUE_SIZE = 96 };

struct btf;

/* Takes `bytes` over (from malloc), and frees them if it fails: NULL where they are not BTF of this machine's byte order, or a
 * type lies outside of them. */
struct btf *btf_read(uint8_t *bytes, size_t size, struct error *error);
/* The same from a file. */
struct btf *btf_open(const char *path, struct error *error);
void btf_close(struct btf *btf); /* NULL is fine */

/* The numbers of these functions, in one pass; 0: the kernel has no function of that name, or has it inlined everywhere. */
void btf_functions(const struct btf *btf, const char *const names[], size_t count, uint32_t functions[]);
/* Where the member at `path` ("nd_net.net") of a structure lies, in bytes from its start, and through anonymous members;
 * false where there is none, or where a pointer is on the way. */
bool btf_offset(const struct btf *btf, const char *structure, const char *path, uint16_t *offset);
/* What a function returned, as its type is: "TCP_TW_ACK", "true", "-1", "NULL", "a pointer"; "" where it returns nothing, or
 * something else. `value` is the whole register. */
const char *btf_returned(const struct btf *btf, uint32_t function, uint64_t value, char text[static BTF_VALUE_SIZE]);

#endif
