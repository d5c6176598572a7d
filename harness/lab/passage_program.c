/* passage_program.c - the two programs that the kernel runs where a function is entered or left, instruction by instruction.
 *
 * Each processor has a number, its owner: the task (and one, as the idle task is 0) in which our segment is being
 * received. A root function sets it for a segment of ours, and clears it when it returns; whatever runs in that task on that
 * processor in between belongs to the segment, as nothing else of TCP interrupts a softirq. */
#include <asm/ptrace.h>
#include <string.h>

#include "harness/lab/passage_internal.h"

#if defined(__x86_64__)
enum { FIRST_ARGUMENT = offsetof(struct pt_regs, rdi), RETURNED = offsetof(struct pt_regs, rax), KNOWN_REGISTERS = 1 };
#elif defined(__aarch64__)
enum { FIRST_ARGUMENT = offsetof(struct user_pt_regs, regs[0]), RETURNED = FIRST_ARGUMENT, KNOWN_REGISTERS = 1 };
#else
enum { FIRST_ARGUMENT, RETURNED, KNOWN_REGISTERS = 0 };
#endif

/* On the program's stack, below r10. */
enum { EVENT = -(int)sizeof(struct passage_event), WORD = EVENT - 8, KEY = WORD - 8 };

bool passage_program_possible(void)
{
	return KNOWN_REGISTERS;
}

static void put(struct passage_program *program, unsigned code, unsigned target, unsigned source, int offset, int32_t immediate)
{
	program->list[program->count++] = (struct bpf_insn){
		.code = (uint8_t)code, .dst_reg = target & 15, .src_reg = source & 15, .off = (int16_t)offset, .imm = immediate,
	};
}

static void set(struct passage_program *program, unsigned target, int32_t value)
{
	put(program, BPF_ALU64 | BPF_MOV | BPF_K, target, 0, 0, value);
}

static void copy(struct passage_program *program, unsigned target, unsigned source)
{
	put(program, BPF_ALU64 | BPF_MOV | BPF_X, target, source, 0, 0);
}

static void add(struct passage_program *program, unsigned target, int32_t value)
{
	put(program, BPF_ALU64 | BPF_ADD | BPF_K, target, 0, 0, value);
}

static void load(struct passage_program *program, unsigned size, unsigned target, unsigned base, int offset)
{
	put(program, BPF_LDX | BPF_MEM | size, target, base, offset, 0);
}

static void store(struct passage_program *program, unsigned base, int offset, unsigned source)
{
	put(program, BPF_STX | BPF_MEM | BPF_DW, base, source, offset, 0);
}

static void store_zero(struct passage_program *program, unsigned base, int offset)
{
	put(program, BPF_ST | BPF_MEM | BPF_DW, base, 0, offset, 0);
}

static void call(struct passage_program *program, enum bpf_func_id function)
{
	put(program, BPF_JMP | BPF_CALL, 0, 0, 0, (int32_t)function);
}

static void load_map(struct passage_program *program, unsigned target, int map)
{
	put(program, BPF_LD | BPF_IMM | BPF_DW, target, BPF_PSEUDO_MAP_FD, 0, map);
	put(program, 0, 0, 0, 0, 0);
}

/* Leaves the program if the comparison holds. */
static void leave_if(struct passage_program *program, unsigned code, unsigned target, unsigned source, int32_t value)
{
	program->ways_out[program->ways_out_count++] = program->count;
	put(program, BPF_JMP | code, target, source, 0, value);
}

/* A jump whose distance jump_here() sets. */
static size_t jump_if(struct passage_program *program, unsigned code, unsigned target, unsigned source, int32_t value)
{
	put(program, BPF_JMP | code, target, source, 0, value);
	return program->count - 1;
}

static void jump_here(struct passage_program *program, size_t jump)
{
	program->list[jump].off = (int16_t)(program->count - jump - 1);
}

/* Reads `size` bytes at register `base` + `offset` of the kernel's memory to the stack; zeros where there is no memory. */
static void peek(struct passage_program *program, int to, int32_t size, unsigned base, int32_t offset)
{
	copy(program, BPF_REG_1, BPF_REG_10);
	add(program, BPF_REG_1, to);
	set(program, BPF_REG_2, size);
	copy(program, BPF_REG_3, base);
	add(program, BPF_REG_3, offset);
	call(program, BPF_FUNC_probe_read_kernel);
}

/* r6: the registers of the function; r7: this task; r8: the processor's owner; r9: the cookie. */
static void begin(struct passage_program *program, const struct passage_setting *setting)
{
	copy(program, BPF_REG_6, BPF_REG_1);
	call(program, BPF_FUNC_get_current_pid_tgid);
	copy(program, BPF_REG_7, BPF_REG_0);
	add(program, BPF_REG_7, 1);
	store_zero(program, BPF_REG_10, KEY);
	load_map(program, BPF_REG_1, setting->owner);
	copy(program, BPF_REG_2, BPF_REG_10);
	add(program, BPF_REG_2, KEY);
	call(program, BPF_FUNC_map_lookup_elem);
	leave_if(program, BPF_JEQ | BPF_K, BPF_REG_0, 0, 0);
	copy(program, BPF_REG_8, BPF_REG_0);
	if (setting->cookie == PASSAGE_ANY) {
		copy(program, BPF_REG_1, BPF_REG_6);
		call(program, BPF_FUNC_get_attach_cookie);
		copy(program, BPF_REG_9, BPF_REG_0);
	} else {
		set(program, BPF_REG_9, (int32_t)setting->cookie);
	}
	for (int at = EVENT; at < 0; at += 8)
		store_zero(program, BPF_REG_10, at);
}

/* Leaves the program unless the segment in the first argument, a struct sk_buff, is one of ours. */
static void check_segment(struct passage_program *program, const struct passage_setting *setting)
{
	const int tcp = EVENT + (int)offsetof(struct passage_event, tcp);

	load(program, BPF_DW, BPF_REG_3, BPF_REG_6, FIRST_ARGUMENT);
	peek(program, WORD, 8, BPF_REG_3, setting->data);
	load(program, BPF_DW, BPF_REG_3, BPF_REG_10, WORD);
	peek(program, tcp, sizeof(((struct passage_event *)0)->tcp), BPF_REG_3, 0);
	load(program, BPF_H, BPF_REG_1, BPF_REG_10, tcp + 2); /* the destination port, in network order */
	put(program, BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_1, 0, 0, 16);
	leave_if(program, BPF_JLT | BPF_K, BPF_REG_1, 0, setting->first_port);
	leave_if(program, BPF_JGT | BPF_K, BPF_REG_1, 0, setting->last_port);
	load(program, BPF_DW, BPF_REG_3, BPF_REG_6, FIRST_ARGUMENT);
	peek(program, WORD, 8, BPF_REG_3, setting->device);
	load(program, BPF_DW, BPF_REG_3, BPF_REG_10, WORD);
	peek(program, WORD, 8, BPF_REG_3, setting->net);
	load(program, BPF_DW, BPF_REG_3, BPF_REG_10, WORD);
	store_zero(program, BPF_REG_10, WORD);
	peek(program, WORD, 4, BPF_REG_3, setting->number);
	load(program, BPF_W, BPF_REG_1, BPF_REG_10, WORD);
	/* In 32 bits, so that a number above 2^31 gets no sign. */
	put(program, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, (int32_t)setting->namespace);
	leave_if(program, BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_2, 0);
}

static void report(struct passage_program *program, int ring)
{
	store(program, BPF_REG_10, EVENT + (int)offsetof(struct passage_event, cookie), BPF_REG_9);
	call(program, BPF_FUNC_get_smp_processor_id);
	store(program, BPF_REG_10, EVENT + (int)offsetof(struct passage_event, cpu), BPF_REG_0);
	call(program, BPF_FUNC_ktime_get_ns);
	store(program, BPF_REG_10, EVENT + (int)offsetof(struct passage_event, time_ns), BPF_REG_0);
	load_map(program, BPF_REG_1, ring);
	copy(program, BPF_REG_2, BPF_REG_10);
	add(program, BPF_REG_2, EVENT);
	set(program, BPF_REG_3, sizeof(struct passage_event));
	set(program, BPF_REG_4, 0);
	call(program, BPF_FUNC_ringbuf_output);
	while (program->ways_out_count > 0)
		jump_here(program, program->ways_out[--program->ways_out_count]);
	set(program, BPF_REG_0, 0);
	put(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* A root function is any function whose cookie is that of a root: there are few. Jumps that lead there are in `jumps`. */
static size_t jump_if_root(struct passage_program *program, enum passage_side side, size_t jumps[])
{
	size_t count = 0;

	for (uint8_t function = 0; function < passage_functions(); function++)
		if (passage_is_root(function))
			jumps[count++] = jump_if(program, BPF_JEQ | BPF_K, BPF_REG_9, 0,
						 (int32_t)passage_cookie(function, side));
	return count;
}

void passage_program_entry(struct passage_program *program, const struct passage_setting *setting)
{
	size_t jumps[PASSAGE_ROOTS_MAX], count, inside;

	memset(program, 0, sizeof(*program));
	begin(program, setting);
	count = jump_if_root(program, PASSAGE_ENTER, jumps);
	load(program, BPF_DW, BPF_REG_1, BPF_REG_8, 0);
	leave_if(program, BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_7, 0);
	inside = jump_if(program, BPF_JA, 0, 0, 0);
	while (count > 0)
		jump_here(program, jumps[--count]);
	store_zero(program, BPF_REG_8, 0); /* whatever was before has ended, even if its return was missed */
	check_segment(program, setting);
	store(program, BPF_REG_8, 0, BPF_REG_7);
	jump_here(program, inside);
	report(program, setting->ring);
}

void passage_program_return(struct passage_program *program, const struct passage_setting *setting)
{
	size_t jumps[PASSAGE_ROOTS_MAX], count, inside;

	memset(program, 0, sizeof(*program));
	begin(program, setting);
	load(program, BPF_DW, BPF_REG_1, BPF_REG_8, 0);
	leave_if(program, BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_7, 0);
	count = jump_if_root(program, PASSAGE_LEAVE, jumps);
	inside = jump_if(program, BPF_JA, 0, 0, 0);
	while (count > 0)
		jump_here(program, jumps[--count]);
	store_zero(program, BPF_REG_8, 0);
	jump_here(program, inside);
	load(program, BPF_DW, BPF_REG_1, BPF_REG_6, RETURNED);
	store(program, BPF_REG_10, EVENT + (int)offsetof(struct passage_event, value), BPF_REG_1);
	report(program, setting->ring);
}
