#pragma once
#include <stdbool.h>
#include <stddef.h>

/// Memory of the calling thread's own, from which libsodium's hashes get their one large block.
///
/// libsodium maps a fresh block for every hash and unmaps it after: the kernel zeroes all of it each time, which takes longer than
/// the hash, and locks the address space of the whole process meanwhile. It has no setting for an allocator. So this module defines
/// `mmap` and `munmap` for the program, and between `hash_arena_lend` and `hash_arena_reclaim` answers the calling thread's mappings
/// of that kind from memory that it keeps. Every other mapping is the kernel's as ever. See docs/decisions/0007-hashing.md.

/// Not under a sanitizer, which has an `mmap` of its own: there nothing is lent.
extern const bool hash_arena_lends;

/// Lends at most `bytes`; a larger block is mapped as ever. Where memory is refused nothing is lent.
void hash_arena_lend(size_t bytes);

/// Ends the loan. Returns whether it was used.
bool hash_arena_reclaim(void);

/// Gives the memory, and what hashes left in it, back to the kernel.
void hash_arena_empty(void);
