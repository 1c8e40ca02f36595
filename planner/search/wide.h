// 128-bit integers, for products of times and micro-batches that 64 bits cannot be proved to hold.
#pragma once

namespace galvatron::search {

__extension__ typedef __int128 Wide;  // `using` would warn: the type is not ISO C++

}  // namespace galvatron::search
