#include "planner/cli/changes_text.h"

#include "test/catch.h"

namespace galvatron {
namespace {

FieldChange change_of(const std::string& before, const std::string& after) {
  return {.subject = "inputs", .field = "origin", .before = before, .after = after, .change = ""};
}

TEST_CASE("short values stand as they are") {
  CHECK(changes_text({change_of("8", "16")}) ==
        "where   what    before  after  change\n"
        "inputs  origin  8       16\n");
}

TEST_CASE("of long values only what tells them apart is shown") {
  const std::string origin = "measured on the first node of the cluster on a quiet day";
  CHECK(changes_text({change_of(origin, origin + "; set")}) ==
        "where   what    before  after     change\n"
        "inputs  origin  ...     ...; set\n");
  const std::string sign = "…";  // three bytes: not cut into pieces
  CHECK(changes_text({change_of(origin + sign + "1", origin + "\xE2\x80\xA5"
                                                              "2")}) ==
        "where   what    before  after  change\n"
        "inputs  origin  ...…1   ...‥2\n");
}

TEST_CASE("programs get them whole") {
  const std::string origin(100, 'x');
  const Json json = changes_json({change_of(origin, "")});
  CHECK(json.front()["before"].get<std::string>() == origin);
}

}  // namespace
}  // namespace galvatron
