#include "planner/cli/arguments.h"

#include "planner/cli/failure.h"
#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("a restriction names an axis and its values") {
  CHECK(parse_restriction("--only", "tensor=1,2") ==
        AxisRestriction{.axis = "tensor", .values = {"1", "2"}});
  CHECK_THROWS_AS(parse_restriction("--only", "tensor"), UsageError);
  CHECK_THROWS_AS(parse_restriction("--only", "tensor="), UsageError);
}

}  // namespace
}  // namespace galvatron
