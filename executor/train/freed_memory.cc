#include "executor/train/freed_memory.h"

#include <malloc.h>

namespace galvatron {

void keep_freed_memory() {
  constexpr int kLargestFromHeap = 32 << 20;  // the most that glibc takes
  mallopt(M_MMAP_THRESHOLD, kLargestFromHeap);
  mallopt(M_TRIM_THRESHOLD, -1);  // never given back
}

}  // namespace galvatron
