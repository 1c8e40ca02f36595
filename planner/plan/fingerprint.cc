#include "planner/plan/fingerprint.h"

#include <fmt/format.h>

#include <cstdint>

namespace galvatron {

std::string fingerprint(std::string_view text) {
  constexpr std::uint64_t kOffsetBasis = 0xcbf29ce484222325;
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = kOffsetBasis;
  for (const char character : text) {
    hash ^= static_cast<unsigned char>(character);
    hash *= kPrime;
  }
  return fmt::format("fnv1a-{:016x}", hash);
}

}  // namespace galvatron
