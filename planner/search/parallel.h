// Independent pieces of work on several threads.
#pragma once

#include <cstddef>
#include <functional>

namespace galvatron::search {

// Calls body(0), ..., body(count - 1), each once, on at most `threads` threads, and waits for all.
// Of exceptions the one of least index is rethrown.
void for_each_index(std::size_t count, int threads, const std::function<void(std::size_t)>& body);

}  // namespace galvatron::search
