// search_test_many FROM TO: the search against enumeration for the seeds FROM to TO.
//
// Seeds are independent of each other, so that a large range may be split over cores and nights.
// Ends with 1 on the first disagreement, naming its seed.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>

#include "test/planner/search/trial.h"

namespace galvatron::search {
namespace {

constexpr std::uint64_t kBetweenLines = 10'000;

int run(std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t seed = from; seed <= to; ++seed) {
    const std::string fault = fault_of_trial(seed);
    if (!fault.empty()) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), fault.c_str());
      return 1;
    }
    const std::uint64_t done = seed - from + 1;
    if (done % kBetweenLines == 0 || seed == to) {
      std::printf("%llu of %llu instances agree\n", static_cast<unsigned long long>(done),
                  static_cast<unsigned long long>(to - from + 1));
      std::fflush(stdout);
    }
  }
  return 0;
}

}  // namespace
}  // namespace galvatron::search

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw std::invalid_argument("two numbers");
    return galvatron::search::run(std::stoull(argv[1]), std::stoull(argv[2]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "usage: search_test_many FROM TO (%s)\n", error.what());
    return 2;
  }
}
