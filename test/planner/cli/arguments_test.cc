#include "planner/cli/arguments.h"

#include "planner/cli/failure.h"
#include "test/catch.h"

namespace galvatron {
namespace {

std::string refusal_of_range(const std::string& text) {
  try {
    parse_range("--global-batch", text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a range holds every step up to its end") {
  CHECK(parse_range("--global-batch", "16") == std::vector<std::int64_t>{16});
  CHECK(parse_range("--global-batch", "8:32:8") == std::vector<std::int64_t>{8, 16, 24, 32});
  CHECK(parse_range("--global-batch", "8:30:8") == std::vector<std::int64_t>{8, 16, 24});
}

TEST_CASE("what is no range is refused with what it should be") {
  CHECK(refusal_of_range("x") == "--global-batch must be B or LO:HI:STEP, got x");
  CHECK(refusal_of_range("0") == "--global-batch must be B or LO:HI:STEP, got 0");
  CHECK(refusal_of_range("8:16") == "--global-batch must be B or LO:HI:STEP, got 8:16");
  CHECK(refusal_of_range("16:8:8") ==
        "--global-batch must rise from LO to HI in at most 4096 steps, got 16:8:8");
}

TEST_CASE("a restriction names an axis and its values") {
  CHECK(parse_restriction("--only", "tensor=1,2") ==
        AxisRestriction{.axis = "tensor", .values = {"1", "2"}});
  CHECK_THROWS_AS(parse_restriction("--only", "tensor"), UsageError);
  CHECK_THROWS_AS(parse_restriction("--only", "tensor="), UsageError);
}

}  // namespace
}  // namespace galvatron
