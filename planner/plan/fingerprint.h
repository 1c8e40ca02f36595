// A short name for a text, to see at a glance whether two inputs are the same. No protection
// against somebody who wants two texts to collide.
#pragma once

#include <string>
#include <string_view>

namespace galvatron {

// "fnv1a-" and the 64-bit FNV-1a hash in 16 hexadecimal digits.
// Source: Fowler, Noll, Vo; draft-eastlake-fnv.
std::string fingerprint(std::string_view text);

}  // namespace galvatron
