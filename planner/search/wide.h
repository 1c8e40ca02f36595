// 128-bit integers, for products of times and micro-batches that 64 bits cannot be proved to hold.
#pragma once

namespace galvatron::search {

__extension__ using Wide = __int128;

}  // namespace galvatron::search
