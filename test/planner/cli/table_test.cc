#include "planner/cli/table.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("columns are as wide as their widest cell and lines end without spaces") {
  const std::string text = table_text({{"name"}, {"bytes", Align::right}, {"note"}},
                                      {{"a", "7", "first"}, {"longer name", "1234567", ""}});
  CHECK(text ==
        "name           bytes  note\n"
        "a                  7  first\n"
        "longer name  1234567\n");
}

TEST_CASE("widths count characters, not bytes") {
  CHECK(table_text({{"bar"}, {"x"}}, {{"██", "1"}, {"abc", "2"}}) == "bar  x\n██   1\nabc  2\n");
}

}  // namespace
}  // namespace galvatron
