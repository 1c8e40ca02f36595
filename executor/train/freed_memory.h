// What the process does with memory that tensors have freed.
#pragma once

namespace galvatron {

// It stays with the process, so that the next layer takes it without the system mapping and
// clearing it again: every layer of a step frees as much as the next one allocates. Call once,
// before tensors are made.
void keep_freed_memory();

}  // namespace galvatron
