#define _GNU_SOURCE
#include "CHashArena.h"
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HASH_ARENA_OFF
#endif
#endif

#ifdef HASH_ARENA_OFF

const bool hash_arena_lends = false;
void hash_arena_lend(size_t bytes) { (void)bytes; }
bool hash_arena_reclaim(void) { return false; }
void hash_arena_empty(void) {}

#else

const bool hash_arena_lends = true;

enum { huge_page = 2 << 20, smallest_loan = 256 << 10 };

static _Thread_local struct {
    char *memory;
    size_t size;
    bool is_lent, is_taken, was_taken;
} arena;

static void *kernel_map(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    return (void *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

static int kernel_unmap(void *address, size_t length) { return (int)syscall(SYS_munmap, address, length); }

// Beginning at a huge page: ten faults instead of five thousand, where the system has them.
static void reserve(size_t bytes) {
    size_t size = (bytes + huge_page - 1) / huge_page * huge_page;
    if (arena.memory && arena.size >= size) return;
    hash_arena_empty();
    char *mapped = kernel_map(NULL, size + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) return;
    size_t before = (huge_page - (uintptr_t)mapped % huge_page) % huge_page;
    if (before) kernel_unmap(mapped, before);
    kernel_unmap(mapped + before + size, huge_page - before);
    arena.memory = mapped + before;
    arena.size = size;
    madvise(arena.memory, arena.size, MADV_HUGEPAGE);
}

void hash_arena_lend(size_t bytes) {
    // libsodium asks for a little more, to align the block by itself.
    reserve(bytes + smallest_loan);
    arena.is_lent = arena.memory != NULL;
    arena.was_taken = false;
}

bool hash_arena_reclaim(void) {
    arena.is_lent = false;
    return arena.was_taken;
}

void hash_arena_empty(void) {
    if (arena.memory) kernel_unmap(arena.memory, arena.size);
    arena.memory = NULL;
}

static bool fits(void *address, size_t length, int protection, int flags) {
    return arena.is_lent && !arena.is_taken && address == NULL && length >= smallest_loan && length <= arena.size
        && protection == (PROT_READ | PROT_WRITE) && (flags & MAP_ANONYMOUS) && (flags & MAP_PRIVATE) && !(flags & MAP_FIXED);
}

__attribute__((visibility("default")))
void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset) {
    if (!fits(address, length, protection, flags)) return kernel_map(address, length, protection, flags, file, offset);
    arena.is_taken = arena.was_taken = true;
    return arena.memory;
}

__attribute__((visibility("default")))
int munmap(void *address, size_t length) {
    if (!arena.is_taken || address != arena.memory) return kernel_unmap(address, length);
    arena.is_taken = false;
    return 0;
}

#endif
