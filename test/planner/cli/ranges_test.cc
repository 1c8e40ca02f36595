#include "planner/cli/ranges.h"

#include "planner/cli/failure.h"
#include "test/catch.h"

namespace galvatron {
namespace {

using Numbers = std::vector<std::int64_t>;
using Sizes = std::vector<Bytes>;

// What `parse` says of the text.
template <typename Parse>
std::string refusal(Parse parse, const std::string& text) {
  try {
    parse("--option", text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a range holds every step up to its end") {
  CHECK(parse_range("--global-batch", "16") == Numbers{16});
  CHECK(parse_range("--global-batch", "8:32:8") == Numbers{8, 16, 24, 32});
  CHECK(parse_range("--global-batch", "8:30:8") == Numbers{8, 16, 24});
}

TEST_CASE("what is no range is refused with what it should be") {
  CHECK(refusal(parse_range, "x") == "--option must be B or LO:HI:STEP, got x");
  CHECK(refusal(parse_range, "0") == "--option must be B or LO:HI:STEP, got 0");
  CHECK(refusal(parse_range, "8:16") == "--option must be B or LO:HI:STEP, got 8:16");
  CHECK(refusal(parse_range, "8,16") == "--option must be B or LO:HI:STEP, got 8,16");
  CHECK(refusal(parse_range, "16:8:8") ==
        "--option must rise from LO to HI in at most 4096 steps, got 16:8:8");
}

TEST_CASE("numbers are a range or a list, rising, each once") {
  CHECK(parse_numbers("--nodes", "3") == Numbers{3});
  CHECK(parse_numbers("--nodes", "1:4:1") == Numbers{1, 2, 3, 4});
  CHECK(parse_numbers("--nodes", "4,1,2,4") == Numbers{1, 2, 4});
  CHECK(refusal(parse_numbers, "1,,2") == "--option must be N, N,N,... or LO:HI:STEP, got 1,,2");
  CHECK(refusal(parse_numbers, "1,2:3:1") ==
        "--option must be N, N,N,... or LO:HI:STEP, got 1,2:3:1");
}

TEST_CASE("sizes take the last unit where they have none") {
  CHECK(parse_sizes("--memory-budget", "16GiB") == Sizes{kGiB * 16});
  CHECK(parse_sizes("--memory-budget", "16:40:8GiB") ==
        Sizes{kGiB * 16, kGiB * 24, kGiB * 32, kGiB * 40});
  CHECK(parse_sizes("--memory-budget", "512MiB:2:0.5GiB") ==
        Sizes{kMiB * 512, kMiB * 1024, kMiB * 1536, kMiB * 2048});
  CHECK(parse_sizes("--memory-budget", "80GiB,512MiB,80GiB") == Sizes{kMiB * 512, kGiB * 80});
  CHECK(parse_sizes("--memory-budget", "16,24GiB") == Sizes{kGiB * 16, kGiB * 24});
}

TEST_CASE("what is no size is refused with what it should be") {
  const std::string form = "--option must be a size like 16GiB, a list of them or LO:HI:STEP, got ";
  CHECK(refusal(parse_sizes, "lots") == form + "lots");
  CHECK(refusal(parse_sizes, "16:80GiB") == form + "16:80GiB");
  CHECK(refusal(parse_sizes, "16,,24GiB") == form + "16,,24GiB");
  CHECK(refusal(parse_sizes, "80:16:8GiB") ==
        "--option must rise from LO to HI in at most 4096 steps, got 80:16:8GiB");
  CHECK(refusal(parse_sizes, "16:80:0GiB") ==
        "--option must rise from LO to HI in at most 4096 steps, got 16:80:0GiB");
}

}  // namespace
}  // namespace galvatron
