#include "planner/plan/fingerprint.h"

#include "test/catch.h"

namespace galvatron {
namespace {

// Values of the FNV reference: draft-eastlake-fnv, appendix C.
TEST_CASE("the fingerprint is the published hash") {
  CHECK(fingerprint("") == "fnv1a-cbf29ce484222325");
  CHECK(fingerprint("a") == "fnv1a-af63dc4c8601ec8c");
  CHECK(fingerprint("foobar") == "fnv1a-85944171f73967e8");
}

}  // namespace
}  // namespace galvatron
